//! What is noticed about a comment: about a hundred named numbers, each of which can be put into words.

use super::{
    CommentInput,
    analysis::Analysis,
    author,
    contacts::Kind,
    intents::{self, Intent},
    lexicon::{Class, Hit},
    topic,
};

macro_rules! signals {
    ($($variant:ident = $name:literal, $words:literal;)*) => {
        /// A thing noticed about a comment, beyond the lexicon's classes and the intents.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Signal { $($variant),* }

        impl Signal {
            pub const ALL: &'static [Signal] = &[$(Signal::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Signal::$variant => $name),* }
            }

            /// The signal in words, for the moderator.
            pub fn words(self) -> &'static str {
                match self { $(Signal::$variant => $words),* }
            }
        }
    };
}

signals! {
    Mail = "mail", "mail address in the text";
    SpelledMail = "spelled-mail", "mail address spelled so that filters miss it";
    Phone = "phone", "phone number";
    Handle = "handle", "account handle";
    MoneyHandle = "money-handle", "account handle made of money words";
    Link = "link", "link";
    ManyLinks = "many-links", "several links";
    ChatLink = "chat-link", "link to a messenger";
    Shortened = "shortened-link", "link through a shortener";
    CheapHost = "cheap-host", "host under a mass-registered suffix";
    MarkupLink = "markup-link", "link written as markup";
    CommercialAnchor = "commercial-anchor", "link text that sells";
    LinkShare = "link-share", "hardly any words beside the links";
    ContactNearClaim = "contact-near-claim", "contact beside a claim";
    InviteContact = "invite-contact", "asks to get in touch and says where";
    ChannelContact = "channel-contact", "messenger named together with a contact";
    TitledPerson = "titled-person", "person with a title beside a money claim";
    PersonPraise = "person-praise", "gratitude to a person who handles money";
    TestimonialGain = "testimonial-gain", "first-person story of a gain";
    Money = "money", "amounts of money";
    MoneyPair = "money-pair", "an amount that grows into another";
    Percent = "percent", "percentages";
    Invisible = "invisible", "invisible characters inside words";
    Marks = "marks", "marks stacked on letters";
    Styled = "styled", "styled letters";
    Lookalikes = "lookalikes", "letters of another alphabet inside words";
    Spaced = "spaced", "words spaced out letter by letter";
    Leet = "leet", "digits in place of letters";
    BrandNumber = "brand-number", "name with a number in disguise";
    Capitals = "capitals", "mostly capitals";
    TitleCase = "title-case", "mostly words with capital first letters";
    Emoji = "emoji", "emoji";
    ManyEmoji = "many-emoji", "more emoji than a person writes";
    Exclamations = "exclamations", "exclamation marks";
    Stretched = "stretched", "letters or signs repeated";
    Length = "length", "length";
    VeryShort = "very-short", "very short";
    Lines = "lines", "several paragraphs";
    QuestionMark = "question-mark", "asks something";
    Quoted = "quoted", "claims stand in quotation marks";
    CodeLike = "code-like", "looks like code or configuration";
    OtherScript = "other-script", "not in Latin script";
    TailLine = "tail-line", "last line is a title unlike the rest";
    TailLink = "tail-link", "last line is or holds a link";
    PraiseTail = "praise-tail", "praise, then an advertisement";
    PraiseOnly = "praise-only", "general praise, nothing about the article";
    OddPraise = "odd-praise", "praise in machine-made wording";
    FirstPerson = "first-person", "speaks in the first person";
    ThirdPerson = "third-person", "speaks of him or her";
    SkepticClaim = "skeptic-claim", "speaks of claims with doubt";
    AuthorKeyword = "author-keyword", "author name is a keyword";
    AuthorHost = "author-host", "author name is a host or link";
    AuthorMoney = "author-money", "author name is made of money words";
    AuthorUrlCommercial = "author-url-commercial", "author link that sells";
    AuthorUrlCheap = "author-url-cheap", "author link under a mass-registered suffix";
    MailMismatch = "mail-mismatch", "author name and mail address disagree";
    OnTopic = "on-topic", "takes up the article's words";
    SharesRare = "shares-rare", "takes up rare words of the article";
    Skipped = "skipped", "too long to read whole";
}

/// Number of values of a comment: classes, intents, signals.
pub const COUNT: usize = Class::ALL.len() + Intent::ALL.len() + Signal::ALL.len();

/// The values of a comment, in the order of [`name`].
pub type Values = [f32; COUNT];

