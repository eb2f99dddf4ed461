//! The rules of incidents as little stories, and what must hold of any text.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{
    domain::{Enrichment, Entity, EntityKind, Span},
    enrich::Reading,
};

fn day(days: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + days * 86_400).expect("a time")
}

fn entity(reading: &Reading, kind: EntityKind, name: &str) -> Entity {
    let places = reading.text.match_indices(name);
    let spans: Vec<Span> =
        places.map(|(start, name)| Span { start, end: start + name.len() }).collect();
    let evidence = spans.first().copied().unwrap_or(Span { start: 0, end: 0 });
    Entity { kind, name: name.to_owned(), id: None, spans, evidence, known_exploited: false }
}

fn article(
    days: i64,
    language: &str,
    title: &str,
    body: &str,
    names: &[(EntityKind, &str)],
) -> Signature {
    let reading = Reading::of(title, body);
    let entities = names.iter().map(|(kind, name)| entity(&reading, *kind, name)).collect();
    let enrichment =
        Enrichment { language: Some(language.to_owned()), entities, ..Enrichment::default() };
    Signature::of(&reading, &enrichment, day(days), 1)
}

use EntityKind::{Actor, Cve, Malware, Victim};

fn first_attack() -> Signature {
    article(
        0,
        "en",
        "Grenwold Clinic turns patients away after ransomware attack",
        "Grenwold Clinic sent patients home on Monday. Attackers calling themselves Mistral Fox had encrypted its records, a spokesperson said.",
        &[(Victim, "Grenwold Clinic"), (Actor, "Mistral Fox")],
    )
}

fn joins(article: &Signature, known: &[&Signature]) -> bool {
    let group = Group::of(known.iter().copied());
    matches!(assign(article, &[(IncidentId(1), group)]), Assignment::Join { .. })
}

#[test]
fn the_same_victim_days_later_joins_and_says_why() {
    let next = article(
        2,
        "en",
        "Grenwold Clinic reopens two wards",
        "Two wards at Grenwold Clinic took patients again on Wednesday.",
        &[(Victim, "Grenwold Clinic")],
    );
    let candidates = [(IncidentId(7), Group::of([&first_attack()]))];
    let Assignment::Join { incident, score, reasons } = assign(&next, &candidates) else {
        panic!("it stands apart");
    };
    assert_eq!(incident, IncidentId(7));
    assert!((0.0..=1.0).contains(&score));
    assert_eq!(reasons[0], "both name Grenwold Clinic as victim");
    assert_eq!(reasons.last().map(String::as_str), Some("published 2 days apart"));
}

#[test]
fn the_same_victim_months_later_stands_apart() {
    let again = article(
        150,
        "en",
        "Grenwold Clinic mailbox sends fraudulent invoices",
        "A mailbox at Grenwold Clinic sent false invoices to suppliers on Tuesday.",
        &[(Victim, "Grenwold Clinic")],
    );
    assert!(!joins(&again, &[&first_attack()]));
}

#[test]
fn a_new_event_that_recalls_the_earlier_one_stands_apart() {
    let again = article(
        150,
        "en",
        "Grenwold Clinic loses laptops to thieves",
        "Grenwold Clinic said the theft has no connection to the ransomware attack in November by Mistral Fox.",
        &[(Victim, "Grenwold Clinic"), (Actor, "Mistral Fox")],
    );
    assert!(!joins(&again, &[&first_attack()]));
}

#[test]
fn a_fine_a_year_later_joins() {
    let fine = article(
        380,
        "en",
        "Grenwold Clinic fined over ransomware attack",
        "The regulator fined Grenwold Clinic a year after the attack of November 2023, in which Mistral Fox encrypted patient records.",
        &[(Victim, "Grenwold Clinic"), (Actor, "Mistral Fox")],
    );
    assert!(joins(&fine, &[&first_attack()]));
}

