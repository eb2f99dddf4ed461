//! The best matches by score and recency, without scoring those that cannot be among them.

use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

use tantivy::{
    DocAddress, DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::ColumnValues,
    query::Weight,
};

use super::{
    collect::{DAY_S, Ranked},
    schema::{ID, PUBLISHED},
};

/// Days after which an article has half of the recency bonus of a new one.
const RECENCY_DAYS: f32 = 30.0;
/// Bonus of an article published just now, as a part of its score.
const RECENCY_WEIGHT: f32 = 0.5;
/// A score below this part of the worst one kept cannot be lifted above it by recency. A little less
/// than the exact part, for rounding.
const HOPELESS: f32 = 0.999 / (1.0 + RECENCY_WEIGHT);

/// `score · (1 + 0.5 / (1 + age / 30 days))`: a new article gets half its score on top, one of a month
/// a quarter, one of a year next to nothing. Age below zero counts as zero.
pub(super) fn with_recency(score: Score, published_s: i64, now_s: i64) -> Score {
    let age_days = now_s.saturating_sub(published_s).max(0) as f32 / DAY_S as f32;
    score * (1.0 + RECENCY_WEIGHT / (1.0 + age_days / RECENCY_DAYS))
}

/// Collects the best matches, best first.
pub(super) struct Best {
    /// Matches to keep.
    pub keep: usize,
    /// Unix seconds.
    pub now_s: i64,
}

impl Collector for Best {
    type Fruit = Vec<Ranked>;
    type Child = SegmentBest;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentBest> {
        let columns = reader.fast_fields();
        Ok(SegmentBest {
            segment,
            keep: self.keep,
            now_s: self.now_s,
            best: BinaryHeap::new(),
            id: columns.i64(ID)?.first_or_default_col(0),
            published: columns.i64(PUBLISHED)?.first_or_default_col(0),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    /// Tells the scorer which scores are hopeless, so that it can pass over whole blocks of matches.
    fn collect_segment(
        &self,
        weight: &dyn Weight,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<Vec<Ranked>> {
        let mut best = self.for_segment(segment, reader)?;
        let alive = reader.alive_bitset();
        weight.for_each_pruning(Score::MIN, reader, &mut |doc, score| {
            if alive.is_none_or(|alive| alive.is_alive(doc)) {
                best.collect(doc, score);
            }
            best.hopeless()
        })?;
        Ok(best.harvest())
    }

    fn merge_fruits(&self, segments: Vec<Vec<Ranked>>) -> tantivy::Result<Vec<Ranked>> {
        let mut all = segments.concat();
        all.sort_unstable_by_key(|ranked| Reverse(*ranked));
        all.truncate(self.keep);
        Ok(all)
    }
}

/// The best matches of one segment.
pub(super) struct SegmentBest {
    segment: SegmentOrdinal,
    keep: usize,
    now_s: i64,
    best: BinaryHeap<Reverse<Ranked>>,
    id: Arc<dyn ColumnValues<i64>>,
    published: Arc<dyn ColumnValues<i64>>,
}

impl SegmentBest {
    /// Highest score that need not be looked at.
    fn hopeless(&self) -> Score {
        let worst = self.best.peek().filter(|_| self.best.len() >= self.keep);
        worst.map_or(Score::MIN, |worst| worst.0.score * HOPELESS)
    }
}

impl SegmentCollector for SegmentBest {
    type Fruit = Vec<Ranked>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let published_s = self.published.get_val(doc);
        let ranked = Ranked {
            score: with_recency(score, published_s, self.now_s),
            published_s,
            id: self.id.get_val(doc),
            address: DocAddress::new(self.segment, doc),
        };
        if self.best.len() < self.keep {
            self.best.push(Reverse(ranked));
        } else if let Some(mut worst) = self.best.peek_mut().filter(|worst| worst.0 < ranked) {
            *worst = Reverse(ranked);
        }
    }

    fn harvest(self) -> Vec<Ranked> {
        self.best.into_iter().map(|Reverse(ranked)| ranked).collect()
    }
}
