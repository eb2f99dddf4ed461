//! A query to the items it finds, for exports: places come from the index, what stands there from the store, newest
//! first, in batches. Memory does not grow with what is found.

mod error;
mod walk;

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;

use crate::{
    domain::{ArticleId, IncidentId, Source, SourceId},
    export::{ArticleItem, IncidentItem, Item, View},
    search::{Finder, Place, Query},
    store::{Enriched, Store},
};

pub use error::GatherError;
pub use walk::Walk;

/// Articles that are given of one incident.
const MAX_COVERAGE: u32 = 200;

/// What is to be exported.
#[derive(Debug, Clone)]
pub struct Selection {
    pub query: Query,
    pub view: View,
    /// "Now", for relative dates.
    pub now: Timestamp,
}

/// A part of what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Newest first.
    pub items: Vec<Item>,
    /// Where the next part begins; `None` in the last.
    pub next: Option<Place>,
}

/// Finds and reads items. Cheap to clone.
#[derive(Clone)]
pub struct Gatherer {
    store: Arc<dyn Store>,
    finder: Finder,
}

impl Gatherer {
    /// Reads what stands in `store` and `finder` finds.
    pub fn new(store: Arc<dyn Store>, finder: Finder) -> Self {
        Self { store, finder }
    }

    /// Up to `limit` items after a place.
    pub async fn part(
        &self,
        selection: &Selection,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Part, GatherError> {
        let mut places = self.places(selection, after, limit + 1).await?;
        let more = places.len() > limit;
        places.truncate(limit);
        let next = places.last().copied().filter(|_| more);
        let items = self.items(selection.view, &places).await?;
        Ok(Part { items, next })
    }

    /// Everything that is found after a place, batch by batch.
    pub fn walk(&self, selection: Selection, after: Option<Place>) -> Walk {
        Walk::new(self.clone(), selection, after)
    }

    /// The sources of the newest `limit` articles that are found, each once, by title.
    pub async fn sources(
        &self,
        selection: &Selection,
        limit: usize,
    ) -> Result<Vec<Source>, GatherError> {
        let articles = Selection { view: View::Articles, ..selection.clone() };
        let places = self.places(&articles, None, limit).await?;
        let mut found = std::collections::HashSet::<SourceId>::new();
        for places in places.chunks(walk::BATCH) {
            let articles = self.store.articles(&numbers(places)).await?;
            found.extend(articles.iter().map(|article| article.source_id));
        }
        let mut sources = self.store.sources().await?;
        sources.retain(|source| found.contains(&source.id));
        Ok(sources)
    }

    async fn places(
        &self,
        selection: &Selection,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Place>, GatherError> {
        let Selection { query, view, now } = selection.clone();
        if view == View::Articles {
            return Ok(self.finder.newest(query, now, after, limit).await?);
        }
        let found = self.finder.incidents(query, now).await?;
        let places = found.iter().map(|one| Place { newest_s: one.newest_s, id: one.id.0 });
        let rest = places.filter(|place| after.is_none_or(|after| *place < after));
        Ok(rest.take(limit).collect())
    }

    /// What stands at these places; what was removed meanwhile is left out.
    async fn items(&self, view: View, places: &[Place]) -> Result<Vec<Item>, GatherError> {
        match view {
            View::Articles => {
                let articles = self.articles(&numbers(places)).await?;
                Ok(articles.into_iter().map(|item| Item::Article(Box::new(item))).collect())
            }
            View::Incidents => {
                let ids: Vec<IncidentId> = places.iter().map(|one| IncidentId(one.id)).collect();
                let incidents = self.incidents(&ids).await?;
                Ok(incidents.into_iter().map(|item| Item::Incident(Box::new(item))).collect())
            }
        }
    }

    /// The articles that exist among `ids`, in their order, with what was found in them.
    pub async fn articles(&self, ids: &[ArticleId]) -> Result<Vec<ArticleItem>, GatherError> {
        let articles = self.store.articles(ids).await?;
        let found = self.store.enrichments(ids).await?;
        let mut found: HashMap<ArticleId, Enriched> =
            found.into_iter().map(|one| (one.article_id, one)).collect();
        let item = |article: crate::domain::Article| {
            let found = found.remove(&article.id);
            ArticleItem {
                duplicate_of: found.as_ref().and_then(|found| found.duplicate_of),
                incident: found.as_ref().and_then(|found| found.incident),
                found_changed: found.as_ref().map(|found| found.changed).unwrap_or_default(),
                found: found.map(|found| found.enrichment).unwrap_or_default(),
                article,
            }
        };
        Ok(articles.into_iter().map(item).collect())
    }

    /// The incidents that exist among `ids`, in their order, with their coverage.
    pub async fn incidents(&self, ids: &[IncidentId]) -> Result<Vec<IncidentItem>, GatherError> {
        let incidents = self.store.incidents(ids).await?;
        let mut items = Vec::with_capacity(incidents.len());
        for incident in incidents {
            let coverage = self.store.coverage(incident.id, MAX_COVERAGE).await?;
            let ids: Vec<ArticleId> = coverage.iter().map(|one| one.article_id).collect();
            items.push(IncidentItem { incident, coverage: self.articles(&ids).await? });
        }
        Ok(items)
    }
}

fn numbers(places: &[Place]) -> Vec<ArticleId> {
    places.iter().map(|place| ArticleId(place.id)).collect()
}
