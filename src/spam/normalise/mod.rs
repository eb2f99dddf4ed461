//! Undoes disguise, and counts what it undid: a disguise says more than the word it hides.

mod letters;
mod markup;
mod words;

use letters::{
    Script, cyrillic_twin, fold, is_emoji, is_invisible, is_perfect_twin, is_stackable_mark,
    latin_twin, script, unstyled,
};
pub use markup::Link;

/// How many bytes of a comment are looked at: the head, and the tail where links and signatures sit.
const MAX_HEAD: usize = 12_288;
const MAX_TAIL: usize = 4_096;

/// Disguises undone, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// Invisible characters inside words.
    pub invisible: u32,
    /// Marks stacked on letters.
    pub marks: u32,
    /// Styled letters and digits (𝓜𝐎𝘯𝙚𝚢).
    pub styled: u32,
    /// Letters of another script inside a word (pаypal with a Cyrillic а).
    pub lookalikes: u32,
    /// Words written with spaces or signs between the letters (i n v e s t).
    pub spaced: u32,
    /// Words with digits or signs for letters (rec0ver y0ur c0ins).
    pub leet: u32,
}

impl Undone {
    /// Number of characters or words that were in disguise.
    pub fn total(&self) -> u32 {
        self.invisible + self.marks + self.styled + self.lookalikes + self.spaced + self.leet
    }
}

/// What a comment says once markup and disguise are gone, and counts of how it was written.
#[derive(Debug, Default)]
pub struct View {
    /// Lower case, no accents, no disguise; line ends kept.
    pub text: String,
    pub links: Vec<Link>,
    pub undone: Undone,
    /// Words as they stood before the disguise was undone; the first few of them.
    pub disguised: Vec<String>,
    pub letters: u32,
    pub capitals: u32,
    pub digits: u32,
    pub emoji: u32,
    /// Letters of scripts other than Latin.
    pub other_script: u32,
    /// Words with a capital first letter.
    pub title_words: u32,
    /// Pairs of capitalised words in a row, as in a person's full name. Names that are addressed with a sign
    /// ("@Ann Lee") are left out.
    pub names: u32,
    pub words: u32,
    /// Bytes that were not looked at, because the comment is longer than the limit.
    pub skipped: usize,
    /// Scratch for one word.
    run: Vec<char>,
    /// Single letters in a row, so far and at most.
    singles: u32,
    max_singles: u32,
    /// Whether the last run was a capitalised word that a name may go on after.
    after_capital: bool,
}

const DISGUISED_KEPT: usize = 8;

impl View {
    /// Makes the view of a comment. The view can be used again for the next one.
    pub fn read(&mut self, content: &str) {
        self.clear();
        if content.len() <= MAX_HEAD + MAX_TAIL {
            self.read_part(content);
        } else {
            let head = content.floor_char_boundary(MAX_HEAD);
            let tail = content.ceil_char_boundary(content.len() - MAX_TAIL);
            self.skipped = tail - head;
            self.read_part(&content[..head]);
            self.text.push('\n');
            self.read_part(&content[tail..]);
        }
        if self.max_singles >= words::MIN_SPACED {
            self.undone.spaced = words::join_spaced(&mut self.text);
        }
    }

    fn clear(&mut self) {
        let (mut text, mut run) = (std::mem::take(&mut self.text), std::mem::take(&mut self.run));
        text.clear();
        run.clear();
        *self = View { text, run, ..View::default() };
    }

    fn read_part(&mut self, part: &str) {
        if !markup::is_marked_up(part) {
            return self.fold_text(part);
        }
        let stripped = markup::strip(part);
        self.links.extend(stripped.links);
        self.fold_text(&stripped.text);
    }

