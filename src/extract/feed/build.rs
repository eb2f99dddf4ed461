//! From what a feed says to what it means: absolute addresses, moments in time, safe HTML, stable ids.

use std::{borrow::Cow, collections::HashMap};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{
    plain::plain_text,
    raw::{Base, Form, RawCommon, RawEntry, RawFeed, RawLink, RawPerson, RawText, resolve},
    repairs::Repairs,
};
use crate::{
    domain::{Enclosure, FeedEntry, ParsedFeed},
    extract::{dates, sanitise::sanitise},
};

const MINUTES_PER_DAY: u32 = 24 * 60;
/// Relations of links that are not the article.
const OTHER_RELATIONS: [&str; 14] = [
    "self",
    "edit",
    "edit-media",
    "enclosure",
    "replies",
    "hub",
    "next",
    "prev",
    "previous",
    "first",
    "last",
    "license",
    "related",
    "via",
];

/// Makes a feed of what was read. `base` is the feed's own address.
pub(super) fn build(raw: RawFeed<'_>, base: &Base, mut repairs: Repairs) -> ParsedFeed {
    let site = site_link(&raw.common.links);
    // Without an address of its own a feed's links count from its site.
    let base = base.clone().or_else(|| known_base(&raw.common.links, site.as_deref()));
    let inherited = if raw.authors_are_inherited { people(&raw.common) } else { Vec::new() };
    let mut dates = Dates::default();
    let mut entries: Vec<FeedEntry> = raw
        .entries
        .into_iter()
        .map(|entry| build_entry(entry, &base, &inherited, &mut dates, &mut repairs))
        .collect();
    dates.settle(&mut entries);
    part_shared_ids(&mut entries, &mut repairs);
    let links = &raw.common.links;
    let title = raw.common.title.as_ref().or(raw.common.dc_title.as_ref());
    ParsedFeed {
        title: title.and_then(title_text),
        link: site.and_then(|link| absolute(&base, &link)),
        language: raw.language.as_deref().and_then(language_tag),
        ttl_minutes: raw.ttl_minutes.or_else(|| {
            period_minutes(raw.update_period.as_deref()?, raw.update_frequency.unwrap_or(1))
        }),
        hub: related(links, "hub").and_then(|link| absolute(&base, &link.href)),
        self_link: related(links, "self").and_then(|link| absolute(&base, &link.href)),
        next_page: raw
            .next_page
            .or_else(|| related(links, "next").map(|link| link.href.clone()))
            .and_then(|link| absolute(&base, &link)),
        entries,
        repairs: repairs.into_list(),
    }
}

fn build_entry(
    mut raw: RawEntry<'_>,
    base: &Base,
    inherited: &[RawPerson],
    dates: &mut Dates,
    repairs: &mut Repairs,
) -> FeedEntry {
    if raw.summary.is_none() {
        raw.summary = raw.description.take();
    }
    let description = raw.description.take();
    raw.content = raw.content.take().or(description);
    for text in [&mut raw.summary, &mut raw.content, &mut raw.spare_summary].into_iter().flatten() {
        text.base = text.base.take().or_else(|| base.clone());
    }
    let link = entry_link(&raw).and_then(|link| absolute_or_note(base, &link, repairs));
    let mut authors = people(&raw.common);
    if authors.is_empty() {
        authors = inherited.to_vec();
    }
    let published = [&raw.published, &raw.issued, &raw.dated, &raw.created];
    let updated = [&raw.updated, &raw.modified, &raw.dated, &None];
    let title = [&raw.common.title, &raw.common.dc_title, &raw.media_title];
    let summary = raw.summary.filter(|text| !text.is_blank()).or(raw.spare_summary);
    let mut entry = FeedEntry {
        title: title.into_iter().flatten().find_map(title_text),
        published: dates.first(published, repairs),
        updated: dates.first(updated, repairs),
        summary: summary.as_ref().and_then(safe_html),
        content: raw.content.as_ref().and_then(safe_html),
        author_url: authors.first().and_then(|author| absolute(base, author.url.as_deref()?)),
        authors: names(&authors),
        categories: raw.categories,
        enclosures: enclosures(raw.enclosures, raw.thumbnails, base),
        comments_url: raw
            .comments_url
            .or_else(|| replies(&raw.common.links, false))
            .and_then(|link| absolute(base, &link)),
        comments_feed: raw
            .comments_feed
            .or_else(|| replies(&raw.common.links, true))
            .and_then(|link| absolute(base, &link)),
        comment_count: raw.comment_count,
        in_reply_to: raw.in_reply_to,
        id: String::new(),
        link,
    };
    dates.built += 1;
    entry.id = raw
        .id
        .map(|id| id.trim().to_owned())
        .filter(|id| !id.is_empty())
        .or_else(|| entry.link.clone())
        .unwrap_or_else(|| digest(&entry));
    entry
}

/// Dates that could be read in two ways, to be settled by the other dates of the feed.
#[derive(Default)]
struct Dates {
    certain: Vec<Timestamp>,
    open: Vec<OpenDate>,
    /// Entries built so far.
    built: usize,
}

