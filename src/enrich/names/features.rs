//! What can be seen of a candidate, as features of a linear model.

use std::collections::HashMap;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::{candidates::Candidate, cues::Cue};
use crate::enrich::{
    reading::{Reading, Shape},
    taxonomy::{Kind, Mention, Taxonomy},
};

/// Kinds of features; the number is part of the trained model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Template {
    Bias,
    /// What the taxonomy knows the name as, whether it is an ordinary word, whether case agrees.
    Known,
    Shape,
    Length,
    Suffix,
    /// A researcher's designator (`UNC2452`), or the last part of a compound (`Rat` of `MossRat`).
    Pattern,
    First,
    Last,
    Before,
    BeforeThat,
    After,
    AfterThat,
    /// Cue within three words, and on which side.
    Cue,
    /// What is known of the other places of the same name.
    Elsewhere,
    Place,
    /// What kinds of names stand beside it.
    Neighbour,
    /// Known-ness and cue together.
    Both,
}

impl Template {
    pub const ALL: [Template; 17] = [
        Template::Bias,
        Template::Known,
        Template::Shape,
        Template::Length,
        Template::Suffix,
        Template::Pattern,
        Template::First,
        Template::Last,
        Template::Before,
        Template::BeforeThat,
        Template::After,
        Template::AfterThat,
        Template::Cue,
        Template::Elsewhere,
        Template::Place,
        Template::Neighbour,
        Template::Both,
    ];

    /// The name used in the model file.
    pub fn as_str(self) -> &'static str {
        match self {
            Template::Bias => "bias",
            Template::Known => "known",
            Template::Shape => "shape",
            Template::Length => "length",
            Template::Suffix => "suffix",
            Template::Pattern => "pattern",
            Template::First => "first",
            Template::Last => "last",
            Template::Before => "before",
            Template::BeforeThat => "before-that",
            Template::After => "after",
            Template::AfterThat => "after-that",
            Template::Cue => "cue",
            Template::Elsewhere => "elsewhere",
            Template::Place => "place",
            Template::Neighbour => "neighbour",
            Template::Both => "both",
        }
    }

    /// Reads what [`Template::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Template> {
        Self::ALL.into_iter().find(|template| template.as_str() == name)
    }
}

/// Identity of a feature: template and value.
pub fn identity(template: Template, value: &str) -> u64 {
    xxh3_64_with_seed(value.as_bytes(), template as u64 + 1)
}

/// Receives the features of a candidate one by one.
pub trait Sink {
    fn feature(&mut self, template: Template, value: &str);
}

/// What is known of a name from all its places in the article.
#[derive(Debug, Clone, Copy, Default)]
struct Elsewhere {
    places: u32,
    malware_cues: u32,
    gang_cues: u32,
    naming_cues: u32,
    /// Places that introduce the name: see [`Page::introduces`].
    introductions: u32,
}

/// An article with what its candidates share.
pub struct Page<'a> {
    pub taxonomy: &'a Taxonomy,
    pub reading: &'a Reading,
    pub mentions: &'a [Mention],
    lower: Vec<String>,
    elsewhere: HashMap<u64, Elsewhere>,
    /// Sentences in which most words are capitalised, as in many headlines.
    title_case: Vec<bool>,
    /// Names that can only be malware or an actor.
    sure: usize,
}

