//! A MISP feed (github.com/MISP/PyMISP, `examples/feed-generator`): a list of events, their hashes, and a file for each
//! event. An incident is an event; the articles that cover it are its links and its report.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use md5::{Digest as _, Md5};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ArticleItem, IncidentItem, Publisher,
    galaxies::elsewhere,
    publisher::own_id,
    text::{rfc3339, shown, tame, told},
};
use crate::domain::{
    Attack, EntityKind, IncidentEntity, IndicatorKind, IndicatorRole, SourceId, country_name,
};

/// Undetermined: news says what happened, not how much it matters to the reader.
const THREAT_LEVEL: &str = "4";
/// Initial.
const ANALYSIS: &str = "0";
/// Sources that must call something malicious before tools are told to look for it.
const SURE_FROM: usize = 2;
const ORGANISATION: &str = "siftwire";

/// An incident as MISP has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    uuid: Uuid,
    timestamp: Timestamp,
    manifest: Value,
    whole: Value,
    /// Values of the attributes.
    values: Vec<String>,
}

/// What events are filtered by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Tag {
    name: String,
    colour: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Attribute {
    uuid: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    category: &'static str,
    value: String,
    comment: String,
    to_ids: bool,
    disable_correlation: bool,
    /// Unix seconds, as text like all numbers of a feed.
    timestamp: String,
}

impl Event {
    /// The event of an incident.
    pub fn of(publisher: &Publisher, item: &IncidentItem) -> Self {
        let incident = &item.incident;
        let page = publisher.incident_url(incident.id.0);
        let uuid = own_id(&["misp-event", &page]);
        let timestamp = item.last_changed();
        let tags = tags(item);
        let attributes = Attributes::of(uuid, item);
        let manifest = json!({
            "Orgc": organisation(),
            "Tag": tags,
            "info": shown(&incident.title, &page),
            "date": incident.first_seen.strftime("%Y-%m-%d").to_string(),
            "analysis": ANALYSIS,
            "threat_level_id": THREAT_LEVEL,
            "timestamp": timestamp.as_second().to_string(),
        });
        let mut whole = manifest.clone();
        let more = json!({
            "uuid": uuid,
            "published": true,
            "publish_timestamp": timestamp.as_second().to_string(),
            "extends_uuid": "",
            "Attribute": attributes.list,
            "Object": [],
            "EventReport": [report(uuid, item, &page)],
        });
        if let (Value::Object(whole), Value::Object(more)) = (&mut whole, more) {
            whole.extend(more);
        }
        let values = attributes.list.into_iter().map(|one| one.value).collect();
        Self { uuid, timestamp, manifest, whole: json!({ "Event": whole }), values }
    }

    /// Its name: the file is `{uuid}.json`.
    pub fn uuid(&self) -> Uuid {
        self.uuid
    }

    /// When it last changed; a client reads it again only if this went up.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// The event's file.
    pub fn json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.whole).expect("plain data can be written as JSON")
    }
}

/// The two lists of a feed, made event by event.
#[derive(Debug, Default)]
pub struct Lists {
    manifest: BTreeMap<String, Value>,
    hashes: String,
}

impl Lists {
    /// Takes an event into the lists.
    pub fn add(&mut self, event: &Event) {
        for value in &event.values {
            let digest = Md5::digest(value.as_bytes());
            digest.iter().for_each(|byte| self.hashes.push_str(&format!("{byte:02x}")));
            self.hashes.push_str(&format!(",{}\n", event.uuid));
        }
        self.manifest.insert(event.uuid.to_string(), event.manifest.clone());
    }

    /// `manifest.json`: what each event is about.
    pub fn manifest(&self) -> Vec<u8> {
        serde_json::to_vec(&self.manifest).expect("plain data can be written as JSON")
    }

    /// `hashes.csv`: which event has which value, by its digest.
    pub fn hashes(&self) -> &[u8] {
        self.hashes.as_bytes()
    }
}

fn organisation() -> Value {
    json!({ "name": ORGANISATION, "uuid": own_id(&["misp-organisation", ORGANISATION]) })
}

fn tags(item: &IncidentItem) -> Vec<Tag> {
    let incident = &item.incident;
    let mut tags = vec![Tag { name: "tlp:clear".to_owned(), colour: "#ffffff" }];
    let mut add = |name: String, colour| {
        let tag = Tag { name, colour };
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    };
    add("type:OSINT".to_owned(), "#004646");
    for attack in &incident.attacks {
        attack_tags(*attack).iter().for_each(|tag| add((*tag).to_owned(), "#3a7300"));
    }
    for entity in &incident.entities {
        for tag in galaxy_tags(entity) {
            add(tag, "#0088cc");
        }
    }
    tags
}

/// What MISP's galaxies call malware, actors and techniques; names that they lack have no tag.
fn galaxy_tags(entity: &IncidentEntity) -> Vec<String> {
    let known = elsewhere(entity.kind, &entity.name, entity.id.as_deref());
    let tags = known.map(|known| known.tags.as_slice()).unwrap_or_default();
    tags.iter().map(|tag| format!("misp-galaxy:{tag}")).collect()
}

