//! Follows the store: reads articles that wait (what happened to whom), puts them into incidents, folds copies, and
//! tells each incident anew when its coverage changes.
//!
//! What is not read yet is known by the store, and a batch is written whole or not at all: after a crash the desk goes
//! on where it was. Nothing here is lost when it is thrown away and read again.

mod copies;
mod error;
mod grouping;
mod read;
mod stream;
mod tell;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::SourceId,
    enrich::Enricher,
    store::{DeskBatch, DeskProgress, EnrichedArticle, Store, WaitingArticle},
};

pub use error::DeskError;
pub use read::{ReadArticle, Reader, ToRead};
pub use stream::{Stream, StreamPlace};

use grouping::{Arrival, Place, Shelf};

/// Articles read and written at once: enough to share the cost of a transaction, few enough to stay small.
const BATCH: u32 = 100;
/// Incidents told between two batches while articles wait.
const TELL_BETWEEN: u32 = 20;
/// Incidents told at once when no article waits.
const TELL_AT_ONCE: u32 = 100;
/// How often the store is asked for articles when none waited.
const POLL: Duration = Duration::from_secs(1);
/// Longest wait after an error.
const MAX_BACK_OFF: Duration = Duration::from_secs(60);

/// Reads what waits.
pub struct Desk {
    store: Arc<dyn Store>,
    reader: Arc<Reader>,
    /// What is known of incidents from earlier batches.
    shelf: Shelf,
}

impl Desk {
    /// A desk that reads on `threads` threads. `recognisers` says what reads: where it was something else before,
    /// all articles wait to be read again from now on.
    pub async fn start(
        store: Arc<dyn Store>,
        enricher: Arc<Enricher>,
        recognisers: &str,
        threads: usize,
    ) -> Result<Self, DeskError> {
        store.set_recognisers(recognisers).await?;
        let reader = Arc::new(Reader::new(enricher, threads)?);
        Ok(Self { shelf: Shelf::new(store.clone()), store, reader })
    }

    /// The recognisers it reads with.
    pub fn enricher(&self) -> Arc<Enricher> {
        self.reader.enricher()
    }

    /// Reads everything that waits, then tells what is owed. `progress` is told after each batch. Answers how many
    /// articles were read.
    pub async fn catch_up(
        &mut self,
        cancel: &CancellationToken,
        mut progress: impl FnMut(DeskProgress),
    ) -> Result<u64, DeskError> {
        let mut read = 0;
        while !cancel.is_cancelled() {
            let batch = self.read_batch().await?;
            if batch == 0 {
                break;
            }
            read += batch;
            self.tell(TELL_BETWEEN).await?;
            progress(self.store.desk_progress().await?);
        }
        while !cancel.is_cancelled() && self.tell(TELL_AT_ONCE).await? > 0 {}
        Ok(read)
    }

    /// Keeps reading until `cancel`. Errors are logged and tried again.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut wait = POLL;
        while !cancel.is_cancelled() {
            match self.catch_up(&cancel, |_| ()).await {
                Ok(_) => wait = POLL,
                Err(error) => {
                    tracing::error!(code = error.code(), %error, "articles could not be read, trying again");
                    wait = (wait * 2).min(MAX_BACK_OFF);
                }
            }
            cancel.run_until_cancelled(tokio::time::sleep(wait)).await;
        }
    }

    /// Reads and writes one batch. Answers how many articles it had; 0 if none waited.
    async fn read_batch(&mut self) -> Result<u64, DeskError> {
        let waiting = self.store.waiting_articles(BATCH).await?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let read = self.reader.clone().read_all(waiting.iter().map(ToRead::from).collect()).await?;
        // Somebody else may change incidents while these are placed: then they are placed again.
        while !self.write(&waiting, &read).await? {
            self.shelf.forget();
        }
        metrics::counter!("siftwire_articles_enriched_total").increment(waiting.len() as u64);
        Ok(waiting.len() as u64)
    }

    async fn write(
        &mut self,
        waiting: &[WaitingArticle],
        read: &[ReadArticle],
    ) -> Result<bool, DeskError> {
        let state = self.store.desk_state().await?;
        self.shelf.open(state);
        let mut order: Vec<usize> = (0..waiting.len()).collect();
        order.sort_by_key(|&at| (waiting[at].published, waiting[at].id));
        let arrivals: Vec<Arrival<'_>> =
            order.iter().map(|&at| arrival(&waiting[at], &read[at])).collect();
        let placements = self.shelf.place(&arrivals).await?;
        let (placed, mentions): (Vec<_>, Vec<_>) =
            placements.into_iter().map(|one| (one.placed, one.mentions)).unzip();
        let copies = copies::find(&*self.store, &arrivals, &placed).await?;
        let articles = order.iter().zip(placed).zip(copies).map(|((&at, placed), duplicate_of)| {
            EnrichedArticle {
                id: waiting[at].id,
                revision: waiting[at].revision,
                published: waiting[at].published,
                enrichment: read[at].enrichment.clone(),
                signature: read[at].packed.clone(),
                fingerprint: read[at].signature.fingerprint() as i64,
                duplicate_of,
                placed,
            }
        });
        let batch = DeskBatch {
            turn: state.turn,
            edition: state.edition,
            read: Timestamp::now(),
            articles: articles.collect(),
            mentions: mentions.into_iter().flatten().collect(),
            incidents: self.shelf.changed(),
        };
        let saved = self.store.save_desk_batch(&batch).await?;
        if saved {
            self.shelf.close(state.turn + 1);
        }
        Ok(saved)
    }
}

fn arrival<'a>(waiting: &WaitingArticle, read: &'a ReadArticle) -> Arrival<'a> {
    let before = waiting.coverage.as_ref();
    let place = match before {
        Some(coverage) if coverage.by_hand => Place::Fixed(coverage.incident_id),
        // Its text changed; where it belongs did not.
        Some(coverage) if waiting.edition == 0 => Place::Kept(coverage.incident_id),
        Some(coverage) => Place::Again(Some(coverage.incident_id)),
        None if waiting.edition == 0 => Place::Open,
        None => Place::Again(None),
    };
    Arrival {
        id: waiting.id,
        published: waiting.published,
        signature: &read.signature,
        sections: &read.sections,
        place,
        reasons: before.map(|coverage| coverage.reasons.clone()).unwrap_or_default(),
    }
}

impl<'a> From<&'a WaitingArticle> for ToRead {
    fn from(article: &'a WaitingArticle) -> Self {
        Self {
            url: article.url.clone(),
            title: article.title.clone(),
            text: article.text.clone(),
            published: article.published,
            source: source_number(article.source_id),
        }
    }
}

fn source_number(source: SourceId) -> u64 {
    source.0.unsigned_abs()
}

/// A number that tells sources apart by the site of their articles, where there is no store that numbers them.
pub fn source_of(url: &str) -> u64 {
    let site = read::own_site(url);
    xxhash_rust::xxh3::xxh3_64(site.as_deref().unwrap_or(url).as_bytes())
}
