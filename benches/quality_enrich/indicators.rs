//! Indicators: found on APTNER sentences, with roles on newsroom articles.

use std::{collections::HashSet, fs, path::Path};

use serde_json::Value;
use siftwire::{
    domain::{EntityKind, IndicatorRole},
    enrich::{Enricher, Reading, indicators},
};

pub fn report(folder: &Path) {
    found_in_sentences(&folder.join("news/aptner.jsonl"));
    roles_in_articles(&folder.join("newsroom/articles.jsonl"));
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a data file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect()
}

#[derive(Default)]
struct Tally {
    right: usize,
    found: usize,
    wanted: usize,
}

impl Tally {
    fn print(&self, name: &str) {
        let precision = self.right as f64 / self.found.max(1) as f64;
        let recall = self.right as f64 / self.wanted.max(1) as f64;
        let f1 = 2.0 * precision * recall / (precision + recall).max(1e-9);
        println!(
            "{name}: precision {precision:.3} recall {recall:.3} F1 {f1:.3} (n={})",
            self.wanted
        );
    }
}

/// `[a, b]` of sentence tokens with one of the indicator labels, as text. Hosts inside a labelled URL or mail
/// address are not scored.
fn found_in_sentences(path: &Path) {
    let enricher = Enricher::embedded();
    let mut tally = Tally::default();
    for block in lines(path) {
        for sentence in block["sentences"].as_array().into_iter().flatten() {
            score_sentence(sentence, &enricher, &mut tally);
        }
    }
    tally.print("indicators on APTNER, all training sentences");
}

fn score_sentence(sentence: &Value, enricher: &Enricher, tally: &mut Tally) {
    let tokens: Vec<&str> =
        sentence["tokens"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut wanted = HashSet::new();
    for entity in sentence["entities"].as_array().into_iter().flatten() {
        let label = entity[2].as_str().unwrap_or_default();
        if !["IP", "DOM", "URL", "MD5", "SHA1", "SHA2", "EMAIL", "VULID"].contains(&label) {
            continue;
        }
        let (from, until) = (entity[0].as_u64(), entity[1].as_u64());
        let span = from.unwrap_or(0) as usize..until.unwrap_or(0) as usize;
        wanted.insert(simple(&tokens[span].join(" ")));
    }
    let text = tokens.join(" ");
    let enrichment = enricher.enrich(&Reading::of("", &text), None);
    let indicators = enrichment.indicators.iter().map(|indicator| simple(&indicator.value));
    let cves = enrichment.of_kind(EntityKind::Cve).map(|cve| simple(&cve.name));
    let found: HashSet<String> = indicators.chain(cves).collect();
    let inside = |value: &String| wanted.iter().any(|gold| gold != value && gold.contains(value));
    let scored: HashSet<_> = found.iter().filter(|value| !inside(value)).collect();
    tally.right += scored.iter().filter(|value| wanted.contains(**value)).count();
    tally.found += scored.len();
    tally.wanted += wanted.len();
    if std::env::var_os("SHOW").is_some() {
        for value in &scored {
            if !wanted.contains(*value) {
                println!("  extra {value} in {}", tokens.join(" "));
            }
        }
        for value in &wanted {
            if !found.contains(value) {
                println!("  missed {value} in {}", tokens.join(" "));
            }
        }
    }
}

fn simple(value: &str) -> String {
    value
        .to_lowercase()
        .replace("[.]", ".")
        .replace("[.", ".")
        .replace("hxxp", "http")
        .replace("hxp", "http")
        .trim_end_matches(['/', '.'])
        .to_owned()
}

fn roles_in_articles(path: &Path) {
    let mut malicious = Tally::default();
    let mut found_at_all = Tally::default();
    let mut roles_right = 0;
    for article in lines(path) {
        let text = format!(
            "{}\n\n{}",
            article["title"].as_str().unwrap_or_default(),
            article["text"].as_str().unwrap_or_default()
        );
        let found = indicators::find(&text, None);
        let gold: Vec<(String, String)> = article["gold"]["indicators"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| {
                (
                    simple(one["value"].as_str().unwrap_or_default()),
                    one["role"].as_str().unwrap_or_default().to_owned(),
                )
            })
            .collect();
        found_at_all.found += found.len();
        found_at_all.wanted += gold.len();
        malicious.wanted += gold.iter().filter(|(_, role)| role == "malicious").count();
        for indicator in &found {
            let value = simple(&indicator.value);
            let label = gold.iter().find(|(gold, _)| *gold == value).map(|(_, role)| role.as_str());
            found_at_all.right += usize::from(label.is_some());
            roles_right += usize::from(label == Some(indicator.role.as_str()));
            if indicator.role == IndicatorRole::Malicious {
                malicious.found += 1;
                malicious.right += usize::from(label == Some("malicious"));
            }
            if std::env::var_os("SHOW").is_some() && label != Some(indicator.role.as_str()) {
                println!(
                    "  {} {value}: {} ({}), labelled {label:?}",
                    article["id"],
                    indicator.role.as_str(),
                    indicator.reason
                );
            }
        }
        if std::env::var_os("SHOW").is_some() {
            for (value, role) in &gold {
                if !found.iter().any(|one| simple(&one.value) == *value) {
                    println!("  {} missed {value} ({role})", article["id"]);
                }
            }
        }
    }
    found_at_all.print("indicators on newsroom");
    malicious.print("malicious role on newsroom");
    println!("role right where found: {roles_right} of {}", found_at_all.right);
}
