use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// Stands between parts of one indexed text (title, body, tags): no phrase reaches across it.
pub(crate) const BREAK: char = '\u{E0FF}';
/// Positions left free at a [`BREAK`].
const BREAK_GAP: usize = 64;
/// Longest word that is kept, in bytes; a SHA-512 in hexadecimal has 128.
const MAX_WORD_BYTES: usize = 160;

/// A word, or a pair of characters of a script without spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Bytes in the text.
    pub range: Range<usize>,
    /// Place among the words of the text.
    pub position: usize,
    /// `true` in scripts written without spaces.
    pub dense: bool,
}

/// Cuts a text into words.
pub(crate) struct Words<'a> {
    text: &'a str,
    at: usize,
    position: usize,
}

impl<'a> Words<'a> {
    /// The words of `text` from byte `start` on.
    pub(crate) fn new(text: &'a str, start: usize) -> Self {
        Self { text, at: start, position: 0 }
    }

    fn char_at(&self, at: usize) -> Option<char> {
        let byte = *self.text.as_bytes().get(at)?;
        if byte.is_ascii() { Some(char::from(byte)) } else { self.text[at..].chars().next() }
    }

    /// The character where the next word begins.
    fn skip_to_word(&mut self) -> Option<char> {
        loop {
            let c = self.char_at(self.at)?;
            if is_letter_or_digit(c) {
                return Some(c);
            }
            if c == BREAK {
                self.position += BREAK_GAP;
            }
            self.at += c.len_utf8();
        }
    }

    fn spaced_word(&mut self) -> Word {
        let start = self.at;
        // Most words are ASCII to their end.
        let bytes = &self.text.as_bytes()[start..];
        self.at += bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        while let Some(c) = self.char_at(self.at).filter(|&c| continues_word(c)) {
            self.at += c.len_utf8();
        }
        self.word(start..self.at, false)
    }

    /// Two neighbours, the next pair beginning with the second. The last character of a run stands
    /// alone, so that every character begins a term.
    fn dense_pair(&mut self, first: char) -> Word {
        let start = self.at;
        self.at += first.len_utf8();
        let mut end = self.at;
        while let Some(c) = self.char_at(end).filter(|&c| is_combining_mark(c)) {
            end += c.len_utf8();
            self.at = end;
        }
        if let Some(second) = self.char_at(end).filter(|&c| is_dense(c)) {
            end += second.len_utf8();
        }
        while let Some(c) = self.char_at(end).filter(|&c| end > self.at && is_combining_mark(c)) {
            end += c.len_utf8();
        }
        self.word(start..end, true)
    }

    fn word(&mut self, range: Range<usize>, dense: bool) -> Word {
        let position = self.position;
        self.position += 1;
        Word { range, position, dense }
    }

    /// Steps over the `'s` of a genitive, which is no word.
    fn skip_genitive(&mut self) {
        let mark = self.char_at(self.at).filter(|c| matches!(c, '\'' | '’'));
        let Some(mark) = mark else { return };
        let after = self.at + mark.len_utf8();
        let is_s = self.char_at(after).is_some_and(|c| matches!(c, 's' | 'S'));
        if is_s && self.char_at(after + 1).is_none_or(|c| !continues_word(c)) {
            self.at = after + 1;
        }
    }

    /// `[dot]` and `[at]`, by which addresses are made harmless, are punctuation.
    fn is_defanged_mark(&self, range: &Range<usize>) -> bool {
        let word = &self.text[range.clone()];
        if !word.eq_ignore_ascii_case("dot") && !word.eq_ignore_ascii_case("at") {
            return false;
        }
        let bytes = self.text.as_bytes();
        let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
        matches!(
            (before, bytes.get(range.end)),
            (Some(b'['), Some(b']')) | (Some(b'('), Some(b')')) | (Some(b'{'), Some(b'}'))
        )
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        loop {
            let first = self.skip_to_word()?;
            if is_dense(first) {
                return Some(self.dense_pair(first));
            }
            let word = self.spaced_word();
            if self.is_defanged_mark(&word.range) {
                self.position -= 1;
                continue;
            }
            self.skip_genitive();
            if word.range.len() <= MAX_WORD_BYTES {
                return Some(word);
            }
        }
    }
}

fn is_letter_or_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() }
}

fn continues_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let joins = matches!(c, '\u{AD}' | '\u{200C}' | '\u{200D}');
    (c.is_alphanumeric() && !is_dense(c)) || joins || is_combining_mark(c)
}

/// Scripts written without spaces between words, and Hangul, whose words are too long to match whole.
fn is_dense(c: char) -> bool {
    if (c as u32) < 0x0E00 {
        return false;
    }
    let in_range = matches!(c as u32,
        0x0E00..=0x0EFF     // Thai, Lao
        | 0x1000..=0x109F   // Myanmar
        | 0x1100..=0x11FF   // Hangul jamo
        | 0x1780..=0x17FF   // Khmer
        | 0x3005..=0x3007   // iteration marks
        | 0x3041..=0x30FF   // Hiragana, Katakana
        | 0x3130..=0x318F   // Hangul compatibility jamo
        | 0x31F0..=0x31FF   // Katakana extensions
        | 0x3400..=0x4DBF   // Han extension A
        | 0x4E00..=0x9FFF   // Han
        | 0xAC00..=0xD7A3   // Hangul syllables
        | 0xF900..=0xFAFF   // Han compatibility
        | 0xFF66..=0xFF9F   // halfwidth Katakana
        | 0x20000..=0x323AF // further Han
    );
    in_range && c.is_alphanumeric()
}
