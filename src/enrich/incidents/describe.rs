use jiff::Timestamp;

use crate::domain::{ArticleId, Attack, Citation, Enrichment, IncidentEntity, SourceId};

/// An article of an incident, as [`describe`] needs it.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    pub id: ArticleId,
    pub source: SourceId,
    pub published: Timestamp,
    pub title: &'a str,
    pub text: &'a str,
    pub enrichment: &'a Enrichment,
}

/// What an incident's coverage tells together: the parts of an [`crate::domain::Incident`] that follow from its articles.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    pub title: String,
    pub summary: Vec<Citation>,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub main_attack: Option<Attack>,
    pub attacks: Vec<Attack>,
    pub entities: Vec<IncidentEntity>,
    pub countries: Vec<String>,
    pub sectors: Vec<String>,
    pub article_count: u32,
    pub source_count: u32,
}

/// Describes an incident by its articles; `None` where there are none.
pub fn describe(members: &[Member]) -> Option<Description> {
    let first = members.iter().min_by_key(|member| (member.published, member.id))?;
    Some(Description {
        title: first.title.to_owned(),
        summary: Vec::new(),
        first_seen: first.published,
        last_seen: members.iter().map(|member| member.published).max()?,
        main_attack: None,
        attacks: Vec::new(),
        entities: Vec::new(),
        countries: Vec::new(),
        sectors: Vec::new(),
        article_count: members.len() as u32,
        source_count: 0,
    })
}
