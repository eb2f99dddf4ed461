//! Addresses of sites on the command line.

use crate::accounts::site_address;

/// The address of a site, as its key names it.
pub(super) fn address(written: &str) -> Result<String, String> {
    site_address(written).ok_or_else(|| "write an address such as https://blog.example".into())
}
