//! OPML 2.0 (opml.org/spec2.opml): lists of sources that feed readers exchange.

use quick_xml::escape::escape;

use super::xml::allowed;
use crate::domain::{NewSource, PageFetch, Source, SourceKind};

/// Namespace of our own settings.
const NAMESPACE: &str = "urn:siftwire:opml";
/// Groups inside groups that are written.
const MAX_DEPTH: usize = 56;

/// Writes sources as OPML 2.0. Groups come in the order in which they first appear.
pub fn write(title: &str, sources: &[NewSource]) -> String {
    let mut root = Folder::default();
    for source in sources {
        root.place(source);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!("<opml version=\"2.0\" xmlns:siftwire=\"{NAMESPACE}\">\n"));
    out.push_str(&format!("  <head>\n    <title>{}</title>\n  </head>\n", xml(title)));
    out.push_str("  <body>\n");
    root.write(&mut out, 2);
    out.push_str("  </body>\n</opml>\n");
    out
}

#[derive(Default)]
struct Folder<'a> {
    sources: Vec<&'a NewSource>,
    folders: Vec<(&'a str, Folder<'a>)>,
}

impl<'a> Folder<'a> {
    fn place(&mut self, source: &'a NewSource) {
        let mut folder = self;
        for group in source.groups.iter().filter(|group| !group.is_empty()).take(MAX_DEPTH) {
            let place = folder.folders.iter().position(|(name, _)| name == group);
            let place = place.unwrap_or_else(|| {
                folder.folders.push((group, Folder::default()));
                folder.folders.len() - 1
            });
            folder = &mut folder.folders[place].1;
        }
        folder.sources.push(source);
    }

    fn write(&self, out: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        for source in &self.sources {
            out.push_str(&format!("{indent}{}\n", outline(source)));
        }
        for (name, folder) in &self.folders {
            out.push_str(&format!("{indent}<outline text=\"{}\">\n", xml(name)));
            folder.write(out, depth + 1);
            out.push_str(&format!("{indent}</outline>\n"));
        }
    }
}

/// What another installation needs to watch a source in the same way.
pub fn as_new(source: &Source) -> NewSource {
    NewSource {
        url: source.url.clone(),
        title: source.title.clone(),
        site_url: source.site_url.clone(),
        kind: source.kind,
        groups: source.groups.clone(),
        language: source.language.clone(),
        respect_robots: (!source.respect_robots).then_some(false),
        fetch_pages: source.fetch_pages,
    }
}

fn outline(source: &NewSource) -> String {
    let title = if source.title.is_empty() { &source.url } else { &source.title };
    let mut attributes = vec![("type", "rss"), ("text", title), ("title", &source.title)];
    attributes.push(("xmlUrl", &source.url));
    attributes.extend(source.site_url.as_deref().map(|site| ("htmlUrl", site)));
    attributes.extend(source.language.as_deref().map(|language| ("language", language)));
    if source.kind != SourceKind::default() {
        attributes.push(("siftwire:kind", source.kind.as_str()));
    }
    if let Some(respect) = source.respect_robots {
        attributes.push(("siftwire:respectRobots", if respect { "true" } else { "false" }));
    }
    if source.fetch_pages != PageFetch::default() {
        attributes.push(("siftwire:fetchPages", source.fetch_pages.as_str()));
    }
    let written: String = attributes
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!(" {name}=\"{}\"", xml(value)))
        .collect();
    format!("<outline{written}/>")
}

fn xml(text: &str) -> String {
    escape(allowed(text).as_str()).into_owned()
}
