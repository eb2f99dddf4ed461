//! Query language, index, facets, suggestions. Follows the store's change log; can be thrown away and rebuilt.

mod distance;
pub mod query;
mod results;

pub use query::{Query, QueryError, parse_query};
pub use results::{
    Facet, FacetValue, Fragment, HistogramBucket, Hit, SearchOptions, SearchResults, SortOrder,
};