/// Where the value of a class stands.
pub fn class_at(class: Class) -> usize {
    class as usize
}

/// Where the value of an intent stands.
pub fn intent_at(intent: Intent) -> usize {
    Class::ALL.len() + intent as usize
}

/// Where the value of a signal stands.
pub fn signal_at(signal: Signal) -> usize {
    Class::ALL.len() + Intent::ALL.len() + signal as usize
}

/// The stable name of the value at `at`.
pub fn name(at: usize) -> &'static str {
    let intents = Class::ALL.len();
    let signals = intents + Intent::ALL.len();
    if at < intents {
        Class::ALL[at].name()
    } else if at < signals {
        Intent::ALL[at - intents].name()
    } else {
        Signal::ALL[at - signals].name()
    }
}

/// Computes all values of an analysed comment.
pub fn measure(input: &CommentInput, analysis: &Analysis) -> Values {
    let mut values = [0.0; COUNT];
    let mut set = |signal: Signal, value: f32| values[signal_at(signal)] = value;
    contact_signals(analysis, &mut set);
    number_signals(analysis, &mut set);
    disguise_signals(analysis, &mut set);
    form_signals(analysis, &mut set);
    voice_signals(analysis, &mut set);
    author::signals(input, &mut set);
    topic::signals(input, analysis, &mut set);
    for class in Class::ALL {
        values[class_at(*class)] = (analysis.claims.of(*class) as f32).ln_1p();
    }
    for intent in Intent::ALL {
        values[intent_at(*intent)] = intents::strength(*intent, analysis);
    }
    values
}

fn flag(condition: bool) -> f32 {
    f32::from(u8::from(condition))
}

fn count(n: usize) -> f32 {
    (n as f32).ln_1p()
}

fn contact_signals(analysis: &Analysis, set: &mut impl FnMut(Signal, f32)) {
    let of = |kind| analysis.contacts.iter().filter(|c| c.kind == kind).count();
    let markup_links = analysis.view.links.len();
    let links = of(Kind::Link) + of(Kind::Shortened) + of(Kind::ChatLink) + markup_links;
    set(Signal::Mail, flag(of(Kind::Mail) > 0));
    set(Signal::SpelledMail, flag(of(Kind::SpelledMail) > 0));
    set(Signal::Phone, flag(of(Kind::Phone) > 0));
    set(Signal::Handle, flag(of(Kind::Handle) > 0));
    set(Signal::MoneyHandle, flag(of(Kind::MoneyHandle) > 0));
    set(Signal::Link, flag(links > 0));
    set(Signal::ManyLinks, count(links.saturating_sub(1)));
    set(Signal::ChatLink, flag(of(Kind::ChatLink) > 0));
    set(Signal::Shortened, flag(of(Kind::Shortened) > 0));
    set(Signal::CheapHost, flag(of(Kind::CheapHost) > 0));
    set(Signal::MarkupLink, count(markup_links));
    set(Signal::CommercialAnchor, count(analysis.commercial_anchors()));
    set(Signal::LinkShare, flag(links > 0 && analysis.view.words <= 6));
    let near = analysis.contact_near(|h| intents::is_claim(h.class));
    set(Signal::ContactNearClaim, flag(near));
    let reach_out = analysis.claims.of(Class::ReachOut) > 0;
    let contact = analysis.has_contact();
    set(Signal::InviteContact, flag(reach_out && contact));
    set(Signal::ChannelContact, flag(analysis.claims.of(Class::Channel) > 0 && contact));
}

fn number_signals(analysis: &Analysis, set: &mut impl FnMut(Signal, f32)) {
    set(Signal::Money, count(analysis.amounts));
    set(Signal::MoneyPair, flag(analysis.amounts >= 2 && analysis.claims.of(Class::Profit) > 0));
    set(Signal::Percent, count(analysis.view.text.matches('%').count()));
}

fn disguise_signals(analysis: &Analysis, set: &mut impl FnMut(Signal, f32)) {
    let undone = &analysis.view.undone;
    set(Signal::Invisible, count(undone.invisible as usize));
    set(Signal::Marks, count(undone.marks as usize));
    set(Signal::Styled, count(undone.styled as usize));
    set(Signal::Lookalikes, count(undone.lookalikes as usize));
    set(Signal::Spaced, count(undone.spaced as usize));
    set(Signal::Leet, count(undone.leet as usize));
    let numbered = analysis.view.disguised.iter().any(|word| word.chars().any(char::is_numeric));
    set(Signal::BrandNumber, flag(numbered && undone.styled + undone.lookalikes > 0));
}

