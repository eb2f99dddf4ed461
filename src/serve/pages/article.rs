use axum::{
    extract::{Query as Parameters, State},
    http::HeaderMap,
    response::Html,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Number, incident::defanged, search_href};
use crate::{
    accounts::Person,
    domain::{
        Article, ArticleId, ArticleSummary, Enrichment, EntityKind, Incident, IndicatorRole,
        Revision, Span, Subject, SubjectKind, full_text,
    },
    serve::{
        body::{self, Name},
        diff::{self, Run},
        error::AppError,
        found::{self, Chip, Tag},
        layout::Layout,
        reading,
        state::AppState,
        templates::view,
        thread,
        visitor::Visitor,
    },
    store::{Enriched, MarkEdit},
};

/// Comments arranged on the page; the API gives the others.
const MAX_COMMENTS: usize = 1_000;
/// Revisions told on the page, newest first.
const MAX_EDITS: usize = 20;
/// Copies and indicators told on the page; the API gives all.
const MAX_COPIES: u32 = 12;
const MAX_INDICATORS: usize = 50;
const WORDS_A_MINUTE: usize = 220;
/// For languages written without spaces.
const CHARACTERS_A_MINUTE: usize = 1_300;

/// What the address carries.
#[derive(Debug, Deserialize)]
pub(super) struct Params {
    /// `names=off` leaves names as they are.
    names: Option<String>,
    /// `keep=unread` does not mark the article as read.
    keep: Option<String>,
}

