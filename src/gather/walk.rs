use super::{GatherError, Gatherer, Selection};
use crate::{
    export::{Item, View},
    search::Place,
};

/// Places that are taken from the index at once: each time is a pass over all matches.
const PLACES: usize = 20_000;
/// Articles that are read at once.
pub(super) const BATCH: usize = 250;
/// Incidents that are read at once; each with its coverage.
const INCIDENTS: usize = 25;

/// Everything that a selection finds, newest first. What is published while it goes on is not in it.
pub struct Walk {
    gatherer: Gatherer,
    selection: Selection,
    /// Places that were found and not read yet.
    places: std::vec::IntoIter<Place>,
    last: Option<Place>,
    ended: bool,
}

impl Walk {
    pub(super) fn new(gatherer: Gatherer, selection: Selection, after: Option<Place>) -> Self {
        let places = Vec::new().into_iter();
        Self { gatherer, selection, places, last: after, ended: false }
    }

    /// The next items; `None` when all were given. A batch may be empty where its items were removed meanwhile.
    pub async fn next(&mut self) -> Result<Option<Vec<Item>>, GatherError> {
        if self.places.len() == 0 && !self.find_more().await? {
            return Ok(None);
        }
        let size = match self.selection.view {
            View::Articles => BATCH,
            View::Incidents => INCIDENTS,
        };
        let batch: Vec<Place> = self.places.by_ref().take(size).collect();
        Ok(Some(self.gatherer.items(self.selection.view, &batch).await?))
    }

    /// Takes more places from the index; `false` if there are none.
    async fn find_more(&mut self) -> Result<bool, GatherError> {
        if self.ended {
            return Ok(false);
        }
        let found = self.gatherer.places(&self.selection, self.last, PLACES).await?;
        self.ended = found.len() < PLACES;
        self.last = found.last().copied().or(self.last);
        self.places = found.into_iter();
        Ok(self.places.len() > 0)
    }
}
