//! The words of the field as plain types. No I/O, no clock, no knowledge of any other room.

mod article;
mod change;
mod comment;
mod enrichment;
mod entry;
mod extracted;
mod feed;
mod source;
mod url;

pub use article::{Article, ArticleDraft, ArticleId, ArticleKind, ArticleSummary, Revision};
pub use change::{Change, ChangeKind, Sequence};
pub use comment::{Comment, CommentDraft, CommentId};
pub use enrichment::{Indicator, IndicatorKind, IndicatorRole, Span};
pub use entry::{Entry, EntryDraft, EntryId, EntryState};
pub use extracted::{Extracted, ExtractedComment};
pub use feed::{Enclosure, FeedEntry, ParsedFeed};
pub use source::{
    Health, HealthState, NewSource, PageFetch, Source, SourceEdit, SourceId, SourceKind,
};
pub use url::{ArticleKey, canonical_url};
