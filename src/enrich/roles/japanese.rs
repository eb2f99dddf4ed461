//! Names in Japanese, where no spaces part the words: runs of katakana, and kanji that end as organisations do.

/// Endings of organisations in kanji.
const ENDINGS: [&str; 31] = [
    "株式会社",
    "製作所",
    "研究所",
    "工業",
    "電機",
    "電気",
    "電力",
    "銀行",
    "証券",
    "保険",
    "病院",
    "大学",
    "学園",
    "高校",
    "新聞",
    "放送",
    "航空",
    "鉄道",
    "運輸",
    "物流",
    "製薬",
    "化学",
    "食品",
    "商事",
    "建設",
    "自動車",
    "精密",
    "市役所",
    "県庁",
    "機構",
    "協会",
];

/// Katakana words that are no names.
const COMMON: [&str; 44] = [
    "サイト",
    "システム",
    "ドメイン",
    "メール",
    "アプリ",
    "ランサムウエア",
    "ランサムウェア",
    "ウイルス",
    "データ",
    "サーバー",
    "サーバ",
    "サービス",
    "ネットワーク",
    "インターネット",
    "パスワード",
    "ファイル",
    "フォルダー",
    "ソフト",
    "ツール",
    "コード",
    "プログラム",
    "セキュリティー",
    "セキュリティ",
    "ハッカー",
    "サイバー",
    "グループ",
    "メーカー",
    "カメラ",
    "ユーザー",
    "アカウント",
    "パソコン",
    "バックアップ",
    "ログイン",
    "アクセス",
    "リスク",
    "テラバイト",
    "ドル",
    "ユーロ",
    "ページ",
    "ニュース",
    "スマートフォン",
    "クラウド",
    "バージョン",
    "マルウェア",
];

/// Whether a token is Japanese, digits and Latin letters among it or not.
pub(super) fn is_written_in(token: &str) -> bool {
    token.chars().any(|letter| matches!(letter, '\u{3041}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}'))
}

/// Byte ranges of the names within a run of Japanese.
pub(super) fn names(run: &str) -> Vec<(usize, usize)> {
    let mut names = Vec::new();
    let mut from = 0;
    while let Some((start, end, kind)) = next_run(run, from) {
        let word = &run[start..end];
        match kind {
            Script::Katakana if word.chars().count() >= 3 && !COMMON.contains(&word) => {
                names.push((start, end));
            }
            Script::Kanji => names.extend(organisation(word).map(|end| (start, start + end))),
            Script::Katakana => {}
        }
        from = end;
    }
    names
}

/// The end of an organisation that a run of kanji begins with.
fn organisation(word: &str) -> Option<usize> {
    let end = ENDINGS
        .iter()
        .filter_map(|ending| word.rfind(ending).filter(|at| *at >= 3).map(|at| at + ending.len()))
        .max()?;
    (word[..end].chars().count() >= 4).then_some(end)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Katakana,
    Kanji,
}

fn next_run(text: &str, from: usize) -> Option<(usize, usize, Script)> {
    let start = text[from..]
        .char_indices()
        .find_map(|(at, letter)| script_of(letter).map(|script| (from + at, script)));
    let (start, script) = start?;
    let end = text[start..]
        .char_indices()
        .find(|(_, letter)| script_of(*letter) != Some(script))
        .map_or(text.len(), |(at, _)| start + at);
    Some((start, end, script))
}

fn script_of(letter: char) -> Option<Script> {
    match letter {
        '\u{30A1}'..='\u{30FA}' | 'ー' => Some(Script::Katakana),
        '\u{4E00}'..='\u{9FFF}' => Some(Script::Kanji),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(run: &str) -> Vec<&str> {
        names(run).into_iter().map(|(start, end)| &run[start..end]).collect()
    }

    #[test]
    fn names_are_found_between_particles() {
        assert_eq!(found("キヤノンの米国向けサイトを含む"), ["キヤノン"]);
        assert_eq!(found("水原精密工業は14日発表した"), ["水原精密工業"]);
        assert_eq!(found("従業員には情報が配られた"), Vec::<&str>::new());
    }
}
