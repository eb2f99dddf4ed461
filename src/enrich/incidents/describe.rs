use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    facts::{self, Fact},
    summary,
};
use crate::domain::{
    ArticleId, Attack, Citation, Enrichment, Entity, EntityKind, IncidentEntity, SourceId,
};

/// Articles of which titles and sentences are weighed; of a larger incident the earliest and the latest.
const MOST_WEIGHED: usize = 24;

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

/// What an incident's coverage tells together: the parts of an [`crate::domain::Incident`] that follow from its
/// articles.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// Headline of the article that tells it best.
    pub title: String,
    /// Sentences of the coverage, in reading order.
    pub summary: Vec<Citation>,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub main_attack: Option<Attack>,
    /// Most often named first.
    pub attacks: Vec<Attack>,
    /// Of all kinds, most often named first within a kind.
    pub entities: Vec<IncidentEntity>,
    /// Most often named first, as are the sectors.
    pub countries: Vec<String>,
    pub sectors: Vec<String>,
    pub article_count: u32,
    pub source_count: u32,
}

/// Describes an incident by its articles, whatever their order; `None` where there are none.
pub fn describe(members: &[Member]) -> Option<Description> {
    let mut members = members.to_vec();
    members.sort_by_key(|member| (member.published, member.id));
    let (first, last) = (members.first()?, members.last()?);
    let entities = entities(&members);
    let weighed = earliest_and_latest(&members);
    let best = summary::best_told(&weighed, &entities)?;
    let sources: BTreeSet<SourceId> = members.iter().map(|member| member.source).collect();
    Some(Description {
        title: best.title.trim().to_owned(),
        summary: summary::summarise(&weighed, best, &entities),
        first_seen: first.published,
        last_seen: last.published,
        main_attack: main_attack(&members),
        attacks: attacks(&members),
        countries: most_often(members.iter().map(|one| one.enrichment.countries.as_slice())),
        sectors: most_often(members.iter().map(|one| one.enrichment.sectors.as_slice())),
        entities,
        article_count: members.len() as u32,
        source_count: sources.len() as u32,
    })
}

fn earliest_and_latest<'a>(members: &[Member<'a>]) -> Vec<Member<'a>> {
    if members.len() <= MOST_WEIGHED {
        return members.to_vec();
    }
    let half = MOST_WEIGHED / 2;
    let (early, late) = (&members[..half], &members[members.len() - half..]);
    early.iter().chain(late).copied().collect()
}

/// How often each attack is reported, surest most.
fn attacks(members: &[Member]) -> Vec<Attack> {
    let mut weights: BTreeMap<Attack, f32> = BTreeMap::new();
    for tag in members.iter().flat_map(|member| &member.enrichment.attacks) {
        *weights.entry(tag.attack).or_default() += tag.score;
    }
    heaviest_first(weights)
}

/// The attack most articles file it under. What came to light later counts for more than a first "intrusion", and
/// an arrest is not what was done.
fn main_attack(members: &[Member]) -> Option<Attack> {
    let mut weights: BTreeMap<Attack, f32> = BTreeMap::new();
    for attack in members.iter().filter_map(|member| member.enrichment.main_attack) {
        let weight = match attack {
            Attack::Intrusion | Attack::Malware | Attack::Vulnerability => 0.6,
            Attack::LawEnforcement => 0.4,
            _ => 1.0,
        };
        *weights.entry(attack).or_default() += weight;
    }
    heaviest_first(weights).first().copied()
}

fn most_often<'a>(lists: impl Iterator<Item = &'a [String]>) -> Vec<String> {
    let mut counts: BTreeMap<&String, f32> = BTreeMap::new();
    lists.flatten().for_each(|value| *counts.entry(value).or_default() += 1.0);
    heaviest_first(counts).into_iter().cloned().collect()
}

fn heaviest_first<T: Ord>(weights: BTreeMap<T, f32>) -> Vec<T> {
    let mut pairs: Vec<(T, f32)> = weights.into_iter().collect();
    pairs.sort_by(|a, b| b.1.total_cmp(&a.1));
    pairs.into_iter().map(|(value, _)| value).collect()
}

