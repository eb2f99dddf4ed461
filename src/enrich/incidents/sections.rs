use std::collections::BTreeSet;

use super::{signature::Signature, standing::Standing, words};
use crate::{
    domain::{Enrichment, EntityKind, Span},
    enrich::{Reading, reading::Shape},
};

/// Paragraphs looked at.
const MOST_PARAGRAPHS: usize = 64;
/// Words before the colon of a paragraph that begins with a label, such as `Fixes: …`.
const LABEL_WORDS: usize = 7;
/// Weight of a name that is particular enough to tell stories apart.
const PARTICULAR: f32 = 5.0;

/// Sections that are given of one round-up.
const MOST_SECTIONS: usize = 24;

/// The parts of a round-up that tell of one incident each, where it can be split; else none. Places are in the text
/// of the reading.
pub fn sections(reading: &Reading, article: &Signature) -> Vec<Span> {
    if article.standing != Standing::Roundup {
        return Vec::new();
    }
    let mut sections: Vec<Paragraph> = Vec::new();
    for paragraph in paragraphs(reading) {
        match sections.last_mut() {
            Some(last) if !paragraph.names.is_disjoint(&last.names) => {
                last.span.end = paragraph.span.end;
                last.names.extend(paragraph.names);
            }
            _ => sections.push(paragraph),
        }
    }
    sections.retain(|section| !section.names.is_empty());
    if sections.len() < 2 {
        return Vec::new();
    }
    sections.into_iter().take(MOST_SECTIONS).map(|section| section.span).collect()
}

/// How much the build of a text speaks for a round-up: labelled paragraphs, and victims that keep to paragraphs of
/// their own.
pub(super) fn evidence(reading: &Reading, enrichment: &Enrichment) -> f32 {
    let paragraphs = paragraphs(reading);
    let labelled = paragraphs.iter().filter(|paragraph| paragraph.labelled).count();
    let labels = if labelled >= 3 { 2.5 } else { 0.0 };
    labels + if victims_apart(&paragraphs, enrichment) >= 3 { 1.0 } else { 0.0 }
}

/// Victims that are named in one paragraph alone, in different paragraphs.
fn victims_apart(paragraphs: &[Paragraph], enrichment: &Enrichment) -> usize {
    let mut homes = BTreeSet::new();
    for victim in enrichment.of_kind(EntityKind::Victim) {
        let mut places = victim
            .spans
            .iter()
            .map(|span| paragraphs.iter().position(|paragraph| span.start < paragraph.span.end));
        let Some(home) = places.next() else { continue };
        if places.all(|place| place == home) {
            homes.insert(home);
        }
    }
    homes.len()
}

/// A paragraph of the body.
struct Paragraph {
    span: Span,
    /// Words written as names that are particular enough.
    names: BTreeSet<u32>,
    /// It begins with a few words and a colon.
    labelled: bool,
}

fn paragraphs(reading: &Reading) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut end = reading.title_end;
    for (at, sentence) in reading.sentences.iter().enumerate() {
        if reading.in_title(sentence.span.start) {
            continue;
        }
        let begins = paragraphs.is_empty() || reading.text[end..sentence.span.start].contains('\n');
        end = sentence.span.end;
        if begins {
            if paragraphs.len() == MOST_PARAGRAPHS {
                break;
            }
            let labelled = is_labelled(reading, at);
            paragraphs.push(Paragraph { span: sentence.span, names: BTreeSet::new(), labelled });
        }
        if let Some(last) = paragraphs.last_mut() {
            last.span.end = sentence.span.end;
            last.names.extend(names(reading, at));
        }
    }
    paragraphs
}

fn is_labelled(reading: &Reading, sentence: usize) -> bool {
    let tokens = reading.tokens_of(sentence);
    let colon = tokens.iter().take(LABEL_WORDS + 1).position(|token| reading.at(token.span) == ":");
    colon.is_some_and(|at| at > 0 && at + 3 < tokens.len())
}

fn names(reading: &Reading, sentence: usize) -> impl Iterator<Item = u32> {
    let names = reading.tokens_of(sentence).iter().filter(|token| {
        token.shape.is_capitalised() || matches!(token.shape, Shape::Mixed | Shape::Caseless)
    });
    names
        .map(|token| words::hash(&words::stem(reading.at(token.span))))
        .filter(|hash| words::weight(*hash) >= PARTICULAR)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn split(reading: &Reading) -> Vec<Span> {
        let nothing = Enrichment::default();
        let article = Signature::of(reading, &nothing, Timestamp::UNIX_EPOCH, 1);
        sections(reading, &article)
    }

    #[test]
    fn a_roundup_is_split_by_story() {
        let reading = Reading::of(
            "Week 12 in brief",
            "Grenwold Clinic is back on paper after an attack.\n\nStaff at Grenwold were told to stay home.\n\nOstrich Systems shipped a fix for CVE-2031-1234.\n\nNothing more, we hope.",
        );
        let told: Vec<&str> = split(&reading).into_iter().map(|span| reading.at(span)).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("stay home"));
        assert!(told[1].starts_with("Ostrich"));
    }

    #[test]
    fn a_report_is_not_split() {
        let reading = Reading::of(
            "Grenwold Clinic hit",
            "Grenwold Clinic is down.\n\nOstrich Systems helps.",
        );
        assert_eq!(split(&reading), []);
    }
}
