//! What is said around the mentions of an organisation, as features for the model.

use super::{
    known::{self, Mark},
    names::Name,
    organisations::Organisation,
    places,
    words::{Class, Classes, Words},
};
use crate::enrich::reading::Shape;

/// Mentions of one organisation that are looked at.
const MAX_MENTIONS: usize = 12;
/// Tokens looked at on either side of a mention.
const WINDOW: usize = 7;

/// Tokens before a mention in which something earlier is recalled.
const RECALL_REACH: usize = 12;
/// Words that recall something earlier, by themselves.
const RECALLING: [&str; 9] = [
    "earlier",
    "follows",
    "joins",
    "like",
    "previously",
    "recalls",
    "resembles",
    "similar",
    "unlike",
];
/// Words that do so behind a span of time: "days after".
const AFTER: [&str; 4] = ["after", "ago", "following", "since"];
const TIMES: [&str; 10] =
    ["day", "days", "month", "months", "shortly", "soon", "week", "weeks", "year", "years"];

/// Takes the features of an organisation one by one: a group and a value. The same may come twice.
pub(super) trait Sink {
    fn put(&mut self, group: &'static str, value: &str);
}

/// An article with its organisations and what other recognisers found.
pub(super) struct Scene<'s, 'r> {
    pub words: &'s Words<'r>,
    pub organisations: &'s [Organisation],
    /// Known names, by place.
    pub marks: &'s [Mark<'s>],
    /// It names a flaw by its number: then makers are named more often than victims.
    pub tells_of_flaw: bool,
}

