use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Appends a word without case, width, accents and other marks that readers leave out when they type.
pub(crate) fn fold(word: &str, dense: bool, out: &mut String) {
    let start = out.len();
    if word.is_ascii() {
        out.push_str(word);
        out[start..].make_ascii_lowercase();
    } else if dense {
        out.extend(word.nfkc());
    } else {
        for c in word.nfkd().flat_map(char::to_lowercase) {
            push_folded(c, out);
        }
    }
    refang(start, out);
}

fn push_folded(c: char, out: &mut String) {
    match c {
        // й is a letter of its own, and stemming needs it; ё is commonly written е.
        '\u{306}' if out.ends_with('и') => {
            out.pop();
            out.push('й');
        }
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'ø' => out.push('o'),
        'ł' => out.push('l'),
        'đ' => out.push('d'),
        'ı' => out.push('i'),
        'þ' => out.push_str("th"),
        'ð' => out.push('d'),
        _ if is_optional_mark(c) => {}
        _ if c.is_alphanumeric() || is_combining_mark(c) => out.push(c),
        _ => {}
    }
}

/// Accents of Latin, Greek and Cyrillic, and vowel signs of Hebrew and Arabic. Marks of other scripts
/// belong to the word.
fn is_optional_mark(c: char) -> bool {
    matches!(c as u32, 0x0300..=0x036F | 0x0591..=0x05C7 | 0x0610..=0x061A | 0x0640 | 0x064B..=0x065F | 0x0670)
}

/// `hxxp` is how `http` is written where a link must not work.
fn refang(start: usize, out: &mut String) {
    if matches!(&out[start..], "hxxp" | "hxxps") {
        out.replace_range(start + 1..start + 3, "tt");
    }
}