/// The entities of all articles; names of one victim or vendor are joined under the commonest, of equals the longest.
fn entities(members: &[Member]) -> Vec<IncidentEntity> {
    let mut known: Vec<(Fact, BTreeMap<String, u32>, IncidentEntity)> = Vec::new();
    for member in members {
        let mut seen = BTreeSet::new();
        for entity in &member.enrichment.entities {
            let fact = facts::of_name(entity);
            let at =
                known.iter().position(|(other, ..)| is_same(other, &fact)).unwrap_or_else(|| {
                    known.push((fact, BTreeMap::new(), unnamed(entity)));
                    known.len() - 1
                });
            let (_, names, one) = &mut known[at];
            *names.entry(entity.name.clone()).or_default() += 1;
            if seen.insert(at) {
                one.articles += 1;
            }
        }
    }
    let mut entities: Vec<IncidentEntity> =
        known.into_iter().map(|(_, names, one)| named(one, names)).collect();
    entities.sort_by_key(|one| {
        let kind = EntityKind::ALL.iter().position(|kind| *kind == one.kind);
        (kind, std::cmp::Reverse(one.articles))
    });
    entities
}

/// Organisations are written in many ways; all other kinds have a canonical name.
fn is_same(a: &Fact, b: &Fact) -> bool {
    let loose = matches!(a.kind, EntityKind::Victim | EntityKind::Vendor);
    a.kind == b.kind && if loose { facts::same(a, b) } else { a.name == b.name }
}

fn unnamed(entity: &Entity) -> IncidentEntity {
    IncidentEntity { kind: entity.kind, name: String::new(), id: entity.id.clone(), articles: 0 }
}

fn named(entity: IncidentEntity, names: BTreeMap<String, u32>) -> IncidentEntity {
    let best = names.into_iter().max_by_key(|(name, count)| (*count, name.chars().count()));
    IncidentEntity { name: best.map(|(name, _)| name).unwrap_or_default(), ..entity }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AttackTag, Span};

    fn enrichment(victims: &[&str], main: Attack) -> Enrichment {
        let none = Span { start: 0, end: 0 };
        Enrichment {
            language: Some("en".to_owned()),
            attacks: vec![AttackTag { attack: main, score: 0.9, evidence: vec![none] }],
            main_attack: Some(main),
            entities: victims
                .iter()
                .map(|name| Entity {
                    kind: EntityKind::Victim,
                    name: (*name).to_owned(),
                    id: None,
                    spans: vec![none],
                    evidence: none,
                    known_exploited: false,
                })
                .collect(),
            ..Enrichment::default()
        }
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + day * 86_400).expect("a time")
    }

    #[test]
    fn an_incident_is_told_by_its_coverage() {
        let early = enrichment(&["Grenwold Clinic"], Attack::Intrusion);
        let late = enrichment(&["Grenwold Clinic Trust"], Attack::Ransomware);
        let members = [
            Member {
                id: ArticleId(2),
                source: SourceId(8),
                published: at(3),
                title: "Grenwold Clinic was hit by ransomware, trust says",
                text: "Grenwold Clinic Trust said on Friday that ransomware had locked its patient records. It is awful.\n\nThe attackers asked for $2 million, the trust said.",
                enrichment: &late,
            },
            Member {
                id: ArticleId(1),
                source: SourceId(7),
                published: at(0),
                title: "Why are the phones down?",
                text: "Phones at Grenwold Clinic have been down since Tuesday morning after an intrusion. Why?",
                enrichment: &early,
            },
        ];
        let told = describe(&members).expect("two articles");
        assert_eq!(told.title, "Grenwold Clinic was hit by ransomware, trust says");
        assert_eq!((told.first_seen, told.last_seen), (at(0), at(3)));
        assert_eq!(told.main_attack, Some(Attack::Ransomware));
        assert_eq!((told.article_count, told.source_count), (2, 2));
        assert_eq!(told.entities.len(), 1);
        assert_eq!(
            (told.entities[0].name.as_str(), told.entities[0].articles),
            ("Grenwold Clinic Trust", 2)
        );
        let cited: Vec<&str> = told.summary.iter().map(|one| one.text.as_str()).collect();
        assert!(cited[0].starts_with("Phones at Grenwold Clinic have been down"), "{cited:?}");
        assert!(cited[1].starts_with("Grenwold Clinic Trust said on Friday"), "{cited:?}");
        assert!(!cited.contains(&"It is awful."), "{cited:?}");
        assert!(told.summary.iter().all(|one| {
            members
                .iter()
                .any(|member| member.id == one.article_id && member.text.contains(&one.text))
        }));
    }

    #[test]
    fn nothing_is_said_of_no_articles() {
        assert_eq!(describe(&[]), None);
    }
}
