//! The words around a token.

/// Words that announce a version number.
const VERSION_WORDS: &[&str] = &[
    "version", "versions", "ver", "v", "build", "builds", "release", "releases", "firmware",
    "update", "updates", "upgrade", "upgraded", "hotfix", "patch", "sp", "revision", "through",
    "before", "until", "version:", "fixed", "prior",
];
/// Words that follow one.
const AFTER_VERSION: &[&str] =
    &["or later", "or earlier", "and earlier", "and later", "hf", "and below", "or newer"];

/// Words that may stand between the two: "version strings such as", "a firmware number like".
const LINKS: &[&str] =
    &["a", "as", "is", "like", "number", "numbers", "of", "string", "strings", "such", "the", "to"];
/// What compares versions: "<=17.0.0.134".
const COMPARISONS: &[char] = &['<', '>', '=', '≤', '≥'];

/// Whether a number is announced as a version: by one of the last two words before it, links not counted, or by a
/// comparison.
pub(super) fn follows_version_word(before: &str) -> bool {
    if before.trim_end().ends_with(COMPARISONS) {
        return true;
    }
    let is = |list: &[&str], word: &str| list.contains(&word.to_ascii_lowercase().as_str());
    let mut words = last_words(before, 6).skip_while(|word| is(LINKS, word)).take(2);
    words.any(|word| is(VERSION_WORDS, word))
        && !last_words(before, 3).any(|word| {
            matches!(
                word.to_ascii_lowercase().as_str(),
                "ip" | "address" | "addresses" | "host" | "server"
            )
        })
}

/// Whether what follows a number says that it was a version.
pub(super) fn precedes_version_word(after: &str) -> bool {
    let after = after.trim_start_matches([' ', ')', ',']);
    AFTER_VERSION
        .iter()
        .any(|words| after.get(..words.len()).is_some_and(|head| head.eq_ignore_ascii_case(words)))
}

fn last_words(before: &str, count: usize) -> impl Iterator<Item = &str> {
    let line = before.rsplit('\n').next().unwrap_or(before);
    line.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | ',' | '"'))
        .filter(|word| !word.is_empty())
        .take(count)
}

/// The sentence or line around `start..end`, and where it begins.
pub(super) fn sentence(text: &str, start: usize, end: usize) -> (usize, &str) {
    let from = text[..start]
        .rmatch_indices(['\n', '.', '!', '?'])
        .find(|(at, mark)| *mark == "\n" || text[at + mark.len()..].starts_with(' '))
        .map_or(0, |(at, mark)| at + mark.len());
    let until = text[end..]
        .match_indices(['\n', '.', '!', '?'])
        .find(|(at, mark)| {
            let rest = &text[end + at + mark.len()..];
            *mark == "\n" || rest.is_empty() || rest.starts_with([' ', '\n'])
        })
        .map_or(text.len(), |(at, _)| end + at);
    (from, &text[from..until])
}

/// The line that announces a list: the nearest earlier line that ends with a colon, if only list lines lie between.
pub(super) fn list_heading(text: &str, start: usize) -> Option<&str> {
    let line_start = text[..start].rfind('\n')?;
    for line in text[..line_start].rsplit('\n') {
        let line = line.trim();
        if line.ends_with(':') && line.len() < 160 {
            return Some(line);
        }
        let is_list_line = line.is_empty() || line.split_whitespace().count() <= 6;
        if !is_list_line {
            return None;
        }
    }
    None
}
