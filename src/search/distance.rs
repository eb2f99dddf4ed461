//! Edit distance between short words.

/// Longest word compared, in characters; longer ones are taken as unlike.
const MAX_CHARS: usize = 64;

/// Edits that turn `left` into `right`, where swapping two neighbours counts once (optimal string
/// alignment). `None` if there are more than `limit`.
pub(super) fn edits(left: &str, right: &str, limit: usize) -> Option<usize> {
    let left: Vec<char> = left.chars().take(MAX_CHARS + 1).collect();
    let right: Vec<char> = right.chars().take(MAX_CHARS + 1).collect();
    if left.len() > MAX_CHARS || right.len() > MAX_CHARS {
        return None;
    }
    if left.len().abs_diff(right.len()) > limit {
        return None;
    }
    let mut two_back = vec![0; right.len() + 1];
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut row = vec![0; right.len() + 1];
    for (i, &from) in left.iter().enumerate() {
        row[0] = i + 1;
        for (j, &to) in right.iter().enumerate() {
            let replace = last[j] + usize::from(from != to);
            row[j + 1] = replace.min(last[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0 && j > 0 && from == right[j - 1] && left[i - 1] == to;
            if swapped {
                row[j + 1] = row[j + 1].min(two_back[j - 1] + 1);
            }
        }
        if row.iter().all(|&edits| edits > limit) {
            return None;
        }
        std::mem::swap(&mut two_back, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    Some(last[right.len()]).filter(|&edits| edits <= limit)
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn counts_each_kind_of_edit() {
        assert_eq!(edits("ransomware", "ransomware", 2), Some(0));
        assert_eq!(edits("ransomwre", "ransomware", 2), Some(1));
        assert_eq!(edits("ransomwarre", "ransomware", 2), Some(1));
        assert_eq!(edits("ransomvare", "ransomware", 2), Some(1));
        assert_eq!(edits("ranosmware", "ransomware", 2), Some(1));
        assert_eq!(edits("größe", "grösse", 2), Some(2));
    }

    #[test]
    fn gives_up_beyond_the_limit() {
        assert_eq!(edits("phishing", "ransomware", 2), None);
        assert_eq!(edits("a", "abcd", 2), None);
        assert_eq!(edits(&"a".repeat(100), &"a".repeat(100), 2), None);
    }
}