    /// Walks run by run (a run is what stands between white space); plain ASCII runs take the short way.
    fn fold_text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at].is_ascii_whitespace() || bytes[at] < 0x20 {
                self.push_space(bytes[at]);
                at += 1;
                continue;
            }
            let start = at;
            let mut seen = 0u8;
            while at < bytes.len() && bytes[at] > b' ' {
                seen |= bytes[at];
                at += 1;
            }
            if seen < 0x80 {
                self.push_ascii(&text[start..at]);
            } else {
                self.push_unicode(&text[start..at]);
            }
        }
    }

    /// One space for any white space, a line end where there was one.
    fn push_space(&mut self, byte: u8) {
        let last = self.text.as_bytes().last().copied().unwrap_or(b'\n');
        if byte == b'\n' && last != b'\n' {
            if last == b' ' {
                self.text.pop();
            }
            self.text.push('\n');
        } else if last > b' ' {
            self.text.push(' ');
        }
    }

    fn push_ascii(&mut self, run: &str) {
        let start = self.text.len();
        self.text.push_str(run);
        self.text[start..].make_ascii_lowercase();
        let (mut letters, mut capitals, mut digits, mut swaps) = (0, 0, 0, 0);
        for &b in run.as_bytes() {
            letters += u32::from(b.is_ascii_alphabetic());
            capitals += u32::from(b.is_ascii_uppercase());
            digits += u32::from(b.is_ascii_digit());
            swaps += u32::from(matches!(b, b'@' | b'$'));
        }
        self.count_run(letters, capitals, digits, run.as_bytes()[0].is_ascii_uppercase());
        if letters > 0 && digits + swaps > 0 {
            let undone = words::undo_leet(&mut self.text, start);
            self.note_leet(undone, run);
        }
    }

    fn note_leet(&mut self, undone: u32, run: &str) {
        if undone > 0 {
            self.undone.leet += 1;
            self.note_disguised(run);
        }
    }

    fn note_disguised(&mut self, run: &str) {
        if self.disguised.len() < DISGUISED_KEPT {
            self.disguised.push(run.chars().take(40).collect());
        }
    }

    fn count_run(&mut self, letters: u32, capitals: u32, digits: u32, title: bool) {
        self.letters += letters;
        self.capitals += capitals;
        self.digits += digits;
        self.words += u32::from(letters + digits > 0);
        self.title_words += u32::from(title);
        let capitalised = title && capitals == 1 && letters >= 3 && digits == 0;
        self.names += u32::from(capitalised && self.after_capital);
        self.after_capital =
            capitalised && !self.text.ends_with(['.', '!', '?', ',', ':', ';', ')']);
        // "J O I N", "J.O.I.N" and "【J】【O】" alike leave runs of hardly more than one letter.
        if letters + digits == 1 || self.is_dotted(letters + digits) {
            self.singles += letters + digits;
            self.max_singles = self.max_singles.max(self.singles);
        } else if letters + digits > 0 {
            self.singles = 0;
        }
    }

    /// Whether the run just pushed has a sign after every letter.
    fn is_dotted(&self, alphanumerics: u32) -> bool {
        if alphanumerics < words::MIN_SPACED {
            return false;
        }
        let run = self.text.rsplit([' ', '\n']).next().unwrap_or("");
        if run.len() as u32 + 1 < 2 * alphanumerics {
            return false;
        }
        let signs = run.chars().filter(|c| !c.is_alphanumeric()).count() as u32;
        signs + 1 >= alphanumerics
    }

    fn push_unicode(&mut self, run: &str) {
        let start = self.text.len();
        let before = self.undone.total();
        let mut chars = std::mem::take(&mut self.run);
        chars.clear();
        let (mut letters, mut capitals, mut digits) = (0, 0, 0);
        let mut title = None;
        let mut invisible_inside = 0;
        for c in run.chars() {
            if is_invisible(c) {
                // A joiner between emoji is how emoji are written; between letters it is a disguise.
                invisible_inside += u32::from(chars.last().is_some_and(|l| l.is_alphabetic()));
                continue;
            }
            if is_stackable_mark(c) {
                self.undone.marks += u32::from(chars.last().is_some_and(|l| l.is_ascii()));
                continue;
            }
            let plain = match unstyled(c) {
                Some(plain) => {
                    self.undone.styled += 1;
                    plain
                }
                None => c,
            };
            self.emoji += u32::from(is_emoji(c));
            letters += u32::from(plain.is_alphabetic());
            capitals += u32::from(plain.is_uppercase());
            digits += u32::from(plain.is_numeric());
            title.get_or_insert(plain.is_uppercase());
            chars.push(fold(plain));
        }
        // One at the end is what some editors leave behind (a byte order mark).
        if run.chars().next_back().is_some_and(is_invisible) {
            invisible_inside = invisible_inside.saturating_sub(1);
        }
        self.undone.invisible += invisible_inside;
        self.undo_mixed_scripts(&mut chars);
        self.text.extend(chars.iter());
        self.run = chars;
        self.count_run(letters, capitals, digits, title.unwrap_or(false));
        if letters > 0 && digits > 0 {
            let undone = words::undo_leet(&mut self.text, start);
            self.note_leet(undone, run);
        }
        if self.undone.total() > before {
            self.note_disguised(run);
        }
    }

    /// Words that mix alphabets are put back into the one that most of their letters belong to.
    fn undo_mixed_scripts(&mut self, chars: &mut [char]) {
        let mut at = 0;
        while at < chars.len() {
            let len = chars[at..].iter().take_while(|c| c.is_alphanumeric()).count();
            self.undo_mixed_word(&mut chars[at..at + len]);
            at += len.max(1);
        }
    }

    fn undo_mixed_word(&mut self, word: &mut [char]) {
        let count = |wanted| word.iter().filter(|&&c| script(c) == wanted).count();
        let latin = count(Script::Latin);
        let cyrillic = count(Script::Cyrillic);
        let letters = word.iter().filter(|c| c.is_alphabetic()).count();
        self.other_script += (letters - latin.min(letters)) as u32;
        if latin == 0 || latin == letters || count(Script::Unspaced) > 0 {
            return;
        }
        // "ехреrt" is Latin whatever the count: each of its Cyrillic letters has a perfect twin.
        let perfect = word.iter().all(|c| script(*c) != Script::Cyrillic || is_perfect_twin(*c));
        let to_cyrillic = cyrillic > latin && !perfect;
        let twin = if to_cyrillic { cyrillic_twin } else { latin_twin };
        let wanted = if to_cyrillic { Script::Cyrillic } else { Script::Latin };
        for c in word.iter_mut().filter(|c| c.is_alphabetic() && script(**c) != wanted) {
            if let Some(plain) = twin(*c) {
                *c = plain;
                self.undone.lookalikes += 1;
            }
        }
    }
}

