//! Labelled text for training and measuring, read from JSON Lines.

use serde_json::Value;

use crate::{domain::Span, enrich::Reading};

/// What a label says a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Malware,
    Actor,
    /// Both: a brand.
    Brand,
}

/// An article, or a block of sentences, with the places of all names of malware and actors.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// Texts of one group are never on both sides of a fold.
    pub group: String,
    pub reading: Reading,
    pub names: Vec<(Span, Role)>,
}

/// Labels of named entities that count as names here.
fn role_of(label: &str) -> Option<Role> {
    match label {
        "APT" | "ThreatActor" => Some(Role::Actor),
        "MAL" | "Malware" => Some(Role::Malware),
        _ => None,
    }
}

/// Reads lines `{id, sentences: [{tokens, entities: [[from, until, label]]}]}`. A label on words without a capital or
/// digit (`the attackers`) is no name and left out. Lines that cannot be read are skipped.
pub fn sentences(lines: &str) -> Vec<Labelled> {
    values(lines).map(|block| labelled_block(&block)).collect()
}

fn labelled_block(block: &Value) -> Labelled {
    // The title is empty: the text begins after the blank line.
    let mut body = String::new();
    let mut names = Vec::new();
    for sentence in block["sentences"].as_array().into_iter().flatten() {
        let mut places = Vec::new();
        for (at, token) in strings(&sentence["tokens"]).enumerate() {
            if at > 0 {
                body.push(' ');
            }
            places.push((body.len() + 2, body.len() + 2 + token.len()));
            body.push_str(token);
        }
        body.push('\n');
        let labels = sentence["entities"].as_array().into_iter().flatten();
        names.extend(labels.filter_map(|label| labelled_span(label, &places)));
    }
    let reading = Reading::of("", &body);
    names.retain(|(span, _)| span.end <= reading.text.len() && is_name(reading.at(*span)));
    Labelled { group: text_of(block, "id"), reading, names }
}

fn labelled_span(label: &Value, places: &[(usize, usize)]) -> Option<(Span, Role)> {
    let role = role_of(label[2].as_str()?)?;
    let (from, until) = (label[0].as_u64()? as usize, label[1].as_u64()? as usize);
    let (start, end) = (places.get(from)?.0, places.get(until.checked_sub(1)?)?.1);
    Some((Span { start, end }, role))
}

fn is_name(text: &str) -> bool {
    text.chars().any(|letter| letter.is_uppercase() || letter.is_ascii_digit())
}

/// Reads newsroom articles, in which all names are given and their places are not.
pub fn articles(lines: &str) -> Vec<Labelled> {
    values(lines).map(|article| labelled_article(&article)).collect()
}

fn labelled_article(article: &Value) -> Labelled {
    let reading = Reading::of(&text_of(article, "title"), &text_of(article, "text"));
    let mut names: Vec<(Span, Role)> = Vec::new();
    for (field, role) in [("malware", Role::Malware), ("actors", Role::Actor)] {
        for name in strings(&article["gold"][field]) {
            let aliases = strings(&article["gold"]["aliases"][name]);
            for form in std::iter::once(name).chain(aliases) {
                mark(&reading, form, role, &mut names);
            }
        }
    }
    let group =
        article["incident"].as_str().or(article["id"].as_str()).unwrap_or_default().to_owned();
    Labelled { group, reading, names }
}

/// Reads Hackmageddon rows, in which one actor is named. Rows whose actor is not in the text are left out: it may stand there
/// under another name.
pub fn incidents(lines: &str) -> Vec<Labelled> {
    values(lines).filter_map(|row| labelled_incident(&row)).collect()
}

fn labelled_incident(row: &Value) -> Option<Labelled> {
    let reading = Reading::of("", row["text"].as_str()?);
    let mut names = Vec::new();
    let actor = text_of(row, "actor");
    if !actor.is_empty() && actor != "?" {
        mark(&reading, &actor, Role::Brand, &mut names);
        if names.is_empty() {
            return None;
        }
    }
    Some(Labelled { group: text_of(row, "id"), reading, names })
}

/// Marks all places where `name` stands as whole words. A place marked as malware and actor is a brand.
fn mark(reading: &Reading, name: &str, role: Role, names: &mut Vec<(Span, Role)>) {
    for (start, _) in reading.text.match_indices(name) {
        let span = Span { start, end: start + name.len() };
        let inside = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        if inside(reading.text[..start].chars().next_back())
            || inside(reading.text[span.end..].chars().next())
        {
            continue;
        }
        match names.iter_mut().find(|(other, _)| *other == span) {
            Some((_, known)) if *known != role => *known = Role::Brand,
            Some(_) => {}
            None => names.push((span, role)),
        }
    }
}

fn values(lines: &str) -> impl Iterator<Item = Value> {
    lines.lines().filter_map(|line| serde_json::from_str(line).ok())
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn text_of(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_labels_are_found_again() {
        let block = r#"{"id":"b","sentences":[{"tokens":["The","attackers","ran","MossRat","."],"entities":[[1,2,"APT"],[3,4,"MAL"]]}]}"#;
        let block = &sentences(block)[0];
        assert_eq!(block.names.len(), 1, "attackers are no name");
        assert_eq!(block.reading.at(block.names[0].0), "MossRat");

        let article = r#"{"id":"a","incident":null,"title":"Akira again","text":"Akira and FakeAkira.","gold":{"malware":["Akira"],"actors":["Akira"]}}"#;
        let article = &articles(article)[0];
        assert_eq!(article.names.len(), 2);
        assert!(article.names.iter().all(|(_, role)| *role == Role::Brand));
    }
}
