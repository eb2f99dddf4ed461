//! What a page says about itself in `<script type="application/ld+json">`.

use serde_json::Value;

/// More is not read: a page states itself in a few objects.
const MAX_OBJECTS: usize = 2_000;

/// The fields of the page's article, from all blocks of the page.
#[derive(Debug, Default)]
pub(super) struct JsonLd {
    pub headline: Option<String>,
    pub authors: Vec<String>,
    pub published: Option<String>,
    pub modified: Option<String>,
    pub description: Option<String>,
    pub image: Option<String>,
    pub site_name: Option<String>,
    pub language: Option<String>,
    pub keywords: Vec<String>,
    pub body: Option<String>,
    /// The page states that it is a discussion.
    pub is_discussion: bool,
    pub is_article: bool,
}

impl JsonLd {
    /// Reads the blocks in page order; the first statement of a field wins, articles before other things.
    pub fn of<'b>(blocks: impl Iterator<Item = &'b str>) -> Self {
        let mut found = Self::default();
        let values: Vec<Value> = blocks.filter_map(read).collect();
        let objects = objects(&values);
        found.is_discussion = objects.iter().any(|(_, kind)| *kind == Kind::Discussion);
        found.is_article = objects.iter().any(|(_, kind)| *kind == Kind::Article);
        for wanted in [Kind::Article, Kind::Discussion, Kind::Page] {
            for (object, _) in objects.iter().filter(|(_, kind)| *kind == wanted) {
                found.take(object, wanted, &objects);
            }
        }
        for (object, _) in &objects {
            if types(object).any(|name| name == "WebSite") && found.site_name.is_none() {
                found.site_name = text(object.get("name"));
            }
        }
        found
    }

    fn take(&mut self, object: &Value, kind: Kind, all: &[(&Value, Kind)]) {
        fill(&mut self.published, || text(object.get("datePublished")));
        fill(&mut self.modified, || text(object.get("dateModified")));
        fill(&mut self.image, || image(object.get("image").or_else(|| object.get("thumbnailUrl"))));
        fill(&mut self.language, || text(object.get("inLanguage")));
        fill(&mut self.description, || text(object.get("description")));
        if self.authors.is_empty() {
            self.authors = authors(object, all);
        }
        if kind == Kind::Page {
            return;
        }
        fill(&mut self.headline, || {
            text(object.get("headline")).or_else(|| text(object.get("name")))
        });
        fill(&mut self.body, || {
            text(object.get("articleBody")).or_else(|| text(object.get("text")))
        });
        fill(&mut self.site_name, || text(object.get("publisher")?.get("name")));
        if self.keywords.is_empty() {
            self.keywords = keywords(object.get("keywords"));
        }
    }
}

fn fill(field: &mut Option<String>, value: impl FnOnce() -> Option<String>) {
    if field.is_none() {
        *field = value();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Article,
    Discussion,
    Page,
    Other,
}

/// Many pages break JSON with raw line breaks inside strings or wrap it in comments.
fn read(block: &str) -> Option<Value> {
    let block = block.trim();
    let block = block.strip_prefix("<!--").unwrap_or(block);
    let block = block.strip_prefix("//<![CDATA[").unwrap_or(block);
    let block =
        block.trim_end_matches("//]]>").trim_end_matches("-->").trim().trim_end_matches(';');
    serde_json::from_str(block).ok().or_else(|| {
        let mended: String = block
            .chars()
            .map(|character| if character.is_control() { ' ' } else { character })
            .collect();
        serde_json::from_str(&mended).ok()
    })
}

/// All objects of the blocks, nested ones included, each before what it holds.
fn objects(values: &[Value]) -> Vec<(&Value, Kind)> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = values.iter().rev().collect();
    while let Some(value) = open.pop() {
        if found.len() >= MAX_OBJECTS {
            break;
        }
        match value {
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(fields) => {
                found.push((value, kind_of(value)));
                // Lists of teasers carry articles that are not this page's.
                let nested = fields.iter().filter(|(name, _)| {
                    matches!(
                        name.as_str(),
                        "@graph"
                            | "mainEntity"
                            | "mainEntityOfPage"
                            | "hasPart"
                            | "author"
                            | "creator"
                    )
                });
                open.extend(nested.map(|(_, value)| value).rev());
            }
            _ => {}
        }
    }
    found
}

