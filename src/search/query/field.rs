use std::fmt;

/// A field that a query can name, as in `title:breach`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Title,
    Author,
    Source,
    Site,
    Url,
    Tag,
    Language,
    Attack,
    Victim,
    Vendor,
    Product,
    Actor,
    Malware,
    Cve,
    Technique,
    Country,
    Sector,
    Indicator,
    Incident,
    Kev,
    After,
    Before,
    Date,
    Sort,
}

/// What may stand after a field's colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Words or a phrase.
    Text,
    /// A host such as `example.org`.
    Host,
    /// A BCP 47 code or an English name of a language.
    Language,
    /// One of the attacks, as a tag or in words.
    Attack,
    /// A name, whole or in part.
    Name,
    /// A country, as a code or an English name.
    Country,
    /// An address, hash or domain, plain or defanged.
    Indicator,
    /// A whole number.
    Number,
    /// `yes` or `no`.
    Flag,
    /// A day, month, year, time, or a span such as `7d`.
    Date,
    /// A span of time: any date, or two with `..` between them.
    Span,
    /// `date` or `relevance`.
    Sort,
}

/// One row of the field table: everything the language knows about a field.
#[derive(Debug)]
pub struct FieldSpec {
    pub field: Field,
    /// How the field is written in canonical queries.
    pub name: &'static str,
    /// Other spellings that are understood.
    pub aliases: &'static [&'static str],
    pub kind: ValueKind,
    /// A value to show in messages and help.
    pub example: &'static str,
    /// What the field does, for help pages.
    pub help: &'static str,
}

