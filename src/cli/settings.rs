//! `siftwire config`: the effective settings, with comments.

use std::{fmt::Write as _, process::ExitCode};

use super::Context;
use crate::config::{Config, default_file, settings::SETTINGS};

/// Arguments of `siftwire config`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire config                      print what is in force
  siftwire config > siftwire.toml      start a settings file from it
  SIFTWIRE_CRAWL_TIMEOUT_S=60 siftwire config")]
pub(super) struct Args {}

/// Prints a complete settings file.
pub(super) async fn run(_args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    super::print(&render(&context.config))?;
    Ok(ExitCode::SUCCESS)
}

fn render(config: &Config) -> String {
    let defaults = Config::default();
    let mut text = String::from("# Settings of siftwire, as they are in force.\n");
    if let Some(file) = default_file() {
        let _ = writeln!(text, "# Read from --config FILE, else from {}.", file.display());
    }
    text.push_str("# Variables win over the file, flags over variables.\n");
    let mut section = "";
    for setting in SETTINGS {
        let (own_section, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if own_section != section {
            section = own_section;
            let _ = write!(text, "\n[{section}]");
        }
        let value = setting.show(config);
        let default = setting.show(&defaults);
        let _ = write!(text, "\n# {} ({})\n", setting.meaning, setting.variable());
        if value != default {
            let _ = writeln!(text, "# default: {default}");
        }
        let _ = writeln!(text, "{name} = {value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_can_be_read_back() {
        let mut config = Config::default();
        config.crawl.timeout_s = 77;
        config.crawl.contact = "ops@example.org".into();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("siftwire.toml");
        std::fs::write(&file, render(&config)).expect("a settings file");
        assert_eq!(crate::config::load(Some(&file), [], &[]), Ok(config));
    }
}
