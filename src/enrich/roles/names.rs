//! Spans that could be the name of an organisation: runs of capitalised words, joined where names are joined.

use super::{
    japanese,
    words::{Class, Words},
};
use crate::{
    domain::Span,
    enrich::reading::{Sentence, Shape},
};

/// Tokens a name may have.
const MAX_TOKENS: usize = 16;
/// Names looked at in one article; what follows is left alone.
const MAX_NAMES: usize = 600;

/// One mention of a name, as a range of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    pub first: usize,
    /// After the last token.
    pub end: usize,
    pub sentence: usize,
    /// Where it stands in the text; within a token where the script writes no spaces.
    pub span: Span,
}

impl Name {
    pub(super) fn text<'r>(&self, words: &Words<'r>) -> &'r str {
        words.reading.at(self.span)
    }
}

/// The names of an article in order. They do not overlap.
pub(super) fn find(words: &Words) -> Vec<Name> {
    let mut names = Vec::new();
    for (at, sentence) in words.reading.sentences.iter().enumerate() {
        let style = Style::of(words, sentence);
        Finder { words, sentence, style, at }.collect(&mut names);
        if names.len() >= MAX_NAMES {
            names.truncate(MAX_NAMES);
            break;
        }
    }
    names
}

/// How capitals are used in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Names have capitals.
    Plain,
    /// All words have: a headline.
    Headline,
    /// Nouns have: German.
    Nouns,
}

impl Style {
    fn of(words: &Words, sentence: &Sentence) -> Self {
        let (mut capital, mut lower, mut german) = (0, 0, 0);
        for at in sentence.first..sentence.end {
            let shape = words.reading.tokens[at].shape;
            if GERMAN.binary_search(&words.lower(at)).is_ok() {
                german += 1;
            }
            if words.lower(at).len() < 4 || words.has(at, Class::Function) {
                continue;
            }
            capital += usize::from(shape.is_capitalised());
            lower += usize::from(shape == Shape::Lower);
        }
        if capital >= 4 && capital > 4 * lower {
            return Self::Headline;
        }
        if german >= 2 || (german == 1 && sentence.end - sentence.first < 12) {
            return Self::Nouns;
        }
        Self::Plain
    }
}

/// Words of German that other languages do not have. Sorted.
const GERMAN: [&str; 30] = [
    "auch", "auf", "aus", "bei", "beim", "das", "dem", "den", "der", "des", "durch", "ein", "eine",
    "einem", "einen", "einer", "für", "gegen", "ist", "mit", "nach", "nicht", "seit", "sich",
    "und", "vom", "von", "wurde", "zum", "über",
];

struct Finder<'w, 'r> {
    words: &'w Words<'r>,
    sentence: &'w Sentence,
    style: Style,
    at: usize,
}

impl Finder<'_, '_> {
    fn collect(&self, names: &mut Vec<Name>) {
        let mut at = self.sentence.first;
        while at < self.sentence.end {
            if self.is_japanese(at) {
                self.collect_japanese(at, names);
                at += 1;
                continue;
            }
            let end = self.run_from(at);
            if end == at {
                at += 1;
                continue;
            }
            if let Some((first, last)) = self.trim(at, end) {
                let tokens = &self.words.reading.tokens;
                let span = Span { start: tokens[first].span.start, end: tokens[last - 1].span.end };
                names.push(Name { first, end: last, sentence: self.at, span });
            }
            at = end;
        }
    }

    fn is_japanese(&self, at: usize) -> bool {
        let shape = self.words.reading.tokens[at].shape;
        matches!(shape, Shape::Caseless | Shape::Mixed)
            && japanese::is_written_in(self.words.word(at))
    }

    fn collect_japanese(&self, at: usize, names: &mut Vec<Name>) {
        let token = self.words.reading.tokens[at].span;
        for (start, end) in japanese::names(self.words.word(at)) {
            let span = Span { start: token.start + start, end: token.start + end };
            names.push(Name { first: at, end: at + 1, sentence: self.at, span });
        }
    }

