//! Quality of enrichment on labelled articles: `cargo bench --bench quality_enrich -- ../shared/datasets`.

#[path = "quality_enrich/indicators.rs"]
mod indicators;

use std::{path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let Some(folder) = folder.map(PathBuf::from).filter(|folder| folder.is_dir()) else {
        println!("no data: give the folder with news/ and newsroom/");
        return ExitCode::SUCCESS;
    };
    indicators::report(&folder);
    ExitCode::SUCCESS
}
