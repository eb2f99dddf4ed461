use super::{Format, Item, View, csv, ndjson};

/// A document that is written item by item.
pub enum Rows {
    Csv(View),
    Ndjson,
}

impl Rows {
    /// A document in this format; `None` if the format is no such one.
    pub fn new(format: Format, view: View) -> Option<Self> {
        match format {
            Format::Csv => Some(Self::Csv(view)),
            Format::Ndjson => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// Appends what stands before the first item.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Csv(view) => csv::header(*view, out),
            Self::Ndjson => {}
        }
    }

    /// Appends an item. Incidents and articles are not mixed in one document.
    pub fn item(&mut self, item: &Item, out: &mut Vec<u8>) {
        match self {
            Self::Csv(_) => csv::row(item, out),
            Self::Ndjson => ndjson::line(item, out),
        }
    }

    /// Appends what stands after the last item.
    pub fn end(&mut self, _out: &mut Vec<u8>) {}
}
