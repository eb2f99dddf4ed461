//! The taxonomy as search asks it.

use std::sync::Arc;

use crate::{
    domain::{EntityKind, country_code},
    enrich::Enricher,
    search::Names,
};

/// Resolves names with the taxonomy of the recognisers.
pub(super) struct KnownNames(pub Arc<Enricher>);

impl Names for KnownNames {
    fn canonical(&self, kind: EntityKind, text: &str) -> Option<String> {
        self.0.taxonomy().resolve(kind, text).map(|known| known.name.clone())
    }

    fn country(&self, text: &str) -> Option<String> {
        country_code(text).map(str::to_owned)
    }

    fn aliases(&self, kind: EntityKind, name: &str) -> Vec<String> {
        self.0.taxonomy().aliases(kind, name).into_iter().map(str::to_owned).collect()
    }

    fn beginning(&self, typed: &str, limit: usize) -> Vec<(EntityKind, String, String)> {
        let begun = self.0.taxonomy().beginning(typed, limit);
        begun
            .into_iter()
            .filter_map(|(form, known)| {
                Some((known.kind.role()?, known.name.clone(), form.to_owned()))
            })
            .collect()
    }
}
