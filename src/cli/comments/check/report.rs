//! What stands out in a file of comments, for people.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    path::Path,
};

use crate::{
    exchange::{FileComment, Format, State},
    spam::{Outcome, Verdict},
};

/// Comments shown of each kind.
const SHOWN: usize = 5;
/// Campaigns and reasons shown.
const TOP: usize = 10;
/// Campaigns counted at once; beyond, those seen once are forgotten.
const MAX_CAMPAIGNS: usize = 50_000;
/// Letters of a comment or a reason shown.
const EXCERPT: usize = 100;
const OUTCOMES: [Outcome; 3] = [Outcome::Ham, Outcome::Unsure, Outcome::Spam];

/// Counts and samples. Its size does not grow with the file.
#[derive(Debug, Default)]
pub(super) struct Report {
    files: Vec<String>,
    /// By what the file says, then by verdict.
    counts: BTreeMap<State, [u64; 3]>,
    /// By name: in how many unsure or spam comments, and once in words.
    reasons: HashMap<String, (u64, String)>,
    campaigns: HashMap<u64, Campaign>,
    /// The clearest contradictions between file and filter, clearest first.
    published_spam: Vec<Sample>,
    genuine_in_spam: Vec<Sample>,
    /// Comments that the filter leaves to the moderator.
    unsure: Vec<Sample>,
}

#[derive(Debug)]
struct Campaign {
    comments: u64,
    sample: String,
}

#[derive(Debug)]
struct Sample {
    id: String,
    score: f32,
    text: String,
}

impl Report {
    /// A file is begun.
    pub fn begin(&mut self, path: &Path, format: Format) {
        let name = if path == Path::new("-") {
            "standard input".into()
        } else {
            path.display().to_string()
        };
        self.files.push(format!("{name}: {format}"));
    }

    /// Counts a comment. `campaign` is its fingerprint, if it is long enough to have one.
    pub fn add(&mut self, comment: &FileComment, verdict: &Verdict, campaign: Option<u64>) {
        let at = OUTCOMES.iter().position(|outcome| *outcome == verdict.outcome).unwrap_or(1);
        self.counts.entry(comment.state).or_default()[at] += 1;
        let sample = || Sample {
            id: printable(&comment.input.id),
            score: verdict.score,
            text: excerpt(&format!("{}: {}", comment.input.author, comment.input.content)),
        };
        match (comment.state, verdict.outcome) {
            (State::Published, Outcome::Spam) => {
                keep(&mut self.published_spam, sample, |s| s.score)
            }
            (State::Spam, Outcome::Ham) => keep(&mut self.genuine_in_spam, sample, |s| -s.score),
            (_, Outcome::Unsure) => keep(&mut self.unsure, sample, |s| s.score),
            _ => {}
        }
        if verdict.outcome == Outcome::Ham {
            return;
        }
        for signal in verdict.signals.iter().filter(|s| s.weight > 0.0 && s.name != "rest") {
            let words = || excerpt(&signal.evidence);
            self.reasons.entry(signal.name.clone()).or_insert_with(|| (0, words())).0 += 1;
        }
        if let Some(campaign) = campaign {
            self.campaign(campaign, &comment.input.content);
        }
    }

    fn campaign(&mut self, fingerprint: u64, content: &str) {
        if self.campaigns.len() >= MAX_CAMPAIGNS {
            self.campaigns.retain(|_, campaign| campaign.comments > 1);
        }
        self.campaigns
            .entry(fingerprint)
            .or_insert_with(|| Campaign { comments: 0, sample: excerpt(content) })
            .comments += 1;
    }

    fn total(&self) -> [u64; 3] {
        let mut total = [0; 3];
        for counts in self.counts.values() {
            for (sum, count) in total.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        total
    }

    fn write_counts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:<14}{:>9}{:>9}{:>9}", "in the file", "ham", "unsure", "spam")?;
        for (state, [ham, unsure, spam]) in &self.counts {
            writeln!(f, "{:<14}{ham:>9}{unsure:>9}{spam:>9}", state.word())?;
        }
        let [ham, unsure, spam] = self.total();
        writeln!(f, "{:<14}{ham:>9}{unsure:>9}{spam:>9}", "together")
    }

    fn write_campaigns(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut campaigns: Vec<&Campaign> =
            self.campaigns.values().filter(|campaign| campaign.comments > 1).collect();
        if campaigns.is_empty() {
            return Ok(());
        }
        campaigns.sort_by(|a, b| b.comments.cmp(&a.comments).then_with(|| a.sample.cmp(&b.sample)));
        writeln!(f, "\nThe same text, again and again")?;
        for Campaign { comments, sample } in campaigns.into_iter().take(TOP) {
            writeln!(f, "{comments:>7} x  {sample}")?;
        }
        Ok(())
    }

    fn write_reasons(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reasons.is_empty() {
            return Ok(());
        }
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by(|(a_name, a), (b_name, b)| b.0.cmp(&a.0).then_with(|| a_name.cmp(b_name)));
        writeln!(f, "\nWhy comments were held or blocked")?;
        for (name, (comments, words)) in reasons.into_iter().take(TOP) {
            writeln!(f, "{comments:>7}    {name}, such as: {words}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            writeln!(f, "{}", printable(file))?;
        }
        if self.counts.is_empty() {
            return writeln!(f, "no comments");
        }
        self.write_counts(f)?;
        write_samples(f, "Published, but looks like spam", &self.published_spam)?;
        write_samples(f, "Marked as spam, but looks genuine", &self.genuine_in_spam)?;
        write_samples(f, "Unsure: for you to decide", &self.unsure)?;
        self.write_campaigns(f)?;
        self.write_reasons(f)
    }
}

fn write_samples(f: &mut fmt::Formatter<'_>, title: &str, samples: &[Sample]) -> fmt::Result {
    if samples.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{title}")?;
    for Sample { id, score, text } in samples {
        writeln!(f, "{score:>7.2}    {id}  {text}")?;
    }
    Ok(())
}

/// Keeps the few samples that rank highest.
fn keep(samples: &mut Vec<Sample>, new: impl Fn() -> Sample, rank: impl Fn(&Sample) -> f32) {
    let sample = new();
    if samples.len() == SHOWN && samples.last().is_some_and(|last| rank(last) >= rank(&sample)) {
        return;
    }
    samples.push(sample);
    samples.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    samples.truncate(SHOWN);
}

/// The first letters of a text on one line.
fn excerpt(text: &str) -> String {
    let words = text.split_whitespace().take(EXCERPT).collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().take(EXCERPT).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    printable(&short)
}

/// Text without what could command a terminal.
pub(in crate::cli::comments) fn printable(text: &str) -> String {
    let hidden =
        |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.replace(hidden, "\u{FFFD}")
}

/// `1 comment`, `2 comments`.
pub(in crate::cli::comments) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_command_a_terminal() {
        assert_eq!(excerpt("a\u{1b}[2J\n b\u{202E}c"), "a\u{FFFD}[2J b\u{FFFD}c");
        assert_eq!(excerpt(&"x".repeat(500)).chars().count(), EXCERPT + 1);
    }
}
