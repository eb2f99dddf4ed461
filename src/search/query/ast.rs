use std::fmt;

use super::{
    date::{DateSpan, DateValue},
    field::Field,
};

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// All parts must match; none at all matches everything.
    All(Vec<Node>),
    /// At least one part must match.
    Any(Vec<Node>),
    Not(Box<Node>),
    /// A word; with a trailing `*`, words that begin with it.
    Word(String),
    /// Words next to each other, as written.
    Phrase(String),
    Field(Field, Value),
}

/// What a field is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `true`: was quoted, so its words must stand next to each other, as written.
    Text(String, bool),
    Date(DateValue),
    Span(DateSpan),
}

impl Value {
    /// The value without quotes.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text, _) => text.clone(),
            Self::Date(date) => date.to_string(),
            Self::Span(span) => span.to_string(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text, true) => write!(f, "\"{text}\""),
            other => f.write_str(&other.plain()),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => {
                write_parts(f, parts, " ", |part| matches!(part, Self::Any(_) | Self::All(_)))
            }
            Self::Any(parts) => {
                write_parts(f, parts, " OR ", |part| matches!(part, Self::Any(_) | Self::All(_)))
            }
            Self::Not(part) if matches!(**part, Self::All(_) | Self::Any(_)) => {
                write!(f, "-({part})")
            }
            // Two hyphens in a row read as one word in some places; NOT is unmistakable.
            Self::Not(part) if matches!(**part, Self::Not(_)) => write!(f, "NOT {part}"),
            Self::Not(part) => write!(f, "-{part}"),
            Self::Word(word) => f.write_str(word),
            Self::Phrase(text) => write!(f, "\"{text}\""),
            Self::Field(field, value) => write!(f, "{field}:{value}"),
        }
    }
}

fn write_parts(
    f: &mut fmt::Formatter<'_>,
    parts: &[Node],
    between: &str,
    in_parentheses: impl Fn(&Node) -> bool,
) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(between)?;
        }
        if in_parentheses(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}
