//! A site's own rules, ready for use.

use std::net::IpAddr;

use ipnet::IpNet;
use thiserror::Error;

use super::submission::Submission;
use crate::{
    domain::{PolicyRule, RuleAction, RuleField, SitePolicy},
    spam::normalise::View,
};

/// Rules of one site.
const MAX_RULES: usize = 1_000;
/// Bytes of a rule's value.
const MAX_VALUE: usize = 200;

/// Why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PolicyError {
    #[error("{what} must lie between 0 and 1")]
    Probability { what: &'static str },
    #[error("unsure_from must not be above spam_from")]
    Order,
    #[error("a site has at most {MAX_RULES} rules")]
    TooMany,
    #[error("the value of a rule has 1 to {MAX_VALUE} bytes")]
    Value,
    #[error(
        "{0} is no network; write an address such as 192.0.2.7 or a network such as 192.0.2.0/24"
    )]
    Network(String),
    #[error("{0} is no language; write a code of two or three letters such as de")]
    Language(String),
}

/// Checks what an operator wrote, before it is stored.
///
/// # Errors
/// The first mistake.
pub fn check_policy(policy: &SitePolicy) -> Result<(), PolicyError> {
    let probabilities = [
        ("unsure_from", policy.unsure_from),
        ("spam_from", policy.spam_from),
        ("discard_from", policy.discard_from),
    ];
    for (what, value) in probabilities {
        if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            return Err(PolicyError::Probability { what });
        }
    }
    if policy.unsure_from.zip(policy.spam_from).is_some_and(|(unsure, spam)| unsure > spam) {
        return Err(PolicyError::Order);
    }
    if policy.rules.len() > MAX_RULES {
        return Err(PolicyError::TooMany);
    }
    policy.rules.iter().try_for_each(|rule| Matcher::of(rule).map(drop))
}

/// The rules of a site.
#[derive(Debug, Default)]
pub(super) struct Rules {
    allow: Vec<Rule>,
    block: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    field: RuleField,
    value: String,
    matcher: Matcher,
}

#[derive(Debug)]
enum Matcher {
    Author(String),
    Mail(String),
    Host(String),
    Network(IpNet),
    /// As the normaliser writes it.
    Word(String),
    Language(String),
}

/// A rule that holds for a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub action: RuleAction,
    pub field: RuleField,
    pub value: String,
}

/// What rules look at, beside the submission itself.
pub(super) struct Seen<'a> {
    /// The normalised text.
    pub text: &'a str,
    /// Hosts of the author's address and of all links.
    pub hosts: &'a [String],
    pub language: Option<&'a str>,
}

impl Rules {
    /// Rules that make no sense are left out; [`check_policy`] keeps them from being stored.
    pub fn of(policy: &SitePolicy) -> Self {
        let mut rules = Self::default();
        for rule in policy.rules.iter().take(MAX_RULES) {
            let Ok(matcher) = Matcher::of(rule) else { continue };
            let ready = Rule { field: rule.field, value: rule.value.clone(), matcher };
            match rule.action {
                RuleAction::Allow => rules.allow.push(ready),
                RuleAction::Block => rules.block.push(ready),
            }
        }
        rules
    }

    /// The first rule that holds; allow rules are asked first.
    pub fn find(&self, submission: &Submission, seen: &Seen<'_>) -> Option<Hit> {
        let holds = |rule: &&Rule| rule.matcher.holds(submission, seen);
        let hit = |action| {
            move |rule: &Rule| Hit { action, field: rule.field, value: rule.value.clone() }
        };
        let allow = self.allow.iter().find(holds).map(hit(RuleAction::Allow));
        allow.or_else(|| self.block.iter().find(holds).map(hit(RuleAction::Block)))
    }
}

impl Matcher {
    fn of(rule: &PolicyRule) -> Result<Self, PolicyError> {
        let value = rule.value.trim().to_lowercase();
        if value.is_empty() || value.len() > MAX_VALUE {
            return Err(PolicyError::Value);
        }
        Ok(match rule.field {
            RuleField::Author => Self::Author(value),
            RuleField::Mail => Self::Mail(value),
            RuleField::Host => Self::Host(bare_host(&value).to_owned()),
            RuleField::Network => Self::Network(network(&value)?),
            RuleField::Word => Self::Word(normalised(&value).ok_or(PolicyError::Value)?),
            RuleField::Language if matches!(value.len(), 2 | 3) => Self::Language(value),
            RuleField::Language => return Err(PolicyError::Language(value)),
        })
    }

