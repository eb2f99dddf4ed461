//! Malware, actors, products, techniques and CVEs by name. Models are trained on four fifths of the groups and asked about
//! the rest, in turn.
//!
//! On sentences a place counts as found if a found place overlaps it; labels on words without a capital or digit are
//! no names. On articles a name counts once, under any of its aliases.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;
use siftwire::{
    domain::{Entity, EntityKind, Span},
    enrich::{
        Reading, Taxonomy,
        names::{
            Model, Names,
            corpus::{self, Labelled},
            train::{Example, train},
        },
    },
};
use xxhash_rust::xxh3::xxh3_64;

const FOLDS: u64 = 5;
/// News counts more than the many sentences of reports.
const NEWSROOM_WEIGHT: f32 = 3.0;
const HACKMAGEDDON_WEIGHT: f32 = 1.5;

struct Set {
    name: &'static str,
    texts: Vec<Labelled>,
    weight: f32,
}

fn sets(folder: &Path) -> Vec<Set> {
    let set = |name, file: &str, read: fn(&str) -> Vec<Labelled>, weight| Set {
        name,
        texts: read(&fs::read_to_string(folder.join(file)).expect("a data file")),
        weight,
    };
    vec![
        set("APTNER", "news/aptner.jsonl", corpus::sentences, 1.0),
        set("CyNER", "news/cyner.jsonl", corpus::sentences, 1.0),
        set("LADDER", "news/ladder.jsonl", corpus::sentences, 1.0),
        set("newsroom", "newsroom/articles.jsonl", corpus::articles, NEWSROOM_WEIGHT),
        set("Hackmageddon", "news/hackmageddon.jsonl", corpus::incidents, HACKMAGEDDON_WEIGHT),
    ]
}

/// Trains the model that comes with siftwire.
pub fn train_model(folder: &Path, file: &Path) {
    let sets = sets(folder);
    let model = trained(&Taxonomy::embedded(), &sets, |_| true);
    fs::write(file, model).expect("a file that can be written");
}

fn trained(taxonomy: &Taxonomy, sets: &[Set], chosen: impl Fn(&str) -> bool) -> String {
    let examples: Vec<Example<'_>> = sets
        .iter()
        .flat_map(|set| set.texts.iter().map(|labelled| Example { labelled, weight: set.weight }))
        .filter(|example| chosen(&example.labelled.group))
        .collect();
    train(taxonomy, &examples).expect("labelled names")
}

#[derive(Default, Clone, Copy)]
struct Tally {
    found: usize,
    found_right: usize,
    wanted: usize,
    wanted_found: usize,
}

impl Tally {
    fn print(&self, name: &str) {
        let precision = self.found_right as f64 / self.found.max(1) as f64;
        let recall = self.wanted_found as f64 / self.wanted.max(1) as f64;
        let f1 = 2.0 * precision * recall / (precision + recall).max(1e-9);
        println!(
            "{name}: precision {precision:.3} recall {recall:.3} F1 {f1:.3} (n={})",
            self.wanted
        );
    }
}

pub fn report(folder: &Path) {
    let taxonomy = Taxonomy::embedded();
    let sets = sets(folder);
    let newsroom = fs::read_to_string(folder.join("newsroom/articles.jsonl")).expect("a data file");
    let articles: Vec<Value> =
        newsroom.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect();
    let mut places: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut entities: BTreeMap<&str, Tally> = BTreeMap::new();
    for fold in 0..FOLDS {
        let held_out = |group: &str| xxh3_64(group.as_bytes()) % FOLDS == fold;
        let model = trained(&taxonomy, &sets, |group| !held_out(group));
        let names = Names::with_model(Model::parse(&model));
        for set in &sets {
            let tally = places.entry(set.name).or_default();
            let texts = set.texts.iter().filter(|text| held_out(&text.group));
            texts.for_each(|text| count_places(&taxonomy, &names, text, tally));
        }
        for article in &articles {
            let group = article["incident"].as_str().or(article["id"].as_str()).unwrap_or_default();
            if held_out(group) {
                count_entities(&taxonomy, &names, article, &mut entities);
            }
        }
    }
    for (name, tally) in places {
        tally.print(&format!("places of malware and actors on {name}, cross-validated"));
    }
    for (field, tally) in entities {
        tally.print(&format!("{field} on newsroom articles, cross-validated"));
    }
}

