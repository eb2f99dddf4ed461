//! Recursive descent over the tokens of a query:
//!
//! ```text
//! any   = all ("OR" all)*
//! all   = part ("AND"? part)*
//! part  = ("-" | "NOT") part | "(" any ")" | field ":" value | phrase | word
//! value = word | phrase | "(" any of words and phrases ")"
//! ```

use std::ops::Range;

use super::{
    MAX_CHARS, MAX_DEPTH, MAX_PARTS, Query,
    ast::{Node, Value},
    error::{QueryError, QueryProblem},
    field::Field,
    lexer::{Token, TokenKind, tokens},
    value::{parse_sort, parse_value},
};
use crate::search::SortOrder;

/// Reads a query. An empty one matches everything.
pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    if text.chars().count() > MAX_CHARS {
        let problem = QueryProblem::TooLong { limit: MAX_CHARS };
        return Err(QueryError::new(problem, text, 0..text.len()));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { text, tokens: &tokens, at: 0, parts: 0, depth: 0, sort: None };
    if tokens.is_empty() {
        return Ok(Query { root: Node::All(Vec::new()), sort: None });
    }
    let root = parser.any()?;
    if let Some(token) = parser.peek() {
        return Err(parser.error(QueryProblem::StrayParenthesis, token.range.clone()));
    }
    Ok(Query { root, sort: parser.sort })
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    /// Words, phrases and fields read so far.
    parts: usize,
    /// Parentheses and NOTs around the current place.
    depth: usize,
    sort: Option<SortOrder>,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Node, QueryError> {
        let mut alternatives = vec![self.all()?];
        while self.peek_is(&TokenKind::Or) {
            let operator = self.next_range();
            if self.at_end_of_group() {
                return Err(self.error(QueryProblem::Dangling { word: "OR" }, operator));
            }
            alternatives.push(self.all()?);
            // `sort:` is no condition: alone on one side it would leave nothing to match there.
            if alternatives.iter().any(is_unconditional) {
                return Err(self.error(QueryProblem::Dangling { word: "OR" }, operator));
            }
        }
        Ok(join(alternatives, Node::Any))
    }

    fn all(&mut self) -> Result<Node, QueryError> {
        let mut parts = Vec::new();
        parts.extend(self.part()?);
        while !self.at_end_of_group() && !self.peek_is(&TokenKind::Or) {
            if self.peek_is(&TokenKind::And) {
                let operator = self.next_range();
                if self.at_end_of_group() {
                    return Err(self.error(QueryProblem::Dangling { word: "AND" }, operator));
                }
            }
            parts.extend(self.part()?);
        }
        Ok(join(parts, Node::All))
    }

    /// One part; `None` for `sort:`, which is no condition.
    fn part(&mut self) -> Result<Option<Node>, QueryError> {
        let Some(token) = self.next() else {
            return Ok(None);
        };
        let range = token.range.clone();
        match &token.kind {
            TokenKind::Word(word) => self.leaf(Node::Word(word.clone()), range).map(Some),
            TokenKind::Phrase(text) => self.leaf(Node::Phrase(text.clone()), range).map(Some),
            TokenKind::Field(name) => self.field(name, range),
            TokenKind::Open => self.group(range).map(Some),
            TokenKind::Not => self.negation(range).map(Some),
            TokenKind::Close => Err(self.error(QueryProblem::StrayParenthesis, range)),
            TokenKind::Or => Err(self.error(QueryProblem::Dangling { word: "OR" }, range)),
            TokenKind::And => Err(self.error(QueryProblem::Dangling { word: "AND" }, range)),
            // The lexer gives it only after a field, which takes it.
            TokenKind::NoValue => Ok(None),
        }
    }

    fn leaf(&mut self, node: Node, range: Range<usize>) -> Result<Node, QueryError> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(self.error(QueryProblem::TooManyParts { limit: MAX_PARTS }, range));
        }
        Ok(node)
    }

    fn group(&mut self, open: Range<usize>) -> Result<Node, QueryError> {
        if self.peek_is(&TokenKind::Close) {
            let close = self.next_range();
            return Err(self.error(QueryProblem::EmptyGroup, open.start..close.end));
        }
        self.enter(&open)?;
        let inner = self.any()?;
        self.leave();
        self.close(open)?;
        Ok(inner)
    }

    fn negation(&mut self, mark: Range<usize>) -> Result<Node, QueryError> {
        let nothing =
            self.at_end_of_group() || self.peek_is(&TokenKind::Or) || self.peek_is(&TokenKind::And);
        if nothing {
            let mark_text = self.text[mark.clone()].to_owned();
            return Err(self.error(QueryProblem::NothingToExclude { mark: mark_text }, mark));
        }
        self.enter(&mark)?;
        let inner = self.part()?;
        self.leave();
        match inner {
            Some(inner) => Ok(Node::Not(Box::new(inner))),
            None => Err(self.error(QueryProblem::SortNotHere, mark)),
        }
    }

    fn field(&mut self, name: &str, range: Range<usize>) -> Result<Option<Node>, QueryError> {
        let Some(field) = Field::from_name(name) else {
            let nearest = Field::nearest(name).map(|field| field.spec().name);
            let problem = QueryProblem::UnknownField { name: name.to_owned(), nearest };
            return Err(self.error(problem, range));
        };
        let spec = field.spec();
        let empty = QueryProblem::EmptyValue { field: spec.name, example: spec.example };
        let Some(token) = self.next() else {
            return Err(self.error(empty, range));
        };
        let value_range = token.range.clone();
        match &token.kind {
            TokenKind::Word(text) if field == Field::Sort => {
                self.set_sort(text, range.start..value_range.end)?;
                Ok(None)
            }
            TokenKind::Word(text) => self.field_value(field, text, false, value_range).map(Some),
            TokenKind::Phrase(text) => self.field_value(field, text, true, value_range).map(Some),
            TokenKind::Open => self.field_group(field, value_range).map(Some),
            _ => Err(self.error(empty, range)),
        }
    }

    fn set_sort(&mut self, text: &str, range: Range<usize>) -> Result<(), QueryError> {
        if self.depth > 0 {
            return Err(self.error(QueryProblem::SortNotHere, range));
        }
        if self.sort.is_some() {
            return Err(self.error(QueryProblem::SortTwice, range));
        }
        let sort = parse_sort(text).map_err(|problem| self.error(problem, range))?;
        self.sort = Some(sort);
        Ok(())
    }

    fn field_value(
        &mut self,
        field: Field,
        text: &str,
        quoted: bool,
        range: Range<usize>,
    ) -> Result<Node, QueryError> {
        let value: Value = parse_value(field, text, quoted)
            .map_err(|problem| self.error(problem, range.clone()))?;
        self.leaf(Node::Field(field, value), range)
    }

    /// `source:(a OR b)` is short for `(source:a OR source:b)`.
    fn field_group(&mut self, field: Field, open: Range<usize>) -> Result<Node, QueryError> {
        if field == Field::Sort {
            return Err(self.error(QueryProblem::SortNotHere, open));
        }
        let group = self.group(open.clone())?;
        self.spread(field, group, &open)
    }

    fn spread(&self, field: Field, node: Node, open: &Range<usize>) -> Result<Node, QueryError> {
        let spread_all = |parts: Vec<Node>| -> Result<Vec<Node>, QueryError> {
            parts.into_iter().map(|part| self.spread(field, part, open)).collect()
        };
        let value = |text: &str, quoted| {
            parse_value(field, text, quoted)
                .map(|value| Node::Field(field, value))
                .map_err(|problem| self.error(problem, open.clone()))
        };
        match node {
            Node::All(parts) => Ok(Node::All(spread_all(parts)?)),
            Node::Any(parts) => Ok(Node::Any(spread_all(parts)?)),
            Node::Not(part) => Ok(Node::Not(Box::new(self.spread(field, *part, open)?))),
            Node::Word(text) => value(&text, false),
            Node::Phrase(text) => value(&text, true),
            inner @ Node::Field(..) => Ok(inner),
        }
    }

    fn enter(&mut self, at: &Range<usize>) -> Result<(), QueryError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(QueryProblem::TooDeep { limit: MAX_DEPTH }, at.clone()));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn close(&mut self, open: Range<usize>) -> Result<(), QueryError> {
        if self.peek_is(&TokenKind::Close) {
            self.at += 1;
            return Ok(());
        }
        Err(self.error(QueryProblem::OpenParenthesis, open))
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn peek_is(&self, kind: &TokenKind) -> bool {
        self.peek().is_some_and(|token| token.kind == *kind)
    }

    fn next(&mut self) -> Option<&'a Token> {
        let token = self.tokens.get(self.at);
        self.at += usize::from(token.is_some());
        token
    }

    /// The bytes of the next token, which is taken.
    fn next_range(&mut self) -> Range<usize> {
        self.next().map_or(0..0, |token| token.range.clone())
    }

    fn at_end_of_group(&self) -> bool {
        self.peek().is_none_or(|token| token.kind == TokenKind::Close)
    }

    fn error(&self, problem: QueryProblem, range: Range<usize>) -> QueryError {
        QueryError::new(problem, self.text, range)
    }
}

fn is_unconditional(node: &Node) -> bool {
    matches!(node, Node::All(parts) if parts.is_empty())
}

/// One node of several; nested ones of the same kind are laid flat, a single one stands for itself.
fn join(parts: Vec<Node>, kind: fn(Vec<Node>) -> Node) -> Node {
    let sample = std::mem::discriminant(&kind(Vec::new()));
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        if std::mem::discriminant(&part) != sample {
            flat.push(part);
            continue;
        }
        if let Node::All(inner) | Node::Any(inner) = part {
            flat.extend(inner);
        }
    }
    match flat.len() {
        1 => flat.remove(0),
        _ => kind(flat),
    }
}
