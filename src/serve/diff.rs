//! What changed between two states of a text, as paragraphs with marked words.

use serde::Serialize;

/// Cells of the table that finds the longest common subsequence; larger changes are shown whole.
const MAX_CELLS: usize = 4_000_000;

/// A run of text that was kept, removed or added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Run {
    pub change: Change,
    pub text: String,
}

/// What happened to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Change {
    Kept,
    Removed,
    Added,
}

/// The paragraphs that differ, each as runs of words; those that stayed are left out.
pub(super) fn paragraphs(before: &str, after: &str) -> Vec<Vec<Run>> {
    let (old, new) = (split_paragraphs(before), split_paragraphs(after));
    let mut found = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for (change, paragraph) in compare(&old, &new) {
        match change {
            Change::Removed => removed.push(paragraph),
            Change::Added => added.push(paragraph),
            Change::Kept => flush(&mut found, &mut removed, &mut added),
        }
    }
    flush(&mut found, &mut removed, &mut added);
    found
}

/// The words of two lines, as runs.
pub(super) fn words(before: &str, after: &str) -> Vec<Run> {
    let (old, new) = (split_words(before), split_words(after));
    let mut runs: Vec<Run> = Vec::new();
    for (change, word) in compare(&old, &new) {
        match runs.last_mut() {
            Some(run) if run.change == change => run.text.push_str(word),
            _ => runs.push(Run { change, text: word.to_owned() }),
        }
    }
    runs
}

/// Pairs removed paragraphs with added ones in order; what is left over was removed or added whole.
fn flush<'a>(found: &mut Vec<Vec<Run>>, removed: &mut Vec<&'a str>, added: &mut Vec<&'a str>) {
    let pairs = removed.len().max(added.len());
    for place in 0..pairs {
        let old = removed.get(place).copied().unwrap_or_default();
        let new = added.get(place).copied().unwrap_or_default();
        found.push(words(old, new));
    }
    removed.clear();
    added.clear();
}

fn split_paragraphs(text: &str) -> Vec<&str> {
    text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// Words with the space that follows them.
fn split_words(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

/// Longest common subsequence, after what both share at either end.
fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Change, &'a str)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let old_middle = &old_rest[..old_rest.len() - tail];
    let new_middle = &new_rest[..new_rest.len() - tail];
    let kept =
        |items: &[&'a str]| items.iter().map(|item| (Change::Kept, *item)).collect::<Vec<_>>();
    let mut found = kept(&old[..head]);
    found.extend(compare_middle(old_middle, new_middle));
    found.extend(kept(&old_rest[old_rest.len() - tail..]));
    found
}

fn compare_middle<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Change, &'a str)> {
    let width = new.len() + 1;
    if (old.len() + 1).saturating_mul(width) > MAX_CELLS {
        let removed = old.iter().map(|item| (Change::Removed, *item));
        return removed.chain(new.iter().map(|item| (Change::Added, *item))).collect();
    }
    // lengths[i * width + j]: the longest common subsequence of old[i..] and new[j..].
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * width + j] = if old[i] == new[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut found = Vec::with_capacity(old.len() + new.len());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            found.push((Change::Kept, old[i]));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            found.push((Change::Removed, old[i]));
            i += 1;
        } else {
            found.push((Change::Added, new[j]));
            j += 1;
        }
    }
    found.extend(old[i..].iter().map(|item| (Change::Removed, *item)));
    found.extend(new[j..].iter().map(|item| (Change::Added, *item)));
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tell(runs: &[Run]) -> String {
        runs.iter()
            .map(|run| match run.change {
                Change::Kept => run.text.clone(),
                Change::Removed => format!("[-{}-]", run.text),
                Change::Added => format!("[+{}+]", run.text),
            })
            .collect()
    }

    #[test]
    fn changed_words_are_marked() {
        assert_eq!(
            tell(&words("at least 90 gateways", "at least 120 gateways")),
            "at least [-90 -][+120 +]gateways"
        );
    }

    #[test]
    fn only_paragraphs_that_differ_are_told() {
        let found = paragraphs("one\n\ntwo\n\nthree", "one\n\n2\n\nthree\n\nfour");
        let told: Vec<_> = found.iter().map(|runs| tell(runs)).collect();
        assert_eq!(told, ["[-two-][+2+]", "[+four+]"]);
        assert!(paragraphs("same", "same").is_empty());
    }

    #[test]
    fn a_change_too_large_to_compare_is_shown_whole() {
        let old = "a ".repeat(3_000);
        let new = "b ".repeat(3_000);
        let runs = words(&old, &new);
        assert_eq!(runs.len(), 2);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_back(before in "[ab \n]{0,60}", after in "[ab \n]{0,60}") {
            let runs = words(&before, &after);
            let side = |left_out: Change| -> String {
                runs.iter().filter(|run| run.change != left_out).map(|run| run.text.as_str()).collect()
            };
            prop_assert_eq!(side(Change::Added), before);
            prop_assert_eq!(side(Change::Removed), after);
        }
    }
}
