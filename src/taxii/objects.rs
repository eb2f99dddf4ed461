//! Articles and incidents as STIX objects.

use std::collections::HashMap;

use super::versions::Draft;
use crate::{
    domain::{Article, ArticleId},
    export::{
        ArticleItem, IncidentItem, Publisher,
        stix::{self, Object},
    },
    store::{Enriched, Store, StoreError},
};

/// The objects of one article or incident, what is referred to before what refers to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bundle(pub Vec<Draft>);

impl Bundle {
    fn of(objects: Vec<Object>) -> Self {
        Self(objects.iter().map(|object| Draft::new(object.id(), object.json())).collect())
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.0.iter().map(|draft| draft.stix_id.clone()).collect()
    }
}

/// The bundles of those articles that were read, and which articles are gone. One that still waits to be read is
/// neither: it comes again once it was.
pub(super) async fn of_articles(
    store: &dyn Store,
    publisher: &Publisher,
    ids: &[ArticleId],
) -> Result<(Vec<(ArticleId, Bundle)>, Vec<ArticleId>), StoreError> {
    let articles = store.articles(ids).await?;
    let mut articles: HashMap<ArticleId, Article> =
        articles.into_iter().map(|article| (article.id, article)).collect();
    let gone = ids.iter().copied().filter(|id| !articles.contains_key(id)).collect();
    let read = store.enrichments(ids).await?;
    let bundle = |found: Enriched| {
        let article = articles.remove(&found.article_id)?;
        let item = ArticleItem {
            article,
            duplicate_of: found.duplicate_of,
            incident: found.incident,
            found_changed: found.changed,
            found: found.enrichment,
        };
        Some((item.article.id, Bundle::of(stix::article(publisher, &item))))
    };
    Ok((read.into_iter().filter_map(bundle).collect(), gone))
}

/// The objects of an incident with those of its articles, its grouping last.
pub(super) fn of_incident(publisher: &Publisher, item: &IncidentItem) -> Bundle {
    Bundle::of(stix::incident(publisher, item))
}

/// What all objects refer to.
pub(super) fn common() -> Bundle {
    Bundle::of(stix::common())
}