struct OpenDate {
    entry: usize,
    taken: Timestamp,
    other: Timestamp,
}

impl Dates {
    /// The first date that can be read.
    fn first(
        &mut self,
        texts: [&Option<Cow<'_, str>>; 4],
        repairs: &mut Repairs,
    ) -> Option<Timestamp> {
        for text in texts.into_iter().flatten() {
            let Some(date) = dates::parse(text) else {
                let shown = &text[..text.floor_char_boundary(40)];
                repairs.note(format!("unreadable date {shown:?}"));
                continue;
            };
            if let Some(repair) = date.repair {
                repairs.note(repair);
            }
            match date.alternative {
                Some(other) => {
                    self.open.push(OpenDate { entry: self.built, taken: date.timestamp, other });
                }
                None => self.certain.push(date.timestamp),
            }
            return Some(date.timestamp);
        }
        None
    }

    /// Takes the reading under which a feed's dates lie closest together.
    fn settle(self, entries: &mut [FeedEntry]) {
        if self.open.is_empty() {
            return;
        }
        let spread = |swapped: bool| -> SignedDuration {
            let dates: Vec<Timestamp> = self
                .open
                .iter()
                .map(|date| if swapped { date.other } else { date.taken })
                .chain(self.certain.iter().copied())
                .collect();
            match (dates.iter().min(), dates.iter().max()) {
                (Some(first), Some(last)) => last.duration_since(*first),
                _ => SignedDuration::ZERO,
            }
        };
        if spread(true) >= spread(false) {
            return;
        }
        for date in &self.open {
            let Some(entry) = entries.get_mut(date.entry) else { continue };
            for slot in [&mut entry.published, &mut entry.updated] {
                if *slot == Some(date.taken) {
                    *slot = Some(date.other);
                }
            }
        }
    }
}

/// A language tag (BCP 47): `en_US` is meant as `en-US`.
fn language_tag(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let sound = tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (sound && (1..=35).contains(&tag.len())).then_some(tag)
}

fn title_text(text: &RawText<'_>) -> Option<String> {
    let title = plain_text(&text.value, text.form);
    (!title.is_empty()).then_some(title)
}

/// HTML that is safe to show; text that says it is text is escaped.
fn safe_html(text: &RawText<'_>) -> Option<String> {
    let value = text.value.trim();
    let is_text = match text.form {
        Form::Text => true,
        Form::Unsaid => !looks_like_html(value),
        Form::Html => false,
    };
    let html = if !value.contains(['<', '&']) {
        value.to_owned()
    } else if is_text {
        value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        sanitise(value, text.base.as_deref())
    };
    (!html.trim().is_empty()).then_some(html)
}

/// A text whose form nobody stated is HTML if it closes a tag or breaks a line.
fn looks_like_html(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    ["</p>", "</a>", "<br", "</b>", "</i>", "</em>", "</div>", "</strong>", "</li>", "<img ", "<p>"]
        .iter()
        .any(|mark| lower.contains(mark))
}

fn related<'l>(links: &'l [RawLink], rel: &str) -> Option<&'l RawLink> {
    links.iter().find(|link| link.rel == rel && !link.href.is_empty())
}

fn is_page(link: &RawLink) -> bool {
    matches!(link.rel.as_str(), "" | "alternate") && !link.href.trim().is_empty()
}

/// Of several alternates, the page: a person's browser shows HTML.
fn page_link(links: &[RawLink]) -> Option<&RawLink> {
    let html = |link: &&RawLink| link.media_type.is_empty() || link.media_type.contains("html");
    links
        .iter()
        .find(|link| link.is_text)
        .or_else(|| links.iter().find(|link| is_page(link) && html(link)))
        .or_else(|| links.iter().find(|link| is_page(link)))
}

fn site_link(links: &[RawLink]) -> Option<String> {
    page_link(links).map(|link| link.href.clone())
}

fn known_base(links: &[RawLink], site: Option<&str>) -> Base {
    let own = related(links, "self").map(|link| link.href.as_str());
    [own, site].into_iter().flatten().find_map(|link| Url::parse(link).ok()).map(Into::into)
}

fn entry_link(raw: &RawEntry<'_>) -> Option<String> {
    if let Some(link) = page_link(&raw.common.links) {
        return Some(link.href.clone());
    }
    let id = raw.id.as_deref().map(str::trim).unwrap_or_default();
    if !raw.id_is_no_link && is_web_address(id) {
        return Some(id.to_owned());
    }
    let unusual =
        raw.common.links.iter().find(|link| !OTHER_RELATIONS.contains(&link.rel.as_str()));
    let spare = unusual.or_else(|| related(&raw.common.links, "related"));
    spare.or_else(|| related(&raw.common.links, "via")).map(|link| link.href.clone())
}

fn is_web_address(text: &str) -> bool {
    let start = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    (start.starts_with("http://") || start.starts_with("https://"))
        && !text.contains(char::is_whitespace)
}

