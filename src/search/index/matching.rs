//! Which articles match, as numbers alone.

use std::sync::Arc;

use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::ColumnValues,
};

use super::schema::ID;
use crate::domain::ArticleId;

/// Collects the numbers of all matches above one, ascending.
pub(super) struct Numbers {
    pub after: ArticleId,
}

impl Collector for Numbers {
    type Fruit = Vec<ArticleId>;
    type Child = SegmentNumbers;

    fn for_segment(
        &self,
        _segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentNumbers> {
        let ids = reader.fast_fields().i64(ID)?.first_or_default_col(0);
        Ok(SegmentNumbers { after: self.after, ids, found: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Vec<ArticleId>>) -> tantivy::Result<Vec<ArticleId>> {
        let mut all = segments.concat();
        all.sort_unstable();
        Ok(all)
    }
}

/// Collects within one segment.
pub(super) struct SegmentNumbers {
    after: ArticleId,
    ids: Arc<dyn ColumnValues<i64>>,
    found: Vec<ArticleId>,
}

impl SegmentCollector for SegmentNumbers {
    type Fruit = Vec<ArticleId>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        let id = ArticleId(self.ids.get_val(doc));
        if id > self.after {
            self.found.push(id);
        }
    }

    fn harvest(self) -> Vec<ArticleId> {
        self.found
    }
}
