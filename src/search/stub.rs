use super::*;
use crate::domain::Sequence;
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad")]
pub struct QueryError { pub start: usize, pub end: usize, pub start_char: usize, pub end_char: usize }
impl QueryError { pub fn code(&self) -> &'static str { "query" } }
#[derive(Debug, thiserror::Error)]
#[error("bad")]
pub struct SearchError;
#[derive(Debug, Clone)]
pub struct Query(pub String);
pub fn parse_query(t: &str) -> Result<Query, QueryError> { Ok(Query(t.to_owned())) }
pub struct SearchIndex;
impl SearchIndex {
    pub fn search(&self, _q: &Query, _o: &SearchOptions) -> Result<SearchResults, SearchError> { Err(SearchError) }
    pub fn sequence(&self) -> Sequence { Sequence(0) }
    pub fn suggest(&self, _q: &str, _n: usize) -> Result<Vec<String>, SearchError> { Err(SearchError) }
}
