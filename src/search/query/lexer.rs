use std::ops::Range;

use super::error::{QueryError, QueryProblem};

/// What a piece of the query text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    Open,
    Close,
    Or,
    And,
    /// `NOT`, or `-` directly before what it leaves out.
    Not,
    /// `name:`, as written.
    Field(String),
    /// The space after a field's colon, where its value should be.
    NoValue,
    Word(String),
    Phrase(String),
}

/// A piece of the query text and its bytes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub range: Range<usize>,
}

/// Cuts a query into tokens. Fails only on a quote that is never closed or holds nothing.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, QueryError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens: Vec<Token> = Vec::new();
    loop {
        let value_expected = matches!(tokens.last(), Some(Token { kind: TokenKind::Field(_), .. }));
        let next = if value_expected { lexer.next_value()? } else { lexer.next_token()? };
        match next {
            Some(token) => tokens.push(token),
            None => return Ok(tokens),
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn next_token(&mut self) -> Result<Option<Token>, QueryError> {
        self.skip_spaces();
        let Some(first) = self.rest().chars().next() else { return Ok(None) };
        let token = match first {
            '(' => self.take(TokenKind::Open, 1),
            ')' => self.take(TokenKind::Close, 1),
            '-' if self.excludes() => self.take(TokenKind::Not, 1),
            quote if closing_quotes(quote).is_some() => self.phrase(quote)?,
            _ => self.word(),
        };
        Ok(Some(token))
    }

    /// What stands directly after a field's colon: anything up to a space is its value. `None` if
    /// there is no more text; a phrase or group reads as it does elsewhere.
    fn next_value(&mut self) -> Result<Option<Token>, QueryError> {
        let length = self.rest().find(ends_word).unwrap_or(self.rest().len());
        if length > 0 {
            let word = self.rest()[..length].to_owned();
            return Ok(Some(self.take(TokenKind::Word(word), length)));
        }
        if self.rest().starts_with(is_space) {
            let missing = Token { kind: TokenKind::NoValue, range: self.at..self.at };
            self.skip_spaces();
            return Ok(Some(missing));
        }
        self.next_token()
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_space).len();
    }

    fn take(&mut self, kind: TokenKind, bytes: usize) -> Token {
        let start = self.at;
        self.at += bytes;
        Token { kind, range: start..self.at }
    }

    /// `-` leaves out what follows it; one that stands alone, as in a headline, is only punctuation.
    fn excludes(&self) -> bool {
        self.rest()[1..].chars().next().is_some_and(|next| !is_space(next) && next != ')')
    }

    fn phrase(&mut self, quote: char) -> Result<Token, QueryError> {
        let closing = closing_quotes(quote).unwrap_or_default();
        let inner_start = self.at + quote.len_utf8();
        let inner = &self.text[inner_start..];
        let Some(length) = inner.find(|c| closing.contains(&c)) else {
            return Err(self.error(QueryProblem::OpenQuote, self.at..inner_start));
        };
        let closing_len = inner[length..].chars().next().map_or(0, char::len_utf8);
        let range = self.at..inner_start + length + closing_len;
        let words: Vec<&str> =
            inner[..length].split(ends_phrase_word).filter(|w| !w.is_empty()).collect();
        if words.is_empty() {
            return Err(self.error(QueryProblem::EmptyPhrase, range));
        }
        let kind = TokenKind::Phrase(words.join(" "));
        self.at = range.end;
        Ok(Token { kind, range })
    }

    fn word(&mut self) -> Token {
        if let Some(name_len) = field_name_len(self.rest()) {
            let name = self.rest()[..name_len].to_owned();
            return self.take(TokenKind::Field(name), name_len + 1);
        }
        let length = self.rest().find(ends_word).unwrap_or(self.rest().len());
        let word = &self.rest()[..length];
        let kind = match word {
            "OR" | "|" | "||" => TokenKind::Or,
            "AND" | "&&" => TokenKind::And,
            "NOT" => TokenKind::Not,
            _ => TokenKind::Word(word.to_owned()),
        };
        self.take(kind, length)
    }

    fn error(&self, problem: QueryProblem, range: Range<usize>) -> QueryError {
        QueryError::new(problem, self.text, range)
    }
}

/// Bytes of the field name that `text` begins with. `https://…`, `C:\…` and `a::b` are not fields.
fn field_name_len(text: &str) -> Option<usize> {
    let length = text.find(|c: char| !c.is_ascii_alphabetic() && c != '_')?;
    let after = text[length..].strip_prefix(':')?;
    let is_field = length > 0 && !after.starts_with(['/', '\\', ':']);
    is_field.then_some(length)
}

fn ends_word(c: char) -> bool {
    is_space(c) || matches!(c, '(' | ')') || closing_quotes(c).is_some()
}

fn ends_phrase_word(c: char) -> bool {
    is_space(c) || c == '"'
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// What closes a phrase opened by this quote; word processors turn plain quotes into the others.
fn closing_quotes(quote: char) -> Option<&'static [char]> {
    match quote {
        '"' => Some(&['"']),
        '“' | '”' | '„' => Some(&['“', '”', '"']),
        '«' | '»' => Some(&['«', '»']),
        _ => None,
    }
}
