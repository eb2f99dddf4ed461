//! One pass over all matches, without scores: their number, counts by source, language and day, and
//! the newest.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BinaryHeap, HashMap},
    sync::Arc,
};

use tantivy::{
    DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TantivyError,
    collector::{Collector, SegmentCollector},
    columnar::{ColumnValues, StrColumn},
};

use super::schema::{COUNTED, ID, LANGUAGE, PUBLISHED, SOURCE};
use crate::search::Place;

/// Matches handled at once: columns are read in blocks.
const BLOCK: usize = 128;
pub(super) const DAY_S: i64 = 86_400;
/// Days that are counted, since 1970: up to the year 2150. Others count for the nearest of these.
const MAX_DAY: i64 = 65_744;

/// Values of what was found that are named for each segment, the most frequent.
const MAX_FOUND: usize = 3_000;

/// What to gather.
pub(super) struct Gather {
    /// Newest matches to keep.
    pub keep: usize,
    /// Keep only what comes after this place in the order from newest to oldest.
    pub after: Option<Place>,
    /// Count by source, language and what was found.
    pub facets: bool,
    /// Count by day.
    pub days: bool,
}

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub total: usize,
    /// Newest first.
    pub newest: Vec<Ranked>,
    pub sources: HashMap<String, u64>,
    pub languages: HashMap<String, u64>,
    /// What was found, as [`super::marks::counted`] writes it.
    pub found: HashMap<String, u64>,
    /// Matches by day since 1970.
    pub days: BTreeMap<i64, u64>,
}