/// Terms of the taxonomies RSIT and eCSIRT.
fn attack_tags(attack: Attack) -> &'static [&'static str] {
    match attack {
        Attack::Ransomware => &["ecsirt:malicious-code=\"ransomware\""],
        Attack::DataBreach => {
            &["rsit:information-content-security=\"unauthorised-information-access\""]
        }
        Attack::DataExposure => &["rsit:information-content-security=\"data-loss\""],
        Attack::Phishing => &["rsit:fraud=\"phishing\""],
        Attack::BecFraud => &["rsit:fraud=\"masquerade\""],
        Attack::Ddos => &["rsit:availability=\"ddos\""],
        Attack::ZeroDay | Attack::Vulnerability | Attack::Patch => {
            &["rsit:vulnerable=\"vulnerable-system\""]
        }
        Attack::Malware | Attack::Botnet | Attack::Wiper => {
            &["rsit:malicious-code=\"infected-system\""]
        }
        Attack::Intrusion | Attack::AccountTakeover | Attack::Espionage => {
            &["rsit:intrusions=\"system-compromise\""]
        }
        _ => &[],
    }
}

/// The attributes of an event, each once.
struct Attributes {
    event: Uuid,
    list: Vec<Attribute>,
    known: BTreeSet<(&'static str, String)>,
}

impl Attributes {
    fn of(event: Uuid, item: &IncidentItem) -> Self {
        let mut found = Self { event, list: Vec::new(), known: BTreeSet::new() };
        for article in &item.coverage {
            let article = &article.article;
            let comment = tame(&format!("{}: {}", article.source, article.title)).into_owned();
            found.add("link", "External analysis", &article.url, comment, article.last_changed);
        }
        for entity in &item.incident.entities {
            found.entity(entity, item.last_changed());
        }
        for code in &item.incident.countries {
            let name = country_name(code).unwrap_or(code);
            let comment = "country of the victims".to_owned();
            found.add("target-location", "Targeting data", name, comment, item.last_changed());
        }
        for article in item.originals() {
            found.indicators(article, item);
        }
        found
    }

    fn add(
        &mut self,
        kind: &'static str,
        category: &'static str,
        value: &str,
        comment: String,
        at: Timestamp,
    ) -> Option<&mut Attribute> {
        if value.trim().is_empty() || !self.known.insert((kind, value.to_owned())) {
            return None;
        }
        self.list.push(Attribute {
            uuid: own_id(&["misp-attribute", &self.event.to_string(), kind, value]),
            kind,
            category,
            value: value.to_owned(),
            comment,
            to_ids: false,
            // Links and names are shared by much that has nothing to do with each other.
            disable_correlation: !matches!(category, "Network activity" | "Payload delivery"),
            timestamp: at.as_second().to_string(),
        });
        self.list.last_mut()
    }

    fn entity(&mut self, entity: &IncidentEntity, at: Timestamp) {
        let (kind, category) = match entity.kind {
            EntityKind::Cve => ("vulnerability", "External analysis"),
            EntityKind::Victim => ("target-org", "Targeting data"),
            _ => return,
        };
        let comment = format!("named by {} of the articles", entity.articles);
        if let Some(attribute) = self.add(kind, category, &entity.name, comment, at) {
            attribute.disable_correlation = entity.kind != EntityKind::Cve;
        }
    }

