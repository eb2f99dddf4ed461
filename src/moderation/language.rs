//! The language of a comment, for rules and queues.

use whatlang::Lang;

/// Bytes that are looked at.
const SAMPLE: usize = 600;
/// Shorter texts are in any language.
const LEAST: usize = 40;

/// ISO 639-1 code of the language, or `None` where it cannot be told for sure.
pub(super) fn detect(text: &str) -> Option<&'static str> {
    let sample = &text[..text.floor_char_boundary(SAMPLE)];
    if sample.len() < LEAST {
        return None;
    }
    let guess = whatlang::detect(sample).filter(|guess| guess.is_reliable())?;
    code(guess.lang())
}

/// The primary part of a tag such as `en_US`, the first of a list.
pub fn primary(tags: &str) -> Option<String> {
    let first = tags.split(',').next()?.trim();
    let primary = first.split(['-', '_']).next()?.to_ascii_lowercase();
    let is_code = matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_lowercase());
    is_code.then_some(primary)
}

fn code(language: Lang) -> Option<&'static str> {
    Some(match language {
        Lang::Ara => "ar",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hun => "hu",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Spa => "es",
        Lang::Swe => "sv",
        Lang::Tha => "th",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Vie => "vi",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_only_for_sure() {
        let german =
            "Vielen Dank für den Artikel, der zweite Schlüssel hat bei uns sofort funktioniert.";
        assert_eq!(detect(german), Some("de"));
        assert_eq!(detect("ok danke"), None);
    }

    #[test]
    fn a_primary_tag_is_read() {
        assert_eq!(primary("en_US, de"), Some("en".into()));
        assert_eq!(primary(""), None);
        assert_eq!(primary("<script>"), None);
    }
}
