use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::{
    fold::fold,
    stem::{Language, Stems},
    words::Words,
};

/// First of the private-use characters by which an indexed text names its language to the tokenizer:
/// this one for none, the following for the places of the list of languages.
const LANGUAGE_MARK: u32 = 0xE000;
/// Distinct words remembered by each tokenizer of a segment.
const REMEMBERED_WORDS: usize = 1 << 14;

/// Appends the mark that tells [`ArticleTokenizer`] the language of the text that follows.
pub(crate) fn mark_language(language: Option<Language>, text: &mut String) {
    let number = language.map_or(0, |language| u32::from(language.number()) + 1);
    text.extend(char::from_u32(LANGUAGE_MARK + number));
}

/// The language named by the mark at the start of `text`, and the bytes of the mark.
fn read_mark(text: &str) -> (Option<Language>, usize) {
    let mark = text.chars().next();
    let number = mark.and_then(|mark| (mark as u32).checked_sub(LANGUAGE_MARK));
    match (mark, number) {
        (Some(mark), Some(0)) => (None, mark.len_utf8()),
        (Some(mark), Some(number)) => match Language::from_number(number as usize - 1) {
            Some(language) => (Some(language), mark.len_utf8()),
            None => (None, 0),
        },
        _ => (None, 0),
    }
}

/// The terms that stand for a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    /// The word as it stands, and then its stem if it differs, at the same position.
    WordAndStem,
    /// The stem alone.
    Stem,
}

/// Tokenizer of titles and bodies, whose text begins with a language mark.
pub(crate) struct ArticleTokenizer {
    forms: Forms,
    stems: Stems,
}

impl ArticleTokenizer {
    pub(crate) fn new(forms: Forms) -> Self {
        Self { forms, stems: Stems::with_capacity(REMEMBERED_WORDS) }
    }
}

impl Clone for ArticleTokenizer {
    /// A tokenizer of the same kind; what was remembered is not copied.
    fn clone(&self) -> Self {
        Self::new(self.forms)
    }
}

impl Tokenizer for ArticleTokenizer {
    type TokenStream<'a> = TermStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream<'a> {
        let (language, start) = read_mark(text);
        let stemming = language.map(|language| (language, &mut self.stems));
        TermStream { forms: self.forms, ..TermStream::new(text, start, stemming) }
    }
}

/// Tokenizer of names and addresses: words as they stand.
#[derive(Clone)]
pub(crate) struct PlainTokenizer;

impl Tokenizer for PlainTokenizer {
    type TokenStream<'a> = TermStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream<'a> {
        TermStream::new(text, 0, None)
    }
}

/// The terms of a text, folded.
pub(crate) struct TermStream<'a> {
    text: &'a str,
    words: Words<'a>,
    forms: Forms,
    /// First bytes of the words that are given; all if `None`.
    initials: Option<&'a [u8]>,
    stemming: Option<(Language, &'a mut Stems)>,
    token: Token,
    /// The stem of the word just given, if it is still to be given.
    stem: String,
}

impl<'a> TermStream<'a> {
    /// The terms of `text` from byte `start` on: words, and stems of a language.
    pub(crate) fn new(
        text: &'a str,
        start: usize,
        stemming: Option<(Language, &'a mut Stems)>,
    ) -> Self {
        let words = Words::new(text, start);
        Self {
            text,
            words,
            forms: Forms::WordAndStem,
            initials: None,
            stemming,
            token: Token::default(),
            stem: String::new(),
        }
    }

    /// Leaves out words that, folded, begin with another byte than one of these.
    pub(crate) fn only_beginning_with(mut self, initials: &'a [u8]) -> Self {
        self.initials = Some(initials);
        self
    }

    fn next_word(&mut self) -> bool {
        for word in self.words.by_ref() {
            let token = &mut self.token;
            token.text.clear();
            fold(&self.text[word.range.clone()], word.dense, &mut token.text);
            let Some(first) = token.text.as_bytes().first() else { continue };
            if self.initials.is_some_and(|initials| !initials.contains(first)) {
                continue;
            }
            token.offset_from = word.range.start;
            token.offset_to = word.range.end;
            token.position = word.position;
            if let Some((language, stems)) = self.stemming.as_mut().filter(|_| !word.dense) {
                let stem = stems.stem(*language, &token.text);
                if stem != token.text {
                    self.stem.push_str(stem);
                    if self.forms == Forms::Stem {
                        std::mem::swap(&mut token.text, &mut self.stem);
                        self.stem.clear();
                    }
                }
            }
            return true;
        }
        false
    }
}

impl TokenStream for TermStream<'_> {
    fn advance(&mut self) -> bool {
        if self.stem.is_empty() {
            return self.next_word();
        }
        std::mem::swap(&mut self.token.text, &mut self.stem);
        self.stem.clear();
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
