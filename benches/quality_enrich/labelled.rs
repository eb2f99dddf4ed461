//! Labelled articles of the development data, for training and measuring the roles of organisations.

use std::{fs, path::Path};

use serde_json::Value;
use siftwire::enrich::roles::train::Labelled;

pub fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a data file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect()
}

pub fn text<'v>(row: &'v Value, field: &str) -> &'v str {
    row[field].as_str().unwrap_or_default()
}

pub fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a row of hackmageddon names an organisation, and not people or "multiple organisations".
pub fn names_organisation(row: &Value) -> bool {
    let victim = text(row, "victim").to_lowercase();
    let vague = [
        "multiple",
        "mutiple",
        "several",
        "unknown",
        "undisclosed",
        "individual",
        "users",
        "various",
        "?",
    ];
    !victim.is_empty()
        && !vague.iter().any(|start| victim.starts_with(start))
        && text(row, "sector") != "Individual"
}

pub fn hackmageddon(folder: &Path) -> Vec<(Value, Labelled)> {
    let rows = lines(&folder.join("news/hackmageddon.jsonl"));
    rows.into_iter()
        .map(|row| {
            let victims = if names_organisation(&row) {
                vec![spellings(text(&row, "victim"))]
            } else {
                Vec::new()
            };
            let labelled = Labelled {
                group: text(&row, "victim").to_lowercase(),
                title: text(&row, "title").to_owned(),
                text: text(&row, "text").to_owned(),
                victims,
                vendors: None,
                weight: 2.0,
            };
            (row, labelled)
        })
        .collect()
}

/// "Scandinavian Airlines (SAS)" is written in either way.
fn spellings(name: &str) -> Vec<String> {
    let mut spellings = vec![name.to_owned()];
    if let Some((long, short)) = name.split_once('(') {
        spellings = vec![long.trim().to_owned(), short.trim_end_matches(')').trim().to_owned()];
    }
    spellings.retain(|name| !name.is_empty());
    spellings
}

/// Articles of the newsroom: grouped by incident.
pub fn newsroom(folder: &Path) -> Vec<(Value, Labelled)> {
    let rows = lines(&folder.join("newsroom/articles.jsonl"));
    rows.into_iter()
        .map(|row| {
            let gold = &row["gold"];
            let with_aliases = |list: &Value| -> Vec<Vec<String>> {
                let names = texts(list).into_iter();
                names
                    .map(|name| {
                        let mut all = texts(&gold["aliases"][&name]);
                        all.insert(0, name);
                        all
                    })
                    .collect()
            };
            let group = row["incident"].as_str().unwrap_or(text(&row, "id")).to_owned();
            let labelled = Labelled {
                group,
                title: text(&row, "title").to_owned(),
                text: text(&row, "text").to_owned(),
                victims: with_aliases(&gold["victims"]),
                vendors: Some(with_aliases(&gold["vendors"])),
                weight: 5.0,
            };
            (row, labelled)
        })
        .collect()
}

/// Summaries of VCDB whose text names the victim.
pub fn vcdb(folder: &Path) -> Vec<(Value, Labelled)> {
    let rows = lines(&folder.join("news/vcdb.jsonl"));
    rows.into_iter()
        .filter(|row| {
            let victim = text(row, "victim").to_lowercase();
            victim.len() > 2 && text(row, "text").to_lowercase().contains(&victim)
        })
        .map(|row| {
            let labelled = Labelled {
                group: text(&row, "victim").to_lowercase(),
                title: text(&row, "title").to_owned(),
                text: text(&row, "text").to_owned(),
                victims: vec![spellings(text(&row, "victim"))],
                vendors: None,
                weight: 1.0,
            };
            (row, labelled)
        })
        .collect()
}

/// Articles of CASIE that name an organisation as a victim.
pub fn casie(folder: &Path) -> Vec<(Value, Labelled)> {
    let rows = lines(&folder.join("news/casie.jsonl"));
    rows.into_iter()
        .filter_map(|row| {
            let arguments = row["events"]
                .as_array()?
                .iter()
                .flat_map(|event| event["args"].as_array().into_iter().flatten());
            let mut victims: Vec<Vec<String>> = arguments
                .filter(|one| text(one, "role") == "Victim" && text(one, "type") == "Organization")
                .map(|one| text(one, "text"))
                .filter(|name| name.chars().next().is_some_and(char::is_uppercase))
                .map(|name| vec![name.to_owned()])
                .collect();
            victims.sort();
            victims.dedup();
            if victims.is_empty() {
                return None;
            }
            let labelled = Labelled {
                group: text(&row, "title").to_lowercase(),
                title: text(&row, "title").to_owned(),
                text: text(&row, "text").chars().take(1500).collect(),
                victims,
                vendors: None,
                weight: 1.0,
            };
            Some((row, labelled))
        })
        .collect()
}

/// Everything that the weights are fitted to.
pub fn all(folder: &Path) -> Vec<(Value, Labelled)> {
    let mut all = hackmageddon(folder);
    all.extend(newsroom(folder));
    all.extend(vcdb(folder));
    all.extend(casie(folder));
    all
}
