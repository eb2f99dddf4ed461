use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Number of a source in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(pub i64);

/// What a source's address answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// RSS, Atom or JSON Feed.
    #[default]
    Feed,
    /// A sitemap or sitemap index (sitemaps.org), news sitemaps included.
    Sitemap,
    /// One page, watched for changes.
    Page,
}

impl SourceKind {
    /// The name used in the store, the API and OPML.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Sitemap => "sitemap",
            Self::Page => "page",
        }
    }

    /// Reads what [`SourceKind::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Feed, Self::Sitemap, Self::Page].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Whether the page behind an entry is fetched, or the feed's own text is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageFetch {
    /// Fetch the page; use the feed's text if that fails.
    #[default]
    Always,
    /// Never fetch pages of this source: the feed carries the full text.
    Never,
}

impl PageFetch {
    /// The name used in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
        }
    }

    /// Reads what [`PageFetch::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Always, Self::Never].into_iter().find(|choice| choice.as_str() == name)
    }
}

/// A feed, sitemap or page we watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub id: SourceId,
    /// The address that is fetched. Unique in the store.
    pub url: String,
    pub title: String,
    /// The human page the source belongs to, if known.
    pub site_url: Option<String>,
    pub kind: SourceKind,
    /// Path of nested groups, outermost first, as in OPML.
    pub groups: Vec<String>,
    /// BCP 47 language the source says it writes in.
    pub language: Option<String>,
    /// A disabled source is kept with its articles and not fetched.
    pub enabled: bool,
    /// `false` only where an operator has overridden robots.txt for this source.
    pub respect_robots: bool,
    pub fetch_pages: PageFetch,
    pub added: Timestamp,
    pub health: Health,
}

/// What an operator or an import gives to watch a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewSource {
    pub url: String,
    pub title: String,
    pub site_url: Option<String>,
    pub kind: SourceKind,
    pub groups: Vec<String>,
    pub language: Option<String>,
    pub respect_robots: Option<bool>,
    pub fetch_pages: PageFetch,
}

/// A change to a source by its operator. `None` leaves the field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceEdit {
    pub url: Option<String>,
    pub title: Option<String>,
    pub groups: Option<Vec<String>>,
    pub language: Option<String>,
    pub enabled: Option<bool>,
    pub respect_robots: Option<bool>,
    pub fetch_pages: Option<PageFetch>,
}

/// How a source is doing, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthState {
    /// Never fetched yet.
    #[default]
    New,
    /// The last fetch worked.
    Well,
    /// The last fetch worked after repair; see [`Health::repairs`].
    Repaired,
    /// The last fetch failed; see [`Health::error`].
    Failing,
    /// The server said 410: not asked again until an operator enables it.
    Gone,
}

impl HealthState {
    /// Every state, in the order of a source's life.
    pub const ALL: [Self; 5] = [Self::New, Self::Well, Self::Repaired, Self::Failing, Self::Gone];

    /// The name used in the store, the API and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Well => "well",
            Self::Repaired => "repaired",
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }

    /// Reads what [`HealthState::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What the crawler knows about fetching a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    pub state: HealthState,
    /// HTTP status of the last answer, if there was one.
    pub http_status: Option<u16>,
    /// Stable code of the last failure, such as `body-too-large`.
    pub error_code: Option<String>,
    /// The last failure as one plain sentence that says what to do.
    pub error: Option<String>,
    /// What had to be repaired to read the last answer, such as `date zone CEST`.
    pub repairs: Vec<String>,
    /// Failures in a row.
    pub failures: u32,
    pub last_attempt: Option<Timestamp>,
    pub last_success: Option<Timestamp>,
    pub next_try: Option<Timestamp>,
    /// Seconds between fetches, as learnt from headers and the feed's rhythm.
    pub interval_s: u32,
    /// Validators for conditional requests (RFC 9110 section 13).
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Bytes of the last body after decompression.
    pub body_bytes: u64,
    /// Digest of the last body, so that a server without validators is still cheap.
    pub body_hash: Option<String>,
    /// Entries in the last body.
    pub entries: u32,
    /// When the newest entry was published, as far as known.
    pub newest_entry: Option<Timestamp>,
}
