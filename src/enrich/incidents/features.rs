//! How an article and an incident compare, in numbers for the model and in words for the reader.

use super::{
    Group, Signature,
    facts::{self, Fact},
    group::GroupFact,
    terms::{cosine, dot},
    times::month_of,
    words::{Term, UNKNOWN},
};
use crate::domain::EntityKind;
use jiff::Timestamp;

/// Number of features.
pub(super) const COUNT: usize = FEATURES.len();

/// Names of the features, in order, and the sign a weight may have: more of it speaks for (1) or against (-1) one
/// incident; 0 is either.
pub(super) const FEATURES: [(&str, i8); 20] = [
    ("words", 1),
    ("title", 1),
    ("nearest", 1),
    ("article's names", 1),
    ("incident's names", 1),
    ("victim shared", 1),
    ("victims differ", -1),
    ("victims differ, no campaign", -1),
    ("thing shared", 1),
    ("malware shared", 1),
    ("actor shared", 1),
    ("indicator shared", 1),
    ("numbers differ", -1),
    ("year shared", 1),
    ("years differ", -1),
    ("gap", -1),
    ("long gap, no look back", -1),
    ("tells itself apart", -1),
    ("language differs", 0),
    ("language differs, thing shared", 1),
];

const DAY: f32 = 86_400.0;
/// Days after which an article must look back to belong to what was told before.
const LONG: f32 = 30.0;
/// Days after which "no connection to an earlier attack" speaks of this incident.
const EARLIER: f32 = 14.0;
/// Days after which an article that does not look back tells of something new.
const MONTHS: f32 = 60.0;
/// What counts as looking back.
const LOOKS: f32 = 0.2;
/// Strongest names that are looked for on the other side.
const STRONGEST: usize = 3;
/// How prominent the victim is that an incident's coverage is about.
const LEADING: f32 = 0.6;

/// How an article and an incident compare.
#[derive(Debug, Clone, Default)]
pub(super) struct Comparison<'a> {
    pub values: [f32; COUNT],
    /// Both name a victim, flaw, malware, actor, vendor or product, and these are to be trusted.
    pub named: bool,
    pub days: f32,
    /// The article names the month in which the incident was first told.
    pub refers: bool,
    /// After a long gap: how sure it is that the article looks back on the incident, 0 to 1.
    pub back: f32,
    /// The headline names another victim than the coverage.
    pub other_victim: bool,
    /// What must not be joined, however alike.
    pub barred: bool,
    pub victim: Shared<'a>,
    pub cve: Shared<'a>,
    pub malware: Shared<'a>,
    pub actor: Shared<'a>,
    pub vendor: Shared<'a>,
    pub product: Shared<'a>,
    pub indicators: usize,
    pub numbers: usize,
}

impl Comparison<'_> {
    /// How prominent the most prominent flaw, malware, vendor or product is that both name, 0 to 1.
    fn thing(&self) -> f32 {
        let things = [self.cve, self.malware, self.vendor, self.product];
        things.iter().fold(0.0, |most, shared| most.max(shared.strength))
    }

    /// Whether several victims may have suffered the same.
    fn is_campaign(&self) -> bool {
        self.thing() > 0.0 || self.indicators > 0
    }
}

/// What an article and an incident share of one kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shared<'a> {
    /// How prominent the shared ones are in both, 0 to 1.
    pub strength: f32,
    /// Both name some and share none.
    pub differ: bool,
    /// The most prominent.
    pub fact: Option<&'a Fact>,
}

/// Compares an article with an incident.
pub(super) fn compare<'a>(article: &'a Signature, group: &'a Group) -> Comparison<'a> {
    let mut one = Comparison {
        named: are_named(article, group),
        days: days_apart(article, group),
        refers: refers(article, group),
        indicators: common(&article.indicators, &group.indicators),
        numbers: common(&article.numbers, &group.numbers),
        ..Comparison::default()
    };
    if one.named {
        compare_names(article, group, &mut one);
    }
    if one.days > LONG {
        one.back = looks_back(article, group, one.refers);
    }
    one.barred = tells_itself_apart(article, &one)
        || (one.days > MONTHS && one.back < LOOKS)
        || (one.other_victim && !one.is_campaign());
    one.values = values(article, group, &one);
    one
}

/// Whether names can tell: both have some, and most of the articles are about security.
fn are_named(article: &Signature, group: &Group) -> bool {
    let secure = group.secure + u32::from(article.security);
    !article.facts.is_empty() && !group.facts.is_empty() && 2 * secure > group.articles
}

fn compare_names<'a>(article: &'a Signature, group: &'a Group, one: &mut Comparison<'a>) {
    one.other_victim = headlines_differ(article, group);
    one.victim = if one.other_victim {
        Shared { differ: true, ..Shared::default() }
    } else {
        shared(article, group, EntityKind::Victim)
    };
    one.cve = shared(article, group, EntityKind::Cve);
    one.malware = shared(article, group, EntityKind::Malware);
    one.actor = shared(article, group, EntityKind::Actor);
    // Makers are named in all kinds of news.
    if !article.security {
        return;
    }
    one.vendor = shared(article, group, EntityKind::Vendor);
    one.product = shared(article, group, EntityKind::Product);
}

