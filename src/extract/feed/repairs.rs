use std::fmt::Display;

/// How many different repairs are worth telling.
const MAX_REPAIRS: usize = 40;

/// What had to be mended, in plain words, each thing once.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    list: Vec<String>,
}

impl Repairs {
    pub fn note(&mut self, repair: impl AsRef<str>) {
        let repair = repair.as_ref();
        if self.list.len() < MAX_REPAIRS && !self.list.iter().any(|known| known == repair) {
            self.list.push(repair.to_owned());
        }
    }

    /// Tells that a limit was reached, by name.
    pub fn note_limit(&mut self, what: &str, limit: impl Display) {
        self.note(format!("limit reached: {what} ({limit})"));
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn into_list(self) -> Vec<String> {
        self.list
    }
}

impl From<Vec<String>> for Repairs {
    fn from(list: Vec<String>) -> Self {
        Self { list }
    }
}
