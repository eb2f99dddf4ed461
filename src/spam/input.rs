use serde::{Deserialize, Deserializer};

/// A comment as it comes in, with what is known about it. An empty string means unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CommentInput {
    #[serde(deserialize_with = "text")]
    pub id: String,
    #[serde(deserialize_with = "text")]
    pub author: String,
    #[serde(deserialize_with = "text")]
    pub author_email: String,
    #[serde(deserialize_with = "text")]
    pub author_url: String,
    #[serde(deserialize_with = "text")]
    pub user_ip: String,
    #[serde(deserialize_with = "text")]
    pub user_agent: String,
    /// The comment itself: plain text, HTML or BBCode.
    #[serde(deserialize_with = "text")]
    pub content: String,
    #[serde(deserialize_with = "text")]
    pub date: String,
    /// Title of the article that is commented on.
    #[serde(deserialize_with = "text")]
    pub context: String,
    /// Summary or text of that article.
    #[serde(deserialize_with = "text")]
    pub context_text: String,
}

/// Exports write ids as numbers and unknown fields as null: both are taken as text.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_nulls_are_taken_as_text() {
        let comment: CommentInput =
            serde_json::from_str(r#"{"id": 7, "author": null, "content": "hi", "extra": [1]}"#)
                .unwrap();
        assert_eq!(comment.id, "7");
        assert_eq!(comment.author, "");
        assert_eq!(comment.content, "hi");
    }
}