impl<'s, 'r> Scene<'s, 'r> {
    pub(super) fn of(
        words: &'s Words<'r>,
        organisations: &'s [Organisation],
        marks: &'s [Mark<'s>],
    ) -> Self {
        let tells_of_flaw = words.reading.text.contains("CVE-");
        Self { words, organisations, marks, tells_of_flaw }
    }

    /// Gives the features of the organisation at `at`.
    pub(super) fn describe(&self, at: usize, sink: &mut impl Sink) {
        let organisation = &self.organisations[at];
        self.describe_name(organisation, sink);
        self.describe_writing(organisation, sink);
        self.describe_place_in_article(at, organisation, sink);
        if self.is_maker_of_what_is_named(organisation) {
            sink.put("maker", "its product is named");
            if self.tells_of_flaw {
                sink.put("flaw news", "its product is named");
            }
        }
        if self.tells_of_flaw {
            self.describe_in_flaw_news(at, organisation, sink);
        }
        for mention in organisation.mentions.iter().take(MAX_MENTIONS) {
            self.describe_mention(mention, sink);
        }
    }

    fn describe_name(&self, organisation: &Organisation, sink: &mut impl Sink) {
        let words = self.words;
        let full = &organisation.fullest;
        let text = full.text(words);
        let key = &organisation.key;
        let last = &key[key.len() - 1];
        if super::words::classes_of(last).has(Class::Head) {
            sink.put("last", last);
        }
        if key.iter().any(|word| super::words::classes_of(word).has(Class::Head)) {
            sink.put("name", "headed");
        }
        let count = ["1", "2", "3", "4+"][key.len().min(4) - 1];
        sink.put("length", count);
        if key.len() == 1 {
            sink.put("single", shape_name(words.reading.tokens[full.first].shape));
            sink.put("word", last);
        } else if key.len() == 2 && super::words::classes_of(&key[0]).has(Class::Given) {
            sink.put("name", "person");
        }
        if places::is_place(&key.join(" ")) {
            sink.put("name", "place");
        } else if places::is_place(&key[0]) {
            sink.put("name", "begins with a place");
        }
        if super::words::classes_of(&key[0]).has(Class::Function) {
            sink.put("name", "function");
        }
        for class in
            [Class::Malware, Class::Gang, Class::Product, Class::Headverb, Class::Authority]
        {
            if key.iter().any(|word| super::words::classes_of(word).has(class)) {
                sink.put("name has", Class::ALL[class as usize].1);
            }
        }
        if text.contains('.') {
            sink.put("name", "dot");
        }
        if super::sectors::organisation(text).is_some() {
            sink.put("name", "well known");
        }
        if text.chars().any(|letter| letter.is_ascii_digit()) {
            sink.put("name", "digit");
        }
    }

    /// Whether a single word is written as a name where it would not be anyway, and how common a word it is.
    fn describe_writing(&self, organisation: &Organisation, sink: &mut impl Sink) {
        if organisation.key.len() > 2 {
            return;
        }
        let words = self.words;
        let begins = |name: &Name| {
            let sentence = words.reading.sentences[name.sentence];
            name.first == sentence.first
                || words.reading.in_title(name.span.start)
                || matches!(words.lower(name.first - 1), ":" | "\"" | "“" | "‘" | "(" | "•" | "-")
        };
        let inside = organisation.mentions.iter().any(|name| !begins(name));
        let common = organisation.key.iter().all(|word| commonness(word) > 0);
        let very = organisation.key.iter().all(|word| commonness(word) > 1);
        let word = if very {
            "very common"
        } else if common {
            "common"
        } else {
            "rare"
        };
        sink.put(if inside { "written inside" } else { "only begins" }, word);
    }

    fn describe_place_in_article(
        &self,
        at: usize,
        organisation: &Organisation,
        sink: &mut impl Sink,
    ) {
        let reading = self.words.reading;
        let first = organisation.mentions[0];
        let titled = reading.in_title(first.span.start);
        let place = match first.sentence {
            _ if titled => "title",
            0 => "first",
            1 => "second",
            2 => "third",
            _ => "later",
        };
        sink.put("place", place);
        let length = match reading.sentences.len() {
            1 => "one",
            2 | 3 => "few",
            4..=12 => "some",
            _ => "many",
        };
        sink.put("sentences", length);
        let rank = ["0", "1", "2", "3+"][at.min(3)];
        sink.put("rank", rank);
        let count = ["1", "2", "3", "4+"][organisation.mentions.len().min(4) - 1];
        sink.put("mentions", count);
        let most = self.organisations.iter().map(|one| one.mentions.len()).max().unwrap_or(0);
        if organisation.mentions.len() == most && most > 1 {
            sink.put("mentions", "most");
        }
        let others = ["1", "2", "3", "4+"][self.organisations.len().min(4) - 1];
        sink.put("organisations", others);
        if length == "one" || length == "few" {
            sink.put(if length == "one" { "note rank" } else { "brief rank" }, rank);
        }
    }

    fn describe_mention(&self, mention: &Name, sink: &mut impl Sink) {
        let words = self.words;
        let titled = words.reading.in_title(mention.span.start);
        if words.reading.tokens[mention.first].shape == Shape::Caseless {
            describe_japanese(self, mention, sink);
        }
        for mark in known::within(self.marks, mention.span) {
            let whole = mark.span.start <= mention.span.start && mark.span.end >= mention.span.end;
            sink.put(if whole { "known" } else { "holds" }, mark.label());
        }
        self.describe_before(mention, titled, sink);
        self.describe_after(mention, titled, sink);
        self.describe_sentence(mention, sink);
    }

    fn describe_before(&self, mention: &Name, titled: bool, sink: &mut impl Sink) {
        let words = self.words;
        let start = words.reading.sentences[mention.sentence].first;
        let mut before = mention.first;
        // Articles, quotes and the genitive of a place do not part a name from what is said of it.
        while before > start
            && matches!(words.lower(before - 1), "the" | "a" | "an" | "\"" | "“" | "”" | "'" | "‘")
        {
            before -= 1;
        }
        let back = |steps: usize| (before >= start + steps).then(|| words.lower(before - steps));
        let (one, two) = (back(1).unwrap_or("^"), back(2).unwrap_or("^"));
        sink.put("before", one);
        sink.put("before two", two);
        let mut buffer = String::with_capacity(32);
        sink.put("before both", joined(&mut buffer, two, one));
        if titled {
            sink.put("title before", one);
        }
        let from = start.max(before.saturating_sub(WINDOW));
        let mut seen = Seen::default();
        for at in (from..before).rev() {
            let near = before - at <= 3;
            for class in words.classes(at).names() {
                if seen.first(class) {
                    sink.put(if near { "near before" } else { "before class" }, class);
                }
            }
            if words.classes(at) != Classes::default() && !words.has(at, Class::Function) {
                sink.put("earlier", words.lower(at));
            }
        }
        if words.classes(before.wrapping_sub(1)).has(Class::Role) && before > start {
            sink.put("role", "before");
        }
    }

    fn describe_after(&self, mention: &Name, titled: bool, sink: &mut impl Sink) {
        let words = self.words;
        let stop = words.reading.sentences[mention.sentence].end;
        let mut after = mention.end;
        if words.lower(after) == "("
            && let Some(close) = self.closing(after, stop, ")", 8)
        {
            sink.put("after", "(");
            after = close + 1;
        }
        let mut genitive = false;
        if matches!(words.word(after), "'" | "’") && words.glued(after.wrapping_sub(1)) {
            genitive = true;
            after += if words.lower(after + 1) == "s" && words.glued(after) { 2 } else { 1 };
        }
        let word = |at: usize| if at < stop { words.lower(at) } else { "$" };
        let mut buffer = String::with_capacity(32);
        sink.put(if genitive { "its" } else { "after" }, word(after));
        sink.put("after two", word(after + 1));
        sink.put("after both", joined(&mut buffer, word(after), word(after + 1)));
        if titled {
            sink.put("title after", word(after));
        }
        if word(after) == "," {
            self.describe_apposition(after, stop, sink);
        }
        let mut seen = Seen::default();
        for at in after..stop.min(after + WINDOW) {
            let near = at - after < 3;
            for class in words.classes(at).names() {
                if seen.first(class) {
                    sink.put(if near { "near after" } else { "after class" }, class);
                }
            }
            if words.classes(at) != Classes::default() && !words.has(at, Class::Function) {
                sink.put("later", words.lower(at));
            }
        }
        if self.is_passive(after, stop) {
            sink.put("voice", "passive");
        }
    }

    /// "Acme, a maker of pumps, said": the words of the description, and the verb after it.
    fn describe_apposition(&self, comma: usize, stop: usize, sink: &mut impl Sink) {
        let words = self.words;
        if !matches!(words.lower(comma + 1), "a" | "an" | "the" | "one" | "which" | "who" | "whose")
        {
            return;
        }
        sink.put("apposition", words.lower(comma + 1));
        let close = self.closing(comma + 1, stop, ",", 20).unwrap_or(stop);
        for at in comma + 2..close.min(comma + 12) {
            for class in words.classes(at).names() {
                sink.put("described", class);
            }
        }
        if close < stop {
            sink.put("then", words.lower(close + 1));
            for class in words.classes(close + 1).names() {
                sink.put("then class", class);
            }
        }
    }

    fn closing(&self, from: usize, stop: usize, mark: &str, most: usize) -> Option<usize> {
        (from + 1..stop.min(from + most)).find(|at| self.words.lower(*at) == mark)
    }

    /// "was hit", "has been breached", "got hacked"
    fn is_passive(&self, after: usize, stop: usize) -> bool {
        let words = self.words;
        let auxiliary = |at: usize| {
            matches!(
                words.lower(at),
                "was"
                    | "were"
                    | "is"
                    | "are"
                    | "been"
                    | "being"
                    | "be"
                    | "got"
                    | "wurde"
                    | "wurden"
                    | "fue"
                    | "fueron"
                    | "foi"
                    | "sido"
                    | "été"
            )
        };
        (after..stop.min(after + 5)).any(|at| {
            auxiliary(at) && (at + 1..stop.min(at + 4)).any(|at| words.has(at, Class::Hit))
        })
    }

    /// Whether what stands before a mention recalls something earlier: "days after the attack on Acme".
    fn recalls(&self, mention: &Name) -> bool {
        let words = self.words;
        let from = words.reading.sentences[mention.sentence].first;
        let from = from.max(mention.first.saturating_sub(RECALL_REACH));
        (from..mention.first).any(|at| {
            let word = words.lower(at);
            let timed = AFTER.contains(&word) && at > from && TIMES.contains(&words.lower(at - 1));
            timed || RECALLING.contains(&word)
        })
    }

    fn describe_sentence(&self, mention: &Name, sink: &mut impl Sink) {
        let words = self.words;
        let sentence = words.reading.sentences[mention.sentence];
        let mut seen = Seen::default();
        for at in sentence.first..sentence.end.min(sentence.first + 60) {
            for class in words.classes(at).names() {
                if seen.first(class) {
                    sink.put("sentence", class);
                }
            }
        }
        if self.recalls(mention) {
            sink.put("sentence", "recalls");
        }
        let sides = [mention.first.wrapping_sub(1), mention.end];
        if sides.iter().any(|at| matches!(words.lower(*at), "," | "and" | "und" | "y" | "e" | "et"))
        {
            sink.put("place", "listed");
        }
    }
}

