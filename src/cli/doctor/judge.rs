//! What the facts mean, in words, and what to do.

use jiff::Timestamp;

use super::{
    Finding, Verdict,
    facts::{Facts, Folder, Found, IndexFacts, StoreFacts},
};
use crate::{
    config::Config,
    domain::{HealthState, Source},
};

/// Sources named one by one.
const SOURCES_NAMED: usize = 3;
/// Seconds: this program was written after it, so a clock before it is wrong. 2026-01-01.
const EARLIEST: i64 = 1_767_225_600;
/// Changes an index may be behind while a service is at work.
const FAR_BEHIND: i64 = 10_000;

/// All findings, in the order in which an operator would ask.
pub(super) fn findings(facts: &Facts, config: &Config, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![
        settings(facts),
        contact(config),
        clock(now),
        folder(facts, config),
        store(&facts.store),
        index(&facts.index, &facts.store),
    ];
    if let Found::There(store) = &facts.store {
        findings.extend(sources(store));
    }
    findings.push(certificates(facts));
    findings.push(port(facts, config));
    findings
}

fn ok(subject: &'static str, finding: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Ok, subject, finding: finding.into(), remedy: String::new() }
}

fn note(subject: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Note, ..problem(subject, finding, remedy) }
}

fn problem(
    subject: &'static str,
    finding: impl Into<String>,
    remedy: impl Into<String>,
) -> Finding {
    let (finding, remedy) = (finding.into(), remedy.into());
    Finding { verdict: Verdict::Problem, subject, finding, remedy }
}

fn settings(facts: &Facts) -> Finding {
    match &facts.settings_file {
        Some(file) => ok("settings", format!("{file} can be read")),
        None => ok("settings", "built-in defaults; siftwire config prints a file to start from"),
    }
}

fn contact(config: &Config) -> Finding {
    if config.crawl.contact.is_empty() {
        return note(
            "contact",
            "sites that are crawled cannot see how to reach you",
            "set crawl.contact to a web or mail address",
        );
    }
    ok("contact", config.crawl.contact.clone())
}

fn clock(now: Timestamp) -> Finding {
    if now.as_second() < EARLIEST {
        return problem(
            "clock",
            format!("it says {now}"),
            "set the clock: dates of articles and the schedule depend on it",
        );
    }
    ok("clock", format!("it says {}", now.strftime("%Y-%m-%d %H:%M UTC")))
}

fn folder(facts: &Facts, config: &Config) -> Finding {
    let path = config.data_dir.display();
    match &facts.folder {
        Folder::Writable => ok("data folder", format!("{path} can be written")),
        Folder::Missing => {
            note("data folder", format!("{path} does not exist"), "the first command makes it")
        }
        Folder::Refused(reason) => problem(
            "data folder",
            format!("{path} cannot be written: {reason}"),
            "give this user the right to write there, or choose another with --data",
        ),
    }
}

fn store(store: &Found<StoreFacts>) -> Finding {
    match store {
        Found::Absent => note(
            "store",
            "there is none yet",
            "siftwire sources defaults && siftwire serve, or siftwire demo to look around",
        ),
        Found::Broken(reason) => problem(
            "store",
            reason,
            "stop the service and put a copy back: siftwire restore FILE --replace",
        ),
        Found::There(StoreFacts { counts, .. }) => ok(
            "store",
            format!("sound; {} articles, {} comments", counts.articles, counts.comments),
        ),
    }
}

fn index(index: &Found<IndexFacts>, store: &Found<StoreFacts>) -> Finding {
    let rebuild = "siftwire reindex";
    let index = match index {
        Found::Absent => {
            return note("search index", "there is none yet", "the next search makes it");
        }
        Found::Broken(reason) => return problem("search index", reason, rebuild),
        Found::There(index) if !index.sound => {
            return problem("search index", "its files are damaged", rebuild);
        }
        Found::There(index) => index,
    };
    let Found::There(store) = store else {
        return ok("search index", format!("sound; {} articles", index.articles));
    };
    let behind = store.counts.sequence.0 - index.sequence.0;
    match behind {
        0 => ok("search index", format!("sound and up to date; {} articles", index.articles)),
        i64::MIN..0 => problem("search index", "it is ahead of the store", rebuild),
        1..FAR_BEHIND => {
            note("search index", format!("{behind} changes behind"), "the next search catches up")
        }
        _ => note("search index", format!("{behind} changes behind"), rebuild),
    }
}

