//! One comment, read once: normalised view, phrases, contacts, amounts. Buffers are kept for the next one.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::{
    CommentInput,
    contacts::{self, Contact, Kind},
    intents,
    lexicon::{Class, Hit, Lexicon},
    normalise::View,
};

/// How many phrases of each class stand outside quotation marks.
#[derive(Debug, Clone)]
pub struct ClassCounts([u16; Class::ALL.len()]);

impl Default for ClassCounts {
    fn default() -> Self {
        ClassCounts([0; Class::ALL.len()])
    }
}

impl ClassCounts {
    pub fn of(&self, class: Class) -> usize {
        usize::from(self.0[class as usize])
    }
}

/// What is known about a comment before any number is made of it.
#[derive(Debug, Default)]
pub struct Analysis {
    pub view: View,
    pub hits: Vec<Hit>,
    pub contacts: Vec<Contact>,
    pub claims: ClassCounts,
    /// Claims inside quotation marks: somebody else's words.
    pub quoted_claims: usize,
    /// Amounts of money.
    pub amounts: usize,
    pub first_person: usize,
    pub third_person: usize,
    /// There is a question mark.
    pub asks: bool,
    quotes: Vec<(usize, usize)>,
}

/// In bytes; longer words need not be compared.
const LONGEST_PRONOUN: usize = 8;
/// Who a pronoun speaks of.
#[derive(Clone, Copy)]
enum Person {
    First,
    Third,
}

const FIRST: &[&str] = &[
    "i", "my", "me", "i'm", "i've", "im", "ive", "mine", "yo", "mi", "me'", "je", "j'ai", "mon",
    "ich", "mein", "meine", "eu", "meu", "minha", "io", "я", "мне", "мой", "меня", "ben", "benim",
    "saya", "aku", "gue", "main", "mera",
];
const THIRD: &[&str] = &[
    "he", "him", "his", "she", "her", "hers", "ella", "el", "elle", "il", "sie", "er", "ihr",
    "ele", "ela", "lei", "lui", "он", "она", "ему", "ей", "него", "нее", "dia", "beliau", "onu",
    "ona",
];

/// Pronouns of the languages most comments come in.
static PERSONS: LazyLock<FxHashMap<&str, Person>> = LazyLock::new(|| {
    let first = FIRST.iter().map(|word| (*word, Person::First));
    first.chain(THIRD.iter().map(|word| (*word, Person::Third))).collect()
});

/// A contact this many bytes from a claim stands beside it.
const BESIDE: usize = 120;
/// Shorter quotations are names, longer ones are forgotten closing marks.
const QUOTATION: std::ops::Range<usize> = 12..600;

impl Analysis {
    /// Reads a comment. What was read before is forgotten.
    pub fn read(&mut self, input: &CommentInput) {
        self.view.read(&input.content);
        self.asks = memchr::memchr(b'?', self.view.text.as_bytes()).is_some();
        Lexicon::embedded().find(&self.view.text, &mut self.hits);
        contacts::find(&self.view.text, &self.hits, &mut self.contacts);
        find_quotes(&self.view.text, &mut self.quotes);
        self.count_claims();
        self.count_words();
    }

    fn count_claims(&mut self) {
        self.claims = ClassCounts::default();
        self.quoted_claims = 0;
        for hit in &self.hits {
            let quoted = self.quotes.iter().any(|q| q.0 <= hit.start && hit.end <= q.1);
            if quoted {
                self.quoted_claims += usize::from(intents::is_claim(hit.class));
            } else {
                self.claims.0[hit.class as usize] =
                    self.claims.0[hit.class as usize].saturating_add(1);
            }
        }
    }

    fn count_words(&mut self) {
        self.amounts = 0;
        self.first_person = 0;
        self.third_person = 0;
        let mut number_before = false;
        for word in self.view.text.split([' ', '\n']) {
            let bare =
                word.trim_matches(|c: char| c.is_ascii_punctuation() && !matches!(c, '$' | '%'));
            let number = bare.bytes().any(|b| b.is_ascii_digit());
            self.amounts += usize::from(is_amount(bare, number, number_before));
            number_before = number;
            if bare.len() > LONGEST_PRONOUN {
                continue;
            }
            match PERSONS.get(bare) {
                Some(Person::First) => self.first_person += 1,
                Some(Person::Third) => self.third_person += 1,
                None => {}
            }
        }
    }

