//! In which language a text is written.

use whatlang::Lang;

/// Bytes that are looked at: more adds time, not certainty.
const SAMPLE_BYTES: usize = 600;
/// Frequent words of English that are no words of the languages around it.
const ENGLISH_WORDS: &[&str] = &[
    "about", "after", "against", "and", "because", "been", "before", "being", "between", "but",
    "can", "could", "did", "does", "every", "for", "from", "had", "has", "have", "how", "into",
    "its", "more", "most", "not", "only", "other", "our", "said", "says", "should", "some", "such",
    "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "through",
    "under", "used", "was", "were", "what", "when", "where", "which", "while", "who", "why",
    "will", "with", "would", "you", "your",
];
/// So many of them, and at least one word in so many, make a text plainly English.
const ENGLISH_HITS: usize = 5;
const ENGLISH_ONE_IN: usize = 7;

/// ISO 639-1 code of the language a text begins in (ISO 639-3 where there is no shorter one); `None` where the
/// text is too short or too mixed to say.
///
/// Most texts here are English, and their small words say so at a hundredth of the cost of comparing
/// letters with every language there is.
pub fn detect_language(text: &str) -> Option<&'static str> {
    let sample = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    if is_plainly_english(sample) {
        return Some("en");
    }
    let guess = whatlang::detect(sample).filter(whatlang::Info::is_reliable)?;
    Some(code(guess.lang()))
}

/// The primary part of a tag such as `en_US`, the first of a list.
pub fn primary_language(tags: &str) -> Option<String> {
    let first = tags.split([',', ';']).next()?.trim();
    let primary = first.split(['-', '_']).next()?.to_ascii_lowercase();
    let is_code = matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_lowercase());
    is_code.then_some(primary)
}

fn is_plainly_english(sample: &str) -> bool {
    let words = sample.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (mut total, mut hits) = (0, 0);
    for word in words {
        total += 1;
        hits += usize::from(is_english_word(word));
    }
    hits >= ENGLISH_HITS && hits * ENGLISH_ONE_IN >= total
}

fn is_english_word(word: &str) -> bool {
    let mut lower = [0; 7];
    let Some(lower) = lower.get_mut(..word.len()) else { return false };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    ENGLISH_WORDS.binary_search_by(|known| known.as_bytes().cmp(lower)).is_ok()
}

fn code(language: Lang) -> &'static str {
    match language {
        Lang::Afr => "af",
        Lang::Ara => "ar",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tha => "th",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Vie => "vi",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_words_are_in_order_and_short() {
        assert!(ENGLISH_WORDS.is_sorted());
        assert!(ENGLISH_WORDS.iter().all(|word| word.len() <= 7));
    }

    #[test]
    fn the_language_of_a_text_is_told() {
        let german = "Der Angriff auf das Krankenhaus wurde am Montag bekannt. Die Täter verlangen Geld und drohen mit \
            der Veröffentlichung von Daten.";
        let english = "The attack on the hospital became known on Monday. The thieves want money and threaten to \
            publish data that they took.";
        assert_eq!(detect_language(german), Some("de"));
        assert_eq!(detect_language(english), Some("en"));
        assert_eq!(
            detect_language("病院への攻撃は月曜日に明らかになった。犯人は身代金を要求している。"),
            Some("ja")
        );
    }

    #[test]
    fn a_text_that_quotes_english_is_not_english() {
        let quoting = "In der Nachricht stand „you have been hacked, send the money“; die Firma hat den Betrieb am \
            Dienstag wieder aufgenommen und keine Lösegeldforderung bezahlt.";
        assert_eq!(detect_language(quoting), Some("de"));
    }

    #[test]
    fn nothing_is_said_of_a_text_too_short() {
        assert_eq!(detect_language("ok danke"), None);
        assert_eq!(detect_language(""), None);
    }

    #[test]
    fn a_primary_tag_is_read() {
        assert_eq!(primary_language("en_US, de"), Some("en".into()));
        assert_eq!(primary_language(""), None);
        assert_eq!(primary_language("<script>"), None);
    }
}
