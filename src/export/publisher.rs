use std::sync::Arc;

use uuid::{Uuid, uuid};

use crate::domain::EntityKind;

/// Namespace of all our own ids that are made from names (UUID version 5).
const NAMESPACE: Uuid = uuid!("3235f2a9-ee35-4521-b4c4-47a179b95087");

/// What a name is also called.
pub type Aliases = Arc<dyn Fn(EntityKind, &str) -> Vec<String> + Send + Sync>;

/// Who exports: what ids and links are made from.
#[derive(Clone)]
pub struct Publisher {
    /// Where incidents have their pages, without a slash at the end. Their numbers mean something only together with it,
    /// so it is part of the ids of incidents: when it changes, so do they.
    pub url: String,
    aliases: Aliases,
}

impl Publisher {
    /// Stands for the address of an installation that has no public one.
    pub const LOCAL: &str = "http://localhost";

    /// An installation at this address that knows no aliases.
    pub fn new(url: &str) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), aliases: Arc::new(|_, _| Vec::new()) }
    }

    /// The same with aliases of actors and malware.
    pub fn with_aliases(self, aliases: Aliases) -> Self {
        Self { aliases, ..self }
    }

    pub(super) fn aliases(&self, kind: EntityKind, name: &str) -> Vec<String> {
        (self.aliases)(kind, name)
    }

    /// The page of an incident.
    pub fn incident_url(&self, number: i64) -> String {
        format!("{}/incidents/{number}", self.url)
    }
}

/// The id of what `parts` name: the same parts give the same id on every machine and in every version.
pub(super) fn own_id(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, parts.join("|").as_bytes())
}
