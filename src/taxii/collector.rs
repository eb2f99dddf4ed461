use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    error::CollectError,
    objects::{self, Bundle},
    versions::Draft,
    wanted,
};
use crate::{
    domain::{ArticleId, Change, IncidentId, Sequence},
    export::Publisher,
    gather::Gatherer,
    search::{Finder, Query, SearchIndex, parse_query},
    store::{Collection, CollectionId, StixBatch, StixVersion, Store},
};

/// Changes taken at once.
const BATCH: u32 = 200;
/// Groupings written at once.
const GROUPINGS: u32 = 50;
/// Articles put into a new collection at once.
const FILL: usize = 500;
/// How often the change log is asked for news.
const POLL: Duration = Duration::from_secs(1);
/// Longest wait after an error.
const MAX_BACK_OFF: Duration = Duration::from_secs(60);
/// Stands for what all objects refer to: no article has this number.
const NO_ARTICLE: ArticleId = ArticleId(0);
/// Types that are withdrawn once nothing speaks of them any more.
const WITHDRAWN: [&str; 4] = ["report", "grouping", "indicator", "relationship"];

/// Fills the collections of a store.
pub struct Collector {
    store: Arc<dyn Store>,
    index: SearchIndex,
    gatherer: Gatherer,
    publisher: Publisher,
}

/// Keeps the collections up to date until `cancel`. Errors are logged and tried again.
pub async fn run(collector: Collector, cancel: CancellationToken) {
    let mut wait = POLL;
    while !cancel.is_cancelled() {
        match cancel.run_until_cancelled(collector.catch_up(Timestamp::now)).await {
            Some(Err(error)) => {
                tracing::error!(%error, "collections fell behind, trying again");
                wait = (wait * 2).min(MAX_BACK_OFF);
            }
            _ => wait = POLL,
        }
        cancel.run_until_cancelled(tokio::time::sleep(wait)).await;
    }
}

impl Collector {
    /// Reads what is in `store`; `index` says what searches find and what names are also called. `public_url` is part
    /// of the ids of incidents, see [`Publisher`].
    pub fn new(store: Arc<dyn Store>, index: SearchIndex, public_url: &str) -> Self {
        let finder = Finder::new(index.clone());
        let gatherer = Gatherer::new(store.clone(), finder.clone());
        let aliases = move |kind, name: &str| finder.names().aliases(kind, name);
        let url = if public_url.is_empty() { Publisher::LOCAL } else { public_url };
        let publisher = Publisher::new(url).with_aliases(Arc::new(aliases));
        Self { store, index, gatherer, publisher }
    }

    /// Applies what the index has applied, tells incidents, and fills new collections. `clock` gives the time of each
    /// batch.
    pub async fn catch_up(&self, clock: impl Fn() -> Timestamp) -> Result<(), CollectError> {
        let collections = self.collections().await?;
        self.begin(&collections, clock()).await?;
        while self.follow(&collections, clock()).await? {}
        while self.tell(&collections, clock()).await? {}
        for collection in collections.iter().filter(|one| one.filled_to.is_some()) {
            self.fill(collection, &clock).await?;
        }
        Ok(())
    }

    /// Puts what all objects refer to at the beginning of each new collection.
    async fn begin(&self, collections: &[Collection], now: Timestamp) -> Result<(), CollectError> {
        let common = objects::common();
        let versions = self.versions(std::iter::once(&common), now).await?;
        if !versions.is_empty() {
            let after = self.store.collected_sequence().await?;
            let articles = vec![(NO_ARTICLE, common.ids())];
            let batch =
                StixBatch { after, sequence: after, versions, articles, ..StixBatch::default() };
            self.save(batch, now).await?;
        }
        for new in collections.iter().filter(|one| one.filled_to == Some(NO_ARTICLE)) {
            self.store.fill_collection(new.id, &[NO_ARTICLE], Some(NO_ARTICLE), now).await?;
        }
        Ok(())
    }

    async fn collections(&self) -> Result<Vec<Collection>, CollectError> {
        let searches = self.store.saved_searches().await?;
        Ok(self.store.set_collections(&wanted(&searches)).await?)
    }

    /// Applies the next part of the change log. `false` if there is none yet.
    async fn follow(
        &self,
        collections: &[Collection],
        now: Timestamp,
    ) -> Result<bool, CollectError> {
        let after = self.store.collected_sequence().await?;
        // What searches find is known only of what the index has.
        let indexed = self.index.sequence();
        let mut changes = self.store.changes_since(after, BATCH).await?;
        changes.retain(|change| change.sequence <= indexed);
        let Some(last) = changes.last() else { return Ok(false) };
        let sequence = last.sequence;
        let batch = self.batch(&changes, collections, now).await?;
        self.save(StixBatch { after, sequence, ..batch }, now).await?;
        Ok(true)
    }

    async fn batch(
        &self,
        changes: &[Change],
        collections: &[Collection],
        now: Timestamp,
    ) -> Result<StixBatch, CollectError> {
        let ids: Vec<ArticleId> = changes.iter().map(|change| change.article_id).collect();
        let (bundles, removed) = objects::of_articles(&*self.store, &self.publisher, &ids).await?;
        let changed: Vec<ArticleId> =
            bundles.iter().map(|(id, _)| *id).chain(removed.iter().copied()).collect();
        let before = self.store.objects_only_of(&changed).await?;
        let mut versions = self.versions(bundles.iter().map(|(_, bundle)| bundle), now).await?;
        versions.extend(self.withdrawn(&before, &bundles, now).await?);
        let mut articles: Vec<(ArticleId, Vec<String>)> =
            bundles.iter().map(|(id, bundle)| (*id, bundle.ids())).collect();
        articles.extend(removed.into_iter().map(|id| (id, Vec::new())));
        let found = self.found(collections, &changed, now).await?;
        Ok(StixBatch { versions, articles, found, ..StixBatch::default() })
    }

