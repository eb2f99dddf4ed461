//! Comment to verdict: normaliser, features, trained model, rules, explanation; training and evaluation. Pure.

mod analysis;
mod author;
pub mod contacts;
pub mod evaluate;
mod explain;
mod filter;
mod input;
pub mod intents;
pub mod lexicon;
pub mod memory;
pub mod model;
mod ngrams;
pub mod normalise;
mod rules;
pub mod signals;
mod topic;
pub mod train;
mod words;

pub use analysis::Analysis;
pub use filter::{Examined, Filter, MODEL_FILE, NamedSignal, Outcome, Verdict};
pub use input::CommentInput;
pub use memory::Memory;
pub use model::ModelError;