/// All fields of the language. A new field is a new row here and an arm where queries meet the index.
pub const FIELDS: &[FieldSpec] = &[
    FieldSpec {
        field: Field::Title,
        name: "title",
        aliases: &["intitle"],
        kind: ValueKind::Text,
        example: "title:ransomware",
        help: "word or phrase in the title",
    },
    FieldSpec {
        field: Field::Author,
        name: "author",
        aliases: &["by"],
        kind: ValueKind::Text,
        example: "author:\"jane roe\"",
        help: "who wrote it",
    },
    FieldSpec {
        field: Field::Source,
        name: "source",
        aliases: &["feed"],
        kind: ValueKind::Text,
        example: "source:\"The Daily Patch\"",
        help: "title of the source, whole or in part",
    },
    FieldSpec {
        field: Field::Site,
        name: "site",
        aliases: &["domain", "host"],
        kind: ValueKind::Host,
        example: "site:example.org",
        help: "host of the article, with its subdomains",
    },
    FieldSpec {
        field: Field::Url,
        name: "url",
        aliases: &["inurl"],
        kind: ValueKind::Text,
        example: "url:advisories",
        help: "part of the address",
    },
    FieldSpec {
        field: Field::Tag,
        name: "tag",
        aliases: &["tags", "category"],
        kind: ValueKind::Text,
        example: "tag:phishing",
        help: "tag given by the page or feed",
    },
    FieldSpec {
        field: Field::Language,
        name: "lang",
        aliases: &["language"],
        kind: ValueKind::Language,
        example: "lang:de",
        help: "language, as a code or an English name",
    },
    FieldSpec {
        field: Field::Attack,
        name: "attack",
        aliases: &["attacks", "type"],
        kind: ValueKind::Attack,
        example: "attack:ransomware",
        help: "what was done: ransomware, data-breach, phishing and so on",
    },
    FieldSpec {
        field: Field::Victim,
        name: "victim",
        aliases: &["victims"],
        kind: ValueKind::Name,
        example: "victim:canon",
        help: "organisation that was hit, by its name or words of it",
    },
    FieldSpec {
        field: Field::Vendor,
        name: "vendor",
        aliases: &["vendors", "maker"],
        kind: ValueKind::Name,
        example: "vendor:citrix",
        help: "maker of what was exploited",
    },
    FieldSpec {
        field: Field::Product,
        name: "product",
        aliases: &["products"],
        kind: ValueKind::Name,
        example: "product:\"netscaler adc\"",
        help: "what was exploited",
    },
    FieldSpec {
        field: Field::Actor,
        name: "actor",
        aliases: &["actors", "group"],
        kind: ValueKind::Name,
        example: "actor:\"fancy bear\"",
        help: "who attacked, under any of their names",
    },
    FieldSpec {
        field: Field::Malware,
        name: "malware",
        aliases: &["tool"],
        kind: ValueKind::Name,
        example: "malware:maze",
        help: "malware or attack tool, under any of its names",
    },
    FieldSpec {
        field: Field::Cve,
        name: "cve",
        aliases: &["vulnerability"],
        kind: ValueKind::Name,
        example: "cve:CVE-2026-1234",
        help: "vulnerability by its number",
    },
    FieldSpec {
        field: Field::Technique,
        name: "technique",
        aliases: &["ttp"],
        kind: ValueKind::Name,
        example: "technique:T1486",
        help: "ATT&CK technique, by number or name",
    },
    FieldSpec {
        field: Field::Country,
        name: "country",
        aliases: &["in"],
        kind: ValueKind::Country,
        example: "country:japan",
        help: "country of the victims, as a code or a name",
    },
    FieldSpec {
        field: Field::Sector,
        name: "sector",
        aliases: &["industry"],
        kind: ValueKind::Name,
        example: "sector:healthcare",
        help: "sector of the victims",
    },
    FieldSpec {
        field: Field::Indicator,
        name: "ioc",
        aliases: &["indicator"],
        kind: ValueKind::Indicator,
        example: "ioc:203.0.113.19",
        help: "indicator in the article, plain or defanged",
    },
    FieldSpec {
        field: Field::Incident,
        name: "incident",
        aliases: &["story"],
        kind: ValueKind::Number,
        example: "incident:12",
        help: "articles that cover one incident",
    },
    FieldSpec {
        field: Field::Kev,
        name: "kev",
        aliases: &["exploited"],
        kind: ValueKind::Flag,
        example: "kev:yes",
        help: "names a vulnerability that is known to be exploited",
    },
    FieldSpec {
        field: Field::After,
        name: "after",
        aliases: &["since", "from"],
        kind: ValueKind::Date,
        example: "after:2026-11-01",
        help: "published then or later; after:7d is the last seven days",
    },
    FieldSpec {
        field: Field::Before,
        name: "before",
        aliases: &["until"],
        kind: ValueKind::Date,
        example: "before:2026-11",
        help: "published earlier than that",
    },
    FieldSpec {
        field: Field::Date,
        name: "date",
        aliases: &["month", "published"],
        kind: ValueKind::Span,
        example: "date:2026-10..2026-11",
        help: "published within that day, month, year or range",
    },
    FieldSpec {
        field: Field::Sort,
        name: "sort",
        aliases: &["order"],
        kind: ValueKind::Sort,
        example: "sort:date",
        help: "newest first instead of best first",
    },
];

impl Field {
    /// The row of the field table.
    pub fn spec(self) -> &'static FieldSpec {
        FIELDS
            .iter()
            .find(|spec| spec.field == self)
            .expect("every field has a row in the field table")
    }

    /// The field with this name or alias, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        FIELDS
            .iter()
            .find(|spec| spec.name == name || spec.aliases.contains(&name.as_str()))
            .map(|spec| spec.field)
    }

    /// The field whose name is closest to a misspelt one.
    pub fn nearest(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let spellings = FIELDS.iter().flat_map(|spec| {
            std::iter::once(&spec.name).chain(spec.aliases).map(move |text| (spec.field, *text))
        });
        spellings
            .map(|(field, text)| (crate::search::distance::edits(&name, text, 2), field))
            .filter_map(|(edits, field)| edits.map(|edits| (edits, field)))
            .min_by_key(|(edits, _)| *edits)
            .map(|(_, field)| field)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec().name)
    }
}