/// Feed or page with the answers to an entry.
fn replies(links: &[RawLink], feed: bool) -> Option<String> {
    links
        .iter()
        .filter(|link| link.rel == "replies")
        .find(|link| {
            let is_page = link.media_type.contains("html");
            is_page != feed
        })
        .map(|link| link.href.clone())
}

fn absolute(base: &Base, link: &str) -> Option<String> {
    let link = link.trim();
    match Url::parse(link) {
        Ok(url) => Some(url.into()),
        Err(_) if base.is_some() => Url::parse(&resolve(base, link)).ok().map(String::from),
        Err(_) => bare_host(link),
    }
}

fn absolute_or_note(base: &Base, link: &str, repairs: &mut Repairs) -> Option<String> {
    let found = absolute(base, link);
    if found.is_none() {
        repairs.note("link that leads nowhere");
    }
    found
}

/// `www.ex.org/a`, which lacks its scheme.
fn bare_host(link: &str) -> Option<String> {
    let link = link.strip_prefix("//").unwrap_or(link);
    if !link.starts_with("www.") {
        return None;
    }
    Url::parse(&format!("https://{link}")).ok().map(String::from)
}

/// The persons of the best source: `dc:creator` names people where RSS `author` has a mail address.
fn people(common: &RawCommon<'_>) -> Vec<RawPerson> {
    let named = |list: &[RawPerson]| list.iter().any(|person| person.name.is_some());
    let sources = [&common.authors, &common.creators, &common.itunes_authors];
    let best = sources.into_iter().find(|list| named(list));
    best.or_else(|| sources.into_iter().find(|list| !list.is_empty())).cloned().unwrap_or_default()
}

fn names(people: &[RawPerson]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for person in people {
        let name = person.name.as_ref().or(person.email.as_ref()).or(person.url.as_ref());
        if let Some(name) = name.filter(|name| !names.contains(name)) {
            names.push(name.clone());
        }
    }
    names
}

fn enclosures(given: Vec<Enclosure>, thumbnails: Vec<String>, base: &Base) -> Vec<Enclosure> {
    let pictures = thumbnails.into_iter().map(|url| {
        let media_type = picture_type(&url).map(str::to_owned);
        Enclosure { url, media_type, length: None }
    });
    // A thumbnail is worth having only where there is nothing bigger.
    let spare: Vec<Enclosure> =
        if given.is_empty() { pictures.take(1).collect() } else { Vec::new() };
    let mut enclosures: Vec<Enclosure> = Vec::new();
    for enclosure in given.into_iter().chain(spare) {
        let Some(url) = absolute(base, &enclosure.url) else { continue };
        if !enclosures.iter().any(|known| known.url == url) {
            enclosures.push(Enclosure { url, ..enclosure });
        }
    }
    enclosures
}

fn picture_type(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    Some(match path.rsplit('.').next()? {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        _ => return None,
    })
}

/// `sy:updatePeriod` and `sy:updateFrequency` as minutes between updates.
fn period_minutes(period: &str, frequency: u32) -> Option<u32> {
    let minutes = match period.trim().to_ascii_lowercase().as_str() {
        "hourly" => 60,
        "daily" => MINUTES_PER_DAY,
        "weekly" => 7 * MINUTES_PER_DAY,
        "monthly" => 30 * MINUTES_PER_DAY,
        "yearly" => 365 * MINUTES_PER_DAY,
        _ => return None,
    };
    Some((minutes / frequency.max(1)).max(1))
}

/// An id for an entry that has neither id nor link: the same as long as it says the same.
fn digest(entry: &FeedEntry) -> String {
    let mut hasher = blake3::Hasher::new();
    let date = entry.published.map(|date| date.to_string());
    let enclosure = entry.enclosures.first().map(|enclosure| &enclosure.url);
    for part in [entry.title.as_ref(), entry.summary.as_ref(), date.as_ref(), enclosure] {
        hasher.update(part.map_or("", String::as_str).as_bytes());
        hasher.update(&[0]);
    }
    format!("digest:{}", &hasher.finalize().to_hex()[..32])
}

/// Some feeds give all their entries one id: then the links tell them apart.
fn part_shared_ids(entries: &mut [FeedEntry], repairs: &mut Repairs) {
    let mut links: HashMap<&str, Vec<Option<&str>>> = HashMap::new();
    for entry in &*entries {
        let known = links.entry(&entry.id).or_default();
        let link = entry.link.as_deref();
        if !known.contains(&link) && known.len() < 2 {
            known.push(link);
        }
    }
    let shared: Vec<String> = links
        .into_iter()
        .filter(|(_, links)| links.len() > 1)
        .map(|(id, _)| id.to_owned())
        .collect();
    if shared.is_empty() {
        return;
    }
    repairs.note("one id for several entries");
    for entry in entries {
        if shared.contains(&entry.id) {
            entry.id = entry.link.clone().unwrap_or_else(|| digest(entry));
        }
    }
}
