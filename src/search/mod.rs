//! Query language, index, facets, suggestions. Follows the store's change log; can be thrown away and rebuilt.

mod results;

pub use results::{
    Facet, FacetValue, Fragment, HistogramBucket, Hit, SearchOptions, SearchResults, SortOrder,
};
