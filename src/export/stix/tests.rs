use proptest::prelude::*;

use super::*;
use crate::export::samples;

fn publisher() -> Publisher {
    let aliases = |kind, name: &str| match (kind, name) {
        (EntityKind::Actor, "Quiet Heron") => vec!["Grey Stilt".to_owned()],
        _ => Vec::new(),
    };
    Publisher::new("https://news.example/").with_aliases(std::sync::Arc::new(aliases))
}

fn bundle(items: &[Item]) -> Value {
    let mut bundle = Bundle::new(publisher());
    let mut out = Vec::new();
    bundle.begin(&mut out);
    items.iter().for_each(|item| bundle.item(item, &mut out));
    bundle.end(&mut out);
    serde_json::from_slice(&out).expect("JSON")
}

#[test]
fn an_article_is_a_report_and_what_it_names() {
    insta::assert_json_snapshot!(bundle(&[samples::article()]));
}

#[test]
fn an_incident_is_a_grouping_over_reports() {
    let all = bundle(&[samples::incident(), samples::article()]);
    let objects = all["objects"].as_array().expect("objects");
    let grouping = objects.iter().find(|object| object["type"] == "grouping").expect("a grouping");
    let refs = grouping["object_refs"].as_array().expect("references");
    let reports = objects.iter().filter(|object| object["type"] == "report");
    assert_eq!(reports.clone().count(), 1, "the article alone adds nothing");
    assert!(reports.clone().all(|report| refs.contains(&report["id"])));
    insta::assert_json_snapshot!(grouping);
}

#[test]
fn only_what_one_sentence_says_is_stated() {
    let objects = objects(&publisher(), &samples::article());
    let name = |id: &str| {
        let object = objects.iter().find(|object| object.id() == id).expect("an object");
        object.json()["name"].as_str().unwrap_or(object.kind()).to_owned()
    };
    let stated: Vec<String> = objects
        .iter()
        .filter(|object| object.kind() == "relationship")
        .map(|object| {
            let json = object.json();
            let end = |member: &str| name(json[member].as_str().expect("an id"));
            format!("{} {} {}", end("source_ref"), json["relationship_type"], end("target_ref"))
        })
        .collect();
    insta::assert_snapshot!(stated.join("\n").replace('"', ""));
}

#[test]
fn objects_can_be_taken_one_by_one() {
    let objects = objects(&publisher(), &samples::article());
    let report = objects.last().expect("a report");
    assert_eq!(report.kind(), "report");
    assert_eq!(report.modified().map(|at| at.to_string()).as_deref(), Some("2026-11-23T09:30:00Z"));
    let refs = &report.json()["object_refs"];
    assert_eq!(refs.as_array().map(Vec::len), Some(objects.len() - 1));
    assert_eq!(common()[1].id(), object::TLP_CLEAR);
    assert!(common().iter().all(|object| object.modified().is_none()));
}

proptest! {
    #[test]
    fn every_reference_leads_to_an_object(title in any::<String>(), text in any::<String>()) {
        for (_, item) in samples::with_texts(&title, &text) {
            let bundle = bundle(&[item]);
            let objects = bundle["objects"].as_array().expect("objects");
            let ids: HashSet<&str> = objects.iter().filter_map(|object| object["id"].as_str()).collect();
            prop_assert_eq!(ids.len(), objects.len());
            for object in objects {
                for (name, value) in object.as_object().expect("an object") {
                    let refs = match value {
                        Value::Array(list) if name.ends_with("_refs") => list.clone(),
                        one if name.ends_with("_ref") => vec![one.clone()],
                        _ => continue,
                    };
                    for id in refs {
                        prop_assert!(ids.contains(id.as_str().unwrap_or_default()), "{}", id);
                    }
                }
                prop_assert_ne!(&object["name"], &Value::from(""));
            }
        }
    }
}