impl<'a> Page<'a> {
    pub fn of(
        taxonomy: &'a Taxonomy,
        reading: &'a Reading,
        mentions: &'a [Mention],
        candidates: &[Candidate],
    ) -> Page<'a> {
        let lower = (0..reading.tokens.len()).map(|at| reading.word(at).to_lowercase()).collect();
        let mut page = Page {
            taxonomy,
            reading,
            mentions,
            lower,
            elsewhere: HashMap::new(),
            title_case: title_case(reading),
            sure: 0,
        };
        page.look_around(candidates);
        page
    }

    fn look_around(&mut self, candidates: &[Candidate]) {
        for candidate in candidates {
            let cues = self.cues(candidate);
            let introduced = self.introduces(candidate);
            let all = self.elsewhere.entry(self.surface(candidate)).or_default();
            all.places += 1;
            all.malware_cues += u32::from(
                cues.contains(&Some((Cue::Malware, 1))) || cues.contains(&Some((Cue::Malware, -1))),
            );
            all.gang_cues += u32::from(
                cues.contains(&Some((Cue::Gang, 1))) || cues.contains(&Some((Cue::Gang, -1))),
            );
            all.naming_cues += u32::from(cues.contains(&Some((Cue::Naming, -1))));
            all.introductions += u32::from(introduced);
            self.sure += usize::from(self.is_sure(candidate));
        }
    }

    /// Identity of a name whatever its case.
    fn surface(&self, candidate: &Candidate) -> u64 {
        xxh3_64(self.reading.at(candidate.span).to_lowercase().as_bytes())
    }

    fn is_sure(&self, candidate: &Candidate) -> bool {
        let Some(mention) = self.mention(candidate) else { return false };
        let name = self.reading.at(mention.span);
        mention.exact
            && name.len() >= 4
            && !self.taxonomy.is_common_word(name)
            && self.taxonomy.known_of(mention).all(|known| known.kind.is_hostile())
    }

    /// Whether the name is listed, five letters or more, no ordinary word, and spelled as listed.
    pub fn is_distinct(&self, candidate: &Candidate) -> bool {
        let Some(mention) = self.mention(candidate) else { return false };
        let name = self.reading.at(mention.span);
        mention.exact
            && name.len() >= 5
            && !self.taxonomy.is_common_word(name)
            && self
                .taxonomy
                .known_of(mention)
                .all(|known| known.kind.is_hostile() || known.kind == Kind::Product)
    }

    /// Whether the name is listed, and short or an ordinary word.
    pub fn is_ambiguous(&self, candidate: &Candidate) -> bool {
        self.mention(candidate).is_some_and(|mention| {
            let name = self.reading.at(mention.span);
            name.len() < 4 || self.taxonomy.is_common_word(name)
        })
    }

    /// Whether the operator lists the name.
    pub fn is_own(&self, candidate: &Candidate) -> bool {
        self.mention(candidate).is_some_and(|mention| {
            mention.exact && self.taxonomy.known_of(mention).any(|known| known.own)
        })
    }

    /// Whether the name looks like nothing but a name, and some place introduces it: `dubbed QuillLocker`,
    /// `the QuillLocker ransomware`.
    pub fn is_introduced(&self, candidate: &Candidate) -> bool {
        let all = self.elsewhere.get(&self.surface(candidate));
        all.is_some_and(|all| all.introductions > 0) && self.is_coined(candidate)
    }

    /// One word with capitals inside, or four capitals and more.
    fn is_coined(&self, candidate: &Candidate) -> bool {
        let word = self.reading.at(candidate.span);
        let shape = self.reading.tokens[candidate.tokens.start].shape;
        candidate.tokens.len() == 1
            && (shape == Shape::Camel || (shape == Shape::Upper && word.len() >= 4))
    }

    fn introduces(&self, candidate: &Candidate) -> bool {
        let hostile = |cue: Option<Cue>| matches!(cue, Some(Cue::Malware | Cue::Gang));
        let before = self.neighbour(candidate, -1);
        let named = INTRODUCTIONS.contains(&before)
            || (before == "as" && Cue::of(self.neighbour(candidate, -2)) == Some(Cue::Naming));
        named
            || hostile(Cue::of(self.neighbour(candidate, 1)))
            || Cue::of(before) == Some(Cue::Malware)
    }

    /// Whether the article says that a program of the gang ran: files were encrypted, its locker was used.
    pub fn speaks_of_encryption(&self) -> bool {
        self.lower.iter().any(|word| RUNNING.iter().any(|start| word.starts_with(start)))
    }

    /// Whether the name is a researcher's designator, such as `UNC2452`.
    pub fn is_designator(&self, candidate: &Candidate) -> bool {
        designator(self.reading.at(candidate.span)) == Some("designator")
    }

    /// Whether a word of this kind stands within three words of the candidate.
    pub fn has_cue(&self, candidate: &Candidate, wanted: Cue) -> bool {
        self.cues(candidate).into_iter().flatten().any(|(cue, _)| cue == wanted)
    }

    /// The words of a sentence in lower case.
    pub fn words_of(&self, sentence: usize) -> &[String] {
        let sentence = self.reading.sentences[sentence];
        &self.lower[sentence.first..sentence.end]
    }

    /// A token in lower case.
    pub fn lower(&self, token: usize) -> &str {
        &self.lower[token]
    }

    /// How many words of a sentence are cues.
    pub fn cues_in(&self, sentence: usize) -> usize {
        self.words_of(sentence).iter().filter(|word| Cue::of(word).is_some()).count()
    }

    fn mention(&self, candidate: &Candidate) -> Option<&'a Mention> {
        candidate.mention.map(|index| &self.mentions[index])
    }

    /// Cues within three words: what and on which side.
    fn cues(&self, candidate: &Candidate) -> [Option<(Cue, i8)>; 6] {
        let mut cues = [None; 6];
        let sentence = self.reading.tokens[candidate.tokens.start].sentence;
        let in_sentence =
            |at: usize| self.reading.tokens.get(at).is_some_and(|token| token.sentence == sentence);
        for step in 0..3 {
            if let Some(at) =
                candidate.tokens.start.checked_sub(step + 1).filter(|at| in_sentence(*at))
            {
                cues[step] = Cue::of(&self.lower[at]).map(|cue| (cue, -1));
            }
            let at = candidate.tokens.end + step;
            if in_sentence(at) {
                cues[3 + step] = Cue::of(&self.lower[at]).map(|cue| (cue, 1));
            }
        }
        cues
    }

    /// The word so many tokens away, in lower case; `<` and `>` outside the sentence.
    fn neighbour(&self, candidate: &Candidate, step: isize) -> &str {
        let sentence = self.reading.tokens[candidate.tokens.start].sentence;
        let edge = if step < 0 { "<" } else { ">" };
        let from = if step < 0 { candidate.tokens.start } else { candidate.tokens.end - 1 };
        let Some(at) = from.checked_add_signed(step) else { return edge };
        match self.reading.tokens.get(at) {
            Some(token) if token.sentence == sentence => &self.lower[at],
            _ => edge,
        }
    }

    /// Gives all features of a candidate to `sink`.
    pub fn features(&self, candidate: &Candidate, sink: &mut impl Sink) {
        let known = self.known(candidate, sink);
        self.looks(candidate, sink);
        sink.feature(Template::Before, self.neighbour(candidate, -1));
        sink.feature(Template::BeforeThat, self.neighbour(candidate, -2));
        sink.feature(Template::After, self.neighbour(candidate, 1));
        sink.feature(Template::AfterThat, self.neighbour(candidate, 2));
        self.surroundings(candidate, known, sink);
        self.pattern(candidate, sink);
    }

    fn pattern(&self, candidate: &Candidate, sink: &mut impl Sink) {
        let name = self.reading.at(candidate.span);
        if let Some(designator) = designator(name) {
            sink.feature(Template::Pattern, designator);
            return;
        }
        if let Some(tail) = compound_tail(name) {
            sink.feature(Template::Pattern, &tail.to_lowercase());
        }
    }

    fn known(&self, candidate: &Candidate, sink: &mut impl Sink) -> &'static str {
        let Some(mention) = self.mention(candidate) else {
            sink.feature(Template::Known, "no");
            return "no";
        };
        let name = self.reading.at(mention.span);
        let common = self.taxonomy.is_common_word(name);
        let short = name.len() < 4;
        for known in self.taxonomy.known_of(mention) {
            sink.feature(Template::Known, kind_name(known.kind));
            if known.own {
                sink.feature(Template::Known, "own");
            }
        }
        let spelling = match (common, short, mention.exact) {
            (false, false, true) => "exact",
            (false, false, false) => "inexact",
            (true, false, true) => "common",
            (true, false, false) => "common-inexact",
            (_, true, true) => "short",
            (_, true, false) => "short-inexact",
        };
        sink.feature(Template::Known, spelling);
        spelling
    }

    fn looks(&self, candidate: &Candidate, sink: &mut impl Sink) {
        let tokens = &self.reading.tokens[candidate.tokens.clone()];
        let mut shapes = String::new();
        for token in tokens.iter().take(4) {
            shapes.push(letter(token.shape));
        }
        sink.feature(Template::Shape, &shapes);
        let (first, last) =
            (&self.lower[candidate.tokens.start], &self.lower[candidate.tokens.end - 1]);
        let length = match first.len() {
            0..=2 => "2",
            3 => "3",
            4..=5 => "5",
            6..=9 => "9",
            _ => "more",
        };
        sink.feature(Template::Length, length);
        if tokens.len() > 1 {
            sink.feature(Template::First, first);
            sink.feature(Template::Last, last);
        }
        for count in [3, 4] {
            if let Some((at, _)) = last.char_indices().nth_back(count - 1).filter(|(at, _)| *at > 0)
            {
                sink.feature(Template::Suffix, &last[at..]);
            }
        }
    }

    fn surroundings(&self, candidate: &Candidate, known: &str, sink: &mut impl Sink) {
        for (cue, side) in self.cues(candidate).into_iter().flatten() {
            let name = cue_name(cue, side);
            sink.feature(Template::Cue, name);
            sink.feature(Template::Both, &format!("{known} {name}"));
        }
        if (-6..=-1).any(|step| Cue::of(self.neighbour(candidate, step)) == Some(Cue::Naming)) {
            sink.feature(Template::Cue, "named");
            sink.feature(Template::Both, &format!("{known} named"));
        }
        let all = self.elsewhere.get(&self.surface(candidate)).copied().unwrap_or_default();
        let flags = [
            (all.malware_cues > 0, "malware"),
            (all.gang_cues > 0, "gang"),
            (all.naming_cues > 0, "naming"),
            (all.places > 1, "again"),
            (all.places > 4, "often"),
            (self.sure > 0, "others"),
            (self.sure > 2, "many others"),
        ];
        for (_, name) in flags.into_iter().filter(|(holds, _)| *holds) {
            sink.feature(Template::Elsewhere, name);
            sink.feature(Template::Both, &format!("{known} {name}"));
        }
        let token = self.reading.tokens[candidate.tokens.start];
        let sentence = self.reading.sentences[token.sentence];
        if self.title_case[token.sentence] {
            sink.feature(Template::Place, "title case");
            sink.feature(Template::Both, &format!("{known} title case"));
        }
        if sentence.first == candidate.tokens.start {
            sink.feature(Template::Place, "first");
        }
        if self.reading.in_title(token.span.start) {
            sink.feature(Template::Place, "title");
        }
        for (step, name) in
            [(-1, "known before"), (-2, "known near"), (1, "known after"), (2, "known next")]
        {
            if let Some(kind) = self.kind_at(candidate, step) {
                sink.feature(Template::Neighbour, &format!("{name} {}", kind_name(kind)));
            }
        }
    }

    /// What the mention is that covers the token so many steps away.
    fn kind_at(&self, candidate: &Candidate, step: isize) -> Option<Kind> {
        let from = if step < 0 { candidate.tokens.start } else { candidate.tokens.end - 1 };
        let at = from.checked_add_signed(step)?;
        let index = self.mentions.partition_point(|mention| mention.tokens.end <= at);
        let mention = self.mentions.get(index).filter(|mention| mention.tokens.contains(&at))?;
        mention.exact.then(|| self.taxonomy.known(mention.known[0]).kind)
    }
}

