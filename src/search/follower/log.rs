use async_trait::async_trait;

use crate::{
    domain::{Article, ArticleId, Change, Sequence},
    store::{Enriched, EnrichmentStore, Result, Store},
};

/// What the follower asks of a store. Every [`Store`] can do it.
#[async_trait]
pub trait ArticleLog: Send + Sync {
    /// See [`Store::changes_since`].
    async fn changes_since(&self, after: Sequence, limit: u32) -> Result<Vec<Change>>;
    /// See [`Store::last_sequence`].
    async fn last_sequence(&self) -> Result<Sequence>;
    /// See [`Store::article_ids`].
    async fn article_ids(&self, after: ArticleId, limit: u32) -> Result<Vec<ArticleId>>;
    /// See [`Store::articles`].
    async fn articles(&self, ids: &[ArticleId]) -> Result<Vec<Article>>;
    /// See [`EnrichmentStore::enrichments`].
    async fn enrichments(&self, ids: &[ArticleId]) -> Result<Vec<Enriched>>;
}

#[async_trait]
impl<S: Store + ?Sized> ArticleLog for S {
    async fn changes_since(&self, after: Sequence, limit: u32) -> Result<Vec<Change>> {
        Store::changes_since(self, after, limit).await
    }

    async fn last_sequence(&self) -> Result<Sequence> {
        Store::last_sequence(self).await
    }

    async fn article_ids(&self, after: ArticleId, limit: u32) -> Result<Vec<ArticleId>> {
        Store::article_ids(self, after, limit).await
    }

    async fn articles(&self, ids: &[ArticleId]) -> Result<Vec<Article>> {
        Store::articles(self, ids).await
    }

    async fn enrichments(&self, ids: &[ArticleId]) -> Result<Vec<Enriched>> {
        EnrichmentStore::enrichments(self, ids).await
    }
}
