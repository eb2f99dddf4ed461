//! An article as the recognisers read it: one text, cut once into sentences and tokens.

use crate::domain::{Span, full_text};

/// Texts are read up to this many bytes; what follows is looked at by nobody.
pub const MAX_BYTES: usize = 256 << 10;

/// An article, cut into sentences and tokens. All recognisers share it.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Title, blank line, body: see [`full_text`].
    pub text: String,
    /// Where the title ends in `text`.
    pub title_end: usize,
    /// In order; the title is the first.
    pub sentences: Vec<Sentence>,
    /// In order: runs of letters and digits, and single marks. White space is left out.
    pub tokens: Vec<Token>,
}

/// A sentence and its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    pub span: Span,
    /// Index of its first token.
    pub first: usize,
    /// Index after its last token.
    pub end: usize,
}

/// A word, number or mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub span: Span,
    /// Index of its sentence.
    pub sentence: usize,
    pub shape: Shape,
}

/// What a token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `attack`
    Lower,
    /// `Canon`
    Capital,
    /// `IBM`
    Upper,
    /// `LockBit`, `iPhone`
    Camel,
    /// `2026`
    Number,
    /// `APT28`, `b64`
    Mixed,
    /// A run of a script without case, such as `キヤノン`.
    Caseless,
    /// A single mark.
    Mark,
}

impl Shape {
    /// Whether a name could be written so.
    pub fn is_capitalised(self) -> bool {
        matches!(self, Self::Capital | Self::Upper | Self::Camel)
    }
}

impl Reading {
    /// Reads an article. Texts longer than [`MAX_BYTES`] are cut.
    pub fn of(title: &str, body: &str) -> Reading {
        let title = cut(title.trim(), MAX_BYTES / 16);
        let text = full_text(title, cut(body, MAX_BYTES));
        let mut reading =
            Reading { title_end: title.len(), text, sentences: Vec::new(), tokens: Vec::new() };
        reading.cut_tokens();
        reading.cut_sentences();
        reading
    }

    /// The text of a span.
    pub fn at(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }

    /// The text of a token.
    pub fn word(&self, token: usize) -> &str {
        self.at(self.tokens[token].span)
    }

    /// The tokens of a sentence.
    pub fn tokens_of(&self, sentence: usize) -> &[Token] {
        let Sentence { first, end, .. } = self.sentences[sentence];
        &self.tokens[first..end]
    }

    /// Index of the sentence that holds the byte at `at`.
    pub fn sentence_at(&self, at: usize) -> usize {
        self.sentences.partition_point(|sentence| sentence.span.start <= at).saturating_sub(1)
    }

    /// Whether the byte at `at` belongs to the title.
    pub fn in_title(&self, at: usize) -> bool {
        at < self.title_end
    }

    fn cut_tokens(&mut self) {
        self.tokens.reserve(self.text.len() / 5);
        let mut letters = self.text.char_indices().peekable();
        while let Some((start, letter)) = letters.next() {
            if letter.is_whitespace() {
                continue;
            }
            let mut end = start + letter.len_utf8();
            if letter.is_alphanumeric() {
                while let Some((at, next)) = letters.next_if(|(_, next)| next.is_alphanumeric()) {
                    end = at + next.len_utf8();
                }
            }
            let shape = shape_of(&self.text[start..end]);
            self.tokens.push(Token { span: Span { start, end }, sentence: 0, shape });
        }
    }

    /// Ends a sentence at a line's end, at the title's end, and after `.`, `!` or `?` where the next word begins one.
    fn cut_sentences(&mut self) {
        let mut first = 0;
        for at in 0..self.tokens.len() {
            if at + 1 < self.tokens.len() && !self.ends_sentence(at) {
                continue;
            }
            let span = Span { start: self.tokens[first].span.start, end: self.tokens[at].span.end };
            let sentence = self.sentences.len();
            for token in &mut self.tokens[first..=at] {
                token.sentence = sentence;
            }
            self.sentences.push(Sentence { span, first, end: at + 1 });
            first = at + 1;
        }
    }

    fn ends_sentence(&self, at: usize) -> bool {
        let (token, next) = (self.tokens[at], self.tokens[at + 1]);
        let between = &self.text[token.span.end..next.span.start];
        if between.contains('\n') {
            return true;
        }
        match self.word(at) {
            "。" | "！" | "？" => true,
            "!" | "?" => !between.is_empty() && begins_sentence(self.word(at + 1), next.shape),
            "." => {
                !between.is_empty()
                    && begins_sentence(self.word(at + 1), next.shape)
                    && !self.is_abbreviation(at)
            }
            // A closing quote or bracket belongs to the sentence whose full stop stands before it.
            "\"" | "”" | "’" | "'" | ")" | "»" if at > 0 => {
                !between.is_empty()
                    && matches!(self.word(at - 1), "." | "!" | "?")
                    && self.tokens[at - 1].span.end == token.span.start
                    && begins_sentence(self.word(at + 1), next.shape)
            }
            _ => false,
        }
    }

