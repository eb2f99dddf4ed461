//! What an article is: the report of one incident, a round-up of several, or no report at all.

use serde::{Deserialize, Serialize};

use crate::{domain::Enrichment, enrich::Reading};

/// What an article is to incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Standing {
    /// Tells of one incident.
    Report,
    /// Tells of several.
    Roundup,
    /// Opinion, marketing, how-to, explainer, event notice, market news.
    Other,
}

/// The standing of an article.
pub(super) fn of(_reading: &Reading, _enrichment: &Enrichment) -> Standing {
    Standing::Report
}
