use super::*;
use crate::domain::Sequence;
#[derive(Debug, thiserror::Error)]
#[error("bad")]
pub struct SearchError;
#[derive(Clone)]
pub struct SearchIndex;
impl SearchIndex {
    pub fn search(&self, _q: &Query, _o: &SearchOptions) -> Result<SearchResults, SearchError> {
        Ok(SearchResults {
            total: 0,
            hits: vec![],
            facets: vec![],
            histogram: vec![],
            did_you_mean: None,
        })
    }
    pub fn sequence(&self) -> Sequence {
        Sequence(0)
    }
    pub fn suggest(&self, _q: &str, _n: usize) -> Result<Vec<String>, SearchError> {
        Ok(vec![])
    }
}
