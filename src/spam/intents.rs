//! What a scam comment is after. An intent counts when claim, actor and contact come together; a reader who talks
//! about a scam has the claim alone, or has it between quotation marks.

use super::{analysis::Analysis, lexicon::Class};

macro_rules! intents {
    ($($variant:ident = $name:literal, $words:literal, $claims:expr;)*) => {
        /// A purpose spam is posted for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Intent { $($variant),* }

        impl Intent {
            pub const ALL: &'static [Intent] = &[$(Intent::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Intent::$variant => $name),* }
            }

            /// The intent in words, for the moderator.
            pub fn words(self) -> &'static str {
                match self { $(Intent::$variant => $words),* }
            }

            /// Classes of which at least one hit makes the claim.
            pub(super) fn claims(self) -> &'static [Class] {
                match self { $(Intent::$variant => &$claims),* }
            }
        }
    };
}

intents! {
    TradingManager = "intent-trading", "profits through somebody who trades for you", [Class::Profit, Class::Invest];
    FundRecovery = "intent-recovery", "recovery of lost money", [Class::Recovery];
    HackerForHire = "intent-hacker", "hacker for hire", [Class::Hacker];
    Loan = "intent-loan", "loan offer", [Class::Loan];
    SpellCaster = "intent-spell", "spell caster or miracle cure", [Class::Spell];
    Pharma = "intent-pharma", "pills and slimming cures", [Class::Pharma];
    Gambling = "intent-gambling", "gambling", [Class::Gambling];
    Adult = "intent-adult", "adult content and dating", [Class::Adult];
    EssayMill = "intent-essay", "essay mill", [Class::Essay];
    SupportNumber = "intent-support", "false support number", [Class::Support];
    SeoPraise = "intent-seo-praise", "praise that carries a link", [Class::Praise, Class::SeoService];
    JobLure = "intent-job", "job lure", [Class::Job];
    Giveaway = "intent-giveaway", "giveaway", [Class::Giveaway];
    Documents = "intent-documents", "forged documents", [Class::Documents];
    Replica = "intent-replica", "replica goods", [Class::Replica];
    FakeDownload = "intent-download", "fake download", [Class::Download];
}

/// How strongly the comment pursues the intent, 0 to about 2.
pub fn strength(intent: Intent, analysis: &Analysis) -> f32 {
    let claims: usize = intent.claims().iter().map(|c| analysis.claims.of(*c)).sum();
    if claims == 0 {
        return 0.0;
    }
    let claim = (claims as f32).ln_1p().min(1.5);
    let actor = if has_actor(intent, analysis) { 0.6 } else { 0.0 };
    let contact = if has_way_out(analysis) { 1.0 } else { 0.0 };
    let asked = usize::from(analysis.asks);
    let doubt = (analysis.claims.of(Class::Skeptic) + analysis.quoted_claims + asked) as f32;
    let talk = analysis.claims.of(Class::Technical) as f32 * 0.25;
    claim * (actor + contact) / (1.0 + 0.5 * doubt + talk)
}

/// Somebody who does it for you, or somebody it was done for.
fn has_actor(intent: Intent, analysis: &Analysis) -> bool {
    let of = |class| analysis.claims.of(class) > 0;
    match intent {
        Intent::TradingManager => {
            of(Class::Mentor) || of(Class::Title) || analysis.has_handle() || of(Class::Testimonial)
        }
        Intent::FundRecovery | Intent::HackerForHire | Intent::SpellCaster | Intent::Loan => {
            of(Class::Title)
                || of(Class::Hacker)
                || of(Class::Testimonial)
                || analysis.third_person > 0
        }
        Intent::SeoPraise => {
            of(Class::Commerce) || of(Class::SeoService) || !analysis.view.links.is_empty()
        }
        _ => {
            of(Class::Commerce) || of(Class::Guarantee) || of(Class::Urgency) || of(Class::ReachOut)
        }
    }
}

/// A contact, or the request to use one that is named elsewhere ("search her name").
fn has_way_out(analysis: &Analysis) -> bool {
    analysis.has_contact()
        || analysis.claims.of(Class::ReachOut) > 0 && analysis.claims.of(Class::Channel) > 0
}

/// Whether hits of the class are claims that a contact may stand beside.
pub fn is_claim(class: Class) -> bool {
    Intent::ALL.iter().any(|i| i.claims().contains(&class)) && class != Class::Praise
}

/// Whether hits of the class sell something, as the tail of a comment may.
pub fn sells(class: Class) -> bool {
    matches!(
        class,
        Class::Commerce
            | Class::SeoService
            | Class::Support
            | Class::Essay
            | Class::Pharma
            | Class::Loan
            | Class::Gambling
            | Class::Replica
            | Class::Documents
            | Class::Spell
            | Class::Adult
    )
}
