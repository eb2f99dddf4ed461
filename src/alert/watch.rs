//! Follows the change log: which of the articles that came are to be told, to whom, and why.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{AlertError, facts::Facts, when};
use crate::{
    domain::{
        Alert, AlertEvent, AlertId, Article, ArticleId, ChangeKind, EventKind, IncidentId,
        SavedSearch, SavedSearchId, SearchView,
    },
    search::{Query, SearchIndex, parse_query},
    store::{AlertRound, Enriched, Outgoing, Store, Told},
};

/// Changes looked at at once.
const BATCH: u32 = 500;
/// How often the log is looked at when nothing came.
const POLL: Duration = Duration::from_secs(2);
/// Longest wait after an error.
const MAX_BACK_OFF: Duration = Duration::from_secs(60);
/// What was published earlier than this is history, such as the archive of a new source: nobody is woken for it.
const FRESH: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Matches looked at when an alert is tried out.
const MAX_REHEARSED: usize = 2_000;

/// Works out what is to be told, and writes it into the outbox.
pub struct Watcher {
    store: Arc<dyn Store>,
    index: SearchIndex,
}

/// An article that was read, with what was found in it.
struct Candidate {
    article: Article,
    found: Enriched,
}

impl Candidate {
    /// What is told once: the incident, or an article that tells of none.
    fn subject(&self) -> String {
        match self.found.incident {
            Some(IncidentId(id)) => format!("incident:{id}"),
            None => format!("article:{}", self.article.id.0),
        }
    }

    /// Whether a search with this view tells of it: one for incidents passes over articles that tell of none.
    fn fits(&self, view: SearchView) -> bool {
        view == SearchView::Articles || self.found.incident.is_some()
    }
}

impl Watcher {
    pub fn new(store: Arc<dyn Store>, index: SearchIndex) -> Self {
        Self { store, index }
    }

    /// Keeps watching until `cancel`. Errors are logged and tried again.
    pub async fn run(self, cancel: CancellationToken) {
        let mut wait = POLL;
        while !cancel.is_cancelled() {
            match self.look(Timestamp::now()).await {
                Ok(true) => continue,
                Ok(false) => wait = POLL,
                Err(error) => {
                    tracing::error!(%error, "alerts could not be worked out, trying again");
                    wait = (wait * 2).min(MAX_BACK_OFF);
                }
            }
            cancel.run_until_cancelled(tokio::time::sleep(wait)).await;
        }
    }

    /// Looks at the next part of the log, as far as the search index has it too. `false` if there was none.
    ///
    /// # Errors
    /// Where the store or a search fails; then nothing was written.
    pub async fn look(&self, now: Timestamp) -> Result<bool, AlertError> {
        let after = self.store.alert_place().await?;
        let mut changes = self.store.changes_since(after, BATCH).await?;
        let applied = self.index.sequence();
        changes.retain(|change| change.sequence <= applied);
        let Some(place) = changes.last().map(|change| change.sequence) else { return Ok(false) };
        let saved = changes.iter().filter(|change| change.kind == ChangeKind::ArticleSaved);
        let ids: Vec<ArticleId> = saved.map(|change| change.article_id).collect();
        let mut round = AlertRound { after, place, ..AlertRound::default() };
        let mut alerts = self.store.alerts(None).await?;
        alerts.retain(|alert| !alert.paused);
        if !alerts.is_empty() {
            let candidates = candidates(&*self.store, &ids, now).await?;
            self.fill(&mut round, &alerts, &candidates, now).await?;
        }
        if !round.outgoing.is_empty() {
            tracing::info!(events = round.outgoing.len(), "alerts to be sent");
        }
        Ok(self.store.save_alert_round(&round, now).await?)
    }

    async fn fill(
        &self,
        round: &mut AlertRound,
        alerts: &[Alert],
        candidates: &[Candidate],
        now: Timestamp,
    ) -> Result<(), AlertError> {
        let searches = self.searches(alerts).await?;
        let matches = self.matches(&searches, candidates, now).await?;
        for alert in alerts {
            let Some(search) = searches.get(&alert.search) else { continue };
            let matching = &matches[&alert.search];
            let mine = candidates.iter().filter(|one| {
                matching.contains(&one.article.id)
                    && one.article.first_seen >= alert.created
                    && one.fits(search.view)
            });
            let mine: Vec<&Candidate> = mine.collect();
            let subjects: BTreeSet<String> = mine.iter().map(|one| one.subject()).collect();
            let subjects: Vec<String> = subjects.into_iter().collect();
            let told = self.store.told(alert.id, &subjects).await?;
            let told = told.into_iter().map(|one| (one.subject, one.facts)).collect();
            let mut memory = Memory { told, changed: BTreeSet::new() };
            for (subject, event) in memory.events(&mine) {
                round.outgoing.push(Outgoing {
                    alert: alert.id,
                    channel: alert.channel,
                    key: key_of(alert.id, &subject, &event),
                    due: when::due(now, &alert.pace),
                    event,
                });
            }
            round.told.extend(memory.into_told(alert.id));
        }
        Ok(())
    }

    /// The searches of these alerts, without those that cannot be read any more.
    async fn searches(
        &self,
        alerts: &[Alert],
    ) -> Result<HashMap<SavedSearchId, SavedSearch>, AlertError> {
        let mut searches = HashMap::new();
        for alert in alerts {
            if searches.contains_key(&alert.search) {
                continue;
            }
            if let Some(search) = self.store.saved_search(alert.search).await? {
                searches.insert(alert.search, search);
            }
        }
        Ok(searches)
    }