/// What the desk found in the article, as the page shows it.
#[derive(Debug, Serialize)]
struct Told {
    attacks: Vec<Evidence<Tag>>,
    groups: Vec<Group>,
    countries: Vec<Chip>,
    sectors: Vec<String>,
    indicators: Vec<(String, &'static str, String)>,
    incident: Option<Incident>,
    /// Of a round-up, what it mentions.
    mentions: Vec<Mention>,
    original: Option<ArticleSummary>,
    copies: Vec<ArticleSummary>,
    #[serde(skip)]
    enrichment: Enrichment,
}

/// An incident that a section of the article mentions.
#[derive(Debug, Serialize)]
struct Mention {
    incident: Incident,
    section: String,
}

/// Something found, with the sentence that shows it.
#[derive(Debug, Serialize)]
struct Evidence<T> {
    what: T,
    sentence: String,
    /// Percent.
    score: Option<u32>,
}

/// Names of one kind.
#[derive(Debug, Serialize)]
struct Group {
    name: &'static str,
    found: Vec<Evidence<Chip>>,
}

/// What one revision changed.
#[derive(Debug, Serialize)]
struct Edit {
    /// When the older state was first seen.
    seen: Timestamp,
    revision: u32,
    title: Option<Vec<Run>>,
    paragraphs: Vec<Vec<Run>>,
}

/// `GET /articles/{id}`: the clean reading view.
pub(super) async fn get(
    State(state): State<AppState>,
    Number(id): Number,
    Visitor(visitor): Visitor,
    headers: HeaderMap,
    Parameters(params): Parameters<Params>,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let id = ArticleId(id);
    let article = state.store.article(id).await?.ok_or(AppError::NotFound("article"))?;
    let reader = visitor.as_ref().and_then(Person::user);
    if let Some(user) = reader.filter(|_| params.keep.is_none() && !is_prefetch(&headers)) {
        let edit = MarkEdit { read: Some(true), ..MarkEdit::default() };
        reading::mark(&state, user, id, edit).await?;
    }
    let mark = reading::mark_of(&state, visitor.as_ref(), id).await?;
    let revisions = state.store.revisions(id).await?;
    let public = state.store.public_comments(id).await?;
    let shown = &public.comments[..public.comments.len().min(MAX_COMMENTS)];
    let read = state.store.enrichments(&[id]).await?.pop();
    let told = Told::of(&state, &article, read).await?;
    let names = names_of(&told, &article);
    let underlined = params.names.as_deref() != Some("off");
    let tags: Vec<_> = article.tags.iter().map(|tag| (tag, search_href(&[("tag", tag)]))).collect();
    layout.html(
        "article.html",
        view! {
            body => body::readable(&article.html, if underlined { &names } else { &[] }),
            mark,
            underlined,
            has_names => !names.is_empty(),
            told,
            words => article.text.split_whitespace().count(),
            minutes => minutes(&article.text),
            edits => edits(&article, &revisions),
            more_edits => revisions.len().saturating_sub(MAX_EDITS),
            thread => thread::arrange(shown),
            comments_total => public.comments.len(),
            comments_hidden => public.comments.len() - shown.len(),
            comments_spam => public.hidden,
            comments_waiting => public.waiting,
            same_source => search_href(&[("source", &article.source)]),
            tags,
            article,
        },
    )
}

/// Browsers say so when they load a page that nobody looks at yet.
fn is_prefetch(headers: &HeaderMap) -> bool {
    let purpose = headers.get("sec-purpose").and_then(|value| value.to_str().ok());
    purpose.is_some_and(|purpose| purpose.contains("prefetch"))
}

impl Told {
    async fn of(
        state: &AppState,
        article: &Article,
        read: Option<Enriched>,
    ) -> Result<Option<Self>, AppError> {
        let Some(read) = read else { return Ok(None) };
        let incident = match read.incident {
            Some(id) => state.store.incidents(&[id]).await?.pop(),
            None => None,
        };
        let original = match read.duplicate_of {
            Some(id) => state.store.articles(&[id]).await?.pop().map(summary_of),
            None => None,
        };
        let copies = state.store.copies_of(article.id, MAX_COPIES).await?;
        let text = full_text(article.title.trim(), &article.text);
        let found = read.enrichment;
        let attacks = found.attacks.iter().map(|tag| Evidence {
            what: found::tag(tag.attack),
            sentence: tag.evidence.first().map(|at| excerpt(&text, *at)).unwrap_or_default(),
            score: Some((tag.score * 100.0).round() as u32),
        });
        let mut mentions = Vec::new();
        for mention in state.store.mentioned_in(article.id).await? {
            if let Some(incident) = found::incident(state, mention.incident_id).await? {
                mentions.push(Mention { incident, section: excerpt(&text, mention.section) });
            }
        }
        Ok(Some(Self {
            attacks: attacks.collect(),
            groups: groups(&found, &text),
            countries: found.countries.iter().map(|code| found::country_chip(code)).collect(),
            sectors: found.sectors.clone(),
            indicators: found
                .indicators
                .iter()
                .filter(|one| one.role != IndicatorRole::Benign)
                .take(MAX_INDICATORS)
                .map(|one| (defanged(&one.value), one.role.as_str(), one.reason.clone()))
                .collect(),
            incident,
            mentions,
            original,
            copies,
            enrichment: found,
        }))
    }
}

fn groups(found: &Enrichment, text: &str) -> Vec<Group> {
    let group = |kind: EntityKind| Group {
        name: found::role_of(SubjectKind::Entity(kind)),
        found: found
            .of_kind(kind)
            .map(|entity| Evidence {
                what: found::chip(&Subject::from(entity)),
                sentence: excerpt(text, entity.evidence),
                score: None,
            })
            .collect(),
    };
    EntityKind::ALL.into_iter().map(group).filter(|group| !group.found.is_empty()).collect()
}

fn excerpt(text: &str, at: Span) -> String {
    text.get(at.start..at.end).unwrap_or_default().to_owned()
}

/// Every spelling of a name in the article, with where it leads.
fn names_of(told: &Option<Told>, article: &Article) -> Vec<Name> {
    let Some(told) = told else { return Vec::new() };
    let text = full_text(article.title.trim(), &article.text);
    let mut names: Vec<Name> = Vec::new();
    for entity in &told.enrichment.entities {
        let subject = Subject::from(entity);
        let href = found::subject_href(subject.kind, &subject.slug);
        for span in &entity.spans {
            let spelling = excerpt(&text, *span);
            if spelling.len() < 2 || names.iter().any(|name| name.spelling == spelling) {
                continue;
            }
            names.push(Name { spelling, kind: entity.kind.as_str(), href: href.clone() });
        }
    }
    names
}

pub(super) fn summary_of(article: Article) -> ArticleSummary {
    ArticleSummary {
        id: article.id,
        source_id: article.source_id,
        source: article.source,
        url: article.url,
        title: article.title,
        description: article.description,
        published: article.published,
        language: article.language,
        comment_count: article.comment_count,
    }
}

fn minutes(text: &str) -> usize {
    let by_words = text.split_whitespace().count() / WORDS_A_MINUTE;
    let by_characters = text.chars().count() / CHARACTERS_A_MINUTE;
    by_words.max(by_characters).max(1)
}

/// Each revision against the state that followed it, newest first.
fn edits(article: &Article, revisions: &[Revision]) -> Vec<Edit> {
    let mut newer = (article.title.as_str(), article.text.as_str());
    let mut edits = Vec::new();
    for older in revisions.iter().take(MAX_EDITS) {
        edits.push(Edit {
            seen: older.seen,
            revision: older.revision,
            title: (older.title != newer.0).then(|| diff::words(&older.title, newer.0)),
            paragraphs: diff::paragraphs(&older.text, newer.1),
        });
        newer = (&older.title, &older.text);
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_time_knows_languages_without_spaces() {
        assert_eq!(minutes(""), 1);
        assert_eq!(minutes(&"word ".repeat(1_000)), 4);
        assert_eq!(minutes(&"字".repeat(5_200)), 4);
    }
}
