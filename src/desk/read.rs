//! Articles are read on threads of their own, so that pages are served meanwhile.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use jiff::Timestamp;
use rayon::{
    ThreadPool, ThreadPoolBuilder,
    iter::{IntoParallelIterator as _, ParallelIterator as _},
};

use super::DeskError;
use crate::{
    domain::{Enrichment, Span},
    enrich::{
        Enricher, Reading,
        incidents::{self, Signature},
    },
};

/// Reads articles on threads of its own.
pub struct Reader {
    enricher: Arc<Enricher>,
    threads: ThreadPool,
}

/// What is read of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRead {
    pub url: String,
    pub title: String,
    pub text: String,
    pub published: Timestamp,
    /// Number that tells sources apart.
    pub source: u64,
}

/// What was found in an article.
#[derive(Debug, Clone)]
pub struct ReadArticle {
    pub enrichment: Enrichment,
    pub signature: Signature,
    /// Of a round-up, the parts that tell of one incident each.
    pub sections: Vec<Section>,
    /// The signature as the store keeps it.
    pub packed: Vec<u8>,
}

/// A part of a round-up.
#[derive(Debug, Clone)]
pub struct Section {
    pub span: Span,
    pub signature: Signature,
}

impl Reader {
    /// A reader with `threads` threads.
    pub fn new(enricher: Arc<Enricher>, threads: usize) -> Result<Self, DeskError> {
        let threads = ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .thread_name(|number| format!("desk-{number}"))
            .build()?;
        Ok(Self { enricher, threads })
    }

    /// The recognisers it reads with.
    pub fn enricher(&self) -> Arc<Enricher> {
        self.enricher.clone()
    }

    /// Reads articles; answers in their order.
    pub async fn read_all(
        self: Arc<Self>,
        articles: Vec<ToRead>,
    ) -> Result<Vec<ReadArticle>, DeskError> {
        Ok(tokio::task::spawn_blocking(move || self.read_now(articles)).await?)
    }

    /// Reads articles on the threads of this reader, and waits for them.
    pub fn read_now(&self, articles: Vec<ToRead>) -> Vec<ReadArticle> {
        self.threads
            .install(|| articles.into_par_iter().map(|article| self.read(&article)).collect())
    }

    /// Reads one article. Text that breaks a recogniser is read as if nothing were in it: it must not keep the others
    /// waiting.
    pub fn read(&self, article: &ToRead) -> ReadArticle {
        let reading = Reading::of(&article.title, &article.text);
        let found = catch_unwind(AssertUnwindSafe(|| self.found(&reading, article)));
        let (enrichment, signature, sections) = found.unwrap_or_else(|_| {
            tracing::error!(url = article.url, "an article broke a recogniser; please report it");
            let nothing = Enrichment::default();
            let empty = Reading::default();
            let signature = Signature::of(&empty, &nothing, article.published, article.source);
            (nothing, signature, Vec::new())
        });
        let packed = pack(&signature);
        ReadArticle { enrichment, signature, sections, packed }
    }

    fn found(&self, reading: &Reading, article: &ToRead) -> (Enrichment, Signature, Vec<Section>) {
        let site = own_site(&article.url);
        let enrichment = self.enricher.enrich(reading, site.as_deref());
        let signature = Signature::of(reading, &enrichment, article.published, article.source);
        let sections = incidents::sections(reading, &signature)
            .into_iter()
            .map(|span| self.section(reading, span, article, site.as_deref()))
            .collect();
        (enrichment, signature, sections)
    }

    fn section(
        &self,
        reading: &Reading,
        span: Span,
        article: &ToRead,
        site: Option<&str>,
    ) -> Section {
        let part = Reading::of("", reading.at(span));
        let found = self.enricher.enrich(&part, site);
        Section { span, signature: Signature::of(&part, &found, article.published, article.source) }
    }
}

/// The registrable domain of an address, such as `example.co.uk`; none where the host is a number.
pub(super) fn own_site(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    psl::domain_str(url.domain()?).map(str::to_owned)
}

/// A signature or a group as the store keeps it.
pub(super) fn pack<T: serde::Serialize>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).unwrap_or_default()
}

/// Reads what [`pack`] wrote; `None` for what an earlier version wrote in another shape.
pub(super) fn unpack<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_site_is_the_registrable_domain() {
        assert_eq!(own_site("https://news.example.co.uk/a").as_deref(), Some("example.co.uk"));
        assert_eq!(own_site("http://127.0.0.1:80/"), None);
        assert_eq!(own_site("no address"), None);
    }
}
