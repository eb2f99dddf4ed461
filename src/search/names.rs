use crate::domain::EntityKind;

/// What things are called: resolves what a reader types to the name under which articles are filed.
pub trait Names: Send + Sync {
    /// The canonical name of what `text` calls, under whatever alias; `None` if it is not known.
    fn canonical(&self, kind: EntityKind, text: &str) -> Option<String>;
    /// ISO 3166-1 alpha-2 code of a country under its name.
    fn country(&self, text: &str) -> Option<String>;
    /// Other names of a thing.
    fn aliases(&self, kind: EntityKind, name: &str) -> Vec<String>;
    /// Things under a name or alias that begins with `typed`, as kind, canonical name and alias.
    fn beginning(&self, typed: &str, limit: usize) -> Vec<(EntityKind, String, String)>;
}

/// Knows no names: what is typed is looked for as it stands.
pub struct NoNames;

impl Names for NoNames {
    fn canonical(&self, _kind: EntityKind, _text: &str) -> Option<String> {
        None
    }

    fn country(&self, _text: &str) -> Option<String> {
        None
    }

    fn aliases(&self, _kind: EntityKind, _name: &str) -> Vec<String> {
        Vec::new()
    }

    fn beginning(&self, _typed: &str, _limit: usize) -> Vec<(EntityKind, String, String)> {
        Vec::new()
    }
}
