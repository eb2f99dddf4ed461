//! Makes more training text out of training text: spins templates and puts spam in disguise. Seeded, so that the
//! same corpus gives the same model.

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use super::{Label, Labelled, slots};

/// Share of spam that is also trained on in disguise.
const DISGUISED_SHARE: f64 = 0.25;

/// The comment as it is trained on: itself, or the expansions its `spin` asks for; and for some spam a copy in
/// disguise. The first one stands for the comment, the others are made from it.
pub(super) fn variants(labelled: &Labelled, seed: u64) -> Vec<Labelled> {
    let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(0x2545_F491_4F6C_DD1D));
    let mut variants: Vec<Labelled> =
        (0..labelled.spin).map(|_| expand(labelled, &mut rng)).collect();
    if variants.is_empty() {
        variants.push(labelled.clone());
    }
    if labelled.label == Label::Spam && rng.random_bool(DISGUISED_SHARE) {
        let mut variant = variants[variants.len() - 1].clone();
        let style = *Disguise::ALL.choose(&mut rng).unwrap_or(&Disguise::Styled);
        variant.comment.content = style.apply(&variant.comment.content, &mut rng);
        variants.push(variant);
    }
    variants
}

fn expand(template: &Labelled, rng: &mut StdRng) -> Labelled {
    let mut expand = |text: &str| slots::fill(&spin(text, rng), rng);
    let mut expanded = template.clone();
    expanded.comment.content = expand(&template.comment.content);
    expanded.comment.author = expand(&template.comment.author);
    expanded.comment.author_url = expand(&template.comment.author_url);
    expanded
}

/// Expands `{one|other}`, innermost braces first. Braces without a bar are text.
pub fn spin(template: &str, rng: &mut StdRng) -> String {
    const MAX_CHOICES: usize = 200;
    let mut text = template.to_owned();
    let mut from = 0;
    for _ in 0..MAX_CHOICES {
        let Some(close) = text[from..].find('}').map(|at| from + at) else { break };
        let Some(open) = text[..close].rfind('{') else {
            from = close + 1;
            continue;
        };
        let inside = &text[open + 1..close];
        if !inside.contains('|') {
            from = close + 1;
            continue;
        }
        let choices: Vec<&str> = inside.split('|').collect();
        let chosen = choices.choose(rng).copied().unwrap_or("").to_owned();
        text.replace_range(open..=close, &chosen);
        from = 0;
    }
    text
}

/// A way to write words so that filters do not know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disguise {
    Styled,
    Invisible,
    Spaced,
    Leet,
    Lookalikes,
}

impl Disguise {
    pub const ALL: [Disguise; 5] = [
        Disguise::Styled,
        Disguise::Invisible,
        Disguise::Spaced,
        Disguise::Leet,
        Disguise::Lookalikes,
    ];

    /// Disguises a text; words are chosen at random, addresses are left alone.
    pub fn apply(self, text: &str, rng: &mut StdRng) -> String {
        let style = *[0x1D400u32, 0x1D5D4, 0x1D63C, 0x1D4D0].choose(rng).unwrap_or(&0x1D400);
        let words: Vec<String> = text
            .split(' ')
            .map(|word| {
                let address = word.contains(['@', '/', '.']) && word.len() > 4;
                let share = if self == Disguise::Spaced { 0.25 } else { 0.7 };
                if address || word.len() < 3 || !rng.random_bool(share) {
                    return word.to_owned();
                }
                self.word(word, style)
            })
            .collect();
        words.join(" ")
    }

    fn word(self, word: &str, style: u32) -> String {
        match self {
            Disguise::Styled => word.chars().map(|c| styled(c, style)).collect(),
            Disguise::Invisible => between(word, '\u{200B}'),
            Disguise::Spaced if word.len() >= 5 && word.is_ascii() => between(word, ' '),
            Disguise::Spaced => word.to_owned(),
            Disguise::Leet => word.chars().map(leet).collect(),
            Disguise::Lookalikes => word.chars().map(lookalike).collect(),
        }
    }
}

fn between(word: &str, sign: char) -> String {
    let mut out = String::new();
    for c in word.chars() {
        if !out.is_empty() {
            out.push(sign);
        }
        out.push(c);
    }
    out
}

/// The letter in one of Unicode's mathematical alphabets, which start at `first`.
fn styled(c: char, first: u32) -> char {
    let at = match c {
        'A'..='Z' => c as u32 - 'A' as u32,
        'a'..='z' => 26 + c as u32 - 'a' as u32,
        _ => return c,
    };
    char::from_u32(first + at).unwrap_or(c)
}

fn leet(c: char) -> char {
    match c.to_ascii_lowercase() {
        'o' => '0',
        'i' => '1',
        'e' => '3',
        'a' => '4',
        _ => c,
    }
}

fn lookalike(c: char) -> char {
    match c {
        'a' => 'а',
        'e' => 'е',
        'o' => 'о',
        'p' => 'р',
        'c' => 'с',
        'x' => 'х',
        'A' => 'А',
        'E' => 'Е',
        'O' => 'О',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spam::normalise::View;

    #[test]
    fn templates_are_spun_innermost_first() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..20 {
            let text = spin("{a {b|c}|d} and {code} {x}", &mut rng);
            assert!(
                ["a b and {code} {x}", "a c and {code} {x}", "d and {code} {x}"]
                    .contains(&text.as_str()),
                "{text}"
            );
        }
    }

    #[test]
    fn the_normaliser_undoes_every_disguise() {
        let plain = "Contact this honest recovery expert tomorrow morning";
        for disguise in Disguise::ALL {
            let mut rng = StdRng::seed_from_u64(3);
            let mut view = View::default();
            view.read(&disguise.apply(plain, &mut rng));
            assert!(view.undone.total() > 0, "{disguise:?}");
            assert_eq!(
                view.text.replace(' ', ""),
                plain.to_lowercase().replace(' ', ""),
                "{disguise:?}"
            );
        }
    }
}
