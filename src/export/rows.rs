use super::{Format, Item, Publisher, View, csv, ndjson, stix};

/// A document that is written item by item.
pub enum Rows {
    Csv(View),
    Ndjson,
    Stix(stix::Bundle),
}

impl Rows {
    /// A document in this format; `None` if the format is no such one.
    pub fn new(format: Format, view: View, publisher: &Publisher) -> Option<Self> {
        match format {
            Format::Csv => Some(Self::Csv(view)),
            Format::Ndjson => Some(Self::Ndjson),
            Format::Stix => Some(Self::Stix(stix::Bundle::new(publisher.clone()))),
            Format::Rss | Format::Atom | Format::JsonFeed | Format::Opml | Format::Misp => None,
        }
    }

    /// Appends what stands before the first item.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Csv(view) => csv::header(*view, out),
            Self::Ndjson => {}
            Self::Stix(bundle) => bundle.begin(out),
        }
    }

    /// Appends an item. Incidents and articles are not mixed in one document.
    pub fn item(&mut self, item: &Item, out: &mut Vec<u8>) {
        match self {
            Self::Csv(_) => csv::row(item, out),
            Self::Ndjson => ndjson::line(item, out),
            Self::Stix(bundle) => bundle.item(item, out),
        }
    }

    /// Appends what stands after the last item.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Csv(_) | Self::Ndjson => {}
            Self::Stix(bundle) => bundle.end(out),
        }
    }
}