#[test]
fn like_headlines_about_another_victim_of_the_same_attacker_stand_apart() {
    let other = article(
        4,
        "en",
        "Ostrich Hospital turns patients away after ransomware attack",
        "Ostrich Hospital sent patients home on Friday. Attackers calling themselves Mistral Fox had encrypted its records. Grenwold Clinic was hit on Monday.",
        &[(Victim, "Ostrich Hospital"), (Actor, "Mistral Fox")],
    );
    assert!(!joins(&other, &[&first_attack()]));
}

#[test]
fn coverage_in_another_language_joins_by_its_names() {
    let german = article(
        1,
        "de",
        "Klinik nach Angriff im Notbetrieb",
        "Die Grenwold Clinic arbeitet seit Montag auf Papier. Zu dem Angriff bekannte sich die Gruppe Mistral Fox.",
        &[(Victim, "Grenwold Clinic"), (Actor, "Mistral Fox")],
    );
    assert!(joins(&german, &[&first_attack()]));
    let flaw = article(
        0,
        "en",
        "Ostrich gateway flaw is exploited",
        "CVE-2031-1234 in Ostrich gateways lets anyone in.",
        &[(Cve, "CVE-2031-1234")],
    );
    let spanish = article(
        1,
        "es",
        "Un fallo abre las puertas",
        "El fallo CVE-2031-1234 ya se explota.",
        &[(Cve, "CVE-2031-1234")],
    );
    assert!(joins(&spanish, &[&flaw]));
}

#[test]
fn equal_initials_do_not_make_one_victim_of_two() {
    let told = |name: &str| {
        article(
            1,
            "en",
            &format!("{name} turns patients away after ransomware attack"),
            &format!("{name} sent patients home. Attackers had encrypted its records."),
            &[(Victim, name)],
        )
    };
    assert!(!joins(&told("Greyhollow Chemists"), &[&told("Grenwold Clinic")]));
}

#[test]
fn another_victim_in_the_headline_is_another_incident_though_the_first_is_recalled() {
    let next = article(
        1,
        "en",
        "Quillsay Hospital turns patients away after ransomware attack",
        "Quillsay Hospital sent patients home on Tuesday. Attackers calling themselves Mistral Fox had encrypted its records, as they did at Grenwold Clinic on Monday.",
        &[(Victim, "Quillsay Hospital"), (Victim, "Grenwold Clinic"), (Actor, "Mistral Fox")],
    );
    assert!(!joins(&next, &[&first_attack()]));
}

#[test]
fn names_in_general_news_do_not_count() {
    let first = article(
        0,
        "en",
        "Harrow Wanderers sign a goalkeeper",
        "Harrow Wanderers have signed the keeper for two seasons, the club said.",
        &[(Victim, "Harrow Wanderers")],
    );
    let second = article(
        1,
        "en",
        "Fire at a warehouse in Lowmere",
        "Crews fought the blaze all night. Harrow Wanderers lent their car park.",
        &[(Victim, "Harrow Wanderers")],
    );
    let general = Group::of([&first]);
    assert!(!features::compare(&second, &general).named);
    assert!(features::compare(&first_attack(), &Group::of([&first_attack()])).named);
}

#[test]
fn a_section_recalls_the_incidents_whose_victims_it_names() {
    let other = article(
        1,
        "en",
        "Quillsay Hospital breached",
        "Quillsay Hospital said that hackers took its patient records.",
        &[(Victim, "Quillsay Hospital")],
    );
    let unrelated = article(
        1,
        "en",
        "Ostrich Systems breached",
        "Ostrich Systems said that hackers took its source code.",
        &[(Victim, "Ostrich Systems")],
    );
    let candidates = [
        (IncidentId(1), Group::of([&first_attack()])),
        (IncidentId(2), Group::of([&other])),
        (IncidentId(3), Group::of([&unrelated])),
    ];
    let section = article(
        3,
        "en",
        "",
        "Hackers went for wards: Grenwold Clinic and Quillsay Hospital are back on paper after ransomware attacks.",
        &[(Victim, "Grenwold Clinic"), (Victim, "Quillsay Hospital")],
    );
    let mut found = recalled(&section, &candidates);
    found.sort_unstable();
    assert_eq!(found, [IncidentId(1), IncidentId(2)]);
    let general = article(3, "en", "", "Elsewhere: the council wants a museum of locks.", &[]);
    assert_eq!(recalled(&general, &candidates), []);
}

