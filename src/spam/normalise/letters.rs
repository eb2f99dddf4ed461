//! Letters in disguise: styled alphabets, look-alikes of other scripts, invisible and stacked marks.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Script of a letter, as far as telling disguises apart needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Greek,
    /// Scripts written without spaces: Han, kana, Thai and the like.
    Unspaced,
    Other,
}

pub(super) fn script(c: char) -> Script {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' => Script::Latin,
        '\u{0400}'..='\u{052F}' => Script::Cyrillic,
        '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' => Script::Greek,
        '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{0E00}'..='\u{0EFF}' => Script::Unspaced,
        _ => Script::Other,
    }
}

/// Characters that take no room and hide in the middle of words.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E007F}')
}

/// Marks that are stacked on Latin, Greek and Cyrillic letters. Marks of Indic scripts are letters' parts and stay.
pub(super) fn is_stackable_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

pub(super) fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1F300}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}')
}

/// The plain letter or digit behind a styled one (mathematical, enclosed, full-width, small capital, turned).
/// `None` if the character is not styled.
pub(super) fn unstyled(c: char) -> Option<char> {
    match c {
        '\u{1D400}'..='\u{1D7FF}'
        | '\u{FF10}'..='\u{FF5A}'
        | '\u{2460}'..='\u{249B}'
        | '\u{24B6}'..='\u{24EA}'
        | '\u{2070}'..='\u{209C}'
        | '\u{2100}'..='\u{2138}'
        | '\u{1D2C}'..='\u{1D6A}' => nfkc_letter(c),
        '\u{1F110}'..='\u{1F129}' => letter(c, 0x1F110),
        '\u{1F130}'..='\u{1F149}' => letter(c, 0x1F130),
        '\u{1F150}'..='\u{1F169}' => letter(c, 0x1F150),
        '\u{1F170}'..='\u{1F189}' => letter(c, 0x1F170),
        '\u{2776}'..='\u{277E}' => digit(c, 0x2775),
        '\u{2780}'..='\u{2788}' => digit(c, 0x277F),
        '\u{278A}'..='\u{2792}' => digit(c, 0x2789),
        _ => small_capital(c),
    }
}

fn nfkc_letter(c: char) -> Option<char> {
    let plain = std::iter::once(c).nfkc().find(|p| p.is_alphanumeric())?;
    (plain != c).then_some(plain)
}

fn letter(c: char, first: u32) -> Option<char> {
    char::from_u32('a' as u32 + (c as u32 - first))
}

fn digit(c: char, zero: u32) -> Option<char> {
    char::from_digit(c as u32 - zero, 10)
}

fn small_capital(c: char) -> Option<char> {
    const FROM: &str = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢɐǝɟɥɯɹʇʌʍʎ";
    const TO: &[u8] = b"abcdefghijklmnopqrstuvwyzaefhmrtvwy";
    // The first letters of the table all lie in the blocks below; everything else leaves at once.
    if !matches!(c, '\u{0180}'..='\u{02AF}' | '\u{1D00}'..='\u{1D2B}' | '\u{A720}'..='\u{A7FF}') {
        return None;
    }
    FROM.chars().position(|f| f == c).and_then(|at| TO.get(at)).map(|&b| b as char)
}

/// Cyrillic letters that look exactly like Latin ones in lower case.
pub(super) fn is_perfect_twin(c: char) -> bool {
    matches!(c, 'а' | 'е' | 'о' | 'р' | 'с' | 'у' | 'х' | 'і' | 'ј' | 'ѕ' | 'һ' | 'ԁ' | 'ԛ' | 'ԝ')
}

/// The Latin letter a Cyrillic, Greek or other letter is mistaken for.
pub(super) fn latin_twin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' | 'ɑ' | 'λ' => 'a',
        'в' | 'β' | 'ь' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' | 'ε' | 'є' | 'э' => 'e',
        'ɡ' => 'g',
        'н' | 'һ' | 'η' => 'h',
        'і' | 'ї' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' | 'μ' => 'm',
        'п' | 'и' | 'ν' => 'n',
        'о' | 'ο' | 'σ' | 'ө' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' | 'я' => 'r',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ц' => 'u',
        'ѵ' => 'v',
        'ԝ' | 'ω' | 'ш' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' => 'y',
        'з' | 'ζ' => 'z',
        _ => return other_twin(c),
    })
}

fn other_twin(c: char) -> Option<char> {
    if matches!(script(c), Script::Unspaced) {
        return None;
    }
    let mut buffer = [0; 4];
    let mut skeleton = unicode_security::confusable_detection::skeleton(c.encode_utf8(&mut buffer))
        .map(|p| p.to_ascii_lowercase());
    let first = skeleton.next()?;
    (first.is_ascii_alphabetic() && skeleton.next().is_none()).then_some(first)
}

/// The Cyrillic letter a Latin letter is mistaken for.
pub(super) fn cyrillic_twin(c: char) -> Option<char> {
    Some(match c {
        'a' => 'а',
        'b' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'i' | 'u' => 'и',
        'k' => 'к',
        'm' => 'м',
        'n' => 'п',
        'o' => 'о',
        'p' => 'р',
        'r' => 'г',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        _ => return None,
    })
}

/// Lower case without accents: `É` gives `e`, `ß` gives `s`, `Ж` gives `ж`.
pub(super) fn fold(c: char) -> char {
    let lower = c.to_lowercase().next().unwrap_or(c);
    match lower {
        'ß' => 's',
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ı' => 'i',
        'ё' => 'е',
        'ς' => 'σ',
        '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' | '\u{0370}'..='\u{03FF}' => {
            std::iter::once(lower).nfd().find(|p| !is_combining_mark(*p)).unwrap_or(lower)
        }
        '’' | '‘' | '`' | '´' => '\'',
        '“' | '”' | '«' | '»' | '„' => '"',
        '\u{00A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' => {
            char::from_u32(lower as u32 - 0xFEE0).unwrap_or(lower)
        }
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styled_letters_and_digits() {
        let plain: String = "𝓜𝐎𝘯𝙚𝚢Ⓜⓞ🅼🅾🄼ᴍᴏɴᴇʏ❶①９ｘ".chars().filter_map(unstyled).collect();
        assert_eq!(plain.to_lowercase(), "moneymomommoney119x");
        assert_eq!(unstyled('a'), None);
        assert_eq!(unstyled('é'), None);
    }

    #[test]
    fn twins() {
        assert_eq!(latin_twin('о'), Some('o'));
        assert_eq!(latin_twin('Ꭺ'), Some('a'));
        assert_eq!(latin_twin('語'), None);
        assert_eq!(cyrillic_twin('p'), Some('р'));
    }

    #[test]
    fn folding() {
        let folded: String = "ÉßØŁИ“Ễ".chars().map(fold).collect();
        assert_eq!(folded, "esolи\"e");
    }
}
