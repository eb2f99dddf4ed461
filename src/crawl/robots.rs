//! robots.txt by RFC 9309, with the tolerance that site owners are used to from large search engines:
//! common misspellings, a missing colon, `index.html` standing for its folder.

use std::{borrow::Cow, time::Duration};

/// The name that robots.txt files know the crawler by.
pub const AGENT: &str = "siftwire";
/// Bytes that are read of a robots.txt (RFC 9309 section 2.5 asks for at least 500 KiB).
pub const MAX_BYTES: usize = 500 << 10;
/// Bytes that are read of one line.
const MAX_LINE: usize = 16 << 10;
/// Sitemaps that are remembered of one file.
const MAX_SITEMAPS: usize = 1000;

/// What one robots.txt says to one crawler.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RobotsRules {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    sitemaps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allow: bool,
    pattern: String,
}

impl RobotsRules {
    /// Reads the groups for `agent`; where none names it, those for `*`. Nothing in the text is an error:
    /// lines that make no sense are skipped.
    pub fn parse(text: &str, agent: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader::new(agent);
        for line in text.split(['\n', '\r']) {
            if let Some((key, value)) = key_and_value(clip(line, MAX_LINE)) {
                reader.line(key, value);
            }
        }
        reader.finish()
    }

    /// The line that decides about `path` (path and query as in the address, percent-encoded), and whether
    /// it allows the path. No line: allowed.
    pub fn deciding_rule(&self, path: &str) -> Option<(bool, String)> {
        let path = with_upper_case_escapes(if path.is_empty() { "/" } else { path });
        let strongest = self
            .rules
            .iter()
            .filter(|rule| matches(&rule.pattern, &path))
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))?;
        Some((strongest.allow, strongest.to_string()))
    }

    /// Whether `path` may be fetched.
    pub fn allows(&self, path: &str) -> bool {
        self.deciding_rule(path).is_none_or(|(allowed, _)| allowed)
    }

    /// The pause between requests that the site asks for.
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }

    /// The sitemaps that the file names, for all crawlers.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", if self.allow { "allow" } else { "disallow" }, self.pattern)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
    Sitemap,
}

impl Key {
    /// The key that `name` means, misspellings included.
    fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Some(match name.as_str() {
            "user-agent" | "useragent" | "user agent" => Self::UserAgent,
            "allow" => Self::Allow,
            "disallow" | "dissallow" | "dissalow" | "disalow" | "diasllow" | "disallaw" => {
                Self::Disallow
            }
            "crawl-delay" | "crawldelay" | "crawl delay" => Self::CrawlDelay,
            "sitemap" | "site-map" => Self::Sitemap,
            _ => return None,
        })
    }
}

/// What the groups for one name say.
#[derive(Default)]
struct Group {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
    seen: bool,
}

/// Sorts lines into the group that names us and the one for everybody. Groups of one name are merged.
struct Reader<'a> {
    agent: &'a str,
    ours: Group,
    everybody: Group,
    in_ours: bool,
    in_everybody: bool,
    /// A rule has been read since the last `user-agent`, so the next one begins a new group.
    group_has_rules: bool,
    sitemaps: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(agent: &'a str) -> Self {
        Self {
            agent,
            ours: Group::default(),
            everybody: Group::default(),
            in_ours: false,
            in_everybody: false,
            group_has_rules: false,
            sitemaps: Vec::new(),
        }
    }

    fn line(&mut self, key: Key, value: &str) {
        match key {
            Key::UserAgent => self.user_agent(value),
            Key::Allow => self.rule(true, value),
            Key::Disallow => self.rule(false, value),
            Key::CrawlDelay => self.crawl_delay(value),
            Key::Sitemap if self.sitemaps.len() < MAX_SITEMAPS => {
                self.sitemaps.push(value.to_owned());
            }
            Key::Sitemap => {}
        }
    }

    fn user_agent(&mut self, value: &str) {
        if self.group_has_rules {
            (self.in_ours, self.in_everybody, self.group_has_rules) = (false, false, false);
        }
        let name = value.split_whitespace().next().unwrap_or_default();
        if name == "*" {
            self.in_everybody = true;
            self.everybody.seen = true;
        } else if product(name).eq_ignore_ascii_case(self.agent) && !self.agent.is_empty() {
            self.in_ours = true;
            self.ours.seen = true;
        }
    }

    fn rule(&mut self, allow: bool, value: &str) {
        self.group_has_rules = true;
        if value.is_empty() {
            return;
        }
        let pattern = escaped(value);
        let folder = allow.then(|| folder_of_index(&pattern)).flatten();
        for group in self.current() {
            group.rules.push(Rule { allow, pattern: pattern.clone() });
            group.rules.extend(folder.clone().map(|pattern| Rule { allow, pattern }));
        }
    }

    fn crawl_delay(&mut self, value: &str) {
        self.group_has_rules = true;
        let Some(seconds) = value.parse().ok().filter(|seconds| (0.0..=86_400.0).contains(seconds))
        else {
            return;
        };
        for group in self.current() {
            group.crawl_delay = Some(Duration::from_secs_f64(seconds));
        }
    }

    fn current(&mut self) -> impl Iterator<Item = &mut Group> {
        let ours = self.in_ours.then_some(&mut self.ours);
        let everybody = self.in_everybody.then_some(&mut self.everybody);
        ours.into_iter().chain(everybody)
    }

    fn finish(self) -> RobotsRules {
        let group = if self.ours.seen { self.ours } else { self.everybody };
        RobotsRules { rules: group.rules, crawl_delay: group.crawl_delay, sitemaps: self.sitemaps }
    }
}

