//! What is known by name: malware, actors, vendors, products, techniques, exploited vulnerabilities.
//!
//! Built from the files of `data/taxonomy` and an operator's own names, which win.

mod catalogue;
mod gazetteer;
mod lookup;
mod table;

use std::collections::{HashMap, HashSet};

use catalogue::Catalogue;
use gazetteer::Gazetteer;
pub use gazetteer::Mention;
pub use table::NamesError;
use table::Row;

use super::Reading;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Actor,
    Malware,
    /// A gang and its malware under one name.
    Brand,
    /// A program for honest work, whoever uses it.
    Tool,
    Vendor,
    Product,
    /// A large company that need not make software.
    Company,
    /// ATT&CK technique.
    Technique,
    /// A phrase that only looks like one of the others: `Google Play`.
    Not,
}

impl Kind {
    /// The word used in the files; anything else is `None`.
    pub fn from_name(name: &str) -> Option<Kind> {
        Some(match name {
            "actor" => Kind::Actor,
            "malware" => Kind::Malware,
            "brand" => Kind::Brand,
            "tool" => Kind::Tool,
            "vendor" => Kind::Vendor,
            "product" => Kind::Product,
            "company" => Kind::Company,
            "not" => Kind::Not,
            _ => return None,
        })
    }

    /// Whether names of this kind are looked for among attackers and their tools.
    pub fn is_hostile(self) -> bool {
        matches!(self, Kind::Actor | Kind::Malware | Kind::Brand)
    }

    /// Whether names of this kind are organisations or what they make.
    pub fn is_maker(self) -> bool {
        matches!(self, Kind::Vendor | Kind::Product | Kind::Company)
    }

    /// Kinds within which one name is one thing.
    fn side(self) -> u8 {
        match self {
            Kind::Actor => 0,
            Kind::Malware | Kind::Brand | Kind::Tool => 1,
            Kind::Vendor | Kind::Company => 2,
            Kind::Product => 3,
            Kind::Technique => 4,
            Kind::Not => 5,
        }
    }
}

/// Something known by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub kind: Kind,
    /// Canonical name.
    pub name: String,
    /// Identity outside siftwire, such as `attack:G0032` or `T1486`.
    pub id: Option<String>,
    /// Vendor of a product; sector of a company.
    pub of: Option<String>,
    /// Given by the operator: needs no cue beside it.
    pub own: bool,
}

/// Vendor and product of a vulnerability that is known to be exploited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exploited {
    pub vendor: &'static str,
    pub product: &'static str,
}

/// All names. Building takes some tens of milliseconds: build it once.
#[derive(Debug)]
pub struct Taxonomy {
    known: Vec<Known>,
    gazetteer: Gazetteer,
    common: HashSet<&'static str>,
    techniques: HashMap<&'static str, &'static str>,
    exploited: HashMap<&'static str, Exploited>,
    catalogue: Catalogue,
}

impl Taxonomy {
    /// The names that come with siftwire.
    pub fn embedded() -> Taxonomy {
        Self::build(Vec::new())
    }

    /// The names that come with siftwire with the operator's own merged over them (format: `docs/analysts.md`). Where an own
    /// row has the name or alias of a known thing, the thing takes the own name and id and keeps its other aliases.
    pub fn with_names(own: &str) -> Result<Taxonomy, NamesError> {
        Ok(Self::build(table::own(own)?))
    }

    fn build(own: Vec<Row>) -> Taxonomy {
        let mut names = Names::default();
        let rows = table::embedded().chain(table::techniques());
        own.into_iter().chain(rows).for_each(|row| names.add(row));
        let Names { known, forms, .. } = names;
        let exploited = table::known_exploited()
            .map(|(cve, vendor, product)| (cve, Exploited { vendor, product }));
        Taxonomy {
            known,
            gazetteer: Gazetteer::of(forms.into_iter()),
            common: table::common_words().collect(),
            techniques: table::technique_names().collect(),
            exploited: exploited.collect(),
            catalogue: Catalogue::embedded(),
        }
    }

    /// Every place of `reading` where something known is named, in order and without overlap, whatever it means there.
    pub fn mentions(&self, reading: &Reading) -> Vec<Mention> {
        self.gazetteer.mentions(reading)
    }

    /// The known thing with this index.
    pub fn known(&self, index: u32) -> &Known {
        &self.known[index as usize]
    }

    /// The known things of a mention.
    pub fn known_of<'a>(&'a self, mention: &'a Mention) -> impl Iterator<Item = &'a Known> {
        mention.known.iter().map(|index| self.known(*index))
    }

    /// Whether CPE knows a vendor of this name.
    pub fn has_vendor(&self, name: &str) -> bool {
        self.catalogue.has_vendor(name)
    }

