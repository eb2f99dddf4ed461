/// In which form something is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Rss,
    Atom,
    JsonFeed,
    /// The sources of what is found.
    Opml,
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// A STIX 2.1 bundle.
    Stix,
    /// A MISP feed: a folder of files, a file for each incident.
    Misp,
}

impl Format {
    /// All of them; [`Format::Misp`] alone is no single document.
    pub const ALL: [Self; 8] = [
        Self::Rss,
        Self::Atom,
        Self::JsonFeed,
        Self::Opml,
        Self::Csv,
        Self::Ndjson,
        Self::Stix,
        Self::Misp,
    ];

    /// Those that are one document.
    pub fn documents() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|format| *format != Self::Misp)
    }

    /// The name used on the command line, in the store and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::JsonFeed => "json-feed",
            Self::Opml => "opml",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Stix => "stix",
            Self::Misp => "misp",
        }
    }

    /// Reads what [`Format::as_str`] writes; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// How addresses and files in this form end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::JsonFeed => "json",
            Self::Stix => "stix.json",
            other => other.as_str(),
        }
    }

    /// Reads what [`Format::extension`] writes; anything else is `None`.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }

    /// The media type, as a `Content-Type` header has it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::JsonFeed => "application/feed+json; charset=utf-8",
            Self::Opml => "text/x-opml; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson; charset=utf-8",
            Self::Stix => "application/stix+json;version=2.1",
            Self::Misp => "application/json",
        }
    }

    /// Whether it is asked for again and again by a feed reader.
    pub fn is_feed(self) -> bool {
        matches!(self, Self::Rss | Self::Atom | Self::JsonFeed)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rss => "RSS",
            Self::Atom => "Atom",
            Self::JsonFeed => "JSON Feed",
            Self::Opml => "OPML",
            Self::Csv => "CSV",
            Self::Ndjson => "NDJSON",
            Self::Stix => "STIX 2.1",
            Self::Misp => "MISP feed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SearchView as View;

    #[test]
    fn names_are_written_and_read_the_same_way() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.as_str()), Some(format));
            assert_eq!(Format::from_extension(format.extension()), Some(format));
        }
        for view in View::ALL {
            assert_eq!(View::from_name(view.as_str()), Some(view));
        }
    }
}
