//! A verdict for one site: the shared filter's reading, then what the site's moderators taught, then its
//! rules. Every step adds a named signal, so that the signals still add up to the score.

use url::Url;

use super::{
    mind::Mind,
    policy::{Hit, Rules, Seen},
    submission::Submission,
};
use crate::{
    domain::{NamedSignal, Outcome, Pseudonym, RuleAction, RuleField, SitePolicy, detect_language},
    spam::{Examined, Filter, contacts::link_host, signals},
};

/// Log-odds by which a rule or a decision on the same content passes the threshold it is meant to pass.
const CLEARLY: f32 = 1.5;
/// The same for a rule that only holds.
const BARELY: f32 = 0.05;
/// Log-odds of the probabilities 0 and 1, which a policy may name to hold everything, or to call nothing spam.
const CERTAIN: f32 = 30.0;
/// Log-odds of a trusted author.
const TRUSTED: f32 = -3.0;
/// Hosts of a comment that are looked at.
const MAX_HOSTS: usize = 32;
/// Texts of fewer bytes are in no language.
const LEAST_TOLD_BYTES: usize = 40;
/// Corrections that move less are not worth a line.
const LEAST: f32 = 0.1;

/// What a site's verdict is, and what was seen on the way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judgement {
    pub outcome: Outcome,
    pub score: f32,
    pub signals: Vec<NamedSignal>,
    /// What the shared model alone says, 0 to 1.
    pub shared_score: f32,
    pub fingerprint: Option<u64>,
    pub host: Option<String>,
    pub language: Option<String>,
}

impl Judgement {
    /// For a comment nothing could be found out about: a moderator looks.
    pub fn unknown() -> Self {
        Self {
            outcome: Outcome::Unsure,
            score: 0.5,
            signals: Vec::new(),
            shared_score: 0.5,
            fingerprint: None,
            host: None,
            language: None,
        }
    }
}

/// Judges a comment for a site with this policy, these rules and this mind.
pub(super) fn judge(
    filter: &Filter,
    policy: &SitePolicy,
    rules: &Rules,
    mind: &Mind,
    submission: &Submission,
    author: Option<Pseudonym>,
) -> Judgement {
    let model = filter.thresholds();
    let limits = Limits {
        unsure: log_odds(policy.unsure_from.unwrap_or(model.unsure)),
        spam: log_odds(policy.spam_from.unwrap_or(model.spam)),
    };
    filter.examine(&submission.input, mind.memory(), |mut examined| {
        let shared_score = examined.verdict.score;
        let hosts = hosts(submission, &examined);
        let language = told_language(&examined.analysis.view.text)
            .map(str::to_owned)
            .or_else(|| submission.site_language.clone());
        let seen = Seen {
            text: &examined.analysis.view.text,
            hosts: &hosts,
            language: language.as_deref(),
        };
        let hit = rules.find(submission, &seen);
        let mut reading = Reading {
            log_odds: examined.verdict.log_odds,
            signals: std::mem::take(&mut examined.verdict.signals),
        };
        learnt(&mut reading, mind, &examined, submission, &limits);
        if policy.trust_after > 0 && mind.approved(author) >= policy.trust_after {
            let evidence = format!("{} comments approved here", mind.approved(author));
            reading.add("trusted-author", TRUSTED, evidence);
        }
        if submission.honeypot_filled {
            let evidence = "a field hidden from people was filled in".to_owned();
            reading.raise(limits.spam + BARELY, "honeypot", evidence);
        }
        overrule(&mut reading, hit, submission, &limits);
        reading.sort();
        Judgement {
            outcome: limits.outcome(reading.log_odds),
            score: 1.0 / (1.0 + (-reading.log_odds).exp()),
            signals: reading.signals,
            shared_score,
            fingerprint: examined.fingerprint,
            host: hosts.into_iter().next(),
            language,
        }
    })
}

/// A shorter text is in any language.
fn told_language(text: &str) -> Option<&'static str> {
    (text.len() >= LEAST_TOLD_BYTES).then(|| detect_language(text)).flatten()
}

