use proptest::prelude::*;
use tantivy::tokenizer::{TokenStream as _, Tokenizer as _};

use super::*;

/// Terms with their positions; stems share the position of their word.
fn terms(text: &str, language: Option<&str>) -> Vec<(String, usize)> {
    terms_in(Forms::WordAndStem, text, language)
}

fn terms_in(forms: Forms, text: &str, language: Option<&str>) -> Vec<(String, usize)> {
    let mut marked = String::new();
    mark_language(language.and_then(Language::from_tag), &mut marked);
    marked.push_str(text);
    let mut tokenizer = ArticleTokenizer::new(forms);
    let mut stream = tokenizer.token_stream(&marked);
    let mut terms = Vec::new();
    stream.process(&mut |token| terms.push((token.text.clone(), token.position)));
    terms
}

fn words(text: &str) -> String {
    terms(text, None).into_iter().map(|(term, _)| term).collect::<Vec<_>>().join(" ")
}

#[test]
fn identifiers_become_their_parts() {
    assert_eq!(words("CVE-2026-1234"), "cve 2026 1234");
    assert_eq!(words("log4j-2.17.1.jar"), "log4j 2 17 1 jar");
    assert_eq!(words("evil.DLL, 10.0.0.1"), "evil dll 10 0 0 1");
    let hash = "d41d8cd98f00b204e9800998ecf8427e";
    assert_eq!(words(&hash.to_uppercase()), hash);
}

#[test]
fn defanged_and_plain_addresses_are_the_same() {
    let plain = words("http://evil.example.com/a");
    for defanged in [
        "hxxp://evil[.]example[.]com/a",
        "hxxp://evil[dot]example(.)com/a",
        "HXXP[:]//evil(dot)example{.}com/a",
    ] {
        assert_eq!(words(defanged), plain, "{defanged}");
    }
    assert_eq!(words("joe[at]example.com"), words("joe@example.com"));
    assert_eq!(words("at the dot"), "at the dot");
}

#[test]
fn case_accents_and_width_are_folded() {
    assert_eq!(words("Größe ÉTÉ naïve Ｗｉｄｅ"), "grosse ete naive wide");
    assert_eq!(words("Ёлка новый"), "елка новый");
    assert_eq!(words("e\u{301}te\u{301}"), "ete");
}

#[test]
fn genitives_are_dropped() {
    assert_eq!(words("Acme's CEO’s phone isn't"), "acme ceo phone isn t");
}

#[test]
fn stems_stand_beside_their_words() {
    let expected = [("attacks", 0), ("attack", 0), ("on", 1), ("banks", 2), ("bank", 2)];
    let expected: Vec<_> = expected.map(|(term, place)| (term.to_owned(), place)).into();
    assert_eq!(terms("Attacks on banks", Some("en-GB")), expected);
    assert_eq!(terms("Angriffen", Some("de"))[1].0, "angriff");
    let stems = terms_in(Forms::Stem, "Attacks on banks", Some("en"));
    assert_eq!(stems, [("attack".to_owned(), 0), ("on".to_owned(), 1), ("bank".to_owned(), 2)]);
}

#[test]
fn scripts_without_spaces_become_pairs() {
    assert_eq!(words("東京都 abc"), "東京 京都 都 abc");
    assert_eq!(words("情报security泄露"), "情报 报 security 泄露 露");
    assert_eq!(words("ﾃｽﾄ"), words("テスト"));
}

#[test]
fn endless_words_are_left_out() {
    assert_eq!(words(&format!("a {} b", "x".repeat(500))), "a b");
}

proptest! {
    #[test]
    fn any_text_in_any_language_is_cut_into_pieces_of_it(text in "\\PC{0,60}", number in 0usize..19) {
        let language = Language::from_number(number);
        let mut stems = Stems::with_capacity(16);
        let mut stream = TermStream::new(&text, 0, language.map(|language| (language, &mut stems)));
        let mut last = 0;
        while stream.advance() {
            let token = stream.token();
            prop_assert!(text.get(token.offset_from..token.offset_to).is_some());
            prop_assert!(token.position >= last);
            prop_assert!(!token.text.is_empty());
            last = token.position;
        }
    }
}