    /// Whether the full stop at token `at` belongs to the word before it.
    fn is_abbreviation(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return false };
        if self.tokens[before].span.end != self.tokens[at].span.start {
            return false;
        }
        let word = self.word(before);
        // A single letter: an initial, or the end of "U.S.".
        let single = word.chars().count() == 1 && self.tokens[before].shape == Shape::Upper;
        single || ABBREVIATIONS.binary_search(&word).is_ok()
    }
}

/// Words that are written with a full stop before a name. Sorted.
const ABBREVIATIONS: [&str; 26] = [
    "Adm", "Capt", "Col", "Dr", "Gen", "Gov", "Hon", "Jr", "Lt", "Maj", "Messrs", "Mr", "Mrs",
    "Ms", "No", "Prof", "Rep", "Rev", "Sen", "Sgt", "Sr", "St", "approx", "cf", "eg", "vs",
];

fn begins_sentence(word: &str, shape: Shape) -> bool {
    match shape {
        Shape::Lower => false,
        // "iPhone" may begin a sentence, and so may "8Base".
        Shape::Capital | Shape::Upper | Shape::Camel | Shape::Mixed | Shape::Caseless => true,
        Shape::Number => true,
        Shape::Mark => matches!(word, "\"" | "“" | "‘" | "'" | "(" | "«" | "„" | "¿" | "¡" | "["),
    }
}

fn shape_of(word: &str) -> Shape {
    let (mut upper, mut lower, mut digits, mut others) = (0usize, 0usize, 0usize, 0usize);
    let mut first_upper = false;
    for (at, letter) in word.chars().enumerate() {
        if letter.is_uppercase() {
            upper += 1;
            first_upper |= at == 0;
        } else if letter.is_lowercase() {
            lower += 1;
        } else if letter.is_numeric() {
            digits += 1;
        } else if letter.is_alphabetic() {
            others += 1;
        } else {
            return Shape::Mark;
        }
    }
    match (upper, lower, digits, others) {
        (0, 0, 0, _) => Shape::Caseless,
        (0, 0, _, 0) => Shape::Number,
        (_, _, 1.., _) => Shape::Mixed,
        (0, _, _, _) => Shape::Lower,
        (_, 0, _, _) => Shape::Upper,
        (1, _, _, _) if first_upper => Shape::Capital,
        _ => Shape::Camel,
    }
}

/// The longest part of `text` that is at most `most` bytes and ends between characters.
fn cut(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sentences(title: &str, body: &str) -> Vec<String> {
        let reading = Reading::of(title, body);
        reading.sentences.iter().map(|one| reading.at(one.span).to_owned()).collect()
    }

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        let body = "Mr. Ito of the U.S. firm said no. \"We paid.\" Nobody knew v1.2.3 was bad! Was it?\n\nYes, Acme Inc. was.";
        assert_eq!(
            sentences("Acme hit", body),
            [
                "Acme hit",
                "Mr. Ito of the U.S. firm said no.",
                "\"We paid.\"",
                "Nobody knew v1.2.3 was bad!",
                "Was it?",
                "Yes, Acme Inc. was.",
            ]
        );
    }

    #[test]
    fn shapes_tell_names_from_words() {
        let reading = Reading::of("Canon LockBit IBM attack 2026 APT28 キヤノン -", "");
        let shapes: Vec<Shape> = reading.tokens.iter().map(|token| token.shape).collect();
        use Shape::*;
        assert_eq!(shapes, [Capital, Camel, Upper, Lower, Number, Mixed, Caseless, Mark]);
    }

    #[test]
    fn abbreviations_are_sorted() {
        assert!(ABBREVIATIONS.is_sorted());
    }

    proptest! {
        #[test]
        fn any_text_is_covered_by_its_sentences(title in "\\PC{0,20}", body in "(\\PC|\n|\\. |[A-Z]){0,120}") {
            let reading = Reading::of(&title, &body);
            let within: usize = reading.sentences.iter().map(|one| one.end - one.first).sum();
            prop_assert_eq!(within, reading.tokens.len());
            for (at, token) in reading.tokens.iter().enumerate() {
                prop_assert!(!reading.word(at).is_empty());
                prop_assert!(reading.sentences[token.sentence].span.end >= token.span.end);
                prop_assert_eq!(reading.sentence_at(token.span.start), token.sentence);
            }
        }
    }
}
