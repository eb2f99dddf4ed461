//! Quality of enrichment on labelled articles: `cargo bench --bench quality_enrich -- ../shared/datasets`.

#[path = "quality_enrich/attacks.rs"]
mod attacks;
#[path = "quality_enrich/incidents.rs"]
mod incidents;
#[path = "quality_enrich/indicators.rs"]
mod indicators;
#[path = "quality_enrich/labelled.rs"]
mod labelled;
#[path = "quality_enrich/names.rs"]
mod names;
#[path = "quality_enrich/victims.rs"]
mod victims;

use std::{path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let Some(folder) = folder.map(PathBuf::from).filter(|folder| folder.is_dir()) else {
        println!("no data: give the folder with news/ and newsroom/");
        return ExitCode::SUCCESS;
    };
    if let Some(file) = value_of("--train-attacks") {
        attacks::train(&folder, &file);
        return ExitCode::SUCCESS;
    }
    if let Some(file) = value_of("--train-incidents") {
        incidents::train_model(&folder, &file);
        return ExitCode::SUCCESS;
    }
    if let (Some(file), Some(words)) = (value_of("--train-words"), value_of("--frequencies")) {
        incidents::train_words(&folder, &words, &file);
        return ExitCode::SUCCESS;
    }
    if let Some(file) = value_of("--train-roles") {
        victims::train(&folder, &file);
        return ExitCode::SUCCESS;
    }
    if let Some(file) = value_of("--train-names") {
        names::train_model(&folder, &file);
        return ExitCode::SUCCESS;
    }
    indicators::report(&folder);
    names::report(&folder);
    attacks::report(&folder);
    incidents::report(&folder);
    victims::report(&folder);
    ExitCode::SUCCESS
}

/// The path that follows an option.
fn value_of(option: &str) -> Option<PathBuf> {
    std::env::args().skip_while(|argument| argument != option).nth(1).map(PathBuf::from)
}
