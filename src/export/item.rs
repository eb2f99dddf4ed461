use jiff::Timestamp;

use crate::domain::{Article, ArticleId, Enrichment, Incident, IncidentId};

/// What is exported.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Article(Box<ArticleItem>),
    Incident(Box<IncidentItem>),
}

/// An article with what was found in it.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleItem {
    pub article: Article,
    /// Empty if it was not read yet.
    pub found: Enrichment,
    /// The article whose text it repeats.
    pub duplicate_of: Option<ArticleId>,
    pub incident: Option<IncidentId>,
    /// When what was found last became something else.
    pub found_changed: Timestamp,
}

/// An incident with the articles that cover it.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentItem {
    pub incident: Incident,
    /// Oldest first; the first ones where there are very many.
    pub coverage: Vec<ArticleItem>,
}

impl Item {
    /// When what it tells last changed.
    pub fn last_changed(&self) -> Timestamp {
        match self {
            Self::Article(item) => item.last_changed(),
            Self::Incident(item) => item.last_changed(),
        }
    }
}

impl ArticleItem {
    /// When its text or what was found in it last changed.
    pub fn last_changed(&self) -> Timestamp {
        self.article.last_changed.max(self.found_changed)
    }
}

impl IncidentItem {
    /// When what it tells last changed. Does not fall when a moderator moves its newest article elsewhere.
    pub fn last_changed(&self) -> Timestamp {
        let changes = self.coverage.iter().map(ArticleItem::last_changed);
        changes.fold(self.incident.modified, Timestamp::max)
    }

    /// When it was first known here.
    pub fn created(&self) -> Timestamp {
        let seen = self.coverage.iter().map(|item| item.article.first_seen);
        seen.min().unwrap_or(self.incident.first_seen)
    }

    /// The coverage without copies of each other's text.
    pub fn originals(&self) -> impl Iterator<Item = &ArticleItem> {
        self.coverage.iter().filter(|item| item.duplicate_of.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::samples;

    #[test]
    fn an_incident_is_as_new_as_its_last_telling() {
        let Item::Incident(mut item) = samples::incident() else { panic!("an incident") };
        let with_all = item.last_changed();
        item.incident.modified = with_all;
        item.coverage.clear();
        assert_eq!(item.last_changed(), with_all, "its newest article was moved elsewhere");
    }
}
