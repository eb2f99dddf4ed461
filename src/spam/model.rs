//! The trained model: what is in the file, how it is read and refused, how it turns features into a probability.

use serde::{Deserialize, Serialize};

use super::{
    lexicon,
    ngrams::{self, Features, PARTS, Part},
    signals::{self, Signal, Values},
};

const MAGIC: &[u8; 8] = b"SIFTSPAM";
/// Raised when the meaning of a feature or a field changes.
pub const FORMAT: u32 = 2;
/// A header longer than this is not one.
const MAX_HEADER: usize = 1 << 20;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the file is not a comment model")]
    NotAModel,
    #[error("the model has format {found}, this program reads {FORMAT}: train it again")]
    Format { found: u32 },
    #[error("the model header is damaged")]
    Header(#[from] serde_json::Error),
    #[error("the model was made with other {what}: train it again")]
    Mismatch { what: &'static str },
    #[error("the model file is damaged: its digest does not fit")]
    Digest,
}

impl ModelError {
    /// Stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            ModelError::NotAModel => "model-not-a-model",
            ModelError::Format { .. } => "model-format",
            ModelError::Header(_) => "model-header",
            ModelError::Mismatch { .. } => "model-mismatch",
            ModelError::Digest => "model-damaged",
        }
    }
}

/// Everything of the model but the tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub feature_seed: u64,
    pub feature_bits: u32,
    /// Digest of the lexicon the signals were computed with.
    pub lexicon: String,
    /// Digest of the comments it was trained on.
    pub training: String,
    /// Digest of what follows the header.
    pub tables: String,
    /// One step of a text weight, and of an inverse document frequency.
    pub weight_step: f32,
    pub idf_step: f32,
    pub text_bias: f32,
    /// Final stage: weights of [`wording_columns`], then one weight for each named value.
    pub text_weights: [f32; WORDING],
    pub columns: Vec<Column>,
    pub bias: f32,
    /// Platt's two numbers: p = 1 / (1 + exp(a x + b)).
    pub platt: [f32; 2],
    pub thresholds: Thresholds,
    /// Number of remembered campaigns.
    pub fingerprints: u32,
}

/// Weight of one named value, its scale multiplied in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub weight: f32,
}

/// What the words alone say: log-odds by part, and their sum with the bias.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wording {
    pub parts: [f32; PARTS],
    pub logit: f32,
}

impl Wording {
    pub fn new(parts: [f32; PARTS], bias: f32) -> Wording {
        Wording { parts, logit: parts.iter().sum::<f32>() + bias }
    }
}

/// Length of each part of a comment's features.
const SHARES: [f32; PARTS] = [0.45, 0.65, 0.65];

/// Factor that brings a part with this squared length to its share. A part without known features stays out.
pub fn part_scale(part: usize, square: f32) -> f32 {
    if square > 0.0 { SHARES[part] / square.sqrt() } else { 0.0 }
}

/// Number of columns the wording has in the final stage.
pub const WORDING: usize = 10;

/// The wording as the final stage sees it: how far it can be trusted depends on what it was read from.
pub fn wording_columns(wording: &Wording, values: &Values) -> [f32; WORDING] {
    let has = |signal| values[signals::signal_at(signal)].min(1.0);
    let logit = wording.logit;
    [
        logit,
        logit.max(0.0),
        logit * values[signals::signal_at(Signal::Length)],
        logit * has(Signal::Link),
        logit * has(Signal::Handle).max(has(Signal::MoneyHandle)),
        logit * has(Signal::OtherScript),
        logit * has(Signal::PraiseOnly),
        logit * has(Signal::CodeLike),
        wording.parts[Part::Words as usize],
        wording.parts[Part::Letters as usize],
    ]
}

/// Where the outcomes part, as probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// From here on a comment is held.
    pub unsure: f32,
    /// From here on it is spam.
    pub spam: f32,
}

/// Text weight and inverse document frequency of a hashed feature, in steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    pub weight: i8,
    pub idf: u8,
}

/// Cells added up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub weight: i32,
    pub square: u32,
}

impl Sum {
    pub(super) fn add(&mut self, cell: Cell) {
        self.weight += i32::from(cell.weight);
        self.square += u32::from(cell.idf) * u32::from(cell.idf);
    }

    pub(super) fn add_sum(&mut self, other: Sum) {
        self.weight += other.weight;
        self.square = self.square.saturating_add(other.square);
    }
}

/// Cells added up, by part.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums(pub [Sum; PARTS]);

/// A model ready for use.
#[derive(Debug, Clone)]
pub struct Model {
    pub header: Header,
    pub cells: Vec<Cell>,
    /// SimHashes of campaigns seen in training.
    pub fingerprints: Vec<u64>,
}

