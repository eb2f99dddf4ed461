//! Sites, checked comments, the journal of decisions and the counts.

mod checks;
mod crawled;
mod decisions;
mod figures;
mod queue;
mod rows;
mod sites;
mod undo;

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use super::SqliteStore;
use crate::{
    domain::{
        ArticleId, CheckedComment, CheckedId, CommentState, Decision, DecisionId, DecisionVia,
        Pseudonym, Site, SiteId, SitePolicy,
    },
    store::{
        AuthorRecord, CampaignCount, CheckDraft, CheckSaved, Decided, DecisionDraft, Figures,
        Lesson, ModerationStore, NewSite, PublicComments, QueueCursor, QueueFilter, QueueOrder,
        Removed, Result, StateCounts, Unjudged,
    },
};

#[async_trait]
impl ModerationStore for SqliteStore {
    async fn moderation_key(&self) -> Result<[u8; 32]> {
        let mut tx = self.begin().await?;
        let key = sites::key(&mut tx).await?;
        tx.commit().await?;
        Ok(key)
    }

    async fn ensure_site(&self, site: &NewSite, now: Timestamp) -> Result<Site> {
        if let Some(known) = sites::find(&self.reader, site).await? {
            return Ok(known);
        }
        let mut tx = self.begin().await?;
        sites::add(&mut tx, site, now).await?;
        tx.commit().await?;
        sites::find(&self.reader, site).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    async fn site(&self, id: SiteId) -> Result<Option<Site>> {
        sites::by_id(&self.reader, id).await
    }

    async fn site_by_url(&self, url: &str) -> Result<Option<Site>> {
        sites::by_url(&self.reader, url).await
    }

    async fn sites(&self) -> Result<Vec<Site>> {
        sites::all(&self.reader).await
    }

    async fn edit_site(&self, id: SiteId, name: &str, policy: &SitePolicy) -> Result<()> {
        let mut tx = self.begin().await?;
        sites::edit(&mut tx, id, name, policy).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn save_checks(&self, checks: &[CheckDraft]) -> Result<Vec<CheckSaved>> {
        let mut tx = self.begin().await?;
        let saved = checks::save(&mut tx, checks).await?;
        tx.commit().await?;
        Ok(saved)
    }

    async fn checked(&self, id: CheckedId) -> Result<Option<CheckedComment>> {
        queue::by_id(&self.reader, id).await
    }

    async fn checked_by_guid(&self, guid: Uuid) -> Result<Option<CheckedComment>> {
        queue::by_guid(&self.reader, guid).await
    }

    async fn queue(
        &self,
        filter: &QueueFilter,
        order: QueueOrder,
        after: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Vec<CheckedComment>> {
        queue::page(&self.reader, filter, order, after, limit).await
    }

    async fn queue_ids(&self, filter: &QueueFilter, limit: u32) -> Result<Vec<CheckedId>> {
        queue::ids(&self.reader, filter, limit).await
    }

    async fn state_counts(&self, site: Option<SiteId>) -> Result<StateCounts> {
        figures::state_counts(&self.reader, site).await
    }

    async fn campaigns(
        &self,
        site: Option<SiteId>,
        state: CommentState,
        limit: u32,
    ) -> Result<Vec<CampaignCount>> {
        queue::campaigns(&self.reader, site, state, limit).await
    }

    async fn author_record(&self, author: &Pseudonym) -> Result<AuthorRecord> {
        queue::author_record(&self.reader, author).await
    }

    async fn similar(&self, id: CheckedId, limit: u32) -> Result<Vec<CheckedComment>> {
        queue::similar(&self.reader, id, limit).await
    }

    async fn recent_campaigns(&self, limit: u32) -> Result<Vec<(u64, u64)>> {
        queue::recent_campaigns(&self.reader, limit).await
    }

    async fn decide(&self, drafts: &[DecisionDraft], now: Timestamp) -> Result<Vec<Decided>> {
        let mut tx = self.begin().await?;
        let decided = decisions::decide(&mut tx, drafts, now).await?;
        tx.commit().await?;
        Ok(decided)
    }

    async fn undo(
        &self,
        id: DecisionId,
        actor: &str,
        via: DecisionVia,
        now: Timestamp,
    ) -> Result<Decided> {
        let mut tx = self.begin().await?;
        let undone = undo::one(&mut tx, id, &undo::By { actor, via, now }).await?;
        tx.commit().await?;
        Ok(undone)
    }

    async fn undo_batch(
        &self,
        batch: DecisionId,
        actor: &str,
        via: DecisionVia,
        now: Timestamp,
    ) -> Result<Vec<Decided>> {
        let mut tx = self.begin().await?;
        let undone = undo::batch(&mut tx, batch, &undo::By { actor, via, now }).await?;
        tx.commit().await?;
        Ok(undone)
    }

    async fn decision(&self, id: DecisionId) -> Result<Option<Decision>> {
        decisions::by_id(&self.reader, id).await
    }

    async fn decisions_on(&self, id: CheckedId) -> Result<Vec<Decision>> {
        decisions::on(&self.reader, id).await
    }

    async fn journal(
        &self,
        site: Option<SiteId>,
        before: Option<DecisionId>,
        limit: u32,
    ) -> Result<Vec<Decision>> {
        decisions::journal(&self.reader, site, before, limit).await
    }

    async fn lessons(&self, site: Option<SiteId>, limit: u32) -> Result<Vec<Lesson>> {
        decisions::lessons(&self.reader, site, limit).await
    }

    async fn figures(
        &self,
        site: Option<SiteId>,
        until: Timestamp,
        days: u32,
    ) -> Result<Vec<Figures>> {
        figures::by_day(&self.reader, site, until, days).await
    }

    async fn site_figures(&self, first: i64, last: i64) -> Result<Vec<(SiteId, Figures)>> {
        figures::by_site(&self.reader, first, last).await
    }

    async fn count_call(&self, site: SiteId, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let call = Figures { day: figures::day_of(now), calls: 1, ..Figures::default() };
        figures::add(&mut tx, site, &call).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn expire(&self, site: SiteId, before: Timestamp) -> Result<Removed> {
        let mut tx = self.begin().await?;
        let removed = checks::expire(&mut tx, site, before).await?;
        tx.commit().await?;
        Ok(removed)
    }

    async fn erase_author(&self, author: &Pseudonym, site: Option<SiteId>) -> Result<Removed> {
        let mut tx = self.begin().await?;
        let removed = checks::erase_author(&mut tx, author, site).await?;
        tx.commit().await?;
        Ok(removed)
    }

    async fn unjudged(&self, limit: u32) -> Result<Vec<Unjudged>> {
        crawled::unjudged(&self.reader, limit).await
    }

    async fn public_comments(&self, id: ArticleId) -> Result<PublicComments> {
        crawled::public(&self.reader, id).await
    }
}