    /// Any way to get in touch that leads away from the page. A plain link alone is none: readers give sources.
    pub fn has_contact(&self) -> bool {
        self.contacts.iter().any(|c| !matches!(c.kind, Kind::Link | Kind::Handle | Kind::CheapHost))
            || self.contacts.iter().any(|c| c.kind == Kind::Handle)
                && self.claims.of(Class::ReachOut) + self.claims.of(Class::Channel) > 0
    }

    pub fn has_handle(&self) -> bool {
        self.contacts.iter().any(|c| matches!(c.kind, Kind::Handle | Kind::MoneyHandle))
    }

    pub fn has_link(&self) -> bool {
        !self.view.links.is_empty()
            || self
                .contacts
                .iter()
                .any(|c| matches!(c.kind, Kind::Link | Kind::Shortened | Kind::ChatLink))
    }

    /// Whether a contact stands beside a phrase of the wanted kind.
    pub fn contact_near(&self, wanted: impl Fn(&Hit) -> bool) -> bool {
        self.contacts.iter().filter(|c| c.kind != Kind::Link && c.kind != Kind::Handle).any(
            |contact| {
                self.hits.iter().any(|hit| {
                    wanted(hit)
                        && hit.start < contact.end + BESIDE
                        && contact.start < hit.end + BESIDE
                })
            },
        )
    }

    /// Links whose words sell something.
    pub fn commercial_anchors(&self) -> usize {
        let mut hits = Vec::new();
        let sells = |anchor: &str, hits: &mut Vec<Hit>| {
            Lexicon::embedded().find(&anchor.to_lowercase(), hits);
            hits.iter().any(|h| intents::sells(h.class))
        };
        self.view.links.iter().filter(|link| sells(&link.anchor, &mut hits)).count()
    }
}

/// "$4,200", "3k", "2.6btc", "412 000 ₽", "500 usd".
fn is_amount(word: &str, number: bool, number_before: bool) -> bool {
    const UNITS: [&str; 26] = [
        "btc",
        "eth",
        "usd",
        "usdt",
        "eur",
        "gbp",
        "dollars",
        "dollar",
        "euro",
        "euros",
        "pounds",
        "bucks",
        "grand",
        "naira",
        "rupees",
        "rs",
        "inr",
        "ltc",
        "руб",
        "рублей",
        "долларов",
        "tl",
        "lira",
        "juta",
        "reais",
        "zl",
    ];
    if !number {
        return number_before
            && (UNITS.contains(&word) || matches!(word, "$" | "€" | "£" | "₽" | "₺" | "₹"));
    }
    let signed = word.contains(['$', '€', '£', '₽', '₺', '₹', '¥', '円', '元', '₩']);
    let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
    let unit = &word[digits.len()..];
    signed || (!digits.is_empty() && (UNITS.contains(&unit) || (unit == "k" && digits.len() <= 4)))
}

fn find_quotes(text: &str, quotes: &mut Vec<(usize, usize)>) {
    quotes.clear();
    let mut open: Option<usize> = None;
    for at in memchr::memchr_iter(b'"', text.as_bytes()) {
        match open {
            Some(start) if QUOTATION.contains(&(at - start)) => {
                quotes.push((start, at));
                open = None;
            }
            _ => open = Some(at),
        }
    }
    // Mail style: lines that start with ">".
    let mut start = 0;
    for line in text.split('\n') {
        if line.starts_with('>') {
            quotes.push((start, start + line.len()));
        }
        start += line.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analysis(content: &str) -> Analysis {
        let mut analysis = Analysis::default();
        analysis.read(&CommentInput { content: content.into(), ..CommentInput::default() });
        analysis
    }

    #[test]
    fn amounts_of_money() {
        assert_eq!(analysis("$4,200 became 12k, then 2.6btc and 500 usd").amounts, 4);
        assert_eq!(analysis("in 2024 version 4.2 used 512mb").amounts, 0);
    }

    #[test]
    fn quoted_claims_are_somebody_elses() {
        let quoted =
            analysis("They wrote \"I recover your stolen bitcoin, contact me\" and I laughed");
        assert!(quoted.quoted_claims > 0);
        assert_eq!(quoted.claims.of(Class::Recovery), 0);
    }
}