fn form_signals(analysis: &Analysis, set: &mut impl FnMut(Signal, f32)) {
    let view = &analysis.view;
    let letters = view.letters.max(1) as f32;
    let words = view.words.max(1) as f32;
    set(Signal::Capitals, flag(view.letters > 8) * (view.capitals as f32 / letters));
    set(Signal::TitleCase, flag(view.words >= 4) * (view.title_words as f32 / words));
    set(Signal::Emoji, count(view.emoji as usize));
    set(Signal::ManyEmoji, flag(view.emoji >= 4));
    set(Signal::Exclamations, count(view.text.matches('!').count()));
    set(Signal::Stretched, flag(is_stretched(&view.text)));
    set(Signal::Length, words.ln_1p());
    set(Signal::VeryShort, flag(view.words <= 3));
    set(Signal::Lines, count(view.text.matches('\n').count()));
    set(Signal::QuestionMark, flag(analysis.asks));
    set(Signal::Quoted, count(analysis.quoted_claims));
    let code = view
        .text
        .bytes()
        .filter(|b| matches!(b, b'{' | b'}' | b';' | b'=' | b'`' | b'\\' | b'<' | b'>'))
        .count();
    set(Signal::CodeLike, count(code));
    set(Signal::OtherScript, view.other_script as f32 / letters);
    set(Signal::Skipped, flag(view.skipped > 0));
    tail_signals(analysis, set);
}

/// The last line against the rest: an advertisement is often glued to the end.
fn tail_signals(analysis: &Analysis, set: &mut impl FnMut(Signal, f32)) {
    let text = analysis.view.text.trim_end();
    let start = text.rfind('\n').map_or(0, |n| n + 1);
    let tail = &text[start..];
    let words = tail.split(' ').filter(|w| !w.is_empty()).count();
    let in_tail = |h: &&Hit| h.start >= start;
    let sells = analysis.hits.iter().filter(in_tail).filter(|h| intents::sells(h.class)).count();
    let unended = !tail.ends_with(['.', '!', '?', ')', ':', ';', ',', '"']);
    let praise = analysis.claims.of(Class::Praise);
    set(Signal::TailLine, flag(start > 0 && words <= 8 && unended && sells > 0));
    let link = analysis.contacts.iter().any(|c| c.kind == Kind::Link && c.end + 2 >= text.len());
    set(Signal::TailLink, flag(start > 0 && link));
    let all_sells = analysis.hits.iter().filter(|h| intents::sells(h.class)).count();
    let pitch = all_sells > 0 || !analysis.view.links.is_empty() || analysis.has_link();
    set(Signal::PraiseTail, flag(praise > 0 && pitch) * count(praise));
    let substance = analysis.claims.of(Class::Technical)
        + analysis.claims.of(Class::Question)
        + analysis.claims.of(Class::Correction);
    set(Signal::PraiseOnly, flag(praise >= 2 && substance == 0));
    set(Signal::OddPraise, count(praise.saturating_sub(2)));
}

fn voice_signals(analysis: &Analysis, set: &mut impl FnMut(Signal, f32)) {
    let of = |class| analysis.claims.of(class) as f32;
    let money = of(Class::Profit) + of(Class::Invest) + of(Class::Mentor) + analysis.amounts as f32;
    let thanks = of(Class::Testimonial);
    let person = of(Class::Mentor) + of(Class::Title) + flag(analysis.has_handle());
    set(Signal::TitledPerson, (of(Class::Title).min(1.0)) * money.ln_1p());
    set(Signal::PersonPraise, thanks.ln_1p() * person.min(2.0) * flag(money > 0.0));
    set(
        Signal::TestimonialGain,
        thanks.ln_1p() * (of(Class::Profit) + analysis.amounts as f32).ln_1p(),
    );
    set(Signal::FirstPerson, count(analysis.first_person));
    set(Signal::ThirdPerson, count(analysis.third_person));
    set(Signal::SkepticClaim, of(Class::Skeptic).ln_1p() * money.ln_1p());
}

/// Four of the same in a row: "soooo", "!!!!", but not dashes and dots, which draw lines.
fn is_stretched(text: &str) -> bool {
    text.as_bytes().windows(4).any(|w| {
        w[0] == w[1] && w[1] == w[2] && w[2] == w[3] && (w[0].is_ascii_alphabetic() || w[0] == b'!')
    })
}