impl Model {
    /// Reads a model, refusing one that was made for other features or is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, ModelError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NotAModel)?;
        let (format, rest) = take_u32(rest)?;
        if format != FORMAT {
            return Err(ModelError::Format { found: format });
        }
        let (length, rest) = take_u32(rest)?;
        let length = length as usize;
        if length > MAX_HEADER || length > rest.len() {
            return Err(ModelError::NotAModel);
        }
        let (header, tables) = rest.split_at(length);
        let header: Header = serde_json::from_slice(header)?;
        check(&header, tables)?;
        let (cells, fingerprints) = tables.split_at(ngrams::SPACE * 2);
        Ok(Model {
            cells: cells
                .as_chunks()
                .0
                .iter()
                .map(|[w, i]| Cell { weight: *w as i8, idf: *i })
                .collect(),
            fingerprints: fingerprints
                .as_chunks()
                .0
                .iter()
                .map(|b| u64::from_le_bytes(*b))
                .collect(),
            header,
        })
    }

    /// The model as a file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let tables = self.tables();
        let header = Header { tables: digest(&tables), ..self.header.clone() };
        let header = serde_json::to_vec(&header)?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header);
        bytes.extend(tables);
        Ok(bytes)
    }

    fn tables(&self) -> Vec<u8> {
        let mut tables: Vec<u8> = self.cells.iter().flat_map(|c| [c.weight as u8, c.idf]).collect();
        tables.extend(self.fingerprints.iter().flat_map(|f| f.to_le_bytes()));
        tables
    }

    /// What the words alone say.
    pub fn wording(&self, features: &Features) -> Wording {
        let mut sums = Sums::default();
        for (part, ids) in features.0.iter().enumerate() {
            for feature in ids {
                sums.0[part].add(self.cells[*feature as usize]);
            }
        }
        self.wording_of(&sums)
    }

    /// The same from sums over the features' cells.
    pub(super) fn wording_of(&self, sums: &Sums) -> Wording {
        let header = &self.header;
        let logit = |part: usize| {
            let Sum { weight, square } = sums.0[part];
            let length = square as f32 * header.idf_step * header.idf_step;
            weight as f32 * header.weight_step * part_scale(part, length)
        };
        Wording::new(std::array::from_fn(logit), header.text_bias)
    }

    /// Words and signals together, before calibration.
    pub fn logit(&self, wording: &Wording, values: &Values) -> f32 {
        let signals: f32 = self
            .header
            .columns
            .iter()
            .zip(values)
            .map(|(column, value)| column.weight * value)
            .sum();
        self.wording_weight(wording, values) + signals + self.header.bias
    }

    /// What the wording adds to the logit.
    pub fn wording_weight(&self, wording: &Wording, values: &Values) -> f32 {
        let columns = wording_columns(wording, values);
        self.header.text_weights.iter().zip(columns).map(|(weight, value)| weight * value).sum()
    }

    /// Calibrated log-odds of a logit.
    pub fn calibrated(&self, logit: f32) -> f32 {
        let [a, b] = self.header.platt;
        -(a * logit + b)
    }

    /// What one unit of a logit is worth in calibrated log-odds.
    pub fn log_odds_scale(&self) -> f32 {
        -self.header.platt[0]
    }

    /// The probability that a comment with this logit is spam.
    pub fn probability(&self, logit: f32) -> f32 {
        1.0 / (1.0 + (-self.calibrated(logit)).exp())
    }
}

fn take_u32(bytes: &[u8]) -> Result<(u32, &[u8]), ModelError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(ModelError::NotAModel)?;
    Ok((u32::from_le_bytes(*number), rest))
}

fn check(header: &Header, tables: &[u8]) -> Result<(), ModelError> {
    let mismatch = |what| Err(ModelError::Mismatch { what });
    if header.feature_seed != ngrams::SEED || header.feature_bits != ngrams::BITS {
        return mismatch("features");
    }
    if header.lexicon != lexicon_digest() {
        return mismatch("words in its lexicon");
    }
    let names = header.columns.iter().map(|c| c.name.as_str());
    if !names.eq((0..signals::COUNT).map(signals::name)) {
        return mismatch("signals");
    }
    let expected = ngrams::SPACE * 2 + header.fingerprints as usize * 8;
    if tables.len() != expected || header.tables != digest(tables) {
        return Err(ModelError::Digest);
    }
    Ok(())
}

/// Digest of the lexicon in this program.
pub fn lexicon_digest() -> String {
    digest(lexicon::SOURCE.as_bytes())
}

pub(super) fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