    /// New versions of objects, each once.
    async fn versions(
        &self,
        bundles: impl Iterator<Item = &Bundle>,
        now: Timestamp,
    ) -> Result<Vec<StixVersion>, CollectError> {
        let mut drafts: Vec<&Draft> = bundles.flat_map(|bundle| &bundle.0).collect();
        let mut seen = std::collections::HashSet::new();
        drafts.retain(|draft| seen.insert(&draft.stix_id));
        let ids: Vec<String> = drafts.iter().map(|draft| draft.stix_id.clone()).collect();
        let known = self.store.known_objects(&ids).await?;
        let known: HashMap<&str, _> = known.iter().map(|one| (one.stix_id.as_str(), one)).collect();
        let next = |draft: &&Draft| {
            let known = known.get(draft.stix_id.as_str()).copied();
            (*draft).clone().next(known, now)
        };
        Ok(drafts.iter().filter_map(next).collect())
    }

    /// Versions that withdraw what stood in the changed articles alone and does not stand there any more.
    async fn withdrawn(
        &self,
        before: &[String],
        bundles: &[(ArticleId, Bundle)],
        now: Timestamp,
    ) -> Result<Vec<StixVersion>, CollectError> {
        let still: std::collections::HashSet<&str> = bundles
            .iter()
            .flat_map(|(_, bundle)| &bundle.0)
            .map(|one| one.stix_id.as_str())
            .collect();
        let is_gone = |id: &&String| {
            let kind = id.split_once("--").map_or("", |(kind, _)| kind);
            WITHDRAWN.contains(&kind) && !still.contains(id.as_str())
        };
        let gone: Vec<String> = before.iter().filter(is_gone).cloned().collect();
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let bodies = self.store.newest_bodies(&gone).await?;
        let drafts = bodies.iter().filter_map(|(id, body)| Draft::withdrawn(id, body)).collect();
        self.versions(std::iter::once(&Bundle(drafts)), now).await
    }

    /// Of the changed articles those that each collection's query finds.
    async fn found(
        &self,
        collections: &[Collection],
        articles: &[ArticleId],
        now: Timestamp,
    ) -> Result<Vec<(CollectionId, Vec<ArticleId>)>, CollectError> {
        let queries: Vec<Query> = collections.iter().map(query_of).collect();
        let (index, articles) = (self.index.clone(), articles.to_vec());
        let found = in_background(move || index.matching_among(&articles, &queries, now)).await??;
        Ok(collections.iter().map(|one| one.id).zip(found).collect())
    }

    /// Writes groupings of incidents whose articles changed. `false` if none waits.
    async fn tell(&self, collections: &[Collection], now: Timestamp) -> Result<bool, CollectError> {
        let waiting = self.store.waiting_groupings(GROUPINGS).await?;
        if waiting.is_empty() {
            return Ok(false);
        }
        let after = self.store.collected_sequence().await?;
        let incidents = self.gatherer.incidents(&waiting).await?;
        let bundles: Vec<(IncidentId, Bundle)> = incidents
            .iter()
            .map(|item| (item.incident.id, objects::of_incident(&self.publisher, item)))
            .collect();
        let versions = self.versions(bundles.iter().map(|(_, bundle)| bundle), now).await?;
        let grouping = |(id, bundle): &(IncidentId, Bundle)| {
            let ids = bundle.ids().into_iter().find(|id| id.starts_with("grouping--"))?;
            Some((*id, ids))
        };
        let batch = StixBatch {
            after,
            sequence: after,
            versions,
            incidents: bundles.iter().filter_map(grouping).collect(),
            told: waiting,
            found: collections.iter().map(|one| (one.id, Vec::new())).collect(),
            ..StixBatch::default()
        };
        self.save(batch, now).await?;
        Ok(true)
    }

    async fn save(&self, batch: StixBatch, now: Timestamp) -> Result<(), CollectError> {
        let written = batch.versions.len() as u64;
        if !self.store.save_stix(&batch, now).await? {
            return Err(CollectError::Elsewhere);
        }
        metrics::counter!("siftwire_stix_versions_total").increment(written);
        Ok(())
    }

    /// Fills a new collection with what was there before it.
    async fn fill(
        &self,
        collection: &Collection,
        clock: impl Fn() -> Timestamp,
    ) -> Result<(), CollectError> {
        let after = collection.filled_to.unwrap_or(NO_ARTICLE);
        let (index, query, now) = (self.index.clone(), query_of(collection), clock());
        let found = in_background(move || index.matching(&query, now, after)).await??;
        for part in found.chunks(FILL) {
            let filled_to = part.last().copied();
            self.store.fill_collection(collection.id, part, filled_to, clock()).await?;
        }
        Ok(self.store.fill_collection(collection.id, &[], None, clock()).await?)
    }

    /// The last change that the collections show.
    pub async fn sequence(&self) -> Result<Sequence, CollectError> {
        Ok(self.store.collected_sequence().await?)
    }
}

/// Queries are checked when they are saved; one that an older version accepted finds nothing.
fn query_of(collection: &Collection) -> Query {
    let nothing =
        || Query::everything().with_filter("incident", "0").unwrap_or_else(|_| Query::everything());
    parse_query(&collection.query).unwrap_or_else(|_| nothing())
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CollectError> {
    let task = tokio::task::spawn_blocking(work);
    task.await.map_err(|error| CollectError::Ended(error.to_string()))
}
