//! A verdict in words: what speaks for and against, how strongly, and where it stands in the text.

use serde::Serialize;

use super::evidence::{Piece, Quote, mark};
use crate::domain::NamedSignal;

/// The name of what is too small to be named; it stands last.
const REST: &str = "rest";
/// Half of the bar, in the units of its drawing.
const HALF: f32 = 50.0;
/// Bars reach their end here at least, so that small weights look small.
const FULL: f32 = 4.0;

/// One reason, as the page draws it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Reason {
    pub number: usize,
    /// Stable name, to find others with the same reason.
    pub name: String,
    pub words: String,
    pub weight: String,
    /// Matched text or what else bears the reason out.
    pub evidence: Option<String>,
    /// `spam` or `ham`.
    pub side: &'static str,
    /// Left end and width of the bar.
    pub x: String,
    pub width: String,
}

/// The reasons of a verdict and the text they point into.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Explained {
    pub paragraphs: Vec<Vec<Piece>>,
    pub reasons: Vec<Reason>,
    /// Sum of the named reasons, and what is left of the score's log-odds.
    pub together: String,
    pub rest: String,
}

/// Explains a comment by the signals of its verdict.
pub(super) fn explain(content: &str, signals: &[NamedSignal]) -> Explained {
    let (named, rest): (Vec<_>, Vec<_>) = signals.iter().partition(|signal| signal.name != REST);
    let most = named.iter().map(|signal| signal.weight.abs()).fold(FULL, f32::max);
    let reasons: Vec<Reason> =
        named.iter().enumerate().map(|(at, signal)| reason(at + 1, signal, most)).collect();
    let quotes: Vec<Quote<'_>> = named
        .iter()
        .enumerate()
        .filter_map(|(at, signal)| {
            let text = split(&signal.evidence).1?;
            Some(Quote { number: at + 1, spam: signal.weight > 0.0, text })
        })
        .collect();
    Explained {
        paragraphs: mark(content, &quotes),
        together: signed(named.iter().map(|signal| signal.weight).sum()),
        rest: signed(rest.iter().map(|signal| signal.weight).sum()),
        reasons,
    }
}

fn reason(number: usize, signal: &NamedSignal, most: f32) -> Reason {
    let spam = signal.weight > 0.0;
    let width = signal.weight.abs() / most * HALF;
    let (own_words, quoted) = split(&signal.evidence);
    let (words, evidence) = match rule_words(&signal.name) {
        Some(words) => (words, Some(signal.evidence.clone())),
        None => (capitalised(own_words), quoted.map(|text| format!("“{text}”"))),
    };
    Reason {
        number,
        name: signal.name.clone(),
        words,
        weight: signed(signal.weight),
        evidence: evidence.filter(|text| !text.is_empty()),
        side: if spam { "spam" } else { "ham" },
        x: format!("{:.1}", if spam { HALF } else { HALF - width }),
        width: format!("{width:.1}"),
    }
}

/// Words for what the site's rules, authors and moderators add; the filter brings its own.
fn rule_words(name: &str) -> Option<String> {
    let fixed = match name {
        "trusted-author" => "Trusted author",
        "honeypot" => "Filled in by a program",
        "administrator" => "Runs the site",
        "learnt-here" => "Learnt on this site",
        "decided-spam" | "decided-ham" => "Decided here before",
        "decided-alike" => "Like one decided here",
        _ => {
            let (action, field) = name.split_once('-')?;
            return match action {
                "allow" => Some(format!("Allowed by a rule for this {field}")),
                "block" => Some(format!("Blocked by a rule for this {field}")),
                _ => None,
            };
        }
    };
    Some(fixed.to_owned())
}

/// `claim of profit: "double your coins"` as its words and what is quoted.
fn split(evidence: &str) -> (&str, Option<&str>) {
    let quoted = evidence
        .split_once(": \"")
        .and_then(|(words, rest)| Some((words, rest.strip_suffix('"')?)));
    match quoted {
        Some((words, text)) => (words, Some(text)),
        None => (evidence, None),
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn signed(weight: f32) -> String {
    let figure = format!("{:.1}", weight.abs());
    match weight {
        _ if figure == "0.0" => figure,
        weight if weight < 0.0 => format!("−{figure}"),
        _ => format!("+{figure}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(name: &str, weight: f32, evidence: &str) -> NamedSignal {
        NamedSignal { name: name.into(), weight, evidence: evidence.into() }
    }

    #[test]
    fn numbers_in_the_text_are_those_of_the_list() {
        let signals = [
            signal(
                "spelled-mail",
                2.0,
                "mail address spelled so that filters miss it: \"bob at mail\"",
            ),
            signal("on-topic", -1.0, "takes up the article's words"),
            signal("block-host", 3.0, "bad.example"),
            signal("rest", -0.5, "prior odds and everything smaller"),
        ];
        let told = explain("Write to Bob at mail", &signals);
        let words: Vec<_> = told.reasons.iter().map(|reason| reason.words.as_str()).collect();
        assert_eq!(
            words,
            [
                "Mail address spelled so that filters miss it",
                "Takes up the article's words",
                "Blocked by a rule for this host"
            ]
        );
        assert_eq!(told.reasons[0].evidence.as_deref(), Some("“bob at mail”"));
        assert_eq!(told.reasons[2].evidence.as_deref(), Some("bad.example"));
        let marked: Vec<_> =
            told.paragraphs[0].iter().filter(|piece| piece.mark.is_some()).collect();
        assert_eq!((marked[0].text.as_str(), &marked[0].numbers[..]), ("Bob at mail", &[1][..]));
        assert_eq!((told.together.as_str(), told.rest.as_str()), ("+4.0", "−0.5"));
    }

    #[test]
    fn bars_start_in_the_middle() {
        let told = explain("", &[signal("a", 2.0, "x"), signal("b", -8.0, "y")]);
        let bars: Vec<_> = told.reasons.iter().map(|r| (r.x.as_str(), r.width.as_str())).collect();
        assert_eq!(bars, [("50.0", "12.5"), ("0.0", "50.0")]);
    }
}