    fn holds(&self, submission: &Submission, seen: &Seen<'_>) -> bool {
        let input = &submission.input;
        match self {
            Self::Author(name) => input.author.trim().to_lowercase() == *name,
            Self::Mail(wanted) => {
                let mail = input.author_email.trim().to_lowercase();
                mail == *wanted || wanted.starts_with('@') && mail.ends_with(wanted.as_str())
            }
            Self::Host(host) => seen.hosts.iter().any(|other| is_below(other, host)),
            Self::Network(network) => {
                let address = input.user_ip.trim().parse::<IpAddr>();
                address.is_ok_and(|address| network.contains(&address.to_canonical()))
            }
            Self::Word(word) => has_word(seen.text, word),
            Self::Language(language) => seen.language == Some(language.as_str()),
        }
    }
}

fn network(value: &str) -> Result<IpNet, PolicyError> {
    let address = || value.parse::<IpAddr>().map(IpNet::from).ok();
    value.parse().ok().or_else(address).ok_or_else(|| PolicyError::Network(value.to_owned()))
}

/// `https://www.example.org/x` as `example.org`.
fn bare_host(value: &str) -> &str {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or(rest);
    host.strip_prefix("www.").unwrap_or(host)
}

fn is_below(host: &str, parent: &str) -> bool {
    host == parent || host.strip_suffix(parent).is_some_and(|before| before.ends_with('.'))
}

/// The value as the normaliser would write it in a comment, so that disguise does not get past a rule.
fn normalised(value: &str) -> Option<String> {
    let mut view = View::default();
    view.read(value);
    let text = view.text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Whether a word or phrase stands in the text as such: `dress` does not stand in `address`.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spam::CommentInput;

    fn rule(action: RuleAction, field: RuleField, value: &str) -> PolicyRule {
        PolicyRule { action, field, value: value.into() }
    }

    fn found(rules: &[PolicyRule]) -> Option<(RuleAction, RuleField)> {
        let submission = Submission {
            input: CommentInput {
                author: "Andressa".into(),
                author_email: "ada@sub.example.org".into(),
                user_ip: "192.0.2.44".into(),
                ..CommentInput::default()
            },
            ..Submission::default()
        };
        let hosts = ["shop.example.net".to_owned()];
        let text = "my address is secret, cheap pills";
        let seen = Seen { text, hosts: &hosts, language: Some("de") };
        let policy = SitePolicy { rules: rules.to_vec(), ..SitePolicy::default() };
        Rules::of(&policy).find(&submission, &seen).map(|hit| (hit.action, hit.field))
    }

    #[test]
    fn each_field_is_compared_in_its_own_way() {
        use RuleAction::Block;
        use RuleField::{Author, Host, Language, Mail, Network, Word};
        for (field, value) in [
            (Author, "andressa"),
            (Mail, "ADA@sub.example.org"),
            (Mail, "@sub.example.org"),
            (Host, "https://www.example.net/"),
            (Network, "192.0.2.0/24"),
            (Network, "192.0.2.44"),
            (Word, "Chéap pills"),
            (Language, "de"),
        ] {
            assert_eq!(found(&[rule(Block, field, value)]), Some((Block, field)), "{value}");
        }
        for (field, value) in [
            (Author, "andres"),
            (Mail, "@example.org"),
            (Host, "ample.net"),
            (Network, "192.0.3.0/24"),
            (Word, "dress"),
            (Language, "en"),
        ] {
            assert_eq!(found(&[rule(Block, field, value)]), None, "{value}");
        }
    }

    #[test]
    fn allow_rules_come_first() {
        let rules = [
            rule(RuleAction::Block, RuleField::Word, "secret"),
            rule(RuleAction::Allow, RuleField::Author, "Andressa"),
        ];
        assert_eq!(found(&rules), Some((RuleAction::Allow, RuleField::Author)));
    }

    #[test]
    fn mistakes_are_named() {
        let with = |field, value: &str| SitePolicy {
            rules: vec![rule(RuleAction::Block, field, value)],
            ..SitePolicy::default()
        };
        assert!(check_policy(&SitePolicy::default()).is_ok());
        let checked = |field, value| check_policy(&with(field, value)).unwrap_err();
        assert!(matches!(checked(RuleField::Network, "10.0.0.0/99"), PolicyError::Network(_)));
        assert!(matches!(checked(RuleField::Language, "german"), PolicyError::Language(_)));
        assert_eq!(checked(RuleField::Word, "  "), PolicyError::Value);
        let policy = SitePolicy { spam_from: Some(1.5), ..SitePolicy::default() };
        assert_eq!(check_policy(&policy), Err(PolicyError::Probability { what: "spam_from" }));
        let policy =
            SitePolicy { unsure_from: Some(0.9), spam_from: Some(0.5), ..SitePolicy::default() };
        assert_eq!(check_policy(&policy), Err(PolicyError::Order));
    }
}