#[test]
fn an_incident_opens_with_something_that_happened() {
    assert!(first_attack().may_open());
    let ferry = article(
        0,
        "en",
        "Ferry runs aground off Quillsay",
        "Sixty people were brought ashore in lifeboats.",
        &[(Victim, "Quillsay Ferries")],
    );
    assert!(!ferry.may_open());
    let idle = article(0, "en", "Hackers meet in Lowmere", "Talks on malware, and cake.", &[]);
    assert!(!idle.may_open());
}

#[test]
fn a_roundup_belongs_to_none() {
    let told = article(
        3,
        "en",
        "The week in review",
        "Grenwold Clinic is back on paper.\n\nElsewhere, Ostrich Systems fixed a flaw.",
        &[(Victim, "Grenwold Clinic")],
    );
    assert_eq!(assign(&told, &[(IncidentId(1), Group::of([&first_attack()]))]), Assignment::None);
}

#[test]
fn articles_of_one_incident_share_a_key() {
    let short =
        article(90, "en", "Trust fined", "The Grenwold trust was fined.", &[(Victim, "Grenwold")]);
    let keys = first_attack().keys();
    assert!(short.keys().iter().any(|key| keys.contains(key)));
    assert!(keys.len() <= 80, "{}", keys.len());
}

#[test]
fn abbreviations_are_the_same_victim() {
    let long = article(
        0,
        "en",
        "Ostrich Quill Rail stops",
        "All trains of Ostrich Quill Rail stand.",
        &[(Victim, "Ostrich Quill Rail")],
    );
    let short = article(
        1,
        "en",
        "OQR trains run again",
        "OQR ran its first trains after the wiper.",
        &[(Victim, "OQR"), (Malware, "wiper")],
    );
    assert!(joins(&short, &[&long]));
}

#[test]
fn a_signature_fits_a_row() {
    let bytes = postcard::to_stdvec(&first_attack()).expect("plain data");
    assert!(bytes.len() < 4_096, "{}", bytes.len());
    let back: Signature = postcard::from_bytes(&bytes).expect("what was written");
    assert_eq!(back, first_attack());
}

proptest! {
    #[test]
    fn any_texts_are_compared(title in "\\PC{0,40}", body in "(\\PC|\n|[A-Z][a-z]{2,6} |20[0-9]{2} |in May ){0,80}", days in -40_000_i64..40_000) {
        let odd = article(days, "en", &title, &body, &[(Victim, &title)]);
        let group = Group::of([&first_attack(), &odd]);
        let _ = odd.keys();
        let _ = assign(&odd, &[(IncidentId(1), group), (IncidentId(2), Group::default())]);
        let reading = Reading::of(&title, &body);
        for span in sections(&reading, &article(days, "en", &title, &body, &[])) {
            prop_assert!(!reading.at(span).is_empty());
        }
    }

    #[test]
    fn adding_is_building(bodies in proptest::collection::vec("([a-z]{3,9} |[A-Z][a-z]{3,9} |[0-9]{3,6} ){1,40}", 1..6)) {
        let members: Vec<Signature> = bodies
            .iter()
            .enumerate()
            .map(|(at, body)| article(at as i64, "en", "Told", body, &[(Victim, "Grenwold")]))
            .collect();
        let mut group = Group::default();
        members.iter().for_each(|member| group.add(member));
        prop_assert_eq!(&group, &Group::of(&members));
        prop_assert_eq!(group.articles() as usize, members.len());
    }
}