fn count_places(taxonomy: &Taxonomy, names: &Names, text: &Labelled, tally: &mut Tally) {
    let mentions = taxonomy.mentions(&text.reading);
    let found: Vec<Span> = names
        .places(taxonomy, &text.reading, &mentions)
        .into_iter()
        .map(|(candidate, _)| candidate.span)
        .collect();
    let wanted: Vec<Span> = text.names.iter().map(|(span, _)| *span).collect();
    let overlaps = |one: &Span, all: &[Span]| {
        all.iter().any(|other| one.start < other.end && other.start < one.end)
    };
    tally.found += found.len();
    tally.found_right += found.iter().filter(|span| overlaps(span, &wanted)).count();
    tally.wanted += wanted.len();
    tally.wanted_found += wanted.iter().filter(|span| overlaps(span, &found)).count();
}

const FIELDS: [(&str, EntityKind); 5] = [
    ("actors", EntityKind::Actor),
    ("malware", EntityKind::Malware),
    ("products", EntityKind::Product),
    ("cves", EntityKind::Cve),
    ("techniques", EntityKind::Technique),
];

fn count_entities(
    taxonomy: &Taxonomy,
    names: &Names,
    article: &Value,
    tallies: &mut BTreeMap<&'static str, Tally>,
) {
    let text = |field: &str| article[field].as_str().unwrap_or_default();
    let reading = Reading::of(text("title"), text("text"));
    let found = names.find(taxonomy, &reading, &taxonomy.mentions(&reading));
    for (field, kind) in FIELDS {
        let wanted: Vec<Vec<String>> = strings(&article["gold"][field])
            .map(|name| {
                let aliases = strings(&article["gold"]["aliases"][name]);
                std::iter::once(name).chain(aliases).map(str::to_lowercase).collect()
            })
            .collect();
        let found: Vec<Vec<String>> =
            found.iter().filter(|one| one.kind == kind).map(|one| called(&reading, one)).collect();
        let meets =
            |one: &Vec<String>, other: &Vec<String>| one.iter().any(|name| other.contains(name));
        let tally = tallies.entry(field).or_default();
        tally.found += found.len();
        tally.found_right +=
            found.iter().filter(|one| wanted.iter().any(|two| meets(one, two))).count();
        tally.wanted += wanted.len();
        tally.wanted_found +=
            wanted.iter().filter(|one| found.iter().any(|two| meets(one, two))).count();
        if std::env::var_os("SHOW").is_some() {
            show(article, field, &found, &wanted);
        }
    }
}

fn show(article: &Value, field: &str, found: &[Vec<String>], wanted: &[Vec<String>]) {
    let unmet = |one: &&Vec<String>, all: &[Vec<String>]| {
        !all.iter().any(|other| other.iter().any(|name| one.contains(name)))
    };
    for extra in found.iter().filter(|one| unmet(one, wanted)) {
        println!("  {} {field} extra {extra:?}", article["id"]);
    }
    for missed in wanted.iter().filter(|one| unmet(one, found)) {
        println!("  {} {field} missed {missed:?}", article["id"]);
    }
}

/// Everything an entity is called in the article, its canonical name and id, in lower case.
fn called(reading: &Reading, entity: &Entity) -> Vec<String> {
    let places = entity.spans.iter().map(|span| reading.at(*span));
    let names = places.chain([entity.name.as_str()]).chain(entity.id.as_deref());
    names.map(str::to_lowercase).collect()
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}
