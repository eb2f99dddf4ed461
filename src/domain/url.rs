use serde::{Deserialize, Serialize};
use url::Url;

/// Query parameters that say where a reader came from, not what they read.
const TRACKING: &[&str] = &[
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "twclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "_hsenc",
    "_hsmi",
    "oly_enc_id",
    "oly_anon_id",
    "vero_id",
    "wickedid",
    "ref_src",
    "ref_url",
    "ncid",
    "cmpid",
    "s_cid",
    "spm",
    "xtor",
    "trk",
    "at_medium",
    "at_campaign",
    "showcomment",
    "replytocom",
];
const TRACKING_PREFIXES: &[&str] = &["utm_", "pk_", "mtm_", "piwik_", "hsa_"];

/// Identity of an article: its address without scheme, tracking parameters, AMP marks, fragment and
/// trailing slash. `http://m.ex.org/a/?utm_source=x#top` and `https://m.ex.org/a` are the same article.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArticleKey(String);

impl ArticleKey {
    /// The identity of the article at `url`.
    pub fn of(url: &Url) -> Self {
        let clean = canonical_url(url);
        let host = clean.host_str().unwrap_or_default();
        let host = host.strip_prefix("www.").unwrap_or(host);
        let port = clean.port().map(|port| format!(":{port}")).unwrap_or_default();
        let path = clean.path().trim_end_matches('/');
        let query = clean.query().map(|query| format!("?{query}")).unwrap_or_default();
        Self(format!("{host}{port}{path}{query}"))
    }

    /// The key as text, such as `ex.org/2026/11/a`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ArticleKey {
    /// Takes back a key that was stored.
    fn from(key: String) -> Self {
        Self(key)
    }
}

/// The address to show and fetch: tracking parameters, AMP marks and fragment removed, parameters in order.
pub fn canonical_url(url: &Url) -> Url {
    let mut clean = url.clone();
    clean.set_fragment(None);
    let mut kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, value)| !is_tracking(name) && !is_amp(name, value))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    kept.sort();
    if kept.is_empty() {
        clean.set_query(None);
    } else {
        clean.query_pairs_mut().clear().extend_pairs(kept);
    }
    let path = without_amp(clean.path()).to_owned();
    if path != clean.path() {
        clean.set_path(&path);
    }
    clean
}

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TRACKING.contains(&name.as_str())
        || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn is_amp(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "amp" || (name == "outputtype" && value == "amp") || (name == "m" && value == "1")
}

fn without_amp(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    for mark in ["/amp", ".amp"] {
        if let Some(stem) = trimmed.strip_suffix(mark)
            && !stem.is_empty()
        {
            return stem;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> ArticleKey {
        ArticleKey::of(&Url::parse(text).expect("test address"))
    }

    #[test]
    fn addresses_of_one_article_share_a_key() {
        let plain = key("https://ex.org/2026/11/a");
        for other in [
            "http://ex.org/2026/11/a",
            "https://www.ex.org/2026/11/a/",
            "https://ex.org/2026/11/a/amp/",
            "https://ex.org/2026/11/a?utm_source=rss&fbclid=1",
            "https://ex.org/2026/11/a?amp=1#comments",
            "https://ex.org:443/2026/11/a",
        ] {
            assert_eq!(key(other), plain, "{other}");
        }
    }

    #[test]
    fn what_selects_content_stays_in_the_key() {
        assert_ne!(key("https://ex.org/?p=1"), key("https://ex.org/?p=2"));
        assert_ne!(key("http://127.0.0.1:81/a"), key("http://127.0.0.1:82/a"));
        assert_eq!(key("https://ex.org/?b=2&a=1"), key("https://ex.org/?a=1&b=2"));
        assert_ne!(key("https://ex.org/amp"), key("https://ex.org/"));
    }
}
