//! `siftwire user`: who can log in.

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::{Subcommand, builder::PossibleValuesParser, builder::TypedValueParser as _};
use console::Term;
use jiff::Timestamp;

use super::{Context, sources::words::ago, table};
use crate::{
    accounts::{Accounts, MAX_PASSWORD},
    store::{AuditDraft, Role, Store, User, UserEdit},
};

/// Whom the audit log names for what is done here.
pub(super) const COMMAND_LINE: &str = "command line";

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  siftwire user create ines --role moderator
  siftwire user create backup-admin --role admin --password-stdin < password.txt
  siftwire user list
  siftwire user role ines admin
  siftwire user password ines
  siftwire user disable ines                  sessions end at once

Roles: reader (reads, where reading is private), moderator (decides about comments), analyst (takes large
exports), admin (all of it). Passwords are asked for, or read from standard input; never from the command line.")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add somebody who can log in.
    #[command(after_help = "Examples:
  siftwire user create ines --role moderator
  printf '%s' \"$PASSWORD\" | siftwire user create ines --role admin --password-stdin")]
    Create {
        /// Name to log in with: letters, digits, and . _ - @
        name: String,
        /// What they may do.
        #[arg(long, value_parser = user_role(), default_value = "moderator")]
        role: Role,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List who can log in.
    #[command(after_help = "Examples:
  siftwire user list
  siftwire user list --format ndjson | jq -r 'select(.disabled) | .name'")]
    List {
        /// Lines for people, or one JSON object for each user.
        #[arg(long, value_enum, default_value = "table")]
        format: table::Format,
    },
    /// Lock somebody out; their sessions end at once.
    Disable { name: String },
    /// Let somebody in again.
    Enable { name: String },
    /// Give somebody another password; their sessions end at once.
    #[command(after_help = "Examples:
  siftwire user password ines
  siftwire user password ines --password-stdin < password.txt")]
    Password {
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Change what somebody may do.
    #[command(after_help = "Example:
  siftwire user role ines analyst")]
    Role {
        name: String,
        #[arg(value_parser = user_role())]
        role: Role,
    },
}

/// Where a password comes from.
#[derive(Debug, clap::Args)]
struct PasswordSource {
    /// Read the password from the first line of standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

fn user_role() -> impl clap::builder::TypedValueParser<Value = Role> {
    let names = Role::ALL.into_iter().filter(|role| *role != Role::Site).map(Role::as_str);
    PossibleValuesParser::new(names.collect::<Vec<_>>())
        .map(|name| Role::from_name(&name).expect("a possible value"))
}

/// Runs the command.
pub(super) async fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let store = context.open_store().await?;
    let accounts = Accounts::new(store.clone());
    let now = Timestamp::now();
    match args.action {
        Action::Create { name, role, password } => {
            let password = password.read()?;
            accounts.add_user(COMMAND_LINE, &name, role, &password, now).await?;
            eprintln!("{name} can log in as {}", role.as_str());
        }
        Action::List { format } => super::print(&list(&store.users().await?, format, now)?)?,
        Action::Disable { name } => {
            let edit = UserEdit { disabled: Some(true), ..UserEdit::default() };
            change(&*store, &name, &edit, "disable-user", now).await?;
            eprintln!("{name} is locked out");
        }
        Action::Enable { name } => {
            let edit = UserEdit { disabled: Some(false), ..UserEdit::default() };
            change(&*store, &name, &edit, "enable-user", now).await?;
            eprintln!("{name} can log in again");
        }
        Action::Password { name, password } => {
            let user = named(&*store, &name).await?;
            let password = password.read()?;
            accounts.set_password(COMMAND_LINE, &user, &password, now).await?;
            eprintln!("{name} has another password; all sessions ended");
        }
        Action::Role { name, role } => {
            let edit = UserEdit { role: Some(role), ..UserEdit::default() };
            change(&*store, &name, &edit, "change-role", now).await?;
            eprintln!("{name} is {} from now on", role.as_str());
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn named(store: &dyn Store, name: &str) -> anyhow::Result<User> {
    let found = store.user_by_name(name).await?;
    let (user, _) =
        found.with_context(|| format!("there is no user {name}; see `siftwire user list`"))?;
    Ok(user)
}

async fn change(
    store: &dyn Store,
    name: &str,
    edit: &UserEdit,
    action: &str,
    now: Timestamp,
) -> anyhow::Result<()> {
    let user = named(store, name).await?;
    store.edit_user(user.id, edit).await?;
    let entry = AuditDraft {
        who: COMMAND_LINE.to_owned(),
        action: action.to_owned(),
        subject: user.name,
        detail: edit.role.map_or("", Role::as_str).to_owned(),
    };
    store.audit(&entry, now).await?;
    Ok(())
}

impl PasswordSource {
    /// Asks twice on a terminal; elsewhere takes the first line of standard input.
    fn read(&self) -> anyhow::Result<String> {
        if self.password_stdin || !io::stdin().is_terminal() {
            return first_line(io::stdin().lock());
        }
        let terminal = Term::stderr();
        terminal.write_str("Password: ")?;
        let password = terminal.read_secure_line()?;
        terminal.write_str("Again: ")?;
        if terminal.read_secure_line()? != password {
            bail!("the two differ; nothing was changed");
        }
        Ok(password)
    }
}

/// The first line without its end, and not more than a password may have.
fn first_line(input: impl io::BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    let limit = MAX_PASSWORD as u64 + 2;
    io::Read::take(input, limit).read_line(&mut line).context("cannot read the password")?;
    let password = line.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        bail!("no password on standard input");
    }
    Ok(password.to_owned())
}

fn list(users: &[User], format: table::Format, now: Timestamp) -> anyhow::Result<String> {
    if format == table::Format::Ndjson {
        return table::ndjson(users);
    }
    if users.is_empty() {
        return Ok(
            "nobody can log in yet; try `siftwire user create NAME --role admin`\n".to_owned()
        );
    }
    let rows = users.iter().map(|user| {
        [
            user.name.clone(),
            user.role.as_str().to_owned(),
            if user.disabled { "disabled" } else { "enabled" }.to_owned(),
            user.last_login.map_or("never".to_owned(), |time| ago(time, now)),
        ]
    });
    Ok(table::render(["name", "role", "state", "last login"], rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line() {
        for text in ["pass word\n", "pass word\r\n", "pass word", "pass word\nsecond\n"] {
            assert_eq!(first_line(text.as_bytes()).expect("a password"), "pass word");
        }
        for text in ["", "\n"] {
            assert!(first_line(text.as_bytes()).is_err());
        }
        let long = "x".repeat(1 << 20);
        assert!(first_line(long.as_bytes()).expect("cut").len() > MAX_PASSWORD, "refused later");
    }

    #[test]
    fn users_are_listed_as_a_table() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let user = |name: &str, role, disabled, last_login| User {
            id: crate::store::UserId(1),
            name: name.into(),
            role,
            disabled,
            created: at("2026-11-01T00:00:00Z"),
            last_login,
        };
        let users = [
            user("ines", Role::Admin, false, Some(at("2026-11-23T12:00:00Z"))),
            user("marit.h", Role::Moderator, true, None),
        ];
        let text = list(&users, table::Format::Table, at("2026-11-23T14:00:00Z"));
        assert_eq!(
            text.expect("a table"),
            "name     role       state     last login\n\
             ines     admin      enabled   2 hours ago\n\
             marit.h  moderator  disabled  never\n"
        );
    }
}