fn values(article: &Signature, group: &Group, one: &Comparison) -> [f32; COUNT] {
    let thing = one.thing();
    let differ = one.victim.differ;
    let years = common(&article.years, &group.years);
    let years_differ = years == 0 && !article.years.is_empty() && !group.years.is_empty();
    let numbers_differ =
        one.numbers == 0 && !article.numbers.is_empty() && !group.numbers.is_empty();
    let foreign = is_foreign(article, group);
    let any = thing.max(one.victim.strength).max(one.actor.strength);
    [
        cosine(&article.words, &group.words),
        cosine(&article.title, &group.title),
        nearest(article, group),
        held(&article.names, &group.names),
        held(&group.names, &article.names),
        one.victim.strength,
        flag(differ),
        flag(differ && !one.is_campaign()),
        thing,
        one.malware.strength,
        if differ { 0.0 } else { one.actor.strength },
        flag(one.indicators > 0),
        flag(numbers_differ),
        flag(years > 0),
        flag(years_differ),
        one.days.ln_1p() / 4.0 * (1.0 - 0.7 * one.back),
        if one.days > LONG { 1.0 - one.back } else { 0.0 },
        flag(tells_itself_apart(article, one)),
        flag(foreign),
        flag(foreign) * any,
    ]
}

fn flag(set: bool) -> f32 {
    f32::from(u8::from(set))
}

/// How sure it is that the article looks back on this incident, 0 to 1: it names the month, or it looks back and names
/// no month before the incident.
fn looks_back(article: &Signature, group: &Group, refers: bool) -> f32 {
    if article.stance.apart {
        return 0.0;
    }
    if refers {
        return 1.0;
    }
    let first = month(group.first);
    let before = article.months.iter().any(|month| month + 1 < first);
    article.stance.back * if before { 0.3 } else { 0.8 }
}

fn month(seconds: i64) -> u32 {
    Timestamp::from_second(seconds).map(month_of).unwrap_or_default()
}

/// Whether the article names the month in which the incident was first told, or one beside it.
fn refers(article: &Signature, group: &Group) -> bool {
    let first = month(group.first);
    article.months.iter().any(|month| month.abs_diff(first) <= 1)
}

fn days_apart(article: &Signature, group: &Group) -> f32 {
    let before = group.first.saturating_sub(article.published).max(0);
    let after = article.published.saturating_sub(group.last).max(0);
    before.max(after) as f32 / DAY
}

/// Whether the article says that it has nothing to do with what was told before, and the incident is so old.
fn tells_itself_apart(article: &Signature, one: &Comparison) -> bool {
    article.stance.apart && one.days > EARLIER
}

fn is_foreign(article: &Signature, group: &Group) -> bool {
    let Some(language) = &article.language else { return false };
    !group.languages.is_empty() && !group.languages.contains(language)
}

/// Cosine with the most alike of the articles kept.
fn nearest(article: &Signature, group: &Group) -> f32 {
    group.told.iter().map(|words| dot(&article.words, words)).fold(0.0, f32::max)
}

/// Share of the strongest names of one side that the other side has too, 0 to 1.
fn held(names: &[Term], others: &[Term]) -> f32 {
    let mut strongest: Vec<Term> = Vec::with_capacity(STRONGEST + 1);
    for name in names {
        let at = strongest.partition_point(|kept| kept.weight >= name.weight);
        if at < STRONGEST {
            strongest.insert(at, *name);
            strongest.truncate(STRONGEST);
        }
    }
    let all: f32 = strongest.iter().map(|name| name.weight).sum();
    let held = strongest
        .iter()
        .filter(|name| others.binary_search_by_key(&name.hash, |other| other.hash).is_ok())
        .map(|name| name.weight)
        .sum::<f32>();
    if all > 0.0 { held / all } else { 0.0 }
}

fn shared<'a>(article: &'a Signature, group: &'a Group, kind: EntityKind) -> Shared<'a> {
    let mut best = Shared::default();
    let mut comparable = false;
    for known in group.facts_of(kind) {
        for fact in article.facts_of(kind) {
            comparable |= facts::comparable(fact, &known.fact);
            if !facts::same(fact, &known.fact) {
                continue;
            }
            let strength = (fact.salience * prominence(known, group)).sqrt() * weight_of(fact);
            if best.fact.is_none() || strength > best.strength {
                best = Shared { strength, differ: false, fact: Some(&known.fact) };
            }
        }
    }
    best.differ = comparable && best.fact.is_none();
    best
}

/// Whether the headline names other victims than the one the coverage is about.
fn headlines_differ(article: &Signature, group: &Group) -> bool {
    let victims = group.facts_of(EntityKind::Victim);
    let lead = victims.max_by(|one, other| one.salience.total_cmp(&other.salience));
    let Some(lead) = lead.filter(|lead| prominence(lead, group) >= LEADING) else { return false };
    let mut titled =
        article.facts_of(EntityKind::Victim).filter(|fact| fact.salience >= 1.0).peekable();
    titled.peek().is_some()
        && titled.all(|fact| facts::comparable(fact, &lead.fact) && !facts::same(fact, &lead.fact))
}

/// How much sharing a fact says, 0 to 1: makers and products that are in the news every day say little.
fn weight_of(fact: &Fact) -> f32 {
    if !matches!(fact.kind, EntityKind::Vendor | EntityKind::Product) {
        return 1.0;
    }
    let rarest = fact.words.iter().map(|word| word.weight).fold(0.0, f32::max);
    (rarest / UNKNOWN).min(1.0)
}

/// How prominent a fact is in an incident's coverage, 0 to 1.
fn prominence(known: &GroupFact, group: &Group) -> f32 {
    (known.salience / group.articles.max(1) as f32).min(1.0)
}

fn common<T: Ord>(a: &[T], b: &[T]) -> usize {
    a.iter().filter(|mark| b.binary_search(mark).is_ok()).count()
}
