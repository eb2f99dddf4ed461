//! In news of flaws: who makes the thing that has one.

use super::{
    features::{Scene, Sink, commonness},
    known,
    names::Name,
    organisations::Organisation,
    words::Class,
};
use crate::enrich::{reading::Shape, taxonomy::Kind};

/// Tokens after a name in which it is said to mend something.
const MENDS_WITHIN: usize = 7;

impl Scene<'_, '_> {
    /// Whether a known product of the organisation is named in the article.
    pub(super) fn is_maker_of_what_is_named(&self, organisation: &Organisation) -> bool {
        let mut makers = organisation
            .mentions
            .iter()
            .flat_map(|name| known::within(self.marks, name.span))
            .filter(|mark| matches!(mark.kind, Kind::Vendor | Kind::Company));
        makers.any(|maker| {
            self.marks.iter().any(|mark| mark.of == Some(maker.name) && mark.kind == Kind::Product)
        })
    }

    /// In news of flaws: how the organisation stands to the thing that has the flaw.
    pub(super) fn describe_in_flaw_news(
        &self,
        at: usize,
        organisation: &Organisation,
        sink: &mut impl Sink,
    ) {
        sink.put("flaw news", ["first", "second", "later"][at.min(2)]);
        let most = self.organisations.iter().map(|one| one.mentions.len()).max().unwrap_or(0);
        if organisation.mentions.len() == most && most > 1 {
            sink.put("flaw news", "most");
        }
        let words = self.words;
        if organisation.mentions.iter().any(|name| self.product_follows(name)) {
            sink.put("flaw news", "product follows");
        }
        if organisation.mentions.iter().any(|name| self.mends(name)) {
            sink.put("flaw news", "mends");
        }
        let inside = organisation.mentions.iter().any(|name| {
            name.first > 0 && matches!(words.lower(name.first - 1), "in" | "of" | "to" | "on")
        });
        if inside {
            sink.put("flaw news", "in it");
        }
    }

    /// Whether the name is that of a product: it is known as one, or ends like "Acme VPN".
    pub(super) fn is_product(&self, organisation: &Organisation) -> bool {
        let name = &organisation.fullest;
        let kinds = |is: fn(Kind) -> bool| {
            known::within(self.marks, name.span).any(|mark| mark.span == name.span && is(mark.kind))
        };
        let maker = kinds(|kind| matches!(kind, Kind::Vendor | Kind::Company));
        let named = kinds(|kind| kind == Kind::Product);
        !maker && (named || self.words.has(name.end - 1, Class::Product))
    }

    /// Whether a text about flaws calls the organisation the maker of what has one: a sentence that speaks of the flaw names
    /// what it makes.
    pub(super) fn makes_what_is_flawed(&self, organisation: &Organisation) -> bool {
        let camel = self.words.reading.tokens[organisation.fullest.first].shape == Shape::Camel;
        let everyday = organisation.key.iter().all(|word| commonness(word) > 1);
        self.tells_of_flaw
            && !camel
            && !everyday
            && organisation.mentions.iter().any(|name| {
                let sentence = self.words.reading.sentences[name.sentence];
                let flaw = (sentence.first..sentence.end).any(|at| self.words.has(at, Class::Flaw));
                flaw && self.product_follows(name)
            })
    }

    /// "Acme VPN", "Acme's GateKeeper"
    fn product_follows(&self, name: &Name) -> bool {
        let words = self.words;
        let genitive = matches!(words.word(name.end), "'" | "’");
        let from = name.end + if genitive { 2 } else { 0 };
        let camel = |at: usize| {
            words.reading.tokens.get(at).is_some_and(|token| token.shape == Shape::Camel)
        };
        (from..from + 2).any(|at| words.has(at, Class::Product)) || camel(from)
    }

    /// "Acme has released version 2 to fix ..."
    fn mends(&self, name: &Name) -> bool {
        let words = self.words;
        let stop = words.reading.sentences[name.sentence].end.min(name.end + MENDS_WITHIN);
        (name.end..stop).any(|at| {
            matches!(
                words.lower(at),
                "released"
                    | "releases"
                    | "ships"
                    | "shipped"
                    | "fixes"
                    | "fixed"
                    | "patches"
                    | "patched"
                    | "rushes"
                    | "rushed"
                    | "issued"
                    | "issues"
                    | "credited"
                    | "updates"
                    | "updated"
            )
        })
    }
}