    /// The end of the longest name that begins at `at`; `at` itself where none does.
    fn run_from(&self, at: usize) -> usize {
        if !self.begins(at) {
            return at;
        }
        let mut end = at + 1;
        while end < self.sentence.end && end - at < MAX_TOKENS {
            let next = self.joined(at, end);
            if next == end {
                break;
            }
            end = next.min(self.sentence.end);
        }
        end
    }

    /// Whether a name may begin here.
    fn begins(&self, at: usize) -> bool {
        let words = self.words;
        let shape = words.reading.tokens[at].shape;
        match shape {
            Shape::Caseless => false,
            Shape::Lower => {
                // "municipality of Korneuburg", "city of Oakland"
                GOVERNED.binary_search(&words.lower(at)).is_ok()
                    && matches!(words.lower(at + 1), "of" | "de" | "di")
                    && self.part(at + 2)
            }
            _ => self.part(at),
        }
    }

    /// Whether a token may be part of a name.
    fn part(&self, at: usize) -> bool {
        if at >= self.sentence.end {
            return false;
        }
        let words = self.words;
        let shape = words.reading.tokens[at].shape;
        let word = words.word(at);
        let capital = shape.is_capitalised()
            || (shape == Shape::Mixed && word.chars().any(char::is_uppercase));
        if !capital || words.has(at, Class::Calendar) && shape == Shape::Capital {
            return false;
        }
        match self.style {
            Style::Plain => true,
            Style::Headline => {
                shape != Shape::Capital
                    || !(words.has(at, Class::Function) || words.has(at, Class::Headverb))
            }
            Style::Nouns => shape != Shape::Capital || !is_german_noun(words.lower(at)),
        }
    }

    /// Where a name that runs from `first` to before `end` goes on to; `end` where it does not.
    fn joined(&self, first: usize, end: usize) -> usize {
        let words = self.words;
        let last = end - 1;
        if self.is_japanese(end) {
            return end;
        }
        if self.part(end) {
            // A function word with a capital ends a name: "Microsoft The".
            let stop = words.has(end, Class::Function)
                && words.reading.tokens[end].shape == Shape::Capital
                && !words.glued(last);
            return if stop { end } else { end + 1 };
        }
        let (glued_before, glued_after) = (words.glued(last), words.glued(end));
        match words.lower(end) {
            "-" | "‑" | "–" | "!" | "+" | "/" if glued_before && glued_after => {
                let lower = words.word(end) == "-" && !self.part(end + 1);
                // "Co-op" is a name, "Akira-linked" is not.
                let short = words.word(last).len() + words.word(end + 1).len() <= 5;
                if self.part(end + 1) || (lower && short && self.is_word(end + 1)) {
                    end + 2
                } else {
                    end
                }
            }
            "{" if glued_before && glued_after && words.word(end + 2) == "}" => end + 3,
            "&" | "＆" if self.part(end + 1) => end + 2,
            "." if glued_before && glued_after => {
                // "U.S.", "Booking.com", "J.P. Morgan"
                let tld = TLDS.binary_search(&words.lower(end + 1)).is_ok();
                if self.part(end + 1) || tld { end + 2 } else { end }
            }
            "." if glued_before && self.part(end + 1) && self.abbreviated(first, last) => end + 2,
            "’" | "'" if glued_before => self.apostrophe(end),
            // "Côte d'Ivoire"
            "d" | "l" if matches!(words.word(end + 1), "'" | "’") && self.part(end + 2) => {
                end + 3
            }
            "," if self.part(end + 1) => self.comma(first, end),
            "of" => self.after_of(first, end),
            "for" | "on" | "in" if words.has(last, Class::Head) && self.part(end + 1) => {
                let institution = matches!(words.lower(end), "for" | "on")
                    && !self.begins_clause(end + 1)
                    && end - first <= 3;
                if institution { end + 2 } else { end }
            }
            "and" | "und" => self.after_and(first, end),
            "y" | "e" | "et" if end - first >= 2 && self.part(end + 1) => {
                if words.lower(first + 1).len() <= 3 { end + 2 } else { end }
            }
            "de" | "di" | "do" | "da" | "du" | "des" | "dos" | "das" | "del" | "della" | "van"
            | "von" | "der" | "dell" | "delle" | "dei" => self.after_particle(end),
            _ => end,
        }
    }

