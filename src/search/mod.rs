//! Query language, index, facets, suggestions. Follows the store's change log; can be thrown away and rebuilt.

mod distance;
mod error;
mod finder;
mod follower;
mod index;
mod names;
pub mod query;
mod results;
mod text;

pub use error::SearchError;
pub use finder::Finder;
pub use follower::{ArticleLog, Follower, FollowerOptions, catch_up, reindex, run};
pub use index::{MAX_HITS, SearchIndex};
pub use names::{Names, NoNames};
pub use query::{Query, QueryError, parse_query};
pub use results::{
    Facet, FacetValue, Fragment, HistogramBucket, Hit, IncidentMatch, Place, SearchOptions,
    SearchResults, SortOrder, Suggestion,
};
