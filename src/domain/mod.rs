//! The words of the field as plain types. No I/O, no clock, no knowledge of any other room.

mod alert;
mod article;
mod attack;
mod change;
mod comment;
mod country;
mod enrichment;
mod entry;
mod extracted;
mod feed;
mod incident;
mod language;
mod moderation;
mod saved_search;
mod source;
mod subject;
mod url;
mod verdict;

pub use alert::{Alert, AlertEvent, AlertId, Cadence, Channel, EventKind, Pace, QuietHours};
pub use article::{Article, ArticleDraft, ArticleId, ArticleKind, ArticleSummary, Revision};
pub use attack::Attack;
pub use change::{Change, ChangeKind, Sequence};
pub use comment::{Comment, CommentDraft, CommentId};
pub use country::{country_code, country_name};
pub use enrichment::{
    AttackTag, Enrichment, Entity, EntityKind, Indicator, IndicatorKind, IndicatorRole, Span,
    full_text, slug,
};
pub use entry::{Entry, EntryDraft, EntryId, EntryState};
pub use extracted::{Extracted, ExtractedComment};
pub use feed::{Enclosure, FeedEntry, ParsedFeed};
pub use incident::{Citation, Coverage, Incident, IncidentEntity, IncidentId, RoundupMention};
pub use language::{detect_language, primary_language};
pub use moderation::{
    CheckedComment, CheckedId, CommentState, Decision, DecisionId, DecisionVia, PolicyRule,
    Pseudonym, RuleAction, RuleField, Site, SiteId, SitePolicy, UnsureAction,
};
pub use saved_search::{
    SavedSearch, SavedSearchId, SearchView, Visibility, is_search_slug, search_slug,
};
pub use source::{
    Health, HealthState, NewSource, PageFetch, Source, SourceEdit, SourceId, SourceKind,
};
pub use subject::{Subject, SubjectCount, SubjectKind};
pub use url::{ArticleKey, canonical_url};
pub use verdict::{NamedSignal, Outcome};
