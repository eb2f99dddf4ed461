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
