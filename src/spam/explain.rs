//! A verdict in words: what each signal adds, and the text that set it off.

use super::{
    CommentInput,
    analysis::Analysis,
    contacts::Kind,
    filter::{NamedSignal, Reading},
    intents::Intent,
    lexicon::Class,
    model::Model,
    ngrams, rules,
    signals::{self, Signal},
};

/// Signals that are named; the others are summed up.
const NAMED: usize = 8;
/// Signals that move the log-odds less are not worth a line.
const LEAST: f32 = 0.15;
const MAX_EVIDENCE: usize = 60;

/// The signals of a reading, strongest first. Their weights add up to its log-odds.
pub(super) fn signals(
    model: Option<&Model>,
    reading: &Reading,
    input: &CommentInput,
    analysis: &Analysis,
) -> Vec<NamedSignal> {
    let mut parts = contributions(model, reading);
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let mut named = Vec::with_capacity(NAMED + 1);
    let mut rest = reading.log_odds;
    for (part, weight) in parts.into_iter().take(NAMED).filter(|p| p.1.abs() >= LEAST) {
        rest -= weight;
        let evidence = match (&part, model) {
            (Part::Text, Some(model)) => wording(model, weight, analysis),
            _ => part.evidence(input, analysis),
        };
        named.push(NamedSignal { name: part.name(), weight, evidence });
    }
    let evidence = "prior odds and everything smaller".to_owned();
    named.push(NamedSignal { name: "rest".into(), weight: rest, evidence });
    named
}

/// Where a part of the score comes from.
enum Part {
    Text,
    Seen,
    Value(usize),
}

fn contributions(model: Option<&Model>, reading: &Reading) -> Vec<(Part, f32)> {
    let mut parts = Vec::with_capacity(signals::COUNT + 2);
    let values = reading.values.iter().enumerate().filter(|(_, value)| **value != 0.0);
    match model {
        Some(model) => {
            let scale = model.log_odds_scale();
            let text = model.wording_weight(&reading.wording, &reading.values) * scale;
            parts.push((Part::Text, text));
            parts.push((Part::Seen, reading.seen));
            let weight = |at: usize| model.header.columns[at].weight * scale;
            parts.extend(values.map(|(at, value)| (Part::Value(at), weight(at) * value)));
        }
        None => {
            let weight = |at| rules::weight(at, &reading.values);
            parts.extend(values.map(|(at, value)| (Part::Value(at), weight(at) * value)));
        }
    }
    parts
}

impl Part {
    fn name(&self) -> String {
        match self {
            Part::Text => "wording".into(),
            Part::Seen => "seen-before".into(),
            Part::Value(at) => signals::name(*at).into(),
        }
    }

    fn evidence(&self, input: &CommentInput, analysis: &Analysis) -> String {
        match self {
            Part::Text => "wording".into(),
            Part::Seen => "text hardly different from one already decided".into(),
            Part::Value(at) => value_evidence(*at, input, analysis),
        }
    }
}

/// The wording as a whole, and the word that says it best.
fn wording(model: &Model, weight: f32, analysis: &Analysis) -> String {
    let direction = if weight > 0.0 { 1 } else { -1 };
    let word = ngrams::strongest_word(&analysis.view.text, |feature| {
        i32::from(model.cells[feature as usize].weight) * direction
    });
    let words = if weight > 0.0 { "wording of spam" } else { "wording of genuine comments" };
    with_text(words, word)
}

fn value_evidence(at: usize, input: &CommentInput, analysis: &Analysis) -> String {
    let classes = Class::ALL.len();
    let intents = classes + Intent::ALL.len();
    if at < classes {
        let class = Class::ALL[at];
        return with_text(class.words(), first_hit(analysis, class));
    }
    if at < intents {
        let intent = Intent::ALL[at - classes];
        let hit = intent.claims().iter().find_map(|class| first_hit(analysis, *class));
        return with_text(intent.words(), hit);
    }
    let signal = Signal::ALL[at - intents];
    with_text(signal.words(), signal_text(signal, input, analysis))
}

fn with_text(words: &str, text: Option<&str>) -> String {
    match text {
        Some(text) => format!("{words}: \"{}\"", shorten(text)),
        None => words.to_owned(),
    }
}

fn shorten(text: &str) -> String {
    let cut = text.floor_char_boundary(MAX_EVIDENCE);
    let mut short = text[..cut].trim().replace('\n', " ");
    if cut < text.len() {
        short.push('…');
    }
    short
}

fn first_hit(analysis: &Analysis, class: Class) -> Option<&str> {
    let hit = analysis.hits.iter().filter(|h| h.class == class).max_by_key(|h| h.end - h.start)?;
    Some(&analysis.view.text[hit.start..hit.end])
}

fn contact<'a>(analysis: &'a Analysis, wanted: &[Kind]) -> Option<&'a str> {
    let contact = analysis.contacts.iter().find(|c| wanted.contains(&c.kind))?;
    Some(&analysis.view.text[contact.start..contact.end])
}

/// The text that set a signal off, where one place can be pointed at.
fn signal_text<'a>(
    signal: Signal,
    input: &'a CommentInput,
    analysis: &'a Analysis,
) -> Option<&'a str> {
    let direct = [
        Kind::Mail,
        Kind::SpelledMail,
        Kind::Phone,
        Kind::MoneyHandle,
        Kind::ChatLink,
        Kind::Shortened,
        Kind::Handle,
    ];
    match signal {
        Signal::Mail => contact(analysis, &[Kind::Mail]),
        Signal::SpelledMail => contact(analysis, &[Kind::SpelledMail]),
        Signal::Phone => contact(analysis, &[Kind::Phone]),
        Signal::Handle => contact(analysis, &[Kind::Handle]),
        Signal::MoneyHandle => contact(analysis, &[Kind::MoneyHandle]),
        Signal::ChatLink => contact(analysis, &[Kind::ChatLink]),
        Signal::Shortened => contact(analysis, &[Kind::Shortened]),
        Signal::CheapHost => contact(analysis, &[Kind::CheapHost]),
        Signal::ContactNearClaim | Signal::InviteContact | Signal::ChannelContact => {
            contact(analysis, &direct)
        }
        Signal::Link | Signal::ManyLinks | Signal::LinkShare | Signal::TailLink => {
            contact(analysis, &[Kind::Link]).or(analysis.view.links.first().map(|l| l.url.as_str()))
        }
        Signal::MarkupLink | Signal::CommercialAnchor => {
            analysis.view.links.first().map(|l| l.anchor.as_str())
        }
        Signal::Invisible
        | Signal::Marks
        | Signal::Styled
        | Signal::Lookalikes
        | Signal::Leet
        | Signal::BrandNumber => analysis.view.disguised.first().map(String::as_str),
        Signal::TitledPerson => first_hit(analysis, Class::Title),
        Signal::PersonPraise | Signal::TestimonialGain => first_hit(analysis, Class::Testimonial),
        Signal::PraiseTail | Signal::PraiseOnly | Signal::OddPraise => {
            first_hit(analysis, Class::Praise)
        }
        Signal::TailLine => analysis.view.text.trim_end().rsplit('\n').next(),
        Signal::AuthorKeyword | Signal::AuthorHost | Signal::AuthorMoney => Some(&input.author),
        Signal::AuthorUrlCommercial | Signal::AuthorUrlCheap => Some(&input.author_url),
        Signal::MailMismatch => Some(&input.author_email),
        Signal::OnTopic => Some(&input.context),
        _ => None,
    }
}
