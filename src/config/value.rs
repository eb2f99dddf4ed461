//! Values of settings: from TOML, from text, and back to TOML.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;

use super::{Networks, Reading, Secret, SmtpTls};

/// A type that a setting can have.
pub(super) trait SettingValue: Sized {
    /// What to write, for error messages: "a whole number".
    const EXPECTS: &'static str;
    /// Reads a TOML value of the right type.
    fn from_toml(value: &toml::Value) -> Option<Self>;
    /// Reads text from a variable or flag.
    fn from_text(text: &str) -> Option<Self>;
    /// Writes the value as TOML.
    fn to_toml(&self) -> toml::Value;
}

macro_rules! whole_number {
    ($type:ty) => {
        impl SettingValue for $type {
            const EXPECTS: &'static str = "a whole number, 0 or above";

            fn from_toml(value: &toml::Value) -> Option<Self> {
                Self::try_from(value.as_integer()?).ok()
            }

            fn from_text(text: &str) -> Option<Self> {
                text.trim().parse().ok()
            }

            fn to_toml(&self) -> toml::Value {
                toml::Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    };
}

whole_number!(u16);
whole_number!(u32);
whole_number!(u64);

impl SettingValue for bool {
    const EXPECTS: &'static str = "true or false";

    fn from_toml(value: &toml::Value) -> Option<Self> {
        value.as_bool()
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::Boolean(*self)
    }
}

macro_rules! text_like {
    ($type:ty, $expects:literal, $read:expr, $show:expr) => {
        impl SettingValue for $type {
            const EXPECTS: &'static str = $expects;

            fn from_toml(value: &toml::Value) -> Option<Self> {
                Self::from_text(value.as_str()?)
            }

            fn from_text(text: &str) -> Option<Self> {
                let read: fn(&str) -> Option<Self> = $read;
                read(text)
            }

            fn to_toml(&self) -> toml::Value {
                let show: fn(&Self) -> String = $show;
                toml::Value::String(show(self))
            }
        }
    };
}

text_like!(String, "text in quotes", |text| Some(text.to_owned()), Clone::clone);
text_like!(
    PathBuf,
    "a path in quotes",
    |text| (!text.is_empty()).then(|| PathBuf::from(text)),
    |path| path.to_string_lossy().into_owned()
);
text_like!(
    Option<PathBuf>,
    "a path in quotes, or nothing between them",
    |text| Some((!text.is_empty()).then(|| PathBuf::from(text))),
    |path| path.as_deref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
);
text_like!(
    SocketAddr,
    "an address with a port, such as \"127.0.0.1:8420\"",
    |text| text.trim().parse().ok(),
    SocketAddr::to_string
);
text_like!(
    Reading,
    "public or private",
    |text| match text.trim() {
        "public" => Some(Reading::Public),
        "private" => Some(Reading::Private),
        _ => None,
    },
    |reading| match reading {
        Reading::Public => "public".to_owned(),
        Reading::Private => "private".to_owned(),
    }
);

text_like!(
    SmtpTls,
    "starttls, tls or none",
    |text| match text.trim() {
        "starttls" => Some(SmtpTls::Starttls),
        "tls" => Some(SmtpTls::Tls),
        "none" => Some(SmtpTls::None),
        _ => None,
    },
    |tls| match tls {
        SmtpTls::Starttls => "starttls".to_owned(),
        SmtpTls::Tls => "tls".to_owned(),
        SmtpTls::None => "none".to_owned(),
    }
);

impl SettingValue for Secret {
    const EXPECTS: &'static str = "text in quotes";

    /// Takes anything, so that no message about a wrong value shows it.
    fn from_toml(value: &toml::Value) -> Option<Self> {
        Some(Self(value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::String(if self.0.is_empty() { String::new() } else { "(set)".to_owned() })
    }
}

impl SettingValue for Networks {
    const EXPECTS: &'static str =
        "a list of addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]";

    fn from_toml(value: &toml::Value) -> Option<Self> {
        let networks = value.as_array()?.iter().map(|item| network(item.as_str()?));
        networks.collect::<Option<_>>().map(Self)
    }

    /// Separated by commas.
    fn from_text(text: &str) -> Option<Self> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(network).collect::<Option<_>>().map(Self)
    }

    fn to_toml(&self) -> toml::Value {
        self.0.iter().map(|network| network.to_string()).collect::<Vec<_>>().into()
    }
}

/// A network, or an address as a network of one.
fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| Some(IpNet::from(text.parse::<IpAddr>().ok()?)))
}
