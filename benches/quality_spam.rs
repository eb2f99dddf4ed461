//! The target table of the comment classifier. Usage: cargo bench --bench quality_spam -- ../shared/datasets

use std::{collections::BTreeSet, path::Path, time::Instant};

use rand::{SeedableRng, rngs::StdRng};
use siftwire::spam::{
    evaluate::{self, Scored},
    model::Model,
    train::{self, Corpus, Disguise, Label, Labelled, Reader, Settings, fold_of},
};

const OUTSIDE_CORE: [&str; 3] = ["id_gambling", "x_janitr", "sms_uci"];

fn load(dir: &Path) -> Vec<Labelled> {
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .filter(|f| f.extension().is_some_and(|e| e == "jsonl"))
        .flat_map(|f| {
            let text = std::fs::read_to_string(f).unwrap();
            text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect::<Vec<Labelled>>()
        })
        .collect()
}

fn main() {
    let dir = std::env::args().nth(1).unwrap_or_else(|| "../shared/datasets".into());
    let start = Instant::now();
    let mut comments = load(&Path::new(&dir).join("comments"));
    if !std::env::args().any(|a| a == "--no-own") {
        comments.extend(load(Path::new("data/comments")));
    }
    let all = comments.clone();
    let examples = Corpus::new(comments, 7).examples;
    eprintln!("{} comments read in {:?}", examples.len(), start.elapsed());
    let mut settings = Settings::default();
    let number = |name: &str| {
        let mut args = std::env::args().skip_while(|a| a != name);
        args.nth(1).and_then(|v| v.parse::<f32>().ok())
    };
    let own = number("--own").unwrap_or(0.8);
    let foreign = number("--foreign").unwrap_or(1.0);
    for (source, weight) in [
        ("id_gambling", 0.4 * foreign),
        ("x_janitr", 0.3 * foreign),
        ("sms_uci", 0.2 * foreign),
        ("blog_written", own),
        ("siftwire_voices", own),
    ] {
        settings.source_weights.insert(source.into(), weight);
    }
    settings.c = number("--c").unwrap_or(settings.c);
    settings.balance = number("--balance").unwrap_or(settings.balance);
    settings.folds = number("--inner").map_or(settings.folds, |n| n as usize);
    let outer = number("--outer").map_or(4, |n| n as usize);
    settings.threshold_sources =
        ["blog_ham", "wxr_ham", "blog_written", "siftwire_voices"].map(String::from).to_vec();
    settings.alpha = number("--alpha").unwrap_or(settings.alpha);
    let start = Instant::now();
    let scored = evaluate::cross_validate(&examples, &settings, outer).unwrap();
    eprintln!("cross-validated in {:?}", start.elapsed());
    let core: Vec<&Scored> = scored
        .iter()
        .filter(|s| !OUTSIDE_CORE.contains(&s.source.as_str()) && !s.source.starts_with("siftwire"))
        .collect();
    print_line("pooled core", &core);
    let text: Vec<Scored> =
        core.iter().map(|s| Scored { probability: s.text_logit, ..(*s).clone() }).collect();
    print_line("  by wording alone", &text.iter().collect::<Vec<_>>());
    print!("{}", evaluate::Report::of(&core.iter().map(|s| (*s).clone()).collect::<Vec<_>>()));
    let sources: BTreeSet<&str> = scored.iter().map(|s| s.source.as_str()).collect();
    let t1 = evaluate::threshold_at(&core, 0.01);
    let t01 = evaluate::threshold_at(&core, 0.001);
    println!("thresholds 1% {t1:.3} 0.1% {t01:.4}");
    for source in &sources {
        let part: Vec<&Scored> = scored.iter().filter(|s| s.source == *source).collect();
        print_line(source, &part);
        let rate = |spam: bool, t: f32| {
            part.iter().filter(|s| s.spam == spam && s.probability > t).count() as f64
                / part.iter().filter(|s| s.spam == spam).count().max(1) as f64
        };
        println!(
            "      pooled thresholds: R1% {:.3} R.1% {:.3}  fpr1% {:.4} fpr.1% {:.4}",
            rate(true, t1),
            rate(true, t01),
            rate(false, t1),
            rate(false, t01)
        );
    }
    if std::env::args().any(|a| a == "--errors") {
        let mut errors: Vec<&&Scored> =
            core.iter().filter(|s| s.spam != (s.probability > t1)).collect();
        errors.sort_by(|a, b| a.probability.total_cmp(&b.probability));
        for e in errors {
            println!(
                "ERR {} {:.3} text {:.2} {} ",
                if e.spam { "FN" } else { "FP" },
                e.probability,
                e.text_logit,
                e.id
            );
        }
    }
    if std::env::args().any(|a| a == "--disguise") {
        disguise(all, &settings);
    }
    if std::env::args().any(|a| a == "--loso") {
        let start = Instant::now();
        let mut sum = 0.0;
        let mut n = 0.0;
        let blog: Vec<&Scored> = core.iter().copied().filter(|s| !s.spam).collect();
        for source in [
            "youtube_tubespam",
            "instagram_scamspot",
            "youtube_crypto",
            "datacamp_blog",
            "fossee_forum",
            "telegram_tgspam",
            "id_gambling",
            "seo_templates",
            "blog_written",
        ] {
            let scored = evaluate::leave_out(&examples, &settings, source).unwrap();
            let mut part: Vec<&Scored> = scored.iter().collect();
            if !part.iter().any(|s| !s.spam) {
                part.extend(&blog);
            }
            print_line(&format!("without {source}"), &part);
            sum += evaluate::recall_at(&part, 0.01);
            n += 1.0;
        }
        println!("mean recall at 1% {:.3}; {:?}", sum / n, start.elapsed());
    }
}

