//! What TAXII collections hold: follows the change log, turns articles and incidents into STIX objects, keeps a version
//! of each whenever its content changes, and puts it into the collections whose searches find it.
//!
//! A batch is one transaction together with the place in the log: after a crash the collector goes on exactly there.

mod collector;
mod error;
mod objects;
mod versions;

use uuid::{Uuid, uuid};

use crate::{
    domain::{SavedSearch, SearchView},
    store::WantedCollection,
};

pub use collector::{Collector, run};
pub use error::CollectError;

/// The collection of everything.
pub const REPORTS: Uuid = uuid!("5f3a2c1e-9d84-4b6b-8a57-2e1c90d7b3f4");
/// The collection of indicators alone.
pub const INDICATORS: Uuid = uuid!("c7e0b6a9-41d2-4f0e-9b38-6d5a17f2e8c1");

/// The collections there should be: the two that are always there, and one for each saved search.
pub fn wanted(searches: &[SavedSearch]) -> Vec<WantedCollection> {
    let everything = |uuid, only| WantedCollection {
        uuid,
        query: String::new(),
        view: SearchView::Articles,
        only,
    };
    let own = searches.iter().map(|search| WantedCollection {
        uuid: search.id.0,
        query: search.query.clone(),
        view: search.view,
        only: None,
    });
    let always = [everything(REPORTS, None), everything(INDICATORS, Some("indicator"))];
    always.into_iter().chain(own).collect()
}
