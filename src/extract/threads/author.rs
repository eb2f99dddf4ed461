//! A name out of what a page writes around it.

use crate::extract::sanitise::plain_text;

/// What pages write after a name, lower case.
const AFTER: &[&str] = &[
    "says",
    "said",
    "said...",
    "wrote",
    "writes",
    "commented",
    "comments",
    "replied",
    "on",
    "sagt",
    "sagte",
    "schreibt",
    "schrieb",
    "meint",
    "meinte",
    "kommentierte",
    "kommentiert",
    "am",
    "antwortete",
    "dit",
    "a dit",
    "a écrit",
    "a ecrit",
    "écrit",
    "le",
    "dice",
    "dijo",
    "escribió",
    "comentó",
    "el",
    "ha detto",
    "scrive",
    "ha scritto",
    "il",
    "disse",
    "diz",
    "escreveu",
    "em",
    "zegt",
    "schreef",
    "op",
    "pisze",
    "napisał",
    "napisał(a)",
    "mówi",
    "säger",
    "skriver",
    "skrev",
    "sier",
    "siger",
    "sanoo",
    "sanoi",
    "говорит",
    "пишет",
    "сказал",
    "сказал(а)",
    "diyor ki",
    "dedi ki",
    "říká",
    "hovorí",
    "mondta",
    "szerint",
    "spune",
    "pravi",
    "kaže",
    "λέει",
    "より",
    "说道",
    "说道：",
    "说",
    "さん",
];
/// What pages write before a name, lower case.
const BEFORE: &[&str] = &[
    "by",
    "von",
    "par",
    "por",
    "da",
    "di",
    "door",
    "av",
    "af",
    "od",
    "от",
    "posted by",
    "comment by",
    "written by",
    "submitted by",
    "kommentar von",
    "geschrieben von",
    "verfasst von",
    "commentaire de",
    "commentaire par",
    "comentario de",
    "eingestellt von",
    "author",
    "autor",
    "auteur",
    "name",
    "reply from",
    "antwort von",
];
const LONGEST: usize = 80;

/// The name in `text`, without `says:`, `schrieb am ...`, `von`.
pub(super) fn clean_author(text: &str) -> Option<String> {
    // Some systems show markup in names as text.
    let unmarked = text.contains('<').then(|| plain_text(text));
    let mut name = unmarked.as_deref().unwrap_or(text).trim();
    loop {
        let shorter = strip_before(strip_after(name));
        if shorter == name {
            break;
        }
        name = shorter;
    }
    let has_letter = name.chars().any(char::is_alphanumeric);
    (has_letter && name.chars().count() <= LONGEST).then(|| name.to_owned())
}

fn strip_after(name: &str) -> &str {
    let name = name.trim_end_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, ':' | ',' | '|' | '·' | '•' | '-' | '–' | '—' | '…' | '：' | '/')
    });
    AFTER.iter().find_map(|word| strip_word_end(name, word)).unwrap_or(name)
}

fn strip_before(name: &str) -> &str {
    let name = name.trim_start_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, ':' | ',' | '|' | '·' | '•' | '-' | '–' | '—' | '/' | '@' | '#')
    });
    BEFORE.iter().find_map(|word| strip_word_start(name, word)).unwrap_or(name)
}

fn strip_word_end<'a>(name: &'a str, word: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(word.len())?;
    let (before, end) = (name.get(..at)?, name.get(at..)?);
    let stands_alone = before.ends_with(char::is_whitespace) || !word.is_ascii();
    (end.to_lowercase() == *word && stands_alone && !before.trim().is_empty())
        .then(|| before.trim_end())
}

fn strip_word_start<'a>(name: &'a str, word: &str) -> Option<&'a str> {
    let (start, after) = (name.get(..word.len())?, name.get(word.len()..)?);
    let stands_alone = after.starts_with(|c: char| c.is_whitespace() || c == ':');
    (start.to_lowercase() == *word && stands_alone && !after.trim().is_empty())
        .then(|| after.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_alone_is_left() {
        for (text, name) in [
            ("Ada says:", "Ada"),
            ("Ada Lovelace sagt:", "Ada Lovelace"),
            ("Ada a dit…", "Ada"),
            ("Ada schrieb am", "Ada"),
            ("Von Ada", "Ada"),
            ("Posted by: Ada", "Ada"),
            ("Ada dijo...", "Ada"),
            ("Adam", "Adam"),
            ("Vonda", "Vonda"),
            ("  Ada  |", "Ada"),
        ] {
            assert_eq!(clean_author(text).as_deref(), Some(name), "{text}");
        }
        assert_eq!(clean_author(" : "), None);
        assert_eq!(clean_author(&"long ".repeat(40)), None);
    }
}
