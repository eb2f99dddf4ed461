//! Alerts: saved searches that tell somebody, once for each incident and again when more is known.
//!
//! [`Watcher`] follows the change log and writes what is to be told into the outbox, together with the place it has
//! reached: nothing is lost or told twice, whenever the process ends. [`Sender`] takes messages from the outbox. One that
//! went out just before the process ended goes out again, with the same key: delivery is at least once.

mod error;
mod facts;
mod mail;
mod send;
mod watch;
mod webhook;
mod when;

pub use self::{
    error::AlertError,
    mail::{Mailer, MailerError, check_mail_address},
    send::{Sender, Senders},
    watch::{Watcher, rehearse},
    webhook::{Webhooks, check_address, signature},
    when::{check_zone, due},
};
