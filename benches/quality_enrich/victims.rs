//! Victims, vendors, countries and sectors, cross-validated: no article is judged by weights that saw its incident.

use std::{collections::BTreeSet, fs, path::Path, time::Instant};

use serde_json::Value;
use siftwire::{
    domain::Entity,
    enrich::{
        Reading, Taxonomy,
        roles::{
            self, Model, Roles,
            train::{self, Example, Labelled, Settings},
        },
    },
};

use super::labelled::{self, text, texts};

/// Parts of the cross-validation.
const FOLDS: u64 = 5;

pub fn report(folder: &Path) {
    let hackmageddon = labelled::hackmageddon(folder);
    let newsroom = labelled::newsroom(folder);
    let mut others = labelled::vcdb(folder);
    others.extend(labelled::casie(folder));
    let all: Vec<&Labelled> =
        [&hackmageddon, &newsroom, &others].into_iter().flatten().map(|(_, one)| one).collect();
    let taxonomy = Taxonomy::embedded();
    let examples: Vec<(u64, Vec<Example>)> =
        all.iter().map(|one| (fold_of(one), train::examples(&taxonomy, one))).collect();
    let settings = settings();
    let models: Vec<Model> = (0..FOLDS)
        .map(|fold| {
            let seen = examples.iter().filter(|(part, _)| *part != fold);
            let seen: Vec<Example> = seen.flat_map(|(_, examples)| examples.clone()).collect();
            train::fit_model(&seen, settings).expect("weights")
        })
        .collect();
    let judge = |one: &Labelled| {
        let reading = Reading::of(&one.title, &one.text);
        let mentions = taxonomy.mentions(&reading);
        roles::assign_with(&models[fold_of(one) as usize], &taxonomy, &reading, &mentions)
    };
    sentences(&hackmageddon, judge);
    articles(&newsroom, judge);
    summaries(&others, judge);
    speed(&taxonomy, &newsroom);
}

/// Fits the weights that ship with siftwire, to all the data, and writes them.
pub fn train(folder: &Path, file: &Path) {
    let taxonomy = Taxonomy::embedded();
    let articles = labelled::all(folder);
    let examples: Vec<Example> =
        articles.iter().flat_map(|(_, one)| train::examples(&taxonomy, one)).collect();
    let weights = train::fit(&examples, settings()).expect("weights");
    fs::write(file, &weights).expect("a file that can be written");
    println!(
        "{} examples of {} articles, {} weights",
        examples.len(),
        articles.len(),
        weights.lines().count()
    );
}

fn settings() -> Settings {
    let number = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).and_then(|value| value.parse::<f64>().ok())
    };
    let default = Settings::default();
    Settings {
        c: number("--c").map_or(default.c, |value| value as f32),
        features: number("--features").map_or(default.features, |value| value as usize),
        ..default
    }
}

fn fold_of(one: &Labelled) -> u64 {
    xxhash_rust::xxh3::xxh3_64(one.group.as_bytes()) % FOLDS
}

fn shows() -> bool {
    std::env::var_os("SHOW").is_some()
}

/// Lenient, as the baselines were: one within the other, or half of the words.
fn alike(found: &str, gold: &str) -> bool {
    let simple = |name: &str| {
        let words = name.to_lowercase();
        let words = words
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty() && !matches!(*word, "the" | "of" | "and"));
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let (found, gold) = (simple(found), simple(gold));
    if found.is_empty() || gold.is_empty() {
        return false;
    }
    let (one, other) = (found.join(" "), gold.join(" "));
    let shared = found.iter().filter(|word| gold.contains(word)).count();
    one.contains(&other) || other.contains(&one) || 2 * shared >= gold.len()
}

fn sentences(rows: &[(Value, Labelled)], judge: impl Fn(&Labelled) -> Roles) {
    let (mut right, mut answered, mut named, mut vague, mut vague_answered) = (0, 0, 0, 0, 0);
    let (mut country, mut countries, mut sector_rows) = (0, 0, Tally::default());
    for (row, one) in rows {
        let roles = judge(one);
        let answer = roles.victims.first().map(|victim| victim.name.as_str());
        if one.victims.is_empty() {
            vague += 1;
            vague_answered += usize::from(answer.is_some());
            continue;
        }
        named += 1;
        answered += usize::from(answer.is_some());
        let gold = text(row, "victim");
        let hit = answer.is_some_and(|answer| alike(answer, gold));
        right += usize::from(hit);
        if shows() && !hit {
            println!("  {answer:?} wanted {gold:?}: {}", one.text);
        }
        let code = text(row, "country").replace("UK", "GB");
        if code.len() == 2 && code != ">1" {
            countries += 1;
            country += usize::from(roles.countries.first() == Some(&code));
            if std::env::var_os("SHOW_COUNTRY").is_some() && roles.countries.first() != Some(&code)
            {
                println!("  country {:?} wanted {code}: {}", roles.countries, one.text);
            }
        }
        if let Some(sector) = sector_of(text(row, "sector")) {
            sector_rows
                .add(&[sector.to_owned()].into(), &roles.sectors.iter().take(1).cloned().collect());
            if std::env::var_os("SHOW_SECTOR").is_some()
                && roles.sectors.first().map(String::as_str) != Some(sector)
            {
                println!("  sector {:?} wanted {sector}: {}", roles.sectors, one.text);
            }
        }
    }
    println!(
        "victim on hackmageddon, recall at one answer: {:.3} (answered {:.3}, n={named}); rows without a named victim answered: {:.3} (n={vague})",
        right as f64 / named as f64,
        answered as f64 / named as f64,
        vague_answered as f64 / vague as f64,
    );
    println!(
        "country on hackmageddon, first answer: {:.3} (n={countries})",
        country as f64 / f64::from(countries)
    );
    sector_rows.print("sector on hackmageddon, first answer");
}