    /// What an article says is the attacker's. Victims' own addresses are left out, so that nobody blocks them.
    fn indicators(&mut self, article: &ArticleItem, item: &IncidentItem) {
        let indicators = article.found.indicators.iter();
        for one in indicators.filter(|one| one.role == IndicatorRole::Malicious) {
            let (kind, category) = type_of(one.kind);
            let comment = format!("{}: {}", article.article.source, one.reason);
            let at = article.last_changed();
            if let Some(attribute) = self.add(kind, category, &one.value, comment, at) {
                attribute.to_ids = is_sure(item, one.kind, &one.value);
            }
        }
    }
}

/// Whether several sources call it malicious, and none calls it anything else.
fn is_sure(item: &IncidentItem, kind: IndicatorKind, value: &str) -> bool {
    let mut sources: BTreeSet<i64> = BTreeSet::new();
    for article in item.originals() {
        let named = article.found.indicators.iter();
        for one in named.filter(|one| one.kind == kind && one.value == value) {
            if one.role != IndicatorRole::Malicious {
                return false;
            }
            let SourceId(source) = article.article.source_id;
            sources.insert(source);
        }
    }
    sources.len() >= SURE_FROM
}

/// Type and category of an attribute.
fn type_of(kind: IndicatorKind) -> (&'static str, &'static str) {
    match kind {
        IndicatorKind::Domain => ("domain", "Network activity"),
        IndicatorKind::Url => ("url", "Network activity"),
        IndicatorKind::Ipv4 | IndicatorKind::Ipv6 => ("ip-dst", "Network activity"),
        IndicatorKind::Email => ("email-src", "Payload delivery"),
        IndicatorKind::Md5 => ("md5", "Payload delivery"),
        IndicatorKind::Sha1 => ("sha1", "Payload delivery"),
        IndicatorKind::Sha256 => ("sha256", "Payload delivery"),
        IndicatorKind::Sha512 => ("sha512", "Payload delivery"),
        IndicatorKind::Btc => ("btc", "Financial fraud"),
    }
}

/// What happened, for people, in Markdown.
fn report(event: Uuid, item: &IncidentItem, page: &str) -> Value {
    let incident = &item.incident;
    let mut text = format!("# {}\n\n", markdown(&shown(&incident.title, page)));
    if let Some(told) = told(incident) {
        text.push_str(&format!("{}\n\n", markdown(&told)));
    }
    text.push_str("## Coverage\n\n");
    for article in &item.coverage {
        let article = &article.article;
        let title = markdown(&shown(&article.title, &article.url));
        let (source, at) = (markdown(&article.source), rfc3339(article.published));
        text.push_str(&format!("- {at} {source}: {title} <{}>\n", address(&article.url)));
    }
    text.push_str(&format!("\nPut together by siftwire: <{}>\n", address(page)));
    json!({
        "uuid": own_id(&["misp-report", &event.to_string()]),
        "name": shown(&incident.title, page),
        "content": text,
        "distribution": "5",
        "sharing_group_id": "0",
        "timestamp": item.last_changed().as_second().to_string(),
        "deleted": false,
    })
}

/// Text that Markdown shows as it is, on one line. `@[…]` and `![…]` are MISP's own references, which brackets make.
fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if letter.is_control() {
            continue;
        }
        if "\\`*_{}[]()<>#+-!|~$&@".contains(letter) {
            shown.push('\\');
        }
        shown.push(letter);
    }
    shown
}

/// An address between angle brackets.
fn address(url: &str) -> String {
    url.chars()
        .filter(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>'))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::export::{Item, samples};

    fn incident() -> IncidentItem {
        let Item::Incident(item) = samples::incident() else { panic!("an incident") };
        *item
    }

    fn event(item: &IncidentItem) -> Value {
        let event = Event::of(&Publisher::new("https://news.example"), item);
        serde_json::from_slice(&event.json()).expect("JSON")
    }

    #[test]
    fn an_incident_is_an_event() {
        insta::assert_json_snapshot!(event(&incident()));
    }

    #[test]
    fn a_feed_has_a_manifest_and_hashes() {
        let event = Event::of(&Publisher::new("https://news.example"), &incident());
        let mut lists = Lists::default();
        lists.add(&event);
        let manifest: Value = serde_json::from_slice(&lists.manifest()).expect("JSON");
        assert_eq!(manifest[event.uuid().to_string()]["timestamp"], "1795426200");
        let hashes = String::from_utf8_lossy(lists.hashes()).into_owned();
        assert_eq!(hashes.lines().count(), event.values.len());
        // md5("gannet-cdn.example")
        assert!(
            hashes.contains(&format!("107009e30651238bf3ce4c8e8183169c,{}", event.uuid())),
            "{hashes}"
        );
    }

    #[test]
    fn tools_look_only_for_what_several_sources_call_malicious() {
        let mut item = incident();
        let to_ids = |item: &IncidentItem| {
            let event = event(item);
            let attributes = event["Event"]["Attribute"].as_array().expect("attributes").clone();
            let sure = attributes.iter().filter(|one| one["to_ids"] == true);
            sure.map(|one| one["value"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert!(to_ids(&item).is_empty());
        let mut second = item.coverage[0].clone();
        second.article.source_id = SourceId(2);
        item.coverage.push(second);
        assert_eq!(to_ids(&item), ["gannet-cdn.example", "44d88612fea8a8f36de82e1278abb02f"]);
        item.coverage[1].found.indicators[0].role = IndicatorRole::Benign;
        assert_eq!(to_ids(&item), ["44d88612fea8a8f36de82e1278abb02f"]);
    }

    #[test]
    fn markdown_shows_text_as_it_is() {
        assert_eq!(markdown("@[attribute](x)\n# a"), "\\@\\[attribute\\]\\(x\\) \\# a");
        assert_eq!(address("https://a.example/<b> c"), "https://a.example/bc");
    }

    proptest! {
        #[test]
        fn any_text_makes_a_sound_event(title in any::<String>(), text in any::<String>()) {
            let [_, (_, item)] = samples::with_texts(&title, &text);
            let Item::Incident(item) = item else { panic!("an incident") };
            let event = event(&item);
            prop_assert_ne!(&event["Event"]["info"], &Value::from(""));
            let report = event["Event"]["EventReport"][0]["content"].as_str().expect("a report");
            let is_plain = !report.contains("](") && !report.contains('\0');
            prop_assert!(is_plain, "a report without links of others: {}", report);
        }
    }
}
