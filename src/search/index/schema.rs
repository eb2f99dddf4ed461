use tantivy::{
    Index,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
        TextOptions,
    },
    tokenizer::TextAnalyzer,
};

use super::marks::NAMED;
use crate::search::text::{ArticleTokenizer, Forms, PlainTokenizer};

const ARTICLE_TOKENIZER: &str = "article";
const STEM_TOKENIZER: &str = "stem";
const PLAIN_TOKENIZER: &str = "plain";

/// Raised whenever text is cut, folded or stemmed differently, or stored documents change shape: an
/// index made before must be rebuilt.
const FORMAT: u32 = 3;

/// The fields of the index.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    /// Article id; documents are replaced by it.
    pub id: Field,
    /// Title, body and tags in one, as written: for phrases, identifiers and prefixes.
    pub text: Field,
    /// The same, each word by its stem alone and without places: for words, which most queries are.
    pub stems: Field,
    /// The title again, for `title:`.
    pub title: Field,
    /// Words of titles as they stand, for suggestions and mending.
    pub title_words: Field,
    pub author: Field,
    /// Title of the source, whole.
    pub source: Field,
    pub source_words: Field,
    /// Host of the article and each domain above it.
    pub site: Field,
    pub url: Field,
    pub tag: Field,
    /// Primary language subtag; empty if unknown.
    pub language: Field,
    /// What the desk found, see [`super::marks`].
    pub marks: Field,
    /// Words of names, for each kind of [`super::marks::NAMED`].
    pub names: [Field; NAMED.len()],
    /// What is counted, see [`super::marks::counted`].
    pub counted: Field,
    /// Number of the incident; none where an article belongs to none.
    pub incident: Field,
    /// Unix seconds.
    pub published: Field,
    /// What results show, see [`super::document::Stored`].
    pub stored: Field,
}

/// Names of the fast fields that collectors open.
pub(super) const ID: &str = "id";
pub(super) const SOURCE: &str = "source";
pub(super) const LANGUAGE: &str = "lang";
pub(super) const PUBLISHED: &str = "published";
pub(super) const COUNTED: &str = "counted";
pub(super) const INCIDENT: &str = "incident";

/// The schema and its fields.
pub(super) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let words = |tokenizer: &str, records| {
        let indexing =
            TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(records);
        TextOptions::default().set_indexing_options(indexing)
    };
    let prose = words(ARTICLE_TOKENIZER, IndexRecordOption::WithFreqsAndPositions);
    let names = words(PLAIN_TOKENIZER, IndexRecordOption::WithFreqsAndPositions);
    let fields = Fields {
        id: builder.add_i64_field(ID, INDEXED | FAST),
        text: builder.add_text_field("text", names.clone()),
        stems: builder.add_text_field("stems", words(STEM_TOKENIZER, IndexRecordOption::WithFreqs)),
        title: builder.add_text_field("title", prose),
        title_words: builder
            .add_text_field("title_words", words(PLAIN_TOKENIZER, IndexRecordOption::Basic)),
        author: builder.add_text_field("author", names.clone()),
        source: builder.add_text_field(SOURCE, STRING | FAST),
        source_words: builder.add_text_field("source_words", names.clone()),
        site: builder.add_text_field("site", STRING),
        url: builder.add_text_field("url", names.clone()),
        tag: builder.add_text_field("tag", names.clone()),
        language: builder.add_text_field(LANGUAGE, STRING | FAST),
        marks: builder.add_text_field("marks", STRING),
        names: NAMED
            .map(|kind| builder.add_text_field(&format!("{}_words", kind.as_str()), names.clone())),
        counted: builder.add_text_field(COUNTED, TextOptions::default().set_fast("raw")),
        incident: builder.add_i64_field(INCIDENT, FAST),
        published: builder.add_i64_field(PUBLISHED, FAST),
        stored: builder.add_bytes_field("stored", STORED),
    };
    (builder.build(), fields)
}

/// Registers the tokenizers, which an index does not remember.
pub(super) fn register_tokenizers(index: &Index) {
    let tokenizers = index.tokenizers();
    let article = |forms| TextAnalyzer::from(ArticleTokenizer::new(forms));
    tokenizers.register(ARTICLE_TOKENIZER, article(Forms::WordAndStem));
    tokenizers.register(STEM_TOKENIZER, article(Forms::Stem));
    tokenizers.register(PLAIN_TOKENIZER, TextAnalyzer::from(PlainTokenizer));
}

/// What an index must have been made with to be used: schema, analysis and library version.
pub(super) fn fingerprint() -> String {
    let (schema, _) = schema();
    let description = serde_json::to_string(&schema).unwrap_or_default();
    let digest = blake3::hash(description.as_bytes()).to_hex();
    format!("{FORMAT}-{}-{}", tantivy::version_string(), &digest[..16])
}
