//! The query language: text to a checked tree, and back to canonical text.
//!
//! Words must all match; `"phrases"` match as written; `OR`, `-` or `NOT` and parentheses combine
//! them, where standing side by side binds tighter than `OR`. Fields are listed in [`FIELDS`].

mod ast;
mod date;
mod error;
mod field;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;
mod value;

use std::{fmt, str::FromStr};

pub use ast::{Node, Value};
pub use date::{DateSpan, DateValue, Unit};
pub use error::{QueryError, QueryProblem};
pub use field::{FIELDS, Field, FieldSpec, ValueKind};

use super::SortOrder;

/// Longest query, in characters.
pub const MAX_CHARS: usize = 2_000;
/// Most words, phrases and fields in one query.
pub const MAX_PARTS: usize = 64;
/// Deepest nesting of parentheses and NOTs.
pub const MAX_DEPTH: usize = 16;

/// A checked query. Displays as canonical text that parses to the same query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(super) root: Node,
    /// `sort:`, if the query has one.
    pub sort: Option<SortOrder>,
}

/// A field condition that stands at the top of a query: one that all hits meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub field: Field,
    /// Without quotes.
    pub value: String,
}

/// Reads a query. An empty one matches everything.
pub fn parse_query(text: &str) -> Result<Query, QueryError> {
    parser::parse(text)
}

impl Query {
    /// The query that matches everything.
    pub fn everything() -> Self {
        Self { root: Node::All(Vec::new()), sort: None }
    }

    /// The tree, without `sort:`.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// `true` if nothing is asked for.
    pub fn is_empty(&self) -> bool {
        matches!(&self.root, Node::All(parts) if parts.is_empty())
    }

    /// Field conditions that every hit meets, in the order written.
    pub fn filters(&self) -> Vec<Filter> {
        let filter = |node: &Node| match node {
            Node::Field(field, value) => Some(Filter { field: *field, value: value.plain() }),
            _ => None,
        };
        self.top().iter().filter_map(filter).collect()
    }

    /// The query narrowed to a value of a field, in place of any other value that `filters` gives for
    /// it. `name` is a field or alias, such as the field of a facet.
    pub fn with_filter(&self, name: &str, value: &str) -> Result<Self, QueryError> {
        let quoted =
            value.contains(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.' | '_'));
        let value = value.replace('"', " ");
        let text = if quoted { format!("{name}:\"{value}\"") } else { format!("{name}:{value}") };
        let filter = parse_query(&text)?;
        if let Some(sort) = filter.sort {
            return Ok(Self { root: self.root.clone(), sort: Some(sort) });
        }
        let Node::Field(field, _) = &filter.root else {
            return Ok(self.clone());
        };
        let mut query = self.without_field(*field);
        let mut parts = query.top().to_vec();
        parts.push(filter.root);
        query.root = all_of(parts);
        Ok(query)
    }

    /// The query without the conditions that `filters` gives for a field. An unknown name changes nothing.
    pub fn without_filter(&self, name: &str) -> Self {
        match Field::from_name(name) {
            Some(Field::Sort) => Self { root: self.root.clone(), sort: None },
            Some(field) => self.without_field(field),
            None => self.clone(),
        }
    }

    fn without_field(&self, field: Field) -> Self {
        let other = |node: &&Node| !matches!(node, Node::Field(named, _) if *named == field);
        let parts = self.top().iter().filter(other).cloned().collect();
        Self { root: all_of(parts), sort: self.sort }
    }

    /// The parts that all hits meet.
    fn top(&self) -> &[Node] {
        match &self.root {
            Node::All(parts) => parts,
            one => std::slice::from_ref(one),
        }
    }
}

fn all_of(mut parts: Vec<Node>) -> Node {
    match parts.len() {
        1 => parts.remove(0),
        _ => Node::All(parts),
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        parse_query(text)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root)?;
        let Some(sort) = self.sort else { return Ok(()) };
        if !self.is_empty() {
            f.write_str(" ")?;
        }
        match sort {
            SortOrder::Date => f.write_str("sort:date"),
            SortOrder::Relevance => f.write_str("sort:relevance"),
        }
    }
}