/// Where the outcomes part, in log-odds.
struct Limits {
    unsure: f32,
    spam: f32,
}

impl Limits {
    fn outcome(&self, log_odds: f32) -> Outcome {
        if log_odds >= self.spam {
            Outcome::Spam
        } else if log_odds >= self.unsure {
            Outcome::Unsure
        } else {
            Outcome::Ham
        }
    }

    fn surely_spam(&self) -> f32 {
        self.spam + CLEARLY
    }

    fn surely_ham(&self) -> f32 {
        self.unsure - CLEARLY
    }
}

fn log_odds(probability: f32) -> f32 {
    (probability / (1.0 - probability)).ln().clamp(-CERTAIN, CERTAIN)
}

/// A score in the making.
struct Reading {
    log_odds: f32,
    signals: Vec<NamedSignal>,
}

impl Reading {
    fn add(&mut self, name: &str, weight: f32, evidence: String) {
        self.log_odds += weight;
        self.signals.insert(0, NamedSignal { name: name.to_owned(), weight, evidence });
    }

    /// Moves the score up to `target`, unless it is there already.
    fn raise(&mut self, target: f32, name: &str, evidence: String) {
        self.add(name, (target - self.log_odds).max(0.0), evidence);
    }

    fn lower(&mut self, target: f32, name: &str, evidence: String) {
        self.add(name, (target - self.log_odds).min(0.0), evidence);
    }

    /// Strongest first; the filter's last line sums up what is too small to name and stays last.
    fn sort(&mut self) {
        let named = self.signals.len().saturating_sub(1);
        self.signals[..named].sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    }
}

/// What the site's moderators taught. A text decided as spam is spam again, with other numbers and addresses too.
/// A text that was approved is approved again only word for word and with the same address: a copy with
/// another link is how spam looks.
fn learnt(
    reading: &mut Reading,
    mind: &Mind,
    examined: &Examined<'_>,
    submission: &Submission,
    limits: &Limits,
) {
    if mind.is_blank() {
        return;
    }
    let (correction, strongest) = mind.correction(examined);
    if correction.abs() >= LEAST {
        let evidence = match strongest {
            Some(at) => format!("decisions on this site, mostly about: {}", signals::name(at)),
            None => "decisions on this site about the same words".to_owned(),
        };
        reading.add("learnt-here", correction, evidence);
    }
    let alike = examined.fingerprint.map_or(0.0, |print| mind.memory().evidence(print));
    match mind.decided(&submission.input) {
        Some(true) => {
            reading.raise(limits.surely_spam(), "decided-spam", "called spam here before".into());
        }
        Some(false) => {
            reading.lower(limits.surely_ham(), "decided-ham", "approved here before".into());
        }
        None if alike > 0.0 => reading.raise(
            limits.surely_spam(),
            "decided-alike",
            "nearly the same text was called spam here".into(),
        ),
        None => {}
    }
}

/// Who wrote it and what the site's rules say weighs more than anything read from the text.
fn overrule(reading: &mut Reading, hit: Option<Hit>, submission: &Submission, limits: &Limits) {
    if submission.by_administrator {
        reading.lower(limits.surely_ham(), "administrator", "written by who runs the site".into());
        return;
    }
    let Some(hit) = hit else { return };
    let field = hit.field.as_str();
    match (hit.action, hit.field) {
        (RuleAction::Allow, _) => {
            reading.lower(limits.surely_ham(), &format!("allow-{field}"), hit.value);
        }
        // Language alone is never spam: a person looks.
        (RuleAction::Block, RuleField::Language) => {
            reading.raise(limits.unsure + BARELY, "block-language", hit.value);
        }
        (RuleAction::Block, _) => {
            reading.raise(limits.surely_spam(), &format!("block-{field}"), hit.value);
        }
    }
}

