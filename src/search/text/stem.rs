use tantivy::tokenizer::{
    Language as Algorithm, RawTokenizer, Stemmer, TextAnalyzer, TokenStream as _,
};
use xxhash_rust::xxh3::xxh3_64;

/// Words outside this length, in bytes, are not stemmed: names, hashes, noise.
const STEMMED_BYTES: std::ops::RangeInclusive<usize> = 3..=48;

/// Languages with a stemmer, by primary BCP 47 subtag. Indexed text carries the place in this list, so
/// a change here is a change of the index.
const LANGUAGES: &[(&str, Algorithm)] = &[
    ("ar", Algorithm::Arabic),
    ("da", Algorithm::Danish),
    ("de", Algorithm::German),
    ("el", Algorithm::Greek),
    ("en", Algorithm::English),
    ("es", Algorithm::Spanish),
    ("fi", Algorithm::Finnish),
    ("fr", Algorithm::French),
    ("hu", Algorithm::Hungarian),
    ("it", Algorithm::Italian),
    ("nb", Algorithm::Norwegian),
    ("nl", Algorithm::Dutch),
    ("no", Algorithm::Norwegian),
    ("pt", Algorithm::Portuguese),
    ("ro", Algorithm::Romanian),
    ("ru", Algorithm::Russian),
    ("sv", Algorithm::Swedish),
    ("ta", Algorithm::Tamil),
    ("tr", Algorithm::Turkish),
];

/// A language with a stemmer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Language(u8);

impl Language {
    /// The language of a BCP 47 tag, if it has a stemmer.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?.to_ascii_lowercase();
        let place = LANGUAGES.iter().position(|(code, _)| *code == primary)?;
        Self::from_number(place)
    }

    /// The language at a place of the list.
    pub(crate) fn from_number(number: usize) -> Option<Self> {
        let number = u8::try_from(number).ok()?;
        (usize::from(number) < LANGUAGES.len()).then_some(Self(number))
    }

    /// `true` if stems begin as their words do; the others' stemmers also take prefixes off.
    pub(crate) fn keeps_beginnings(self) -> bool {
        !matches!(LANGUAGES[usize::from(self.0)].0, "ar" | "nl" | "ta")
    }

    /// The place in the list.
    pub(crate) fn number(self) -> u8 {
        self.0
    }
}

/// Stems words and remembers what it stemmed: few words make up most of any text.
pub(crate) struct Stems {
    /// A word hashes to one slot and takes it over: memory stays bounded without bookkeeping.
    slots: Vec<Slot>,
    stemmers: Vec<Option<TextAnalyzer>>,
}

#[derive(Clone, Default)]
struct Slot {
    language: u8,
    word: String,
    stem: String,
}

impl Stems {
    /// Remembers about this many words.
    pub(crate) fn with_capacity(words: usize) -> Self {
        Self {
            slots: vec![Slot::default(); words.next_power_of_two()],
            stemmers: vec![None; LANGUAGES.len()],
        }
    }

    /// The stem of a folded word.
    pub(crate) fn stem<'a>(&'a mut self, language: Language, word: &'a str) -> &'a str {
        let fits = STEMMED_BYTES.contains(&word.len());
        if !fits || word.bytes().any(|byte| byte.is_ascii_digit()) {
            return word;
        }
        let mask = self.slots.len() as u64 - 1;
        let slot = &mut self.slots[(xxh3_64(word.as_bytes()) & mask) as usize];
        if slot.language == language.0 && slot.word == word {
            return &slot.stem;
        }
        let stemmer = self.stemmers[usize::from(language.0)].get_or_insert_with(|| {
            let algorithm = LANGUAGES[usize::from(language.0)].1;
            TextAnalyzer::builder(RawTokenizer::default()).filter(Stemmer::new(algorithm)).build()
        });
        slot.language = language.0;
        slot.word.clear();
        slot.word.push_str(word);
        slot.stem.clear();
        let mut stream = stemmer.token_stream(word);
        if stream.advance() {
            slot.stem.push_str(&stream.token().text);
        }
        if slot.stem.is_empty() {
            slot.stem.push_str(word);
        }
        &slot.stem
    }
}
