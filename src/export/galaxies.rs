//! What MISP's galaxies and ATT&CK call things (`data/taxonomy/galaxies.tsv`).

use std::{collections::HashMap, sync::LazyLock};

use uuid::Uuid;

use crate::domain::EntityKind;

const TABLE: &str = include_str!("../../data/taxonomy/galaxies.tsv");

/// What one thing is called elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Elsewhere {
    /// Its id in ATT&CK's own STIX; only of techniques.
    pub stix: Option<Uuid>,
    /// Such as `ransomware="LockBit"`, the most telling first.
    pub tags: Vec<&'static str>,
}

/// Kind and name in lower case. A brand is a gang and its malware under one name.
static KNOWN: LazyLock<HashMap<(&'static str, String), Elsewhere>> = LazyLock::new(|| {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
    let read = |row: &'static str| {
        let mut cells = row.split('\t');
        let (kind, name, stix) = (cells.next()?, cells.next()?, cells.next()?);
        let elsewhere = Elsewhere { stix: stix.parse().ok(), tags: cells.collect() };
        Some(((kind, name.to_lowercase()), elsewhere))
    };
    rows.filter_map(read).collect()
});

/// What an entity is called elsewhere; techniques go by their numbers.
pub(super) fn elsewhere(
    kind: EntityKind,
    name: &str,
    id: Option<&str>,
) -> Option<&'static Elsewhere> {
    let kinds: &[&'static str] = match kind {
        EntityKind::Technique => &["technique"],
        EntityKind::Malware => &["malware", "brand"],
        EntityKind::Actor => &["actor", "brand"],
        _ => return None,
    };
    let name = id.filter(|_| kind == EntityKind::Technique).unwrap_or(name).to_lowercase();
    kinds.iter().find_map(|kind| KNOWN.get(&(*kind, name.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_have_tags_and_techniques_their_ids() {
        let technique = elsewhere(EntityKind::Technique, "Impact", Some("T1486")).expect("known");
        let id = technique.stix.expect("ATT&CK's own id").to_string();
        assert_eq!(id, "b80d107d-fa0d-4b60-9684-b0433e8bdba0");
        let brand = elsewhere(EntityKind::Malware, "LockBit", None).expect("known");
        assert_eq!(brand.tags[0], "ransomware=\"LockBit\"");
        assert_eq!(elsewhere(EntityKind::Victim, "LockBit", None), None);
        assert!(KNOWN.len() > 5_000);
        assert!(KNOWN.values().all(|known| !known.tags.is_empty()));
    }
}
