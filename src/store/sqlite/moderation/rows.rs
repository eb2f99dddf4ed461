//! Rows of moderation, and their way to domain types.

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    domain::{
        ArticleId, CheckedComment, CheckedId, CommentId, CommentState, Decision, DecisionId,
        DecisionVia, NamedSignal, Outcome, Pseudonym, Site, SiteId, SourceId,
    },
    store::{
        Result, StoreError,
        sqlite::rows::{corrupt, from_json, named, small, time, time_or_none, to_json},
    },
};

#[derive(FromRow)]
pub(super) struct SiteRow {
    id: i64,
    url: String,
    name: String,
    source_id: Option<i64>,
    created: i64,
    policy: String,
}

impl TryFrom<SiteRow> for Site {
    type Error = StoreError;

    fn try_from(row: SiteRow) -> Result<Self> {
        Ok(Self {
            id: SiteId(row.id),
            url: row.url,
            name: row.name,
            source: row.source_id.map(SourceId),
            created: time(row.created)?,
            policy: from_json("site policy", &row.policy)?,
        })
    }
}

#[derive(FromRow)]
pub(super) struct CheckedRow {
    id: i64,
    guid: Vec<u8>,
    site_id: i64,
    comment_id: Option<i64>,
    article_id: Option<i64>,
    state: String,
    version: i64,
    verdict: String,
    score: f64,
    decision: Option<i64>,
    author_key: Option<Vec<u8>>,
    mail_key: Option<Vec<u8>>,
    ip_key: Option<Vec<u8>>,
    fingerprint: Option<i64>,
    campaign: Option<i64>,
    received: i64,
    written: Option<i64>,
    language: Option<String>,
    host: Option<String>,
    kind: String,
    author: String,
    author_url: String,
    mail: Option<String>,
    ip: Option<String>,
    permalink: String,
    context: String,
    signals: String,
    content: String,
}

impl TryFrom<CheckedRow> for CheckedComment {
    type Error = StoreError;

    fn try_from(row: CheckedRow) -> Result<Self> {
        Ok(Self {
            id: CheckedId(row.id),
            guid: read_guid(&row.guid, row.id)?,
            site: SiteId(row.site_id),
            crawled: row.comment_id.map(CommentId),
            article: row.article_id.map(ArticleId),
            author: row.author,
            author_key: pseudonym(row.author_key)?,
            mail: row.mail,
            mail_key: pseudonym(row.mail_key)?,
            ip: row.ip,
            ip_key: pseudonym(row.ip_key)?,
            author_url: row.author_url,
            host: row.host,
            kind: row.kind,
            permalink: row.permalink,
            context: row.context,
            language: row.language,
            written: time_or_none(row.written)?,
            received: time(row.received)?,
            content: row.content,
            verdict: named("verdict", &row.verdict, Outcome::from_name)?,
            score: row.score as f32,
            signals: read_signals(&row.signals)?,
            fingerprint: row.fingerprint.map(i64::cast_unsigned),
            campaign: row.campaign.map(i64::cast_unsigned),
            state: named("comment state", &row.state, CommentState::from_name)?,
            version: small(row.version),
            decision: row.decision.map(DecisionId),
        })
    }
}

pub(super) fn read_guid(bytes: &[u8], row: i64) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(|_| corrupt("guid", row))
}

fn pseudonym(bytes: Option<Vec<u8>>) -> Result<Option<Pseudonym>> {
    bytes
        .map(|bytes| bytes.try_into().map_err(|bytes: Vec<u8>| corrupt("digest", bytes.len())))
        .transpose()
}

/// Signals take up most of a row after the text: a list of lists needs no names of fields.
pub(super) fn write_signals(signals: &[NamedSignal]) -> String {
    let signals: Vec<_> =
        signals.iter().map(|signal| (&signal.name, signal.weight, &signal.evidence)).collect();
    to_json(&signals)
}

fn read_signals(text: &str) -> Result<Vec<NamedSignal>> {
    let signals: Vec<(String, f32, String)> = from_json("signals", text)?;
    Ok(signals
        .into_iter()
        .map(|(name, weight, evidence)| NamedSignal { name, weight, evidence })
        .collect())
}

#[derive(FromRow)]
pub(super) struct DecisionRow {
    id: i64,
    site_id: i64,
    checked_id: i64,
    at: i64,
    actor: String,
    via: String,
    from_state: String,
    to_state: String,
    reason: Option<String>,
    batch: Option<i64>,
    version: i64,
    /// The decision in force until then.
    #[sqlx(rename = "before")]
    pub earlier: Option<i64>,
    undoes: Option<i64>,
    undone_by: Option<i64>,
}

impl TryFrom<DecisionRow> for Decision {
    type Error = StoreError;

    fn try_from(row: DecisionRow) -> Result<Self> {
        Ok(Self {
            id: DecisionId(row.id),
            site: SiteId(row.site_id),
            comment: CheckedId(row.checked_id),
            at: time(row.at)?,
            actor: row.actor,
            via: named("decision's way", &row.via, DecisionVia::from_name)?,
            from: named("comment state", &row.from_state, CommentState::from_name)?,
            to: named("comment state", &row.to_state, CommentState::from_name)?,
            reason: row.reason,
            batch: DecisionId(row.batch.unwrap_or(row.id)),
            version: small(row.version),
            undoes: row.undoes.map(DecisionId),
            undone_by: row.undone_by.map(DecisionId),
        })
    }
}
