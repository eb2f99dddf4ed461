//! Reads settings from all places and reports every mistake at once.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use super::{
    Config,
    settings::{Given, SETTINGS, Setting},
};

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, variable or flag.
    pub place: String,
    /// The key, if it is about one.
    pub key: Option<String>,
    /// What is wrong, in plain words.
    pub message: String,
}

/// All mistakes in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// In the order in which they were found; never empty.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings cannot be used:")?;
        for Mistake { place, key, message } in &self.mistakes {
            match key {
                Some(key) => write!(f, "\n  {place}: {key}: {message}")?,
                None => write!(f, "\n  {place}: {message}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Where the settings file is looked for when none is named.
pub fn default_file() -> Option<PathBuf> {
    Some(dirs::config_dir()?.join("siftwire").join("siftwire.toml"))
}

/// Reads defaults, then `file`, then the `SIFTWIRE_*` ones among `variables`, then `flags` (key and text).
/// Later places win.
///
/// # Errors
/// All mistakes of all places together: unknown keys, wrong types, values out of bounds, bad TOML.
pub fn load(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (String, String)>,
    flags: &[(&str, String)],
) -> Result<Config, ConfigError> {
    let mut loading = Loading { config: Config::default(), mistakes: Vec::new() };
    if let Some(file) = file {
        loading.read_file(file);
    }
    for (name, text) in variables {
        if name.starts_with("SIFTWIRE_") {
            loading.read_variable(&name, &text);
        }
    }
    for (key, text) in flags {
        loading.apply("command line", key, Given::Text(text));
    }
    loading.check_together();
    if loading.mistakes.is_empty() {
        return Ok(loading.config);
    }
    Err(ConfigError { mistakes: loading.mistakes })
}

struct Loading {
    config: Config,
    mistakes: Vec<Mistake>,
}

impl Loading {
    fn read_file(&mut self, file: &Path) {
        let place = file.display().to_string();
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => return self.note(&place, None, format!("cannot be read: {error}")),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => self.read_table(&place, "", &table),
            Err(error) => self.note(&place, None, error.to_string().trim_end().to_owned()),
        }
    }

    fn read_table(&mut self, place: &str, prefix: &str, table: &toml::Table) {
        for (name, value) in table {
            let key = format!("{prefix}{name}");
            match value {
                toml::Value::Table(inner) if is_section(&key) => {
                    self.read_table(place, &format!("{key}."), inner);
                }
                value => self.apply(place, &key, Given::Toml(value)),
            }
        }
    }

    fn read_variable(&mut self, name: &str, text: &str) {
        match SETTINGS.iter().find(|setting| setting.variable() == name) {
            Some(setting) => self.apply(name, setting.key, Given::Text(text)),
            None => {
                let names: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
                let hint = nearest(name, names.iter().map(String::as_str));
                self.note(name, None, format!("there is no such setting{hint}"));
            }
        }
    }

    fn apply(&mut self, place: &str, key: &str, given: Given<'_>) {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
            let hint = nearest(key, SETTINGS.iter().map(|setting| setting.key));
            return self.note(place, Some(key), format!("there is no such setting{hint}"));
        };
        if let Err(message) = (setting.read)(&mut self.config, given) {
            self.note(place, Some(key), message);
        }
    }

    fn check_together(&mut self) {
        let crawl = &self.config.crawl;
        if crawl.min_interval_s > crawl.max_interval_s {
            let message = format!("above crawl.max_interval_s ({})", crawl.max_interval_s);
            self.note("settings together", Some("crawl.min_interval_s"), message);
        }
        let public = &self.config.serve.public_url;
        let usable = public.is_empty()
            || url::Url::parse(public).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !usable {
            let message = format!("{public:?} is not an http or https address");
            self.note("settings together", Some("serve.public_url"), message);
        }
    }

    fn note(&mut self, place: &str, key: Option<&str>, message: String) {
        let key = key.map(str::to_owned);
        self.mistakes.push(Mistake { place: place.to_owned(), key, message });
    }
}

fn is_section(key: &str) -> bool {
    SETTINGS
        .iter()
        .any(|setting| setting.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

/// ", did you mean X?" where one of `known` is close to `given`, else nothing.
fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|name| (edit_distance(given, name), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len() / 3)
        .map(|(_, name)| format!("; did you mean {name}?"))
        .unwrap_or_default()
}

/// Levenshtein distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("siftwire.toml");
        std::fs::write(&file, text).expect("a settings file");
        load(Some(&file), [], &[])
    }

    fn variable(name: &str, value: &str) -> (String, String) {
        (name.into(), value.into())
    }

    #[test]
    fn later_places_win() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("siftwire.toml");
        std::fs::write(&file, "[crawl]\ntimeout_s = 7\nconcurrency = 5\nmax_entries = 9\n")
            .expect("a settings file");
        let variables = [
            variable("SIFTWIRE_CRAWL_TIMEOUT_S", "8"),
            variable("SIFTWIRE_CRAWL_CONCURRENCY", "6"),
        ];
        let config = load(Some(&file), variables, &[("crawl.timeout_s", "9".into())])
            .expect("good settings");
        assert_eq!(config.crawl.timeout_s, 9);
        assert_eq!(config.crawl.concurrency, 6);
        assert_eq!(config.crawl.max_entries, 9);
    }

    #[test]
    fn every_mistake_is_reported_at_once_with_its_key() {
        let error = with_file(
            "[crawl]\ntimeout_s = \"soon\"\ncurrency = 3\nmax_redirects = 99\n[serve]\nlisten = \"here\"\n",
        )
        .expect_err("four mistakes");
        let keys: Vec<_> =
            error.mistakes.iter().filter_map(|mistake| mistake.key.as_deref()).collect();
        assert_eq!(
            keys,
            ["crawl.currency", "crawl.max_redirects", "crawl.timeout_s", "serve.listen"]
        );
        assert!(error.to_string().contains("did you mean crawl.concurrency?"), "{error}");
    }

    #[test]
    fn an_unknown_variable_is_a_mistake() {
        let error = load(None, [variable("SIFTWIRE_CRAWL_TIMEOUT", "8")], &[])
            .expect_err("an unknown variable");
        assert!(error.to_string().contains("SIFTWIRE_CRAWL_TIMEOUT_S"), "{error}");
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        let error = with_file("[crawl]\nmin_interval_s = 5000\nmax_interval_s = 4000\n")
            .expect_err("bounds the wrong way round");
        assert_eq!(error.mistakes[0].key.as_deref(), Some("crawl.min_interval_s"));
    }

    #[test]
    fn every_setting_reads_back_what_it_shows() {
        let defaults = Config::default();
        for setting in SETTINGS {
            let line = format!("value = {}", setting.show(&defaults));
            let table: toml::Table = line.parse().expect("shown values are TOML");
            let mut config = Config::default();
            (setting.read)(&mut config, Given::Toml(&table["value"])).expect(setting.key);
            assert_eq!(config, defaults, "{}", setting.key);
        }
    }
}