/// `key: value`, without comment; also `key value` where the colon was forgotten.
fn key_and_value(line: &str) -> Option<(Key, &str)> {
    let line = line.split('#').next().unwrap_or_default().trim();
    if let Some((key, value)) = line.split_once(':')
        && let Some(key) = Key::of(key.trim())
    {
        return Some((key, value.trim()));
    }
    let mut words = line.split_whitespace();
    let (key, value) = (words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    Some((Key::of(key)?, value))
}

/// The product token: a name may carry a version, as in `siftwire/1.0`.
fn product(name: &str) -> &str {
    let end = name.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_'));
    &name[..end.unwrap_or(name.len())]
}

/// An allowed `/folder/index.html` allows `/folder/` too.
fn folder_of_index(pattern: &str) -> Option<String> {
    let slash = pattern.rfind('/')?;
    pattern[slash..].starts_with("/index.htm").then(|| format!("{}$", &pattern[..=slash]))
}

/// Whether a path matches a pattern: from the start, `*` for anything, `$` at the end for the end. Each part
/// between stars is looked for once, so no pattern takes longer than its own length plus the path's.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return !to_the_end || rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    if to_the_end { rest.ends_with(last) } else { rest.contains(last) }
}

/// Percent-encodes what addresses never hold in clear, and writes escapes in upper case.
fn escaped(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    for byte in with_upper_case_escapes(pattern).bytes() {
        if byte.is_ascii() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn with_upper_case_escapes(text: &str) -> Cow<'_, str> {
    let lower_case_escape = |at: usize| {
        let digits = text.as_bytes().get(at + 1..at + 3);
        digits
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .is_some_and(|digits| digits.iter().any(u8::is_ascii_lowercase))
    };
    if !text.match_indices('%').any(|(at, _)| lower_case_escape(at)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in text.match_indices('%').filter(|(at, _)| lower_case_escape(*at)) {
        out.push_str(&text[done..at]);
        out.push_str(&text[at..at + 3].to_ascii_uppercase());
        done = at + 3;
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

fn clip(line: &str, max: usize) -> &str {
    &line[..line.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// `(robots.txt, path, allowed)` for the agent `siftwire`.
    const CASES: &[(&str, &str, bool)] = &[
        ("", "/a", true),
        ("user-agent: siftwire\ndisallow: /", "", false),
        // Groups: merged by name; ours before everybody's; other lines do not end a group.
        ("user-agent: siftwire\nallow: /\nuser-agent: *\ndisallow: /", "/a", true),
        ("user-agent: *\ndisallow: /\nuser-agent: SiftWire\ndisallow: /b", "/a", true),
        ("user-agent: a\nuser-agent: siftwire\ndisallow: /x", "/x", false),
        ("user-agent: a\nsitemap: http://s/\nuser-agent: siftwire\ndisallow: /x", "/x", false),
        ("user-agent: siftwire\ndisallow: /x\n\nuser-agent: siftwire\ndisallow: /y", "/x", false),
        ("user-agent: siftwire\ndisallow: /x\n\nuser-agent: siftwire\ndisallow: /y", "/y", false),
        ("user-agent: siftwire/2.0\ndisallow: /x", "/x", false),
        ("user-agent: siftwire-news\ndisallow: /x", "/x", true),
        ("user-agent: sift\ndisallow: /", "/x", true),
        ("disallow: /x\nuser-agent: a\ndisallow: /y", "/x", true),
        ("user-agent: *\ndisallow: /\nuser-agent: siftwire", "/x", true),
        // Longest match; allow wins ties; an empty value says nothing.
        ("user-agent: *\ndisallow: /a\nallow: /a/b", "/a/b/c", true),
        ("user-agent: *\nallow: /a\ndisallow: /a/b", "/a/b/c", false),
        ("user-agent: *\ndisallow: /a\nallow: /a", "/a", true),
        ("user-agent: *\ndisallow:\n", "/a", true),
        ("user-agent: *\ndisallow: /A", "/a", true),
        // Wildcards.
        ("user-agent: *\ndisallow: /*.pdf$", "/x/y.pdf", false),
        ("user-agent: *\ndisallow: /*.pdf$", "/x/y.pdf?page=1", true),
        ("user-agent: *\ndisallow: /*.pdf$", "/a.pdf/b.pdf", false),
        ("user-agent: *\ndisallow: /a$", "/a", false),
        ("user-agent: *\ndisallow: /a$", "/a/", true),
        ("user-agent: *\ndisallow: *q=", "/find?q=1", false),
        ("user-agent: *\ndisallow: /a*b*c", "/a1b2c3", false),
        ("user-agent: *\ndisallow: /a*b*c", "/a1c2b3", true),
        ("user-agent: *\ndisallow: /a*a$", "/a", true),
        ("user-agent: *\ndisallow: /$a", "/$ab", false),
        // Encoding.
        ("user-agent: *\ndisallow: /\u{30c4}", "/%E3%83%84", false),
        ("user-agent: *\ndisallow: /%e3%83%84", "/%E3%83%84", false),
        ("user-agent: *\ndisallow: /%E3%83%84", "/%e3%83%84", false),
        ("user-agent: *\ndisallow: /100%", "/100%", false),
        // Form.
        ("\u{feff}user-agent: *\ndisallow: /x", "/x", false),
        ("user-agent: *\r\ndisallow: /x\r\n", "/x", false),
        ("user-agent: *\rdisallow: /x\r", "/x", false),
        ("user-agent: * # all\ndisallow: /x # not this", "/x", false),
        ("  User-Agent :\t*\n  DISALLOW :  /x  ", "/x", false),
        ("user-agent *\ndisallow /x", "/x", false),
        ("user-agent *\ndisallow /x or so", "/x", true),
        ("useragent: *\ndissalow: /x", "/x", false),
        ("user-agent: *\nallow: /d/index.html\ndisallow: /", "/d/", true),
        ("user-agent: *\nallow: /d/index.html\ndisallow: /", "/d/a", false),
        ("<!DOCTYPE html><html><body>Not found</body></html>", "/x", true),
    ];

    #[test]
    fn paths_are_judged_by_the_rules() {
        for (robots, path, allowed) in CASES {
            let rules = RobotsRules::parse(robots, AGENT);
            assert_eq!(rules.allows(path), *allowed, "{path} under {robots:?}");
        }
    }

    #[test]
    fn the_deciding_rule_is_told() {
        let rules = RobotsRules::parse("user-agent: *\ndisallow: /a\nallow: /a/b", AGENT);
        assert_eq!(rules.deciding_rule("/a/b"), Some((true, "allow: /a/b".to_owned())));
        assert_eq!(rules.deciding_rule("/a"), Some((false, "disallow: /a".to_owned())));
        assert_eq!(rules.deciding_rule("/c"), None);
    }

    #[test]
    fn delay_and_sitemaps_are_read() {
        let text = "sitemap: https://ex.org/a.xml\nuser-agent: *\ncrawl-delay: 2.5\n\
                    user-agent: other\ncrawl-delay: 90\nSitemap: https://ex.org/b.xml";
        let rules = RobotsRules::parse(text, AGENT);
        assert_eq!(rules.crawl_delay(), Some(Duration::from_millis(2500)));
        assert_eq!(rules.sitemaps(), ["https://ex.org/a.xml", "https://ex.org/b.xml"]);
        for nonsense in ["-1", "NaN", "1e300", "soon"] {
            let text = format!("user-agent: *\ncrawl-delay: {nonsense}");
            assert_eq!(RobotsRules::parse(&text, AGENT).crawl_delay(), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}", path in "/[a-z%*$./]{0,40}") {
            RobotsRules::parse(&text, AGENT).allows(&path);
            RobotsRules::parse(&format!("user-agent: *\ndisallow: {text}"), AGENT).allows(&path);
        }

        #[test]
        fn a_path_matches_itself(path in "/[a-z/.]{0,40}") {
            prop_assert!(matches(&path, &path));
            prop_assert!(matches(&(path.clone() + "$"), &path));
            prop_assert!(matches(&("*".to_owned() + &path), &path));
        }
    }

    #[derive(Deserialize)]
    struct Row {
        robots: String,
        agent: String,
        url: String,
        allowed: bool,
    }

    /// Path and query of an address as written, without normalising it.
    fn raw_path(url: &str) -> &str {
        let after_scheme = url.find("://").map_or(url, |at| &url[at + 3..]);
        after_scheme.find('/').map_or("", |at| &after_scheme[at..])
    }

    #[test]
    #[ignore = "reads ../shared/datasets"]
    fn every_published_case_is_judged_right() {
        let file = std::env::var("SIFTWIRE_ROBOTS_CASES")
            .unwrap_or_else(|_| "../shared/datasets/feeds/robots/robots.jsonl".to_owned());
        let lines = std::fs::read_to_string(file).expect("the cases");
        for line in lines.lines() {
            let row: Row = serde_json::from_str(line).expect("a case");
            let rules = RobotsRules::parse(&row.robots, &row.agent);
            assert_eq!(rules.allows(raw_path(&row.url)), row.allowed, "{line}");
        }
    }
}