/// Folds a phrase the way [`View`] folds text, so that the two can be compared.
pub(super) fn fold_phrase(phrase: &str) -> String {
    phrase.chars().filter(|c| !is_stackable_mark(*c)).map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(content: &str) -> View {
        let mut view = View::default();
        view.read(content);
        view
    }

    #[test]
    fn plain_text_is_only_lower_cased() {
        let view = view("Hello  World,\r\n\r\nsee k8s, log4j2 and 10.0.0.1 at A B C");
        assert_eq!(view.text, "hello world,\nsee k8s, log4j2 and 10.0.0.1 at a b c");
        assert_eq!(view.undone.total(), 0);
        assert_eq!((view.capitals, view.words), (5, 11));
    }

    #[test]
    fn every_disguise_gives_the_same_text() {
        for disguised in [
            "𝓲𝓷𝓿𝓮𝓼𝓽 now",
            "i\u{200B}nv\u{200B}est now",
            "invеѕt now",
            "i n v e s t now",
            "i.n.v.e.s.t now",
            "【i】【n】【v】【e】【s】【t】 now",
            "1nv3st now",
            "i\u{0336}n\u{0336}vest now",
            "ｉｎｖｅｓｔ now",
        ] {
            let view = view(disguised);
            assert_eq!(view.text.replace(['【', '】'], ""), "invest now", "from {disguised}");
            assert!(view.undone.total() > 0, "{disguised}");
        }
    }

    #[test]
    fn latin_letters_in_russian_words() {
        let view = view("зaрaботок бeз влoжений");
        assert_eq!(view.text, "заработок без вложений");
        assert!(view.undone.lookalikes >= 4);
    }

    #[test]
    fn ordinary_unicode_is_not_a_disguise() {
        for ordinary in [
            "Grüße aus Köln 👨‍👩‍👧 ☕️",
            "Привет, мир",
            "日本語のコメントです",
            "naïve café\u{FEFF}",
            "हिन्दी में",
        ] {
            assert_eq!(view(ordinary).undone.total(), 0, "{ordinary}");
        }
    }

    #[test]
    fn full_names_are_counted() {
        assert_eq!(view("My adviser Clara Whitcombe, and Otto Lund too").names, 2);
        assert_eq!(view("@Clara Whitcombe thank you. Great. Article about Go").names, 0);
    }

    #[test]
    fn long_comments_are_cut_in_the_middle() {
        let view = view(&format!("start {} the end", "é".repeat(500_000)));
        assert!(view.text.starts_with("start "));
        assert!(view.text.ends_with("the end"));
        assert!(view.skipped > 900_000);
    }
}
