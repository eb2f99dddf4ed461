//! From text to terms, the same way for articles and queries.
//!
//! Text is cut at everything that is not a letter or digit, so that `CVE-2026-1234`, `evil[.]com` and
//! `10.0.0.1` become their parts, next to each other: a query for the whole is a phrase of the parts,
//! and a query for a part finds it too. Scripts written without spaces become overlapping pairs of
//! characters. Case, width and accents are folded. Every word is indexed as it stands (for phrases)
//! and by its stem in the article's language.

mod fold;
mod stem;
#[cfg(test)]
mod tests;
mod tokenizer;
mod words;

pub(super) use fold::fold;
pub(super) use stem::{Language, Stems};
pub(super) use tokenizer::{ArticleTokenizer, Forms, PlainTokenizer, TermStream, mark_language};
pub(super) use words::{BREAK, Words};