/// Our word for the sectors of hackmageddon that have one.
fn sector_of(sector: &str) -> Option<&'static str> {
    let sector = sector.to_lowercase();
    let table = [
        ("human health", "healthcare"),
        ("public admin", "government"),
        ("fintech", "crypto"),
        ("education", "education"),
        ("finance", "finance"),
        ("manufacturing", "manufacturing"),
        ("transport", "transport"),
        ("wholesale", "retail"),
        ("arts", "entertainment"),
        ("electricity", "energy"),
    ];
    table.into_iter().find(|(start, _)| sector.starts_with(start)).map(|(_, sector)| sector)
}

#[derive(Default)]
struct Tally {
    right: usize,
    found: usize,
    wanted: usize,
}

impl Tally {
    fn add(&mut self, wanted: &BTreeSet<String>, found: &BTreeSet<String>) {
        self.right += wanted.intersection(found).count();
        self.found += found.len();
        self.wanted += wanted.len();
    }

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

/// Exact but for case and a leading article: by name or alias.
fn names_one_of(found: &str, gold: &[String]) -> bool {
    let simple = |name: &str| name.to_lowercase().trim_start_matches("the ").to_owned();
    gold.iter().any(|gold| simple(gold) == simple(found))
}

fn score_names(id: &str, what: &str, gold: &[Vec<String>], found: &[Entity], tally: &mut Tally) {
    let right =
        gold.iter().filter(|gold| found.iter().any(|one| names_one_of(&one.name, gold))).count();
    tally.right += right;
    tally.found += found.len();
    tally.wanted += gold.len();
    if shows() && (right < gold.len() || found.len() > right) {
        let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
        println!("  {id} {what} found {names:?} wanted {gold:?}");
    }
}

fn articles(rows: &[(Value, Labelled)], judge: impl Fn(&Labelled) -> Roles) {
    let (mut victims, mut vendors) = (Tally::default(), Tally::default());
    let (mut countries, mut sectors) = (Tally::default(), Tally::default());
    for (row, one) in rows {
        let roles = judge(one);
        let id = text(row, "id");
        score_names(id, "victims", &one.victims, &roles.victims, &mut victims);
        score_names(
            id,
            "vendors",
            one.vendors.as_deref().unwrap_or(&[]),
            &roles.vendors,
            &mut vendors,
        );
        let set = |values: Vec<String>| values.into_iter().collect::<BTreeSet<String>>();
        countries.add(&set(texts(&row["gold"]["countries"])), &set(roles.countries.clone()));
        sectors.add(&set(texts(&row["gold"]["sectors"])), &set(roles.sectors.clone()));
        if std::env::var_os("SHOW_COUNTRY").is_some() {
            println!(
                "  {id} {:?} {:?} wanted {} {}",
                roles.countries, roles.sectors, row["gold"]["countries"], row["gold"]["sectors"]
            );
        }
    }
    victims.print("victims on newsroom");
    vendors.print("vendors on newsroom");
    countries.print("countries on newsroom");
    sectors.print("sectors on newsroom");
}

fn summaries(rows: &[(Value, Labelled)], judge: impl Fn(&Labelled) -> Roles) {
    for source in ["vcdb", "casie"] {
        let (mut right, mut count) = (0, 0);
        for (_, one) in rows.iter().filter(|(row, _)| text(row, "id").starts_with(source)) {
            let roles = judge(one);
            count += 1;
            let answer = roles.victims.first();
            let gold = one.victims.iter().flatten();
            right += usize::from(
                answer.is_some_and(|answer| gold.clone().any(|gold| alike(&answer.name, gold))),
            );
        }
        println!(
            "victim on {source}, recall at one answer: {:.3} (n={count})",
            right as f64 / f64::from(count)
        );
    }
}

/// One thread, with the reading already done.
fn speed(taxonomy: &Taxonomy, rows: &[(Value, Labelled)]) {
    let body: String = rows.iter().map(|(_, one)| format!("{}\n\n", one.text)).collect();
    let parts: Vec<_> = body
        .as_bytes()
        .chunks(3 << 10)
        .map(|part| Reading::of("A headline about Canon", &String::from_utf8_lossy(part)))
        .map(|reading| (taxonomy.mentions(&reading), reading))
        .collect();
    roles::assign(taxonomy, &parts[0].1, &parts[0].0);
    let start = Instant::now();
    const ROUNDS: usize = 20;
    for _ in 0..ROUNDS {
        for (mentions, reading) in &parts {
            std::hint::black_box(roles::assign(taxonomy, reading, mentions));
        }
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / (ROUNDS * parts.len()) as f64;
    println!("roles: {each:.0} us per 3 kB of text");
}
