//! Which vocabulary an element belongs to.

/// A vocabulary that feeds use. RSS, Atom, CDF and elements without a namespace are one: they are told apart by
/// what they hold, not by what they claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ns {
    Core,
    Content,
    DublinCore,
    Media,
    Itunes,
    CommentApi,
    Slash,
    Thread,
    Syndication,
    Xhtml,
    Other,
}

/// The vocabulary of a namespace name. Scheme, case and a closing slash are not looked at.
pub(super) fn of_uri(uri: &str) -> Ns {
    let lower = uri.trim().to_ascii_lowercase();
    let name = lower.trim_start_matches("https://").trim_start_matches("http://");
    match name.trim_start_matches("www.").trim_end_matches(['/', '#']) {
        ""
        | "w3.org/2005/atom"
        | "purl.org/rss/1.0"
        | "purl.org/net/rss1.1"
        | "backend.userland.com/rss2"
        | "backend.userland.com/rss"
        | "blogs.law.harvard.edu/tech/rss"
        | "my.netscape.com/rdf/simple/0.9"
        | "channel.netscape.com/rdf/simple/0.9"
        | "my.netscape.com/publish/formats/rss-0.91.dtd"
        | "w3.org/1999/02/22-rdf-syntax-ns" => Ns::Core,
        name if name.starts_with("purl.org/atom/ns")
            || name.starts_with("backend.userland.com/") =>
        {
            Ns::Core
        }
        "purl.org/rss/1.0/modules/content" => Ns::Content,
        name if name.starts_with("purl.org/dc/") => Ns::DublinCore,
        name if name.starts_with("search.yahoo.com/mrss") => Ns::Media,
        name if name.starts_with("itunes.com/dtds/podcast-1.0") => Ns::Itunes,
        "wellformedweb.org/commentapi" => Ns::CommentApi,
        "purl.org/rss/1.0/modules/slash" => Ns::Slash,
        "purl.org/syndication/thread/1.0" => Ns::Thread,
        "purl.org/rss/1.0/modules/syndication" => Ns::Syndication,
        "w3.org/1999/xhtml" => Ns::Xhtml,
        _ => Ns::Other,
    }
}

/// What a prefix nobody declared means by custom.
pub(super) fn of_prefix(prefix: &str) -> Ns {
    match prefix.to_ascii_lowercase().as_str() {
        "" | "atom" | "atom10" | "a10" | "rss" | "rdf" => Ns::Core,
        "content" => Ns::Content,
        "dc" | "dcterms" => Ns::DublinCore,
        "media" => Ns::Media,
        "itunes" => Ns::Itunes,
        "wfw" => Ns::CommentApi,
        "slash" => Ns::Slash,
        "thr" => Ns::Thread,
        "sy" => Ns::Syndication,
        "xhtml" | "html" => Ns::Xhtml,
        _ => Ns::Other,
    }
}

/// Prefix (empty if none) and local name.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}