/// Hosts of the author's address and of the links, without `www.`, in this order.
fn hosts(submission: &Submission, examined: &Examined<'_>) -> Vec<String> {
    let text = &examined.analysis.view.text;
    let links = examined.analysis.view.links.iter().map(|link| link.url.as_str());
    let plain = examined.analysis.contacts.iter().map(|contact| &text[contact.start..contact.end]);
    let mut hosts: Vec<String> = Vec::new();
    let author = std::iter::once(submission.input.author_url.trim());
    for address in author.chain(links).chain(plain).take(MAX_HOSTS) {
        if let Some(host) = host_of(address).filter(|host| !hosts.contains(host)) {
            hosts.push(host);
        }
    }
    hosts
}

fn host_of(address: &str) -> Option<String> {
    let lower = address.to_lowercase();
    let parsed = Url::parse(&lower).ok();
    let host = parsed.as_ref().and_then(Url::host_str).or_else(|| link_host(&lower))?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{PolicyRule, UnsureAction},
        spam::CommentInput,
    };

    const PLAIN: &str =
        "The second paragraph confuses two patches; 4.2.1 fixes the parser, not the login.";
    const SCAM: &str = "I lost $40,000 and Mrs Clara Fixwell recovered everything in two days, write to her \
        on WhatsApp +1 555 010 9999 or clarafix@mail.example, she is a genius investor";

    fn submission(content: &str) -> Submission {
        let input = CommentInput {
            author: "Ada".into(),
            content: content.into(),
            ..CommentInput::default()
        };
        Submission { input, ..Submission::default() }
    }

    fn verdict(policy: &SitePolicy, submission: &Submission) -> Judgement {
        let filter = Filter::embedded();
        judge(filter, policy, &Rules::of(policy), &Mind::default(), submission, None)
    }

    fn with_rule(action: RuleAction, field: RuleField, value: &str) -> SitePolicy {
        let rules = vec![PolicyRule { action, field, value: value.into() }];
        SitePolicy { rules, unsure: UnsureAction::Hold, ..SitePolicy::default() }
    }

    #[test]
    fn signals_add_up_to_the_score_whatever_rules_do() {
        for policy in [
            SitePolicy::default(),
            with_rule(RuleAction::Block, RuleField::Author, "ada"),
            with_rule(RuleAction::Allow, RuleField::Author, "ada"),
        ] {
            for text in [PLAIN, SCAM] {
                let judgement = verdict(&policy, &submission(text));
                let sum: f32 = judgement.signals.iter().map(|signal| signal.weight).sum();
                let score = 1.0 / (1.0 + (-sum).exp());
                assert!((score - judgement.score).abs() < 0.001, "{score} {judgement:?}");
            }
        }
    }

    #[test]
    fn rules_decide_and_are_named() {
        let blocked =
            verdict(&with_rule(RuleAction::Block, RuleField::Word, "parser"), &submission(PLAIN));
        assert_eq!(blocked.outcome, Outcome::Spam);
        assert!(blocked.signals.iter().any(|signal| signal.name == "block-word"));
        let allowed =
            verdict(&with_rule(RuleAction::Allow, RuleField::Author, "ada"), &submission(SCAM));
        assert_eq!(allowed.outcome, Outcome::Ham);
    }

    #[test]
    fn language_alone_is_never_spam() {
        let policy = with_rule(RuleAction::Block, RuleField::Language, "en");
        let english = Submission { site_language: Some("en".into()), ..submission("See 4.2.1.") };
        assert_eq!(verdict(&policy, &english).outcome, Outcome::Unsure);
    }

    #[test]
    fn the_administrator_is_heard() {
        let by_administrator = Submission { by_administrator: true, ..submission(SCAM) };
        let policy = with_rule(RuleAction::Block, RuleField::Author, "ada");
        assert_eq!(verdict(&policy, &by_administrator).outcome, Outcome::Ham);
    }

    #[test]
    fn hosts_are_found_in_address_and_text() {
        let mut comment =
            submission("see https://www.Offer.example/x and <a href='http://b.example'>b</a>");
        comment.input.author_url = "http://me.example/".into();
        let policy = with_rule(RuleAction::Block, RuleField::Host, "offer.example");
        let judgement = verdict(&policy, &comment);
        assert_eq!(judgement.outcome, Outcome::Spam);
        assert_eq!(judgement.host.as_deref(), Some("me.example"));
    }
}