/// Cues in Japanese, where words are not parted: what follows the name, and what the sentence says.
fn describe_japanese(scene: &Scene, mention: &Name, sink: &mut impl Sink) {
    const CUES: [(&str, &str); 9] = [
        ("感染", "hit"),
        ("攻撃", "hit"),
        ("盗", "hit"),
        ("被害", "suffer"),
        ("障害", "suffer"),
        ("停止", "suffer"),
        ("発表", "disclose"),
        ("閲覧できな", "suffer"),
        ("脆弱性", "flaw"),
    ];
    let reading = scene.words.reading;
    let sentence = reading.sentences[mention.sentence].span;
    let after = &reading.text[mention.span.end..sentence.end.max(mention.span.end)];
    for (cue, class) in CUES {
        if after.contains(cue) {
            sink.put("after class", class);
            sink.put("sentence", class);
        }
    }
    let particle = ["製", "の技術者", "は", "が", "の", "に", "氏"];
    if let Some(found) = particle.iter().find(|particle| after.starts_with(**particle)) {
        sink.put("japanese", found);
    }
}

/// 2 for the words of everyday, 1 for common ones, 0 for others.
pub(super) fn commonness(word: &str) -> u8 {
    match crate::enrich::incidents::rarity(word) {
        rarity if rarity < 3.5 => 2,
        rarity if rarity < 6.0 => 1,
        _ => 0,
    }
}

fn joined<'b>(buffer: &'b mut String, one: &str, two: &str) -> &'b str {
    buffer.clear();
    buffer.push_str(one);
    buffer.push(' ');
    buffer.push_str(two);
    buffer
}

fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Capital => "capital",
        Shape::Upper => "upper",
        Shape::Camel => "camel",
        _ => "other",
    }
}

/// Names of classes that have come already.
#[derive(Default)]
struct Seen(Vec<&'static str>);

impl Seen {
    fn first(&mut self, name: &'static str) -> bool {
        let new = !self.0.contains(&name);
        if new {
            self.0.push(name);
        }
        new
    }
}