/// How words begin that say a locker ran.
const RUNNING: [&str; 12] = [
    "cifra",
    "cripto",
    "decrypt",
    "encrypt",
    "locker",
    "ransom",
    "scrambl",
    "unlock",
    "verschlüssel",
    "ランサムウ",
    "暗号化",
    "chiffr",
];

/// Words right before a new name.
const INTRODUCTIONS: [&str; 6] =
    ["called", "christened", "codenamed", "dubbed", "named", "nicknamed"];

/// What researchers put before the number of a group they have no name for.
const DESIGNATORS: &[&str] = &[
    "APT", "ATK", "CL-STA", "DEV", "FIN", "G", "GTG", "ITG", "Storm", "TA", "TAG", "TEMP", "TG",
    "UAC", "UAT", "UNC", "UTA",
];

/// `designator` if the name is one of [`DESIGNATORS`] and a number, `numbered` if it is other capitals and a number.
fn designator(name: &str) -> Option<&'static str> {
    let digits = name.len() - name.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    if !(2..=5).contains(&digits) {
        return None;
    }
    let before = name[..name.len() - digits].trim_end_matches(['-', ' ']);
    if DESIGNATORS.contains(&before) {
        return Some("designator");
    }
    let capitals = !before.is_empty() && before.bytes().all(|byte| byte.is_ascii_uppercase());
    capitals.then_some("numbered")
}

