//! Disguises that work on whole words: letters spaced out, digits for letters.

/// Fewer single letters in a row than this are initials or a list.
pub(super) const MIN_SPACED: u32 = 4;

/// Joins words whose letters are kept apart by spaces or signs. Returns how many were joined.
pub(super) fn join_spaced(text: &mut String) -> u32 {
    let mut joined = 0;
    let mut out = String::with_capacity(text.len());
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        match spaced_word(&chars, at) {
            Some((word, end)) => {
                joined += 1;
                out.push_str(&word);
                at = end;
            }
            None => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    *text = out;
    joined
}

/// The spaced-out word that starts at `start`, and where it ends.
fn spaced_word(chars: &[char], start: usize) -> Option<(String, usize)> {
    let starts_word = start == 0 || !chars[start - 1].is_alphanumeric();
    if !starts_word || !chars[start].is_alphanumeric() {
        return None;
    }
    let mut word = String::from(chars[start]);
    let mut end = start + 1;
    while let Some(next) = next_single(chars, end) {
        word.push(chars[next]);
        end = next + 1;
    }
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let enough = word.chars().count() >= MIN_SPACED as usize && letters >= 3;
    enough.then_some((word, end))
}

/// Index of the next single letter, if only one or two separators lie between.
fn next_single(chars: &[char], end: usize) -> Option<usize> {
    let gap = chars[end..].iter().take(3).take_while(|c| is_separator(**c)).count();
    let next = end + gap;
    let alone = |at: usize| chars.get(at).is_none_or(|c| !c.is_alphanumeric());
    let fits = (1..=2).contains(&gap)
        && chars.get(next).is_some_and(|c| c.is_alphanumeric())
        && alone(next + 1);
    fits.then_some(next)
}

/// Commas and line ends are left out: they part lists.
fn is_separator(c: char) -> bool {
    !c.is_alphanumeric()
        && !matches!(c, ',' | ';' | '\n' | '/' | '=' | '+' | '@' | '(' | ')' | '<' | '>')
}

/// Turns digits and signs that stand for letters back, in the run that starts at `start`. Returns how many
/// there were, or 0 if the run is better left alone (addresses, versions, product names).
pub(super) fn undo_leet(text: &mut String, start: usize) -> u32 {
    let run = &text[start..];
    if run.len() > 48 || run.contains("://") || run.contains("www.") || is_address(run) {
        return 0;
    }
    let chars: Vec<char> = run.chars().collect();
    let is_letter =
        |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphabetic());
    let mut plain = chars.clone();
    let mut swapped = 0;
    for (at, &c) in chars.iter().enumerate() {
        let Some(letter) = leet_letter(c) else { continue };
        let before = is_letter(at.checked_sub(1));
        let after = is_letter(Some(at + 1));
        // A first digit counts when letters follow ("1nvest"), a last one only when it is an o ("n0").
        let first = at == 0 && after && is_letter(Some(2)) && c != '4';
        let last = at + 1 == chars.len() && before && c == '0' && chars.len() == 2;
        if (before && after) || first || last {
            plain[at] = letter;
            swapped += 1;
        }
    }
    if swapped == 0 || !reads_like_a_word(&chars, &plain, swapped) {
        return 0;
    }
    let plain: String = plain.into_iter().collect();
    text.truncate(start);
    text.push_str(&plain);
    swapped
}

fn is_address(run: &str) -> bool {
    run.find('@').is_some_and(|at| at == 0 || run[at..].contains('.'))
        || run.contains('/')
        || run.contains('_')
}

fn leet_letter(c: char) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => return None,
    })
}

/// Guards names such as `log4j`, `h264`, `s3`, `x86`, `win32api`: the result must have vowels where words have
/// them, and no digit may remain between letters.
fn reads_like_a_word(chars: &[char], plain: &[char], swapped: u32) -> bool {
    const NAMES: [&str; 14] = [
        "log4j",
        "log4shell",
        "d3d",
        "w3c",
        "i5s",
        "p0f",
        "r0",
        "l1b",
        "l2tp",
        "b1t",
        "c0",
        "x0r",
        "log4net",
        "web3js",
    ];
    let letters = chars.iter().filter(|c| c.is_alphabetic()).count() as u32;
    let left_over = plain.iter().filter(|c| c.is_ascii_digit()).count();
    let name: String = chars.iter().filter(|c| c.is_alphanumeric()).collect();
    let two = chars.len() == 2 && name == "n0";
    (two || letters >= 3) && left_over == 0 && swapped <= letters && !NAMES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leet(run: &str) -> String {
        let mut text = run.to_owned();
        undo_leet(&mut text, 0);
        text
    }

    #[test]
    fn leet_words_are_read() {
        for (from, to) in [
            ("rec0ver", "recover"),
            ("y0ur", "your"),
            ("c@sin0s", "casinos"),
            ("n0", "no"),
            ("1nv3st", "invest"),
        ] {
            assert_eq!(leet(from), to);
        }
    }

    #[test]
    fn names_with_digits_stay() {
        for name in [
            "log4j",
            "h264",
            "x86",
            "s3",
            "utf8",
            "k8s",
            "me@b0x.example",
            "base64",
            "cve-2021-44228",
            "mp3",
        ] {
            assert_eq!(leet(name), name);
        }
    }

    #[test]
    fn spaced_words_are_joined_and_lists_are_not() {
        let mut text = "call j o e i n v e s t now, a, b, c, d and e f".to_owned();
        assert_eq!(join_spaced(&mut text), 1);
        assert_eq!(text, "call joeinvest now, a, b, c, d and e f");
    }
}
