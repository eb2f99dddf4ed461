//! `siftwire token`: keys for programs and blogs.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Subcommand, builder::PossibleValuesParser, builder::TypedValueParser as _};
use jiff::Timestamp;

use super::{Context, sources::words::ago, table, user::COMMAND_LINE};
use crate::{
    accounts::Accounts,
    store::{AuditDraft, Role, Store, Token, TokenId},
};

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire token create --role site --site https://blog.example.org   key for the blog's Akismet setting
  siftwire token create --role analyst --label 'SIEM pull'
  curl -H \"Authorization: Bearer $TOKEN\" https://news.example.org/api/v1/stats
  siftwire token list
  siftwire token revoke 3

The token alone goes to standard output, once: only a digest of it is kept.")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token and print it.
    #[command(after_help = "Examples:
  siftwire token create --role site --site https://blog.example.org
  siftwire token create --role reader --label 'feed reader' > token")]
    Create {
        /// What the token may do; site is the key of one blog, in the form Akismet plugins expect.
        #[arg(long, value_parser = any_role())]
        role: Role,
        /// Address of the blog, for the role site.
        #[arg(long, value_name = "URL", required_if_eq("role", "site"))]
        site: Option<String>,
        /// What it is for, so that you know it again.
        #[arg(long, value_name = "WORDS", default_value = "")]
        label: String,
    },
    /// List tokens by their first characters.
    #[command(after_help = "Example:
  siftwire token list --format ndjson | jq -c 'select(.last_used == null)'")]
    List {
        /// Lines for people, or one JSON object for each token.
        #[arg(long, value_enum, default_value = "table")]
        format: table::Format,
    },
    /// End a token, by its number or first characters.
    #[command(after_help = "Examples:
  siftwire token revoke 3
  siftwire token revoke sw_k3yp")]
    Revoke {
        /// Number or first characters, as `token list` shows them.
        token: String,
    },
}

fn any_role() -> impl clap::builder::TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str))
        .map(|name| Role::from_name(&name).expect("a possible value"))
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let store = context.open_store().await?;
    let now = Timestamp::now();
    match args.action {
        Action::Create { role, site, label } => {
            let accounts = Accounts::new(store.clone());
            let secret =
                accounts.add_token(COMMAND_LINE, role, site.as_deref(), &label, now).await?;
            super::print(&format!("{secret}\n"))?;
            eprintln!("{} It is not shown again.", purpose(role));
        }
        Action::List { format } => super::print(&list(&store.tokens().await?, format, now)?)?,
        Action::Revoke { token } => {
            let token = named(&store.tokens().await?, &token)?;
            revoke(&*store, &token, now).await?;
            eprintln!("token {} ({}) is revoked", token.id.0, token.prefix);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn purpose(role: Role) -> &'static str {
    match role {
        Role::Site => "Put this key into the blog's Akismet setting.",
        _ => "Programs send it as `Authorization: Bearer TOKEN`.",
    }
}

/// The token with this number or beginning, among those that are not revoked.
fn named(tokens: &[Token], wanted: &str) -> anyhow::Result<Token> {
    let number = wanted.parse().ok().map(TokenId);
    let fits = |token: &&Token| {
        number == Some(token.id) || (wanted.len() >= 3 && token.prefix.starts_with(wanted))
    };
    let mut found = tokens.iter().filter(|token| token.revoked.is_none()).filter(fits);
    let token = found.next();
    let token = token.with_context(|| {
        format!("there is no token {wanted} that is in force; see `siftwire token list`")
    })?;
    if found.next().is_some() {
        bail!("several tokens begin with {wanted}; name one by its number");
    }
    Ok(token.clone())
}

async fn revoke(store: &dyn Store, token: &Token, now: Timestamp) -> anyhow::Result<()> {
    store.revoke_token(token.id, now).await?;
    let entry = AuditDraft {
        who: COMMAND_LINE.to_owned(),
        action: "revoke-token".to_owned(),
        subject: token.site.clone().unwrap_or_else(|| token.prefix.clone()),
        detail: token.label.clone(),
    };
    store.audit(&entry, now).await?;
    Ok(())
}

fn list(tokens: &[Token], format: table::Format, now: Timestamp) -> anyhow::Result<String> {
    if format == table::Format::Ndjson {
        return table::ndjson(tokens);
    }
    if tokens.is_empty() {
        return Ok("there are no tokens; see `siftwire token create --help`\n".to_owned());
    }
    let rows = tokens.iter().map(|token| {
        [
            token.id.0.to_string(),
            format!("{}…", token.prefix),
            token.role.as_str().to_owned(),
            if token.revoked.is_some() { "revoked" } else { "in force" }.to_owned(),
            token.last_used.map_or("never".to_owned(), |time| ago(time, now)),
            [token.site.as_deref().unwrap_or_default(), &token.label].join(" ").trim().to_owned(),
        ]
    });
    Ok(table::render(["id", "begins", "role", "state", "last used", "for"], rows))
}