/// The last capitalised part of a word with capitals inside.
fn compound_tail(name: &str) -> Option<&str> {
    let (at, _) = name.char_indices().rfind(|(_, letter)| letter.is_uppercase())?;
    let inside =
        at > 0 && name[..at].ends_with(|letter: char| letter.is_lowercase() || letter.is_numeric());
    (inside && name.len() - at > 2).then(|| &name[at..])
}

/// Sentences of four words and more in which at least two thirds of the words are capitalised.
fn title_case(reading: &Reading) -> Vec<bool> {
    let words = |shape: Shape| !matches!(shape, Shape::Mark | Shape::Number | Shape::Caseless);
    (0..reading.sentences.len())
        .map(|sentence| {
            let tokens = reading.tokens_of(sentence);
            let all = tokens.iter().filter(|token| words(token.shape)).count();
            let capital = tokens.iter().filter(|token| token.shape.is_capitalised()).count();
            all >= 4 && capital * 3 >= all * 2
        })
        .collect()
}

fn letter(shape: Shape) -> char {
    match shape {
        Shape::Lower => 'l',
        Shape::Capital => 'C',
        Shape::Upper => 'U',
        Shape::Camel => 'M',
        Shape::Number => '0',
        Shape::Mixed => 'x',
        Shape::Caseless => 'k',
        Shape::Mark => '.',
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Actor => "actor",
        Kind::Malware => "malware",
        Kind::Brand => "brand",
        Kind::Tool => "tool",
        Kind::Vendor => "vendor",
        Kind::Product => "product",
        Kind::Company => "company",
        Kind::Technique => "technique",
        Kind::Not => "not",
    }
}

fn cue_name(cue: Cue, side: i8) -> &'static str {
    match (cue, side < 0) {
        (Cue::Malware, true) => "malware before",
        (Cue::Malware, false) => "malware after",
        (Cue::Gang, true) => "gang before",
        (Cue::Gang, false) => "gang after",
        (Cue::Naming, true) => "naming before",
        (Cue::Naming, false) => "naming after",
        (Cue::Flaw, true) => "flaw before",
        (Cue::Flaw, false) => "flaw after",
        (Cue::Deed, true) => "deed before",
        (Cue::Deed, false) => "deed after",
    }
}
