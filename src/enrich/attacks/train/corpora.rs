//! The labelled sets that can be learnt from, each read into the same kind of example.

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::{Example, place};
use crate::{
    domain::Attack,
    enrich::{
        Reading,
        attacks::{Hints, cues::Cues, features::Features},
    },
};

/// Where a labelled article comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Corpus {
    /// Articles with five event types.
    Casie,
    /// Summaries of incidents with VERIS actions.
    Vcdb,
    /// One-sentence incidents with a class.
    Hackmageddon,
    /// Articles with all tags and the main one.
    Newsroom,
}

/// CASIE's event types, in the order in which they are reported.
pub const CASIE_TYPES: [(&str, Attack); 5] = [
    ("Databreach", Attack::DataBreach),
    ("Phishing", Attack::Phishing),
    ("Ransom", Attack::Ransomware),
    ("DiscoverVulnerability", Attack::Vulnerability),
    ("PatchVulnerability", Attack::Patch),
];

/// VERIS actions and the attacks that say each.
pub const VERIS_ACTIONS: [(&str, &[Attack]); 6] = [
    (
        "hacking",
        &[
            Attack::Intrusion,
            Attack::Ddos,
            Attack::ZeroDay,
            Attack::AccountTakeover,
            Attack::Defacement,
        ],
    ),
    (
        "malware",
        &[
            Attack::Malware,
            Attack::Ransomware,
            Attack::Wiper,
            Attack::Botnet,
            Attack::Cryptojacking,
        ],
    ),
    ("social", &[Attack::Phishing, Attack::BecFraud]),
    ("misuse", &[Attack::Insider]),
    ("error", &[Attack::DataExposure]),
    ("physical", &[Attack::Physical]),
];

/// The class under which Hackmageddon would file an attack.
pub fn hackmageddon_class(attack: Option<Attack>) -> &'static str {
    match attack {
        Some(Attack::Ransomware) => "ransomware",
        Some(Attack::Ddos) => "ddos",
        Some(Attack::AccountTakeover) => "account takeover",
        Some(Attack::Malware | Attack::Wiper | Attack::Botnet | Attack::Cryptojacking) => "malware",
        Some(Attack::Vulnerability | Attack::ZeroDay | Attack::Patch) => "vulnerability",
        Some(Attack::Espionage) => "targeted attack",
        Some(Attack::Defacement) => "defacement",
        _ => "other",
    }
}

impl Corpus {
    /// How much one article of the set counts: sets that are large, or labelled from outside the text, count less.
    pub(super) fn cost(self) -> f32 {
        match self {
            Self::Casie => 2.0,
            Self::Vcdb => 0.7,
            Self::Hackmageddon => 1.0,
            Self::Newsroom => 3.0,
        }
    }

    /// How often one article stands before the judges, which know no weights.
    pub(super) fn copies(self) -> usize {
        match self {
            Self::Casie => 2,
            Self::Vcdb | Self::Hackmageddon => 1,
            Self::Newsroom => 5,
        }
    }

    /// Reads one line of the set; `None` if it is no labelled article. `hints` tells what is named in it.
    pub fn read(self, line: &str, hints: impl Fn(&Reading) -> Hints) -> Option<Example> {
        let row: Value = serde_json::from_str(line).ok()?;
        let text = row["text"].as_str()?;
        let reading = Reading::of(row["title"].as_str().unwrap_or_default(), text);
        let mut example = Example {
            features: Features::of(&reading, Cues::embedded(), hints(&reading)),
            corpus: self,
            labels: vec![None; Attack::ALL.len()],
            main: Vec::new(),
            veris: Vec::new(),
            class: String::new(),
            group: xxh3_64(self.group(&row).as_bytes()),
        };
        match self {
            Self::Casie => example.read_casie(&row),
            Self::Vcdb => example.read_vcdb(&row),
            Self::Hackmageddon => example.read_hackmageddon(&row),
            Self::Newsroom => example.read_newsroom(&row),
        }
        Some(example)
    }

    /// What articles that must stay together share.
    fn group(self, row: &Value) -> String {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let group = match self {
            Self::Casie => String::new(),
            Self::Vcdb => row["references"][0].as_str().unwrap_or_default().to_owned(),
            Self::Hackmageddon => text("url"),
            Self::Newsroom => text("incident"),
        };
        if group.is_empty() { text("id") } else { group }
    }
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

impl Example {
    fn set(&mut self, attack: Attack, label: bool) {
        self.labels[place(attack)] = Some(label);
    }

    fn read_casie(&mut self, row: &Value) {
        for (name, attack) in CASIE_TYPES {
            self.set(attack, strings(&row["labels"]).any(|label| label == name));
        }
    }

    fn read_vcdb(&mut self, row: &Value) {
        let actions: Vec<&str> = strings(&row["labels"]).collect();
        if actions.contains(&"unknown") {
            return;
        }
        let known = VERIS_ACTIONS.iter().map(|(action, _)| *action);
        self.veris = known.filter(|action| actions.contains(action)).collect();
        let varieties = |action: &str| -> Vec<&str> { strings(&row["action"][action]).collect() };
        let (hacking, malware, social) =
            (varieties("hacking"), varieties("malware"), varieties("social"));
        let any = |all: &[&str], of: &[&str]| all.iter().any(|one| of.contains(one));
        self.set(Attack::Intrusion, actions.contains(&"hacking"));
        self.set(Attack::Insider, actions.contains(&"misuse"));
        self.set(Attack::DataExposure, actions.contains(&"error"));
        self.set(Attack::Physical, actions.contains(&"physical"));
        self.set(Attack::Ddos, any(&hacking, &["DoS"]));
        self.set(Attack::Ransomware, any(&malware, &["Ransomware"]));
        if hacking.is_empty() || !any(&hacking, &["Unknown"]) {
            self.set(
                Attack::AccountTakeover,
                any(&hacking, &["Use of stolen creds", "Brute force"]),
            );
        }
        if !any(&malware, &["Ransomware"]) {
            self.set(Attack::Malware, actions.contains(&"malware"));
        }
        if social.is_empty() || any(&social, &["Phishing"]) {
            self.set(Attack::Phishing, any(&social, &["Phishing"]));
        }
    }

    fn read_hackmageddon(&mut self, row: &Value) {
        let class = strings(&row["labels"]).next().unwrap_or_default();
        self.class = class.to_owned();
        let right = |attack: &Attack| hackmageddon_class(Some(*attack)) == class;
        self.main = Attack::ALL.into_iter().filter(right).collect();
        if self.main.is_empty() {
            self.main = Attack::ALL
                .into_iter()
                .filter(|attack| hackmageddon_class(Some(*attack)) == "other")
                .collect();
        }
        for attack in [Attack::Ransomware, Attack::Ddos, Attack::AccountTakeover, Attack::Malware] {
            // A row has one class only: another attack of the text may not show in it.
            let is_class = hackmageddon_class(Some(attack)) == class;
            if is_class || attack != Attack::Malware || class != "ransomware" {
                self.set(attack, is_class);
            }
        }
        self.set(Attack::ZeroDay, class == "vulnerability");
    }

    fn read_newsroom(&mut self, row: &Value) {
        let gold = &row["gold"];
        let reported: Vec<Attack> =
            strings(&gold["attacks"]).filter_map(Attack::from_name).collect();
        for attack in Attack::ALL {
            self.set(attack, reported.contains(&attack));
        }
        self.main = gold["main_attack"].as_str().and_then(Attack::from_name).into_iter().collect();
    }
}