    /// Which of the candidates each search finds.
    async fn matches(
        &self,
        searches: &HashMap<SavedSearchId, SavedSearch>,
        candidates: &[Candidate],
        now: Timestamp,
    ) -> Result<HashMap<SavedSearchId, BTreeSet<ArticleId>>, AlertError> {
        let mut ids = Vec::new();
        let mut queries: Vec<Query> = Vec::new();
        for (id, search) in searches {
            match parse_query(&search.query) {
                Ok(query) => {
                    ids.push(*id);
                    queries.push(query);
                }
                Err(error) => tracing::warn!(search = %id, %error, "a saved search cannot be read"),
            }
        }
        let articles: Vec<ArticleId> = candidates.iter().map(|one| one.article.id).collect();
        let index = self.index.clone();
        let search = move || index.matching_among(&articles, &queries, now);
        let found = tokio::task::spawn_blocking(search).await??;
        let found = found.into_iter().map(|ids| ids.into_iter().collect());
        let mut matches: HashMap<SavedSearchId, BTreeSet<ArticleId>> =
            ids.into_iter().zip(found).collect();
        for id in searches.keys() {
            matches.entry(*id).or_default();
        }
        Ok(matches)
    }
}

/// Of `ids` the articles that were read and are fresh, oldest first.
async fn candidates(
    store: &dyn Store,
    ids: &[ArticleId],
    now: Timestamp,
) -> Result<Vec<Candidate>, AlertError> {
    let mut found: HashMap<ArticleId, Enriched> =
        store.enrichments(ids).await?.into_iter().map(|one| (one.article_id, one)).collect();
    let read: Vec<ArticleId> = ids.iter().copied().filter(|id| found.contains_key(id)).collect();
    let articles = store.articles(&read).await?.into_iter();
    let fresh = articles.filter(|article| now.duration_since(article.published) <= FRESH);
    let candidate =
        |article: Article| Some(Candidate { found: found.remove(&article.id)?, article });
    let mut candidates: Vec<Candidate> = fresh.filter_map(candidate).collect();
    candidates.sort_by_key(|one| (one.article.published, one.article.id));
    Ok(candidates)
}

/// What an alert has told so far.
#[derive(Default)]
struct Memory {
    told: BTreeMap<String, BTreeSet<String>>,
    changed: BTreeSet<String>,
}

impl Memory {
    /// What is to be told of these articles, oldest first. One event for each subject, however many articles.
    fn events(&mut self, candidates: &[&Candidate]) -> Vec<(String, AlertEvent)> {
        let mut events: Vec<(String, AlertEvent)> = Vec::new();
        for candidate in candidates {
            let subject = candidate.subject();
            let known = self.told.get(&subject);
            let is_new = known.is_none();
            let none = BTreeSet::new();
            let facts = Facts::of(&candidate.found.enrichment);
            let (news, all) = facts.news(known.unwrap_or(&none));
            if !is_new && news.is_empty() {
                continue;
            }
            self.told.insert(subject.clone(), all);
            self.changed.insert(subject.clone());
            match events.iter_mut().find(|(known, _)| *known == subject) {
                Some((_, event)) => {
                    event.news.extend(news);
                    event.news.sort();
                }
                None => events.push((subject, event(candidate, is_new, news))),
            }
        }
        events
    }

    fn into_told(mut self, alert: AlertId) -> Vec<Told> {
        let told = |subject: String| {
            let facts = self.told.remove(&subject).unwrap_or_default();
            Told { alert, subject, facts }
        };
        self.changed.into_iter().map(told).collect()
    }
}

fn event(candidate: &Candidate, is_new: bool, news: Vec<String>) -> AlertEvent {
    let article = &candidate.article;
    AlertEvent {
        kind: if is_new { EventKind::New } else { EventKind::Changed },
        incident: candidate.found.incident,
        article: article.id,
        title: article.title.clone(),
        source: source_of(article),
        url: article.url.clone(),
        published: article.published,
        news,
    }
}

/// The title of the source, or where it has none the host of the article.
fn source_of(article: &Article) -> String {
    if !article.source.trim().is_empty() {
        return article.source.clone();
    }
    let url = url::Url::parse(&article.url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The same for the same event, so that it is written once.
fn key_of(alert: AlertId, subject: &str, event: &AlertEvent) -> Uuid {
    let text = format!("{}\n{subject}\n{}\n{}", alert.0, event.article.0, event.news.join("\n"));
    let hash = blake3::hash(text.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What an alert of this search would have told since `from`, oldest first. Nothing is sent or kept.
///
/// # Errors
/// Where the store or the search fails.
pub async fn rehearse(
    store: &dyn Store,
    index: &SearchIndex,
    search: &SavedSearch,
    from: Timestamp,
    now: Timestamp,
) -> Result<Vec<AlertEvent>, AlertError> {
    let query = parse_query(&search.query)?;
    let index = index.clone();
    let newest = move || index.newest(&query, now, None, MAX_REHEARSED);
    let places = tokio::task::spawn_blocking(newest).await??;
    let recent = places.iter().filter(|place| place.newest_s >= from.as_second());
    let ids: Vec<ArticleId> = recent.map(|place| ArticleId(place.id)).collect();
    let mut memory = Memory::default();
    let mut events = Vec::new();
    // One after the other, as they would have come.
    for candidate in candidates_since(store, &ids).await? {
        if candidate.fits(search.view) {
            events.extend(memory.events(&[&candidate]).into_iter().map(|(_, event)| event));
        }
    }
    Ok(events)
}

async fn candidates_since(
    store: &dyn Store,
    ids: &[ArticleId],
) -> Result<Vec<Candidate>, AlertError> {
    const PART: usize = 200;
    let mut all = Vec::new();
    for part in ids.chunks(PART) {
        // However old: what counts here is when the articles were published.
        all.extend(candidates(store, part, Timestamp::MIN).await?);
    }
    all.sort_by_key(|one| (one.article.published, one.article.id));
    Ok(all)
}
