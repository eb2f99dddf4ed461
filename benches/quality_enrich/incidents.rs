//! Incidents: articles grouped as they come in, on newsroom, ECB+, news titles and breach titles; and the training
//! of the model and of the word weights.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::Path,
};

use jiff::Timestamp;
use serde_json::Value;
use siftwire::{
    domain::{
        Attack, AttackTag, Enrichment, Entity, EntityKind, IncidentId, Indicator, IndicatorKind,
        IndicatorRole, Span,
    },
    enrich::{
        Enricher, Reading,
        incidents::{Assignment, Group, Model, Signature, train},
    },
};

/// Parts into which incidents are cut: each is judged by a model that was trained on the others.
const FOLDS: u32 = 10;

/// Probabilities from which an article joins, chosen on the development data.
const THRESHOLDS: train::Thresholds = train::Thresholds { named: 0.22, plain: 0.14 };

/// A labelled article with what the judge needs besides.
struct Item {
    id: String,
    labelled: train::Labelled,
    fold: u32,
    hard: Vec<String>,
    label: String,
}

type Corpus = Vec<Item>;

/// Prints how well incidents are told on all corpora.
pub fn report(folder: &Path) {
    let enricher = Enricher::embedded();
    let corpora = Corpora::load(folder, &enricher);
    corpora.report();
}

/// Trains the model on all articles and writes it.
pub fn train_model(folder: &Path, file: &Path) {
    let model = Corpora::load(folder, &Enricher::embedded()).train(None);
    let json = serde_json::to_string_pretty(&model).expect("plain numbers");
    fs::write(file, json + "\n").expect("a writable folder");
}

/// Writes the table of word weights, from `frequencies` (lines of word, tab, share of all words) and the articles of
/// CASIE.
pub fn train_words(folder: &Path, frequencies: &Path, file: &Path) {
    let text = fs::read_to_string(frequencies).expect("a table of words");
    let frequencies = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(word, share)| (word, share.parse().expect("a number")));
    let casie = lines(&folder.join("news/casie.jsonl"));
    let readings: Vec<Reading> =
        casie.iter().map(|row| Reading::of(text_of(row, "title"), text_of(row, "text"))).collect();
    fs::write(file, train::word_weights(frequencies, &readings)).expect("a writable folder");
}

struct Corpora {
    gold: Corpus,
    degraded: Corpus,
    system: Corpus,
    ecb: Corpus,
    /// Without names.
    ecb_plain: Corpus,
    google: Corpus,
    vcdb: Corpus,
}

impl Corpora {
    fn load(folder: &Path, enricher: &Enricher) -> Corpora {
        let newsroom = lines(&folder.join("newsroom/articles.jsonl"));
        let found =
            |row: &Value, reading: &Reading| enricher.enrich(reading, host_of(row).as_deref());
        let read = |name: &str, label: &str| {
            let rows = lines(&folder.join(format!("news/{name}.jsonl")));
            items(&rows, label, &|_, reading| enricher.enrich(reading, None))
        };
        Corpora {
            gold: items(&newsroom, "incident", &gold_enrichment),
            degraded: items(&newsroom, "incident", &degraded),
            system: items(&newsroom, "incident", &found),
            ecb: read("ecbplus", "cluster"),
            ecb_plain: items(
                &lines(&folder.join("news/ecbplus.jsonl")),
                "cluster",
                &|_, reading| Enrichment {
                    language: enricher.enrich(reading, None).language,
                    ..Enrichment::default()
                },
            ),
            google: read("google_news_t", "cluster"),
            vcdb: read("vcdb_refs", "cluster"),
        }
    }

    fn report(&self) {
        let models: Vec<Model> = (0..FOLDS).map(|fold| self.train(Some(fold))).collect();
        for (name, corpus) in [
            ("newsroom, own tags", &self.system),
            ("newsroom, labelled tags", &self.gold),
            ("newsroom, a quarter of the names missing", &self.degraded),
            ("ECB+, own tags", &self.ecb),
            ("ECB+, words alone", &self.ecb_plain),
        ] {
            let groups = stream(corpus, &models);
            judge(name, corpus, &groups);
        }
        let shipped = vec![Model::shipped().clone(); FOLDS as usize];
        for (name, corpus) in [("Google News titles", &self.google), ("VCDB titles", &self.vcdb)] {
            judge(name, corpus, &stream(corpus, &shipped));
        }
    }