/// Recall on a held-out quarter, as posted and after each disguise, at the threshold where 1 % of its genuine
/// comments are lost.
fn disguise(comments: Vec<Labelled>, settings: &Settings) {
    let mut reader = Reader::default();
    let mut held = |c: &Labelled| fold_of(reader.read(c, false).group, 4) == 0 && c.spin == 0;
    let (test, training): (Vec<Labelled>, Vec<Labelled>) =
        comments.into_iter().partition(&mut held);
    let corpus = Corpus::new(training, 7);
    let model = train::fit(&corpus.all(), settings, "").unwrap().model;
    let core = |c: &&Labelled| !OUTSIDE_CORE.contains(&c.source.as_str());
    let scores = |label: Label, text: &mut dyn FnMut(&str) -> String| -> Vec<f32> {
        test.iter()
            .filter(core)
            .filter(|c| c.label == label)
            .map(|c| score(&model, c, text))
            .collect()
    };
    let mut ham = scores(Label::Ham, &mut str::to_owned);
    ham.sort_unstable_by(|a, b| b.total_cmp(a));
    let threshold = ham[ham.len() / 100];
    let recall = |scores: &[f32]| {
        scores.iter().filter(|s| **s > threshold).count() as f64 / scores.len() as f64
    };
    println!("as posted      recall at 1% {:.3}", recall(&scores(Label::Spam, &mut str::to_owned)));
    for disguise in Disguise::ALL {
        let mut rng = StdRng::seed_from_u64(11);
        let scores = scores(Label::Spam, &mut |text| disguise.apply(text, &mut rng));
        println!("{:14} recall at 1% {:.3}", format!("{disguise:?}"), recall(&scores));
    }
}

fn score(model: &Model, comment: &Labelled, text: &mut dyn FnMut(&str) -> String) -> f32 {
    let mut comment = comment.clone();
    comment.comment.content = text(&comment.comment.content);
    let example = Reader::default().read(&comment, false);
    model.logit(&model.wording(&example.features), &example.values)
}

fn print_line(name: &str, part: &[&Scored]) {
    println!(
        "{name:28} n {:6} spam {:5} auc {:.4} R1% {:.3} R.1% {:.3} ece {:.4}",
        part.len(),
        part.iter().filter(|s| s.spam).count(),
        evaluate::auc(part).unwrap_or(f64::NAN),
        evaluate::recall_at(part, 0.01),
        evaluate::recall_at(part, 0.001),
        evaluate::expected_calibration_error(part),
    );
}
