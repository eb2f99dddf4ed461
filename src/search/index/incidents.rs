//! The incidents that matches tell of.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::{Column, ColumnValues},
};

use super::schema::{INCIDENT, PUBLISHED};
use crate::{domain::IncidentId, search::IncidentMatch};

/// Collects incidents, that with the newest match first.
pub(super) struct Incidents;

impl Collector for Incidents {
    type Fruit = Vec<IncidentMatch>;
    type Child = SegmentIncidents;

    fn for_segment(
        &self,
        _segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentIncidents> {
        let columns = reader.fast_fields();
        Ok(SegmentIncidents {
            incident: columns.column_opt(INCIDENT)?,
            published: columns.i64(PUBLISHED)?.first_or_default_col(0),
            found: HashMap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Vec<IncidentMatch>>) -> tantivy::Result<Self::Fruit> {
        let mut all: HashMap<i64, IncidentMatch> = HashMap::new();
        segments.into_iter().flatten().for_each(|one| add(&mut all, one));
        let mut all: Vec<IncidentMatch> = all.into_values().collect();
        all.sort_unstable_by_key(|one| std::cmp::Reverse((one.newest_s, one.id)));
        Ok(all)
    }
}

fn add(all: &mut HashMap<i64, IncidentMatch>, one: IncidentMatch) {
    match all.entry(one.id.0) {
        Entry::Occupied(mut known) => {
            let known = known.get_mut();
            known.articles += one.articles;
            known.newest_s = known.newest_s.max(one.newest_s);
        }
        Entry::Vacant(place) => {
            place.insert(one);
        }
    }
}

/// Collects within one segment.
pub(super) struct SegmentIncidents {
    /// `None` where no article of the segment belongs to an incident.
    incident: Option<Column<i64>>,
    published: Arc<dyn ColumnValues<i64>>,
    found: HashMap<i64, IncidentMatch>,
}

impl SegmentCollector for SegmentIncidents {
    type Fruit = Vec<IncidentMatch>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        let incident = self.incident.as_ref().and_then(|column| column.first(doc));
        let Some(incident) = incident else { return };
        let newest_s = self.published.get_val(doc);
        add(&mut self.found, IncidentMatch { id: IncidentId(incident), articles: 1, newest_s });
    }

    fn harvest(self) -> Vec<IncidentMatch> {
        self.found.into_values().collect()
    }
}
