use std::{
    borrow::Cow,
    io::{self, Write},
};

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use serde_json::json;

use super::Format;
use crate::{
    export::csv::cell,
    search::{Fragment, Hit, SearchResults},
};

/// Narrowest and widest text that is still pleasant to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=110;
/// Columns before the title: the number of the hit.
const INDENT: usize = 5;
/// Values shown of each facet.
const FACET_VALUES: usize = 8;

const BOLD: &str = "\x1b[1m";
const HIGHLIGHT: &str = "\x1b[1;33m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// Results and how they are to look.
pub(super) struct Output<'a> {
    pub results: &'a SearchResults,
    /// The query as it was given.
    pub query: &'a str,
    pub offset: usize,
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// A hit as programs read it: texts whole, dates in RFC 3339.
#[derive(Serialize)]
struct Record<'a> {
    id: i64,
    score: f32,
    title: String,
    url: &'a str,
    source: &'a str,
    site: &'a str,
    authors: &'a [String],
    published: Timestamp,
    language: Option<&'a str>,
    comment_count: u32,
    snippet: String,
}

impl<'a> Record<'a> {
    fn of(hit: &'a Hit) -> Self {
        Self {
            id: hit.id.0,
            score: hit.score,
            title: hit.title_text(),
            url: &hit.url,
            source: &hit.source,
            site: &hit.site,
            authors: &hit.authors,
            published: hit.published,
            language: hit.language.as_deref(),
            comment_count: hit.comment_count,
            snippet: hit.snippet.iter().map(|piece| piece.text.as_str()).collect(),
        }
    }
}

