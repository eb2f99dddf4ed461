//! Attack types, cross-validated: no article is judged by a model, calibration or threshold that saw its group.
//! With `--train-attacks FILE` the model is trained on all and written instead.

use std::path::Path;

use siftwire::enrich::{
    Enricher, Reading,
    attacks::{
        Hints,
        train::{
            self, Corpus, Example,
            measure::{Counts, Figures, cross_validate},
        },
    },
};

const SETS: [(Corpus, &str); 4] = [
    (Corpus::Casie, "news/casie.jsonl"),
    (Corpus::Vcdb, "news/vcdb.jsonl"),
    (Corpus::Hackmageddon, "news/hackmageddon.jsonl"),
    (Corpus::Newsroom, "newsroom/articles.jsonl"),
];

/// Prints the figures of all sets.
pub fn report(folder: &Path) {
    let examples = examples(folder);
    if examples.is_empty() {
        return;
    }
    match cross_validate(&examples) {
        Ok(figures) => print(&figures),
        Err(error) => println!("attacks: {error}"),
    }
}

/// Trains on all sets and writes the model.
pub fn train(folder: &Path, file: &Path) {
    let examples = examples(folder);
    let model = train::train(&examples.iter().collect::<Vec<_>>()).expect("labelled articles");
    let bytes = model.to_bytes();
    std::fs::write(file, &bytes).expect("a writable file");
    println!("{} articles, {} bytes: {}", examples.len(), bytes.len(), file.display());
}

fn examples(folder: &Path) -> Vec<Example> {
    let enricher = Enricher::embedded();
    let hints = |reading: &Reading| Hints::of(&enricher.enrich(reading, None).entities);
    let mut examples = Vec::new();
    for (corpus, file) in SETS {
        let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
            println!("attacks: no {file}");
            continue;
        };
        examples.extend(text.lines().filter_map(|line| corpus.read(line, hints)));
    }
    examples
}

fn print(figures: &Figures) {
    let rows =
        [("CASIE", &figures.casie), ("VCDB", &figures.vcdb), ("newsroom", &figures.newsroom)];
    for (set, rows) in rows {
        for (name, counts) in rows {
            let Counts { given, wanted, right } = counts;
            let f1 = counts.f1();
            println!(
                "attacks {set:8} {name:22} F1 {f1:.3}  given {given:5} wanted {wanted:5} right {right:5}"
            );
        }
    }
    share("attacks Hackmageddon class", figures.hackmageddon);
    share("attacks newsroom main attack", figures.newsroom_main);
}

fn share(what: &str, (right, all): (u32, u32)) {
    println!("{what}: {right} of {all} right, {:.3}", f64::from(right) / f64::from(all.max(1)));
}