fn kind_of(object: &Value) -> Kind {
    let mut kind = Kind::Other;
    for name in types(object) {
        let this = match name {
            "DiscussionForumPosting" | "QAPage" | "Question" => Kind::Discussion,
            name if name.ends_with("Article") || name.ends_with("Posting") => Kind::Article,
            "Report" | "Recipe" | "Review" | "NewsArticle" | "LiveBlogPosting" => Kind::Article,
            "WebPage" | "ItemPage" | "AboutPage" | "VideoObject" | "FAQPage" => Kind::Page,
            _ => continue,
        };
        if kind == Kind::Other || this == Kind::Discussion {
            kind = this;
        }
    }
    kind
}

fn types(object: &Value) -> impl Iterator<Item = &str> {
    let types = object.get("@type");
    let one = types.and_then(Value::as_str);
    let many = types.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many).map(|name| name.rsplit(['/', '#', ':']).next().unwrap_or(name))
}

fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.trim(),
        Value::Array(items) => return text(items.first()),
        Value::Object(fields) => return text(fields.get("@value").or_else(|| fields.get("name"))),
        _ => return None,
    };
    (!text.is_empty()).then(|| text.to_owned())
}

fn image(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(address) => Some(address.clone()),
        Value::Array(items) => image(items.first()),
        Value::Object(fields) => text(fields.get("url").or_else(|| fields.get("contentUrl"))),
        _ => None,
    }
}

fn authors(object: &Value, all: &[(&Value, Kind)]) -> Vec<String> {
    let Some(author) = object.get("author").or_else(|| object.get("creator")) else {
        return Vec::new();
    };
    let list = author.as_array().map_or(std::slice::from_ref(author), Vec::as_slice);
    list.iter().take(50).filter_map(|one| person(one, all)).collect()
}

/// A name; a reference by `@id` is looked up among the page's objects.
fn person(author: &Value, all: &[(&Value, Kind)]) -> Option<String> {
    if let Value::String(name) = author {
        return Some(name.clone());
    }
    if types(author).any(|name| name == "Organization") && author.get("name").is_none() {
        return None;
    }
    text(author.get("name")).or_else(|| {
        let id = author.get("@id")?;
        let (named, _) = all
            .iter()
            .find(|(object, _)| object.get("@id") == Some(id) && object.get("name").is_some())?;
        text(named.get("name"))
    })
}

fn keywords(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(list)) => list.split(',').map(|word| word.trim().to_owned()).collect(),
        Some(Value::Array(items)) => items.iter().filter_map(|item| text(Some(item))).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(block: &str) -> JsonLd {
        JsonLd::of(std::iter::once(block))
    }

    #[test]
    fn authors_by_reference_are_found() {
        let found = of(
            r##"{"@graph":[{"@type":"Article","headline":"H","author":{"@id":"#p"}},{"@type":"Person","@id":"#p","name":"Ada L."}]}"##,
        );
        assert_eq!(found.authors, ["Ada L."]);
        assert_eq!(found.headline.as_deref(), Some("H"));
    }

    #[test]
    fn articles_win_over_the_page() {
        let found = of(
            r#"[{"@type":"WebPage","datePublished":"2020-01-01"},{"@type":["NewsArticle"],"datePublished":"2024-05-06"}]"#,
        );
        assert_eq!(found.published.as_deref(), Some("2024-05-06"));
    }

    #[test]
    fn broken_blocks_are_mended_or_ignored() {
        assert_eq!(
            of("{\"@type\":\"Article\",\"headline\":\"a\nb\"}").headline.as_deref(),
            Some("a b")
        );
        assert!(of("{not json").headline.is_none());
    }
}
