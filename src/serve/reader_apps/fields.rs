//! Fields of a request, in its address and its body alike: apps write them into either.

use url::form_urlencoded;

/// Fields that are read of one request.
const MAX_FIELDS: usize = 20_000;

/// Names and values in the order they came.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a query string and a body of `application/x-www-form-urlencoded`, whatever the content type says.
    pub fn read(query: Option<&str>, body: &[u8]) -> Self {
        let in_address = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let pairs = in_address.chain(form_urlencoded::parse(body)).take(MAX_FIELDS);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Whether a field is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The last value of a field.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A whole number, or `None` where there is none; one that is too large for us is the largest.
    pub fn number(&self, name: &str) -> Option<i64> {
        let text = self.text(name)?.trim();
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_from_address_and_body() {
        let fields = Fields::read(Some("api&items&since_id=3&s=a%2Fb"), b"i=1&i=2&since_id=4&n=x");
        assert!(fields.has("api") && fields.has("items") && !fields.has("groups"));
        assert_eq!(fields.text("s"), Some("a/b"));
        assert_eq!(fields.all("i").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(fields.number("since_id"), Some(4));
        assert_eq!(fields.number("n"), None);
        let huge = Fields::read(Some("n=99999999999999999999&m=-1"), b"");
        assert_eq!((huge.number("n"), huge.number("m")), (Some(i64::MAX), None));
    }
}
