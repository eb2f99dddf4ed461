//! Indicators of compromise in running text: found, refanged, and told apart by whose they are.

mod btc;
mod classify;
mod context;
mod hosts;
mod refang;
mod role;

use std::collections::HashSet;

use crate::domain::{Indicator, IndicatorKind};

/// Indicators kept of one article; more means a data dump, not a report.
const MAX_INDICATORS: usize = 2_000;

/// Finds all indicators of `text`, each value once, in order of appearance. `own_site` is the registrable
/// domain of the article itself, whose addresses are references.
///
/// Version numbers, file names, package names and product names with a dot are not indicators. The host of
/// a URL or mail address is not listed again unless it also stands alone.
pub fn find(text: &str, own_site: Option<&str>) -> Vec<Indicator> {
    let refanged = refang::refang(text);
    let mut found = Vec::new();
    let mut seen: HashSet<(IndicatorKind, String)> = HashSet::new();
    for candidate in classify::candidates(&refanged) {
        if found.len() >= MAX_INDICATORS {
            break;
        }
        if !seen.insert((candidate.kind, candidate.value.clone())) {
            continue;
        }
        let (role, reason) = role::judge(&candidate, &refanged, own_site);
        found.push(Indicator {
            kind: candidate.kind,
            value: candidate.value,
            role,
            reason,
            span: refanged.original_span(candidate.start, candidate.end),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::IndicatorRole;

    fn values(text: &str) -> Vec<(IndicatorKind, String)> {
        find(text, None).into_iter().map(|one| (one.kind, one.value)).collect()
    }

    #[test]
    fn indicators_are_found_and_refanged() {
        let text = "It calls hxxps://cdn-files[.]top/v1/a.bin and 203.0.113[.]19:8443, mail a.b(at)evil(dot)shop; \
                    sha256:24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c";
        assert_eq!(
            values(text),
            [
                (IndicatorKind::Url, "https://cdn-files.top/v1/a.bin".into()),
                (IndicatorKind::Ipv4, "203.0.113.19".into()),
                (IndicatorKind::Email, "a.b@evil.shop".into()),
                (
                    IndicatorKind::Sha256,
                    "24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c".into()
                ),
            ]
        );
    }

    #[test]
    fn versions_files_and_names_with_a_dot_are_no_indicators() {
        for text in [
            "Upgrade to version 4.14.2.1 or later.",
            "The 1.2.3.4 release is bad.",
            "A firmware number like 19.8.65.1 is no IP.",
            "Version strings such as 10.0.3.1 stand in the console.",
            "Players are hit (<=17.0.0.134) when parsing.",
            "Open setup.py, theme.js and guest-photo.doc.exe.",
            "Written in Node.js and ASP.NET.",
            "It ended.The next day came.",
        ] {
            assert_eq!(values(text), [], "{text}");
        }
    }

    #[test]
    fn roles_follow_the_words_beside_an_address() {
        let role = |text: &str| find(text, None)[0].role;
        assert_eq!(role("Control server: evil-relay[.]net"), IndicatorRole::Malicious);
        assert_eq!(
            role("Guidance is at https://www.progress.com/security."),
            IndicatorRole::Benign
        );
        assert_eq!(
            role("They denied the outage of shop.example yesterday."),
            IndicatorRole::Victim
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "(\\PC|[\\[\\](){}.@:/ -]|hxxp|dot|é|漢){0,80}") {
            for indicator in find(&text, Some("ex.org")) {
                prop_assert!(text.get(indicator.span.start..indicator.span.end).is_some());
            }
        }
    }
}
