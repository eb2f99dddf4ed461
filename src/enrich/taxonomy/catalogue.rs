//! Vendors and their products as CPE lists them: far more than can be looked for in each text, so a product is only
//! looked up after the name of its vendor.

use std::collections::HashMap;

static TABLE: &str = include_str!("../../../data/taxonomy/cpe.tsv");

/// The vendors and products of `data/taxonomy/cpe.tsv`.
#[derive(Debug)]
pub(super) struct Catalogue {
    /// By vendor: its products, parted by `|`.
    products: HashMap<&'static str, &'static str>,
}

impl Catalogue {
    pub(super) fn embedded() -> Catalogue {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
        Catalogue { products: rows.filter_map(|row| row.split_once('\t')).collect() }
    }

    /// Whether a vendor of this name makes a product of this name, as they are written in texts.
    pub(super) fn makes(&self, vendor: &str, product: &str) -> bool {
        let product = folded(product);
        let spellings = [folded(vendor), folded(vendor).replace('_', "")];
        spellings
            .iter()
            .filter_map(|vendor| self.products.get(vendor.as_str()))
            .any(|products| products.split('|').any(|one| one == product))
    }

    /// Whether there is a vendor of this name.
    pub(super) fn has_vendor(&self, name: &str) -> bool {
        let name = folded(name);
        self.products.contains_key(name.as_str())
            || self.products.contains_key(name.replace('_', "").as_str())
    }
}

/// As CPE writes names: lower case, `_` for spaces.
fn folded(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_known_by_their_vendor() {
        let catalogue = Catalogue::embedded();
        assert!(catalogue.makes("Ivanti", "Connect Secure"));
        assert!(catalogue.makes("Palo Alto Networks", "Cortex XDR Agent"));
        assert!(!catalogue.makes("Ivanti", "Windows"));
        assert!(catalogue.has_vendor("Zyxel"));
        assert!(!catalogue.has_vendor("Grenwold"));
    }
}