    fn is_word(&self, at: usize) -> bool {
        at < self.sentence.end && self.words.reading.tokens[at].shape != Shape::Mark
    }

    fn begins_clause(&self, at: usize) -> bool {
        self.words.has(at, Class::Calendar)
    }

    /// "U.S. Treasury", "St. Luke", "Inc. of" do or do not go on after the full stop.
    fn abbreviated(&self, first: usize, last: usize) -> bool {
        let word = self.words.word(last);
        let initial = word.chars().count() == 1
            && (last == first || self.words.word(last - 1) == "." || last - first == 1);
        initial || matches!(word, "St" | "Ste" | "Mt" | "Ft" | "Dr" | "Mr" | "Mrs" | "Jr")
    }

    /// An apostrophe within a name: "Côte d'Ivoire", "St. Luke's Hospital"; elsewhere it ends the name.
    fn apostrophe(&self, end: usize) -> usize {
        let words = self.words;
        if !words.glued(end) {
            return end;
        }
        if words.word(end - 1).chars().count() == 1 && self.part(end + 1) {
            return end + 2; // "O'Reilly", "L'Oréal"
        }
        let genitive = words.lower(end + 1) == "s";
        let headed = (end + 2..self.sentence.end.min(end + 5))
            .take_while(|at| self.part(*at))
            .any(|at| words.has(at, Class::Head));
        let place = super::places::is_place(words.lower(end - 1));
        let legal = words.has(end + 2, Class::Legal);
        if genitive && headed && !place && (self.is_saint(end) || legal || self.owns(end)) {
            return end + 2;
        }
        end
    }

    fn is_saint(&self, end: usize) -> bool {
        end >= 3 && matches!(self.words.word(end - 3), "St" | "St.")
            || end >= 2 && self.words.word(end - 2) == "St"
    }

    /// "Children's Hospital", "Women's Health", "People's Bank"
    fn owns(&self, end: usize) -> bool {
        matches!(
            self.words.lower(end - 1),
            "children"
                | "women"
                | "men"
                | "people"
                | "veteran"
                | "king"
                | "queen"
                | "teacher"
                | "farmer"
        )
    }

    /// A comma within a name: "Acme, Inc" and "Fried, Frank & Harris".
    fn comma(&self, first: usize, end: usize) -> usize {
        let words = self.words;
        if words.has(end + 1, Class::Legal) && words.word(end + 1).len() <= 4 {
            return end + 2;
        }
        if end - first != 1 && words.word(end.saturating_sub(2)) != "," {
            return end;
        }
        let mut at = end + 1;
        for _ in 0..4 {
            match words.word(at + 1) {
                "&" if self.part(at + 2) => return at + 1,
                "," if self.part(at + 2) => at += 2,
                _ => return end,
            }
        }
        end
    }

    fn after_of(&self, first: usize, end: usize) -> usize {
        let words = self.words;
        let heads = |at: usize| {
            words.has(at, Class::Ofhead) || GOVERNED.binary_search(&words.lower(at)).is_ok()
        };
        if !heads(end - 1) && !(first..end).any(|at| words.lower(at) == "of") {
            return end;
        }
        if words.lower(end + 1) == "the" && self.part(end + 2) {
            return end + 3;
        }
        if self.part(end + 1) { end + 2 } else { end }
    }

