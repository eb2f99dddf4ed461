//! What name, mail address and link of the author say, and whether they agree.

use super::{
    CommentInput,
    contacts::{has_cheap_suffix, link_host, speaks_of_money},
    intents,
    lexicon::Lexicon,
    signals::Signal,
};

/// Longer names are cut: a name is short, and the field is the sender's.
const MAX_FIELD: usize = 256;

/// Sets the author's signals. Unknown fields set none: an export without addresses says nothing about its writers.
pub(super) fn signals(input: &CommentInput, set: &mut impl FnMut(Signal, f32)) {
    let author = cut(input.author.trim()).to_lowercase();
    let url = cut(input.author_url.trim()).to_lowercase();
    let mail = cut(input.author_email.trim()).to_lowercase();
    set(Signal::AuthorKeyword, keyword_strength(&author));
    set(Signal::AuthorHost, flag(link_host(&author).is_some() || author.contains("http")));
    set(Signal::AuthorMoney, flag(speaks_of_money(&author.replace(' ', ""))));
    if let Some(host) = host_of(&url) {
        set(Signal::AuthorUrlCommercial, host_strength(host));
        set(Signal::AuthorUrlCheap, flag(has_cheap_suffix(host)));
    }
    if let Some((local, _)) = mail.split_once('@') {
        set(Signal::MailMismatch, agreement(&author, local));
    }
}

fn cut(field: &str) -> &str {
    &field[..field.floor_char_boundary(MAX_FIELD)]
}

fn flag(condition: bool) -> f32 {
    f32::from(u8::from(condition))
}

fn host_of(url: &str) -> Option<&str> {
    link_host(url).or_else(|| (url.contains('.') && !url.contains(' ')).then_some(url))
}

/// Words in the name that sell something; a name of many words counts once more.
fn keyword_strength(author: &str) -> f32 {
    let sells = selling_words(author);
    let words = author.split_whitespace().count();
    (sells as f32).ln_1p() + flag(sells > 0 && words >= 3)
}

fn host_strength(host: &str) -> f32 {
    let hyphens = host.matches('-').count();
    (selling_words(&host.replace(['-', '.'], " ")) as f32).ln_1p() + 0.5 * flag(hyphens >= 2)
}

fn selling_words(text: &str) -> usize {
    if text.is_empty() {
        return 0;
    }
    let mut hits = Vec::new();
    Lexicon::embedded().find(text, &mut hits);
    hits.iter().filter(|h| intents::sells(h.class) || intents::is_claim(h.class)).count()
}

/// 1 if no word of the name stands in the mail address, -1 if one does, 0 if it cannot be said.
fn agreement(author: &str, local: &str) -> f32 {
    let mut words = author
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.is_ascii() && w.len() >= 3)
        .peekable();
    if words.peek().is_none() {
        return 0.0;
    }
    if words.any(|word| local.contains(word)) { -1.0 } else { 1.0 }
}