impl Output<'_> {
    pub(super) fn write(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        match format {
            Format::Table => self.table(out),
            Format::Ndjson => self.ndjson(out),
            Format::Json => self.json(out),
            Format::Csv => self.separated(b',', out),
            Format::Tsv => self.separated(b'\t', out),
        }
    }

    fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.results.hits.iter().map(Record::of)
    }

    fn ndjson(&self, out: &mut impl Write) -> io::Result<()> {
        for record in self.records() {
            serde_json::to_writer(&mut *out, &record)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn json(&self, out: &mut impl Write) -> io::Result<()> {
        let document = json!({
            "query": self.query,
            "total": self.results.total,
            "hits": self.records().collect::<Vec<_>>(),
            "facets": self.results.facets,
            "did_you_mean": self.results.did_you_mean,
        });
        serde_json::to_writer_pretty(&mut *out, &document)?;
        out.write_all(b"\n")
    }

    fn separated(&self, delimiter: u8, out: &mut impl Write) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
        writer.write_record([
            "id",
            "published",
            "source",
            "title",
            "url",
            "language",
            "authors",
            "comment_count",
            "score",
            "snippet",
        ])?;
        for record in self.records() {
            let authors = record.authors.join("; ");
            let cells: [Cow<str>; 10] = [
                record.id.to_string().into(),
                record.published.to_string().into(),
                cell(record.source),
                cell(&record.title),
                cell(record.url),
                cell(record.language.unwrap_or_default()),
                cell(&authors),
                record.comment_count.to_string().into(),
                record.score.to_string().into(),
                cell(&record.snippet),
            ];
            writer.write_record(cells.iter().map(|cell| cell.as_bytes()))?;
        }
        writer.flush()
    }

    fn table(&self, out: &mut impl Write) -> io::Result<()> {
        if self.results.total == 0 {
            return self.nothing(out);
        }
        for (number, hit) in (self.offset + 1..).zip(&self.results.hits) {
            self.hit(number, hit, out)?;
        }
        let shown = self.results.hits.len();
        match shown {
            0 => writeln!(out, "no hits beyond the first {}", self.results.total)?,
            _ => writeln!(
                out,
                "{}{}-{} of {}{}",
                self.style(DIM),
                self.offset + 1,
                self.offset + shown,
                self.results.total,
                self.style(RESET),
            )?,
        }
        self.facets(out)
    }

    fn hit(&self, number: usize, hit: &Hit, out: &mut impl Write) -> io::Result<()> {
        let indent = " ".repeat(INDENT);
        let title = self.lines(&hit.title, BOLD);
        for (line_number, line) in title.iter().enumerate() {
            match line_number {
                0 => writeln!(out, "{number:>3}. {line}")?,
                _ => writeln!(out, "{indent}{line}")?,
            }
        }
        let date = hit.published.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M");
        let source = if hit.source.is_empty() { &hit.site } else { &hit.source };
        let language = hit.language.as_deref().map(|code| format!(" · {code}")).unwrap_or_default();
        let comments = match hit.comment_count {
            0 => String::new(),
            1 => " · 1 comment".to_owned(),
            count => format!(" · {count} comments"),
        };
        let about = plain(&format!("{date} · {source}{language}{comments}"));
        writeln!(out, "{indent}{}{about}{}", self.style(DIM), self.style(RESET))?;
        for line in self.lines(&hit.snippet, "") {
            writeln!(out, "{indent}{line}")?;
        }
        writeln!(out, "{indent}{}{}{}\n", self.style(DIM), plain(&hit.url), self.style(RESET))
    }

    fn facets(&self, out: &mut impl Write) -> io::Result<()> {
        for facet in self.results.facets.iter().filter(|facet| !facet.values.is_empty()) {
            let value = |value: &crate::search::FacetValue| {
                format!("{} ({})", plain(&value.value), value.count)
            };
            let mut values: Vec<String> =
                facet.values.iter().take(FACET_VALUES).map(value).collect();
            if facet.values.len() > FACET_VALUES {
                values.push(format!("{} more", facet.values.len() - FACET_VALUES));
            }
            writeln!(out, "{:<7} {}", facet.field, values.join(", "))?;
        }
        Ok(())
    }

    fn nothing(&self, out: &mut impl Write) -> io::Result<()> {
        if self.query.trim().is_empty() {
            return writeln!(out, "there are no articles yet; fetch some with siftwire crawl");
        }
        writeln!(out, "nothing found for {}", plain(self.query))?;
        match &self.results.did_you_mean {
            Some(mended) => writeln!(out, "did you mean {}?", plain(mended)),
            None => writeln!(
                out,
                "try fewer or other words, OR between them, or a longer time; siftwire search --help shows the language"
            ),
        }
    }

    /// Pieces broken into lines at spaces, with matches highlighted.
    fn lines(&self, pieces: &[Fragment], base: &'static str) -> Vec<String> {
        let width = self.width.clamp(*WIDTHS.start(), *WIDTHS.end()) - INDENT;
        let mut lines = Vec::new();
        let (mut line, mut used) = (String::new(), 0);
        for piece in pieces {
            let style = if piece.hit { HIGHLIGHT } else { base };
            for word in plain(&piece.text).split_inclusive(' ') {
                let wide = columns(word);
                if used > 0 && used + columns(word.trim_end()) > width {
                    trim_end(&mut line);
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push_str(&self.styled(word, style));
                used += wide;
            }
        }
        trim_end(&mut line);
        lines.push(line);
        lines.retain(|line| !line.trim().is_empty());
        lines
    }

    fn styled(&self, text: &str, style: &'static str) -> String {
        if style.is_empty() {
            text.to_owned()
        } else {
            format!("{}{text}{}", self.style(style), self.style(RESET))
        }
    }

    fn style(&self, style: &'static str) -> &'static str {
        if self.colour { style } else { "" }
    }
}

fn trim_end(line: &mut String) {
    line.truncate(line.trim_end().len());
}

/// Text without control characters, which could take over the terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Columns that a text takes on a terminal.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

fn char_columns(c: char) -> usize {
    match c as u32 {
        _ if unicode_normalization::char::is_combining_mark(c) => 0,
        0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        // East Asian Wide and Fullwidth, and emoji (Unicode Annex 11).
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ArticleId;

    fn piece(text: &str, hit: bool) -> Fragment {
        Fragment { text: text.to_owned(), hit }
    }

    fn results() -> SearchResults {
        let hit = Hit {
            id: ArticleId(7),
            score: 1.5,
            url: "https://patch.example/7".to_owned(),
            source: "The \x1b[31mDaily Patch".to_owned(),
            site: "patch.example".to_owned(),
            authors: vec!["Jane Roe".to_owned(), "Li Wei".to_owned()],
            published: "2026-11-23T08:00:00Z".parse().expect("a time"),
            language: Some("en".to_owned()),
            title: vec![piece("Bank ", false), piece("breach", true)],
            snippet: vec![
                piece("A \"quoted\", long ", false),
                piece("breach", true),
                piece(" of 東京 banks.", false),
            ],
            comment_count: 2,
            main_attack: None,
            names: Vec::new(),
            incident: None,
            duplicate_of: None,
        };
        SearchResults {
            total: 3,
            hits: vec![hit],
            facets: Vec::new(),
            histogram: Vec::new(),
            did_you_mean: None,
        }
    }

    fn written(format: Format, colour: bool) -> String {
        let results = results();
        let output = Output { results: &results, query: "breach", offset: 0, colour, width: 40 };
        let mut out = Vec::new();
        output.write(format, &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn tables_are_for_people() {
        insta::assert_snapshot!(written(Format::Table, false));
    }

    #[test]
    fn colour_marks_matches_and_nothing_else_can() {
        let table = written(Format::Table, true);
        assert!(table.contains("\x1b[1;33mbreach\x1b[0m"));
        assert!(!table.contains("\x1b[31m"));
        assert!(!written(Format::Table, false).contains('\x1b'));
    }

    #[test]
    fn other_formats_are_for_programs() {
        insta::assert_snapshot!("ndjson", written(Format::Ndjson, true));
        insta::assert_snapshot!("csv", written(Format::Csv, true));
        assert_eq!(written(Format::Tsv, true).lines().count(), 2);
        let json: serde_json::Value =
            serde_json::from_str(&written(Format::Json, true)).expect("JSON");
        assert_eq!(json["total"], 3);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(columns("東京 ab"), 7);
        assert_eq!(columns("e\u{301}"), 1);
    }
}