    /// "Health and Human Services", "Marks and Spencer", but not "Boots and Zellis".
    fn after_and(&self, first: usize, end: usize) -> usize {
        let words = self.words;
        if !self.part(end + 1) {
            return end;
        }
        let governed = (first..end)
            .any(|at| matches!(words.lower(at), "of" | "for") || words.lower(at) == "ministry");
        let tail = (end + 1..self.sentence.end.min(end + 4))
            .take_while(|at| self.part(*at))
            .any(|at| INSTITUTION.binary_search(&words.lower(at)).is_ok());
        let single = end - first == 1 && words.reading.tokens[first].shape == Shape::Capital;
        if governed || (tail && single) { end + 2 } else { end }
    }

    fn after_particle(&self, end: usize) -> usize {
        let words = self.words;
        if self.part(end + 1) {
            return end + 2;
        }
        if matches!(words.lower(end + 1), "la" | "las" | "los" | "der" | "den" | "l")
            && self.part(end + 2)
        {
            return end + 3;
        }
        end
    }

    /// Takes from a run what belongs to the sentence; nothing where no name is left.
    fn trim(&self, mut first: usize, mut end: usize) -> Option<(usize, usize)> {
        let words = self.words;
        while first < end && self.is_opening(first, end) {
            first += 1;
        }
        while first < end
            && words.reading.tokens[end - 1].shape == Shape::Mark
            && words.word(end - 1) != "}"
        {
            end -= 1;
        }
        if first >= end {
            return None;
        }
        let single = end - first == 1;
        if single && self.is_no_name(first) {
            return None;
        }
        Some((first, end))
    }

    /// Whether the first word of a run only begins the sentence, or stands before the name.
    fn is_opening(&self, at: usize, end: usize) -> bool {
        let words = self.words;
        let shape = words.reading.tokens[at].shape;
        if shape == Shape::Mark {
            return true;
        }
        if !shape.is_capitalised() {
            return false;
        }
        let function = words.has(at, Class::Function) && shape == Shape::Capital;
        let title = words.has(at, Class::Title)
            && end - at > 1
            && at + 1 < end
            && words.reading.tokens[at + 1].shape == Shape::Capital
            && words.has(at + 1, Class::Given);
        function || title
    }

    /// Whether a single word is no name at all.
    fn is_no_name(&self, at: usize) -> bool {
        let words = self.words;
        let shape = words.reading.tokens[at].shape;
        let letters = words.word(at).chars().count();
        if letters < 2 || (words.has(at, Class::Title) && shape == Shape::Capital) {
            return true;
        }
        if matches!(
            words.word(at),
            "CVE" | "CVSS" | "IT" | "US" | "UK" | "EU" | "PHI" | "PII" | "SSN"
        ) {
            return true;
        }
        // The first word of a sentence has a capital in any case.
        let opens = at == self.sentence.first
            || matches!(words.word(at - 1), "\"" | "“" | "„" | "«" | ":" | "‘");
        let common = words.has(at, Class::Headverb)
            || words.classes(at).any(&[Class::Gang, Class::Research, Class::Authority])
            || words.has(at, Class::Malware)
            || words.has(at, Class::Role);
        opens && shape == Shape::Capital && common
    }
}

/// Public bodies that are named with a lower-case word and a place. Sorted.
const GOVERNED: [&str; 22] = [
    "archdiocese",
    "borough",
    "city",
    "commune",
    "comune",
    "county",
    "diocese",
    "government",
    "ministry",
    "municipality",
    "parish",
    "port",
    "province",
    "region",
    "republic",
    "school",
    "state",
    "town",
    "township",
    "university",
    "village",
    "ville",
];

/// Words after "and" that belong to what stands before it. Sorted.
const INSTITUTION: [&str; 22] = [
    "administration",
    "agency",
    "associates",
    "authority",
    "bank",
    "board",
    "bureau",
    "co",
    "commission",
    "committee",
    "company",
    "council",
    "department",
    "foundation",
    "institute",
    "office",
    "partners",
    "service",
    "services",
    "society",
    "sons",
    "spencer",
];

