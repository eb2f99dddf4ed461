//! Tells incidents anew: title, summary and what is known, from their coverage.

use jiff::Timestamp;

use super::{
    Desk, DeskError,
    grouping::keys_of,
    read::{pack, unpack},
};
use crate::{
    domain::{Article, ArticleId, Incident},
    enrich::incidents::{Group, Member, Signature, describe},
    store::{Enriched, IncidentState, OwedIncident},
};

/// Articles of an incident that are read to tell it, the earliest; what comes later is counted.
const MOST_MEMBERS: u32 = 80;

impl Desk {
    /// Tells up to `limit` incidents whose coverage changed. Answers how many.
    pub(super) async fn tell(&mut self, limit: u32) -> Result<u64, DeskError> {
        let turn = self.store.desk_state().await?.turn;
        let owed = self.store.owed_incidents(limit).await?;
        if owed.is_empty() {
            return Ok(0);
        }
        let mut told = Vec::with_capacity(owed.len());
        let mut rebuilt = Vec::new();
        for owed in &owed {
            let Some((incident, state)) = self.tell_one(owed).await? else { continue };
            told.push(incident);
            rebuilt.extend(state);
        }
        if !self.store.save_told(turn, &told, &rebuilt).await? {
            return Ok(owed.len() as u64);
        }
        if self.shelf.rests_on(turn) && rebuilt.is_empty() {
            self.shelf.close(turn + 1);
        }
        // An incident without a readable article is not told, and must not be asked for again and again.
        Ok(told.len() as u64)
    }

    async fn tell_one(
        &self,
        owed: &OwedIncident,
    ) -> Result<Option<(Incident, Option<IncidentState>)>, DeskError> {
        let coverage = self.store.coverage(owed.id, MOST_MEMBERS).await?;
        let ids: Vec<ArticleId> = coverage.iter().map(|one| one.article_id).collect();
        let articles = self.store.articles(&ids).await?;
        let enriched = self.store.enrichments(&ids).await?;
        let pairs = pairs(&articles, &enriched);
        let members: Vec<Member<'_>> =
            pairs.iter().map(|(article, read)| member(article, read)).collect();
        let Some(told) = describe(&members) else { return Ok(None) };
        let mut incident = Incident {
            id: owed.id,
            title: told.title,
            summary: told.summary,
            first_seen: told.first_seen,
            last_seen: told.last_seen.max(owed.last_seen),
            modified: Timestamp::now(),
            main_attack: told.main_attack,
            attacks: told.attacks,
            entities: told.entities,
            countries: told.countries,
            sectors: told.sectors,
            article_count: owed.articles.max(told.article_count),
            source_count: told.source_count,
        };
        let known = self.store.incidents(&[owed.id]).await?;
        if let Some(known) = known.first()
            && is_same(known, &incident)
        {
            incident.modified = known.modified;
        }
        let state = owed.rebuild.then(|| rebuild(owed, &pairs));
        Ok(Some((incident, state)))
    }
}

/// Whether an incident is told as it was before.
fn is_same(before: &Incident, now: &Incident) -> bool {
    *before == Incident { modified: before.modified, ..now.clone() }
}

/// Articles with what was read of them.
fn pairs<'a>(
    articles: &'a [Article],
    enriched: &'a [Enriched],
) -> Vec<(&'a Article, &'a Enriched)> {
    let read_of = |article: &'a Article| {
        let read = enriched.iter().find(|read| read.article_id == article.id)?;
        Some((article, read))
    };
    articles.iter().filter_map(read_of).collect()
}

fn member<'a>(article: &'a Article, read: &'a Enriched) -> Member<'a> {
    Member {
        id: article.id,
        source: article.source_id,
        published: article.published,
        title: &article.title,
        text: &article.text,
        enrichment: &read.enrichment,
    }
}

/// What is known of an incident, from its coverage alone.
fn rebuild(owed: &OwedIncident, pairs: &[(&Article, &Enriched)]) -> IncidentState {
    let signatures: Vec<(&Article, Signature)> = pairs
        .iter()
        .filter_map(|(article, read)| Some((*article, unpack(&read.signature)?)))
        .collect();
    let group = Group::of(signatures.iter().map(|(_, signature)| signature));
    let keys = signatures.iter().flat_map(|(article, signature)| {
        keys_of(signature).into_iter().map(|key| (key, article.published))
    });
    IncidentState {
        id: owed.id,
        edition: owed.edition,
        state: pack(&group),
        keys: keys.collect(),
        fresh: true,
    }
}