/// A match and what it is ordered by. Where scores do not matter they are all 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranked {
    pub score: Score,
    pub published_s: i64,
    pub id: i64,
    pub address: DocAddress,
}

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |ranked: &Self| (ranked.published_s, ranked.id);
        self.score.total_cmp(&other.score).then_with(|| key(self).cmp(&key(other)))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Collector for Gather {
    type Fruit = Gathered;
    type Child = SegmentGather;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentGather> {
        let columns = reader.fast_fields();
        let published = columns.i64(PUBLISHED)?.first_or_default_col(0);
        let days = self.days.then(|| DayCounts::new(&*published));
        let names = |field: &str| -> tantivy::Result<Option<NameCounts>> {
            let column = columns.str(field)?.filter(|_| self.facets);
            Ok(column.map(NameCounts::new))
        };
        Ok(SegmentGather {
            segment,
            keep: self.keep,
            after: self.after,
            total: 0,
            newest: BinaryHeap::new(),
            id: columns.i64(ID)?.first_or_default_col(0),
            sources: names(SOURCE)?,
            languages: names(LANGUAGE)?,
            found: columns.str(COUNTED)?.filter(|_| self.facets).map(FoundCounts::new),
            days,
            published,
            docs: Vec::with_capacity(BLOCK),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Gathered>>) -> tantivy::Result<Gathered> {
        let mut all = Gathered::default();
        for segment in segments {
            let segment = segment?;
            all.total += segment.total;
            all.newest.extend(segment.newest);
            add(&mut all.sources, segment.sources);
            add(&mut all.languages, segment.languages);
            add(&mut all.found, segment.found);
            for (day, count) in segment.days {
                *all.days.entry(day).or_default() += count;
            }
        }
        all.newest.sort_unstable_by_key(|ranked| Reverse(*ranked));
        all.newest.truncate(self.keep);
        Ok(all)
    }
}

fn add(all: &mut HashMap<String, u64>, more: HashMap<String, u64>) {
    for (name, count) in more {
        *all.entry(name).or_default() += count;
    }
}

/// Gathers within one segment.
pub(super) struct SegmentGather {
    segment: SegmentOrdinal,
    keep: usize,
    after: Option<Place>,
    total: usize,
    newest: BinaryHeap<Reverse<Ranked>>,
    id: Arc<dyn ColumnValues<i64>>,
    published: Arc<dyn ColumnValues<i64>>,
    sources: Option<NameCounts>,
    languages: Option<NameCounts>,
    found: Option<FoundCounts>,
    days: Option<DayCounts>,
    /// Matches that wait to be handled as a block.
    docs: Vec<DocId>,
}

impl SegmentGather {
    fn flush(&mut self) {
        let docs = std::mem::take(&mut self.docs);
        self.block(&docs);
        self.docs = docs;
        self.docs.clear();
    }

    /// Handles up to [`BLOCK`] matches.
    fn block(&mut self, docs: &[DocId]) {
        self.total += docs.len();
        if self.keep > 0 || self.days.is_some() {
            let mut published = [0; BLOCK];
            let published = &mut published[..docs.len()];
            self.published.get_vals(docs, published);
            self.offer(docs, published);
            if let Some(days) = &mut self.days {
                days.count(published);
            }
        }
        for names in [&mut self.sources, &mut self.languages].into_iter().flatten() {
            names.count(docs);
        }
        if let Some(found) = &mut self.found {
            found.count(docs);
        }
    }

    fn offer(&mut self, docs: &[DocId], published: &[i64]) {
        if self.keep == 0 {
            return;
        }
        for (&doc, &published_s) in docs.iter().zip(published) {
            let full = self.newest.len() >= self.keep;
            if full && self.newest.peek().is_some_and(|worst| published_s < worst.0.published_s) {
                continue;
            }
            if self.after.is_some_and(|after| published_s > after.newest_s) {
                continue;
            }
            let place = Place { newest_s: published_s, id: self.id.get_val(doc) };
            if self.after.is_some_and(|after| place >= after) {
                continue;
            }
            let address = DocAddress::new(self.segment, doc);
            let ranked = Ranked { score: 0.0, published_s, id: place.id, address };
            self.newest.push(Reverse(ranked));
            if full {
                self.newest.pop();
            }
        }
    }
}

impl SegmentCollector for SegmentGather {
    type Fruit = tantivy::Result<Gathered>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        self.docs.push(doc);
        if self.docs.len() == BLOCK {
            self.flush();
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        for block in docs.chunks(BLOCK) {
            self.block(block);
        }
    }

    fn harvest(mut self) -> tantivy::Result<Gathered> {
        self.flush();
        Ok(Gathered {
            total: self.total,
            newest: self.newest.into_iter().map(|Reverse(ranked)| ranked).collect(),
            sources: self.sources.map_or_else(|| Ok(HashMap::new()), NameCounts::named)?,
            languages: self.languages.map_or_else(|| Ok(HashMap::new()), NameCounts::named)?,
            found: self.found.map_or_else(|| Ok(HashMap::new()), FoundCounts::named)?,
            days: self.days.map(DayCounts::by_day).unwrap_or_default(),
        })
    }
}

/// Matches by value of a text column.
struct NameCounts {
    column: StrColumn,
    ordinals: Arc<dyn ColumnValues<u64>>,
    counts: Vec<u64>,
}

impl NameCounts {
    fn new(column: StrColumn) -> Self {
        let ordinals = column.ords().clone().first_or_default_col(0);
        let counts = vec![0; column.dictionary().num_terms()];
        Self { column, ordinals, counts }
    }

    fn count(&mut self, docs: &[DocId]) {
        let mut ordinals = [0; BLOCK];
        let ordinals = &mut ordinals[..docs.len()];
        self.ordinals.get_vals(docs, ordinals);
        for &ordinal in &*ordinals {
            if let Some(count) = self.counts.get_mut(ordinal as usize) {
                *count += 1;
            }
        }
    }

    fn named(self) -> tantivy::Result<HashMap<String, u64>> {
        let found: Vec<u64> = (0..self.counts.len() as u64)
            .filter(|&ordinal| self.counts[ordinal as usize] > 0)
            .collect();
        named(&self.column, &found, &self.counts)
    }
}

/// Matches by what was found in them: a text column with several values for each.
struct FoundCounts {
    column: StrColumn,
    counts: Vec<u64>,
}

impl FoundCounts {
    fn new(column: StrColumn) -> Self {
        let counts = vec![0; column.dictionary().num_terms()];
        Self { column, counts }
    }

    fn count(&mut self, docs: &[DocId]) {
        for &doc in docs {
            for ordinal in self.column.ords().values_for_doc(doc) {
                if let Some(count) = self.counts.get_mut(ordinal as usize) {
                    *count += 1;
                }
            }
        }
    }

    /// The most frequent ones: reading the name of every victim there ever was would take longer than counting.
    fn named(self) -> tantivy::Result<HashMap<String, u64>> {
        let mut ordinals: Vec<u64> = (0..self.counts.len() as u64)
            .filter(|&ordinal| self.counts[ordinal as usize] > 0)
            .collect();
        if ordinals.len() > MAX_FOUND {
            ordinals.select_nth_unstable_by_key(MAX_FOUND, |&ordinal| {
                Reverse(self.counts[ordinal as usize])
            });
            ordinals.truncate(MAX_FOUND);
            ordinals.sort_unstable();
        }
        named(&self.column, &ordinals, &self.counts)
    }
}

/// The values of a text column at these ordinals, ascending, with their counts.
fn named(
    column: &StrColumn,
    ordinals: &[u64],
    counts: &[u64],
) -> tantivy::Result<HashMap<String, u64>> {
    let mut of = ordinals.iter().map(|&ordinal| counts[ordinal as usize]);
    let mut named = HashMap::with_capacity(ordinals.len());
    column
        .dictionary()
        .sorted_ords_to_term_cb(ordinals, |name| {
            let name = String::from_utf8_lossy(name).into_owned();
            named.insert(name, of.next().unwrap_or_default());
        })
        .map_err(TantivyError::from)?;
    Ok(named)
}

/// Matches by day of publication.
struct DayCounts {
    first: i64,
    counts: Vec<u64>,
}

impl DayCounts {
    fn new(published: &dyn ColumnValues<i64>) -> Self {
        let first = day_of(published.min_value());
        let last = day_of(published.max_value()).max(first);
        Self { first, counts: vec![0; (last - first + 1) as usize] }
    }

    fn count(&mut self, published: &[i64]) {
        for &published_s in published {
            if let Some(count) = self.counts.get_mut((day_of(published_s) - self.first) as usize) {
                *count += 1;
            }
        }
    }

    fn by_day(self) -> BTreeMap<i64, u64> {
        let days = (self.first..).zip(self.counts);
        days.filter(|(_, count)| *count > 0).collect()
    }
}

fn day_of(published_s: i64) -> i64 {
    published_s.div_euclid(DAY_S).clamp(0, MAX_DAY)
}