    /// Whether CPE knows a product of this name by a vendor of that name.
    pub fn makes(&self, vendor: &str, product: &str) -> bool {
        self.catalogue.makes(vendor, product)
    }

    /// Whether a name is also an ordinary word, a first name or a place.
    pub fn is_common_word(&self, name: &str) -> bool {
        self.common.contains(name.to_lowercase().as_str())
    }

    /// Name of an ATT&CK technique.
    pub fn technique(&self, id: &str) -> Option<&'static str> {
        self.techniques.get(id).copied()
    }

    /// Vendor and product of a CVE that is known to be exploited.
    pub fn exploited(&self, cve: &str) -> Option<Exploited> {
        self.exploited.get(cve).copied()
    }
}

/// Rows as they are merged: the first that claims a spelling keeps it.
#[derive(Default)]
struct Names {
    known: Vec<Known>,
    forms: Vec<(String, u32)>,
    owner: HashMap<(u8, String), u32>,
}

impl Names {
    fn add(&mut self, row: Row) {
        let side = row.known.kind.side();
        let claimed =
            row.forms.iter().find_map(|form| self.owner.get(&(side, form.to_lowercase())));
        // Only own rows take over others: embedded rows are merged when they are built.
        let index = match claimed {
            Some(index) if self.known[*index as usize].own => *index,
            _ => self.push(row.known),
        };
        for form in row.forms {
            let owner = *self.owner.entry((side, form.to_lowercase())).or_insert(index);
            if owner == index {
                self.forms.push((form, index));
            }
        }
    }

    fn push(&mut self, known: Known) -> u32 {
        self.known.push(known);
        (self.known.len() - 1) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(taxonomy: &Taxonomy, text: &str) -> Vec<(String, Kind, String)> {
        let reading = Reading::of(text, "");
        let mentions = taxonomy.mentions(&reading);
        mentions
            .iter()
            .flat_map(|mention| {
                let place = reading.at(mention.span).to_owned();
                taxonomy
                    .known_of(mention)
                    .map(move |known| (place.clone(), known.kind, known.name.clone()))
            })
            .collect()
    }

    #[test]
    fn aliases_lead_to_one_name() {
        let taxonomy = Taxonomy::embedded();
        for alias in ["Fancy Bear", "APT28", "Forest Blizzard"] {
            let found = named(&taxonomy, alias);
            assert_eq!(found, [(alias.to_owned(), Kind::Actor, "APT28".to_owned())]);
        }
        assert!(named(&taxonomy, "BlackCat").contains(&(
            "BlackCat".into(),
            Kind::Brand,
            "ALPHV".into()
        )));
    }

    #[test]
    fn the_longest_name_wins() {
        let taxonomy = Taxonomy::embedded();
        let found = named(&taxonomy, "an app in the Google Play Store");
        assert_eq!(found, [("Google Play Store".to_owned(), Kind::Not, "Google Play".to_owned())]);
    }

    #[test]
    fn own_names_are_merged_over() {
        let own = "# ours\nactor\tForest Blizzard\tOur Bear\town:7\n\nproduct\tHomegrown\t\t\tUs\n";
        let taxonomy = Taxonomy::with_names(own).expect("good names");
        for alias in ["Our Bear", "APT28", "Forest Blizzard"] {
            let reading = Reading::of(alias, "");
            let mentions = taxonomy.mentions(&reading);
            let known: Vec<&Known> = taxonomy.known_of(&mentions[0]).collect();
            assert_eq!((known.len(), known[0].id.as_deref()), (1, Some("own:7")), "{alias}");
        }
        assert_eq!(named(&taxonomy, "Homegrown").len(), 1);
    }

    #[test]
    fn own_names_that_cannot_be_read_say_where() {
        let wrong = |text: &str| Taxonomy::with_names(text).map(|_| ()).expect_err("bad names");
        assert_eq!(
            wrong("actor\tX1\nperson\tY"),
            NamesError::Kind { line: 2, kind: "person".into() }
        );
        assert_eq!(wrong("actor"), NamesError::NoName { line: 1 });
        assert_eq!(wrong(&format!("actor\t{}", "x".repeat(101))), NamesError::LongName { line: 1 });
    }

    #[test]
    fn exploited_vulnerabilities_and_techniques_are_known() {
        let taxonomy = Taxonomy::embedded();
        let exploited = taxonomy.exploited("CVE-2021-44228").expect("Log4Shell");
        assert_eq!(exploited.vendor, "Apache");
        assert_eq!(taxonomy.technique("T1486"), Some("Data Encrypted for Impact"));
        assert!(taxonomy.exploited("CVE-2199-1").is_none());
    }
}
