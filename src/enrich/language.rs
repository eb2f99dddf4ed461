//! In which language an article is written.

use whatlang::Lang;

use super::Reading;

/// Bytes that are looked at: more adds time, not certainty.
const MAX_BYTES: usize = 600;

/// BCP 47 primary language, lower case; `None` where the text is too short or mixed to say.
pub fn of(reading: &Reading) -> Option<String> {
    let mut end = reading.text.len().min(MAX_BYTES);
    while !reading.text.is_char_boundary(end) {
        end -= 1;
    }
    let info = whatlang::detect(&reading.text[..end])?;
    info.is_reliable().then(|| tag(info.lang()).to_owned())
}

/// The two-letter code where there is one.
fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::Afr => "af",
        Lang::Ara => "ar",
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
    fn the_language_of_a_text_is_told() {
        let of = |body: &str| super::of(&Reading::of("", body));
        let german = "Der Angriff auf das Krankenhaus wurde am Montag bekannt. Die Täter verlangen Geld und drohen mit der Veröffentlichung von Daten.";
        let english = "The attack on the hospital became known on Monday. The thieves want money and threaten to publish data that they took.";
        assert_eq!(of(german).as_deref(), Some("de"));
        assert_eq!(of(english).as_deref(), Some("en"));
        assert_eq!(
            of("病院への攻撃は月曜日に明らかになった。犯人は身代金を要求している。").as_deref(),
            Some("ja")
        );
        assert_eq!(of(""), None);
    }
}
