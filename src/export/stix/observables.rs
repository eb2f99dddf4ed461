//! Indicators with what they watch for. Only what is the attacker's: a victim's address in a report would be blocked by
//! somebody.

use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::object::{Object, TLP_CLEAR};
use crate::{
    domain::{ArticleKey, Indicator, IndicatorKind, IndicatorRole},
    export::{
        ArticleItem,
        text::{rfc3339_ms, tame},
    },
};

/// Namespace of the ids of observables (STIX 2.1 section 2.9).
const NAMESPACE: Uuid = uuid!("00abedb4-aa42-466c-9c01-fed23315a9b7");

/// An indicator, its observable, and the relationship between them.
pub(super) struct Watched<'a> {
    pub source: &'a Indicator,
    pub indicator: Object,
    pub observable: Object,
}

/// What can be watched for. Wallets have no place in STIX 2.1 and are left out.
pub(super) fn watched<'a>(item: &'a ArticleItem, key: &ArticleKey) -> Vec<Watched<'a>> {
    let malicious = item.found.indicators.iter().filter(|one| one.role == IndicatorRole::Malicious);
    malicious.filter_map(|one| watch(item, key, one)).collect()
}

fn watch<'a>(item: &ArticleItem, key: &ArticleKey, one: &'a Indicator) -> Option<Watched<'a>> {
    let observable = observable(one)?;
    let article = &item.article;
    let indicator = Object::of("indicator", &[one.kind.as_str(), &one.value, key.as_str()])
        .dated(article.first_seen, item.last_changed())
        .set("name", one.value.as_str())
        .set("description", described(&article.title, &one.reason))
        .set("indicator_types", json!(["malicious-activity"]))
        .set("pattern", pattern(one)?)
        .set("pattern_type", "stix")
        .set("pattern_version", "2.1")
        .set("valid_from", rfc3339_ms(article.published));
    Some(Watched { source: one, indicator, observable })
}

fn described(title: &str, reason: &str) -> String {
    tame(&format!("Named as malicious in “{title}”: {reason}")).into_owned()
}

/// The observable of an indicator.
fn observable(one: &Indicator) -> Option<Object> {
    let value = || json!({ "value": one.value });
    let (kind, identity) = match one.kind {
        IndicatorKind::Domain => ("domain-name", value()),
        IndicatorKind::Url => ("url", value()),
        IndicatorKind::Ipv4 => ("ipv4-addr", value()),
        IndicatorKind::Ipv6 => ("ipv6-addr", value()),
        IndicatorKind::Email => ("email-addr", value()),
        IndicatorKind::Btc => return None,
        hash => ("file", json!({ "hashes": { algorithm(hash)?: one.value } })),
    };
    Some(of(kind, identity))
}

/// A product as software.
pub(super) fn software(name: &str) -> Object {
    of("software", json!({ "name": name }))
}

/// An observable whose members all make up its identity.
fn of(kind: &'static str, identity: Value) -> Object {
    let object = Object::with_id(kind, observable_id(&identity));
    let Value::Object(members) = identity else { return object };
    members
        .into_iter()
        .fold(object, |object, (name, value)| object.set(&name, value))
        .set("object_marking_refs", json!([TLP_CLEAR]))
}

/// The id that the standard prescribes. Maps of `serde_json` are sorted and written without blanks, which is the
/// canonical form of RFC 8785 for texts.
fn observable_id(identity: &Value) -> Uuid {
    Uuid::new_v5(&NAMESPACE, identity.to_string().as_bytes())
}

fn algorithm(kind: IndicatorKind) -> Option<&'static str> {
    match kind {
        IndicatorKind::Md5 => Some("MD5"),
        IndicatorKind::Sha1 => Some("SHA-1"),
        IndicatorKind::Sha256 => Some("SHA-256"),
        IndicatorKind::Sha512 => Some("SHA-512"),
        _ => None,
    }
}

/// STIX patterning (STIX 2.1 section 9).
fn pattern(one: &Indicator) -> Option<String> {
    let path = match one.kind {
        IndicatorKind::Domain => "domain-name:value".to_owned(),
        IndicatorKind::Url => "url:value".to_owned(),
        IndicatorKind::Ipv4 => "ipv4-addr:value".to_owned(),
        IndicatorKind::Ipv6 => "ipv6-addr:value".to_owned(),
        IndicatorKind::Email => "email-addr:value".to_owned(),
        IndicatorKind::Btc => return None,
        IndicatorKind::Md5 => "file:hashes.MD5".to_owned(),
        hash => format!("file:hashes.'{}'", algorithm(hash)?),
    };
    let value = one.value.replace('\\', "\\\\").replace('\'', "\\'");
    Some(format!("[{path} = '{value}']"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Span;

    fn indicator(kind: IndicatorKind, value: &str) -> Indicator {
        let (role, reason) = (IndicatorRole::Malicious, String::new());
        Indicator { kind, value: value.to_owned(), role, reason, span: Span { start: 0, end: 0 } }
    }

    #[test]
    fn observables_have_the_ids_of_the_standard() {
        // As the library stix2 3.0.2 makes them.
        for (kind, value, id) in [
            (
                IndicatorKind::Domain,
                "gannet-cdn.example",
                "domain-name--6ace4741-573d-5e2d-826e-b356d35139cd",
            ),
            (
                IndicatorKind::Md5,
                "44d88612fea8a8f36de82e1278abb02f",
                "file--5a0c55a1-48a3-5003-9776-42946d1054cb",
            ),
        ] {
            let object = observable(&indicator(kind, value)).expect("an observable");
            assert_eq!(object.id(), id);
        }
    }

    #[test]
    fn patterns_are_quoted() {
        let one = indicator(IndicatorKind::Url, "http://a.example/'\\x");
        assert_eq!(pattern(&one).as_deref(), Some(r"[url:value = 'http://a.example/\'\\x']"));
        let hash = indicator(IndicatorKind::Sha256, "ab");
        assert_eq!(pattern(&hash).as_deref(), Some("[file:hashes.'SHA-256' = 'ab']"));
        assert_eq!(pattern(&indicator(IndicatorKind::Btc, "1a")), None);
    }
}