/// Ends of host names that are part of company names. Sorted.
const TLDS: [&str; 12] =
    ["ai", "au", "com", "de", "fi", "gov", "io", "jp", "net", "org", "uk", "us"];

fn is_german_noun(lower: &str) -> bool {
    const ENDINGS: [&str; 18] = [
        "ung",
        "ungen",
        "heit",
        "keit",
        "schaft",
        "tion",
        "tionen",
        "ität",
        "nis",
        "ismus",
        "angriff",
        "daten",
        "gruppe",
        "unternehmen",
        "händler",
        "behörde",
        "bauer",
        "lücke",
    ];
    const NOUNS: [&str; 74] = [
        "abend",
        "aktie",
        "angaben",
        "angreifer",
        "anbieter",
        "anlagen",
        "auto",
        "autobauer",
        "behörden",
        "bericht",
        "betreiber",
        "betrieb",
        "bibliothek",
        "börse",
        "cyberangriff",
        "cybervorfall",
        "dienst",
        "dienstleister",
        "einbrüche",
        "ende",
        "entwickler",
        "erpresser",
        "experten",
        "fahrzeuge",
        "fall",
        "fehler",
        "filialen",
        "firma",
        "geld",
        "hacker",
        "hackerangriff",
        "hälfte",
        "hersteller",
        "hinweise",
        "hintertür",
        "jahr",
        "jahre",
        "kennung",
        "konzern",
        "krankenhaus",
        "kunden",
        "land",
        "lebensmittel",
        "ministerium",
        "mitarbeiter",
        "monat",
        "nutzer",
        "onlinehandel",
        "opfer",
        "pfund",
        "polizei",
        "produktion",
        "ransomware",
        "sabotage",
        "schaden",
        "schadcode",
        "schadsoftware",
        "schule",
        "server",
        "software",
        "sprecher",
        "stadt",
        "stelle",
        "studie",
        "summe",
        "system",
        "systeme",
        "systemen",
        "tag",
        "tat",
        "urheber",
        "version",
        "vorfall",
        "woche",
    ];
    NOUNS.contains(&lower) || ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::Reading;

    fn names(title: &str, body: &str) -> Vec<String> {
        let reading = Reading::of(title, body);
        let words = Words::of(&reading);
        find(&words).iter().map(|name| name.text(&words).to_owned()).collect()
    }

    #[test]
    fn lists_are_sorted() {
        assert!(GERMAN.is_sorted() && GOVERNED.is_sorted() && INSTITUTION.is_sorted());
        assert!(TLDS.is_sorted());
    }

    #[test]
    fn names_are_joined_where_names_are_joined() {
        for name in [
            "Town of Corriston",
            "Marks & Spencer",
            "Bank of the Orient",
            "Department of Health and Human Services",
            "Universidad de Valdoria",
            "Gray, Holt & Winter LLP",
            "Booking.com",
            "St. Luke's Hospital",
            "Co-op",
            "AT&T",
            "Air Côte d’Ivoire",
            "Safe{Wallet}",
            "municipality of Korneuburg",
        ] {
            assert_eq!(names("", &format!("Thieves robbed {name} in spring.")), [name]);
        }
    }

    #[test]
    fn lists_of_names_are_taken_apart() {
        assert_eq!(
            names("", "It hit British Airways, Boots and Zellis."),
            ["British Airways", "Boots", "Zellis"]
        );
    }

    #[test]
    fn words_of_a_headline_are_no_names() {
        assert_eq!(
            names("Brenner Hospital Confirms Data Breach After Ransomware Attack", ""),
            ["Brenner Hospital"]
        );
    }

    #[test]
    fn the_first_word_of_a_sentence_needs_more_than_its_capital() {
        assert_eq!(names("", "Hackers took files. On Friday Brenner paid."), ["Brenner"]);
    }
}