fn sources(store: &StoreFacts) -> Vec<Finding> {
    if store.sources.is_empty() {
        return vec![note(
            "sources",
            "none are watched",
            "siftwire sources defaults, or siftwire sources add URL",
        )];
    }
    let is_failing = |source: &&Source| source.health.state == HealthState::Failing;
    let failing: Vec<&Source> = store.sources.iter().filter(is_failing).collect();
    let total = store.sources.len();
    if failing.is_empty() {
        return vec![ok("sources", format!("{total} watched, none failing"))];
    }
    let mut findings = vec![note(
        "sources",
        format!("{} of {total} failing", failing.len()),
        "siftwire sources list --failing",
    )];
    findings.extend(failing.iter().take(SOURCES_NAMED).map(|source| {
        let reason = source.health.error.as_deref().unwrap_or("no reason kept");
        note("source", format!("{}: {reason}", source.url), "")
    }));
    findings
}

fn certificates(facts: &Facts) -> Finding {
    if facts.certificates || !cfg!(target_os = "linux") {
        return ok("certificates", "authorities for https are known");
    }
    problem(
        "certificates",
        "no certificate authorities found: https addresses cannot be fetched",
        "install the package ca-certificates",
    )
}

fn port(facts: &Facts, config: &Config) -> Finding {
    let address = config.serve.listen;
    if facts.port_in_use {
        return note(
            "address",
            format!("{address} is in use, perhaps by siftwire itself"),
            "if it is another program: siftwire serve --listen HOST:PORT",
        );
    }
    ok("address", format!("{address} is free"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::Sequence, store::Counts};

    fn counts(sequence: i64) -> Counts {
        Counts { articles: 7, sequence: Sequence(sequence), ..Counts::default() }
    }

    fn healthy() -> Facts {
        Facts {
            settings_file: None,
            folder: Folder::Writable,
            store: Found::There(StoreFacts { counts: counts(9), sources: Vec::new() }),
            index: Found::There(IndexFacts { sound: true, sequence: Sequence(9), articles: 7 }),
            port_in_use: false,
            certificates: true,
        }
    }

    fn verdict_on(subject: &str, facts: &Facts) -> Verdict {
        let now = Timestamp::from_second(EARLIEST + 1).expect("a time");
        let all = findings(facts, &Config::default(), now);
        all.iter().find(|finding| finding.subject == subject).expect("a finding").verdict
    }

    #[test]
    fn a_healthy_installation_has_no_problems() {
        let now = Timestamp::from_second(EARLIEST + 1).expect("a time");
        let all = findings(&healthy(), &Config::default(), now);
        assert!(all.iter().all(|finding| finding.verdict != Verdict::Problem), "{all:?}");
        assert!(
            all.iter().all(|finding| (finding.verdict == Verdict::Ok) == finding.remedy.is_empty()),
            "what is not well has a remedy: {all:?}"
        );
    }

    #[test]
    fn what_does_not_work_is_a_problem() {
        let broken = Facts {
            folder: Folder::Refused("read-only".into()),
            store: Found::Broken("damaged".into()),
            index: Found::There(IndexFacts { sound: false, sequence: Sequence(0), articles: 0 }),
            certificates: false,
            ..healthy()
        };
        for subject in ["data folder", "store", "search index"] {
            assert_eq!(verdict_on(subject, &broken), Verdict::Problem, "{subject}");
        }
    }

    #[test]
    fn an_index_is_judged_by_how_far_it_is_behind() {
        for (sequence, verdict) in [(9, Verdict::Ok), (5, Verdict::Note), (12, Verdict::Problem)] {
            let index = IndexFacts { sound: true, sequence: Sequence(sequence), articles: 7 };
            let facts = Facts { index: Found::There(index), ..healthy() };
            assert_eq!(verdict_on("search index", &facts), verdict, "{sequence}");
        }
    }

    #[test]
    fn a_clock_in_the_past_is_a_problem() {
        let past = Timestamp::from_second(1_000).expect("a time");
        let all = findings(&healthy(), &Config::default(), past);
        let clock = all.iter().find(|finding| finding.subject == "clock").expect("a finding");
        assert_eq!(clock.verdict, Verdict::Problem);
    }
}