    /// Trains on all folds but one.
    fn train(&self, without: Option<u32>) -> Model {
        let part = |corpus: &Corpus| -> Vec<train::Labelled> {
            let kept = corpus.iter().filter(|item| without != Some(item.fold));
            kept.map(|item| item.labelled.clone()).collect()
        };
        let (gold, degraded) = (part(&self.gold), part(&self.degraded));
        let (system, ecb) = (part(&self.system), part(&self.ecb_plain));
        let corpora: [&[train::Labelled]; 4] = [&gold, &degraded, &system, &ecb];
        train::model(&corpora, THRESHOLDS).expect("examples of both kinds")
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a data file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect()
}

fn text_of<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

fn host_of(row: &Value) -> Option<String> {
    let url = url::Url::parse(text_of(row, "url")).ok()?;
    url.host_str().map(str::to_owned)
}

fn items(rows: &[Value], label: &str, enrich: &dyn Fn(&Value, &Reading) -> Enrichment) -> Corpus {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    rows.iter()
        .enumerate()
        .map(|(at, row)| {
            let reading = Reading::of(text_of(row, "title"), text_of(row, "text"));
            let published = text_of(row, "published").parse().unwrap_or(Timestamp::UNIX_EPOCH);
            let signature = Signature::of(&reading, &enrich(row, &reading), published, 0);
            let next = numbers.len() as u32;
            let incident =
                row[label].as_str().map(|name| *numbers.entry(name.to_owned()).or_insert(next));
            // Like events of one topic stay in one fold.
            let fold = match row["topic"].as_str() {
                Some(topic) => topic.parse::<u32>().unwrap_or(0),
                None => incident.unwrap_or(at as u32),
            } % FOLDS;
            let hard = row["hard"].as_array().into_iter().flatten();
            Item {
                id: text_of(row, "id").to_owned(),
                labelled: train::Labelled { signature, incident },
                fold,
                hard: hard.filter_map(Value::as_str).map(str::to_owned).collect(),
                label: row[label].as_str().unwrap_or("-").to_owned(),
            }
        })
        .collect()
}

/// Groups the articles in their order, with candidates by key alone as the store finds them.
/// One number per article; an article of no incident has one of its own.
fn stream(corpus: &Corpus, models: &[Model]) -> Vec<i64> {
    let mut groups: Vec<(IncidentId, Group)> = Vec::new();
    let mut by_key: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut result = Vec::new();
    let show = std::env::var_os("SHOW").is_some();
    for (at, item) in corpus.iter().enumerate() {
        let article = &item.labelled.signature;
        let keys = article.keys();
        let near: HashSet<usize> =
            keys.iter().filter_map(|key| by_key.get(key)).flatten().copied().collect();
        let mut near: Vec<usize> = near.into_iter().collect();
        near.sort_unstable();
        let candidates: Vec<(IncidentId, Group)> =
            near.iter().map(|at| groups[*at].clone()).collect();
        let group = match models[item.fold as usize].assign(article, &candidates) {
            Assignment::Join { incident, score, reasons } => {
                if show {
                    println!(
                        "  {} {} joins {} {score:.2} {reasons:?}",
                        item.id, item.label, incident.0
                    );
                }
                incident.0 as usize
            }
            Assignment::New => {
                if show {
                    println!("  {} {} opens {}", item.id, item.label, groups.len());
                }
                groups.push((IncidentId(groups.len() as i64), Group::default()));
                groups.len() - 1
            }
            Assignment::None => {
                if show {
                    println!("  {} {} none", item.id, item.label);
                }
                result.push(-1 - at as i64);
                continue;
            }
        };
        groups[group].1.add(article);
        for key in keys {
            let known = by_key.entry(key).or_default();
            if !known.contains(&group) {
                known.push(group);
            }
        }
        result.push(group as i64);
    }
    result
}

/// Prints B-cubed and pairwise figures, and the hard cases in which something was joined wrongly.
fn judge(name: &str, corpus: &Corpus, groups: &[i64]) {
    let gold: Vec<i64> = corpus
        .iter()
        .enumerate()
        .map(|(at, item)| item.labelled.incident.map_or(-1 - at as i64, i64::from))
        .collect();
    let (mut precision, mut recall) = (0.0, 0.0);
    let (mut both, mut found, mut wanted) = (0_u64, 0_u64, 0_u64);
    let mut cells: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    let (mut by_gold, mut by_group) = (BTreeMap::<i64, u64>::new(), BTreeMap::<i64, u64>::new());
    for (gold, group) in gold.iter().zip(groups) {
        *cells.entry((*gold, *group)).or_default() += 1;
        *by_gold.entry(*gold).or_default() += 1;
        *by_group.entry(*group).or_default() += 1;
    }
    for ((gold, group), count) in &cells {
        precision += (count * count) as f64 / by_group[group] as f64;
        recall += (count * count) as f64 / by_gold[gold] as f64;
        both += count * (count - 1) / 2;
    }
    by_group.values().for_each(|count| found += count * (count - 1) / 2);
    by_gold.values().for_each(|count| wanted += count * (count - 1) / 2);
    let (precision, recall) = (precision / gold.len() as f64, recall / gold.len() as f64);
    let pair = (both as f64 / found.max(1) as f64, both as f64 / wanted.max(1) as f64);
    println!(
        "incidents, {name}: B-cubed P {precision:.3} R {recall:.3} F1 {:.3}; pairs P {:.3} R {:.3} F1 {:.3} (n={})",
        f1(precision, recall),
        pair.0,
        pair.1,
        f1(pair.0, pair.1),
        gold.len()
    );
    let mut false_merges: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seen_hard = false;
    for (at, item) in corpus.iter().enumerate() {
        let wrong =
            (0..corpus.len()).any(|other| groups[other] == groups[at] && gold[other] != gold[at]);
        for hard in item.hard.iter().filter(|hard| {
            ["same-victim", "same-attacker", "recall", "same-vendor"].contains(&hard.as_str())
        }) {
            seen_hard = true;
            *false_merges.entry(hard).or_default() += usize::from(wrong);
        }
    }
    if seen_hard {
        println!(
            "  articles of hard cases beside an article of another incident: {false_merges:?}"
        );
    }
}

fn f1(precision: f64, recall: f64) -> f64 {
    2.0 * precision * recall / (precision + recall).max(1e-9)
}

/// The labels of a newsroom article as if they had been recognised.
fn gold_enrichment(row: &Value, reading: &Reading) -> Enrichment {
    let gold = &row["gold"];
    let kinds = [
        ("victims", EntityKind::Victim),
        ("vendors", EntityKind::Vendor),
        ("products", EntityKind::Product),
        ("actors", EntityKind::Actor),
        ("malware", EntityKind::Malware),
        ("cves", EntityKind::Cve),
        ("techniques", EntityKind::Technique),
    ];
    let entities = kinds.iter().flat_map(|(key, kind)| {
        strings(&gold[*key]).map(move |name| {
            let aliases = strings(&gold["aliases"][name]);
            let spans: Vec<Span> = [name]
                .into_iter()
                .chain(aliases)
                .flat_map(|name| places(&reading.text, name))
                .collect();
            let evidence = spans.first().copied().unwrap_or(Span { start: 0, end: 0 });
            let name = canonical(gold, name);
            Entity { kind: *kind, name, id: None, spans, evidence, known_exploited: false }
        })
    });
    let attacks = strings(&gold["attacks"]).filter_map(Attack::from_name);
    let indicators = gold["indicators"].as_array().into_iter().flatten().map(|one| Indicator {
        kind: IndicatorKind::from_name(text_of(one, "type")).unwrap_or(IndicatorKind::Domain),
        value: text_of(one, "value").to_owned(),
        role: IndicatorRole::from_name(text_of(one, "role")).unwrap_or(IndicatorRole::Benign),
        reason: String::new(),
        span: Span { start: 0, end: 0 },
    });
    Enrichment {
        language: row["lang"].as_str().map(str::to_owned),
        attacks: attacks
            .map(|attack| AttackTag { attack, score: 1.0, evidence: Vec::new() })
            .collect(),
        main_attack: gold["main_attack"].as_str().and_then(Attack::from_name),
        entities: entities.collect(),
        indicators: indicators.collect(),
        countries: strings(&gold["countries"]).map(str::to_owned).collect(),
        sectors: strings(&gold["sectors"]).map(str::to_owned).collect(),
    }
}

/// The labels with one name in four missed, by a rule that is the same in each run.
fn degraded(row: &Value, reading: &Reading) -> Enrichment {
    let mut enrichment = gold_enrichment(row, reading);
    let id = text_of(row, "id");
    enrichment.entities.retain(|entity| {
        !xxhash_rust::xxh3::xxh3_64(format!("{id} {}", entity.name).as_bytes()).is_multiple_of(4)
    });
    enrichment
}

/// One name for a thing and its aliases, as the taxonomy would give.
fn canonical(gold: &Value, name: &str) -> String {
    let aliases = strings(&gold["aliases"][name]);
    aliases.chain([name]).min().unwrap_or(name).to_owned()
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn places(text: &str, name: &str) -> Vec<Span> {
    text.match_indices(name).map(|(start, name)| Span { start, end: start + name.len() }).collect()
}
