//! Page templates, compiled in. A debug build reads the folder anew for each page.

use std::sync::LazyLock;

use jiff::Timestamp;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value,
    escape_formatter,
};
use rust_embed::Embed;

use super::{assets, body, words};

/// Names and values for a template, as in `view! { title => "a", hits }`. Whatever serialises will do.
macro_rules! view {
    (@value $name:ident) => { $name };
    (@value $name:ident $value:expr) => { $value };
    ($($name:ident $(=> $value:expr)?),* $(,)?) => {
        minijinja::Value::from_pairs([$((
            stringify!($name),
            minijinja::Value::from(minijinja::value::Serde(&view!(@value $name $($value)?))),
        )),*])
    };
}
pub(super) use view;

#[derive(Embed)]
#[folder = "web/templates/"]
struct Templates;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// Fills in a template. A name that a template uses and `context` lacks is an error.
pub(super) fn render(name: &str, context: Value) -> Result<String, Error> {
    if cfg!(debug_assertions) {
        environment().get_template(name)?.render(context)
    } else {
        ENVIRONMENT.get_template(name)?.render(context)
    }
}

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_formatter(write_value);
    env.set_loader(|name| {
        Ok(Templates::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned()))
    });
    env.add_filter("number", words::number);
    env.add_filter("count", |value: i64, noun: &str| words::count(value, noun));
    env.add_filter("bytes", words::bytes);
    env.add_filter("span", words::span);
    env.add_filter("language", |code: &str| words::language(code).to_owned());
    env.add_filter("sentence", words::sentence);
    env.add_filter("fixed", |value: f64| format!("{value:.2}"));
    env.add_filter("web", |url: &str| web_address(url).to_owned());
    env.add_filter("bare", |url: &str| without_scheme(url).to_owned());
    env.add_function("asset", |name: &str| assets::path_of(name));
    env.add_function("icon", icon);
    env.add_function("ago", |moment: &str, now: &str| time_tag(moment, now, words::relative));
    env.add_function("clock", |moment: &str, now: &str| time_tag(moment, now, words::clock));
    env.add_function("date", |moment: &str, now: &str| time_tag(moment, now, words::date));
    env.add_function("date_time", |moment: &str, now: &str| {
        time_tag(moment, now, words::date_time)
    });
    env
}

/// Escapes text like minijinja does, but leaves slashes readable in addresses.
fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => Ok(out.write_str(&body::escaped(text))?),
        _ => escape_formatter(out, state, value),
    }
}

/// `<time>` with the exact moment for machines and on hover, and words from `tell` to read.
fn time_tag(
    moment: &str,
    now: &str,
    tell: fn(Timestamp, Timestamp) -> String,
) -> Result<Value, Error> {
    let (moment, now) = (timestamp(moment)?, timestamp(now)?);
    let exact = words::format(moment, "%Y-%m-%dT%H:%M:%SZ");
    let words = tell(moment, now);
    Ok(Value::from_safe_string(format!(
        "<time datetime=\"{exact}\" title=\"{exact}\">{words}</time>"
    )))
}

fn timestamp(text: &str) -> Result<Timestamp, Error> {
    text.parse()
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, "not a moment").with_source(error))
}

/// An icon of the sprite; `class` as in `icon("next", "turn")`.
fn icon(name: &str, class: Option<&str>) -> Value {
    let class = class.map(|class| format!(" {class}")).unwrap_or_default();
    let sprite = assets::path_of("icons.svg");
    Value::from_safe_string(format!(
        "<svg class=\"icon{class}\" aria-hidden=\"true\"><use href=\"{sprite}#i-{name}\"/></svg>"
    ))
}

/// The address if a browser may go there, else a place that does nothing.
fn web_address(url: &str) -> &str {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web { url } else { "#" }
}

fn without_scheme(url: &str) -> &str {
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    url.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    #[test]
    fn every_template_parses() {
        let env = environment();
        for name in Templates::iter() {
            env.get_template(&name).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        }
    }

    #[test]
    fn attributes_and_addresses_stay_readable() {
        let page =
            environment().render_str("{{ a }}{{ b|safe }}", context! { a => "/x", b => "<i>" });
        assert_eq!(page.expect("page"), "/x<i>");
    }

    #[test]
    fn crawled_text_is_escaped_and_missing_names_are_refused() {
        let env = environment();
        let page = env.render_str("{{ title }}", context! { title => "<script>\"'&" });
        assert_eq!(page.expect("page"), "&lt;script&gt;&quot;&#39;&amp;");
        assert!(env.render_str("{{ missing }}", context! {}).is_err());
    }
}
