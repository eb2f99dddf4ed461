//! Mails: what happened since the last one, as text and as HTML.

use std::time::Duration;

use jiff::Timestamp;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message as Mail, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use quick_xml::escape::escape;
use thiserror::Error;

use super::send::{Failure, Letter};
use crate::{
    config::{SmtpConfig, SmtpTls},
    domain::{AlertEvent, EventKind},
};

/// For one command of the conversation with the mail server.
const TIMEOUT: Duration = Duration::from_secs(20);
/// For a whole mail.
const LONGEST: Duration = Duration::from_secs(90);
/// Characters of a title in the subject.
const MAX_SUBJECT: usize = 120;

/// Why there is no way to send mails.
#[derive(Debug, Error)]
pub enum MailerError {
    #[error("alert.smtp.from: {0}; write an address such as siftwire@example.org")]
    From(#[from] lettre::address::AddressError),
    #[error("alert.smtp: {0}")]
    Setup(#[from] lettre::transport::smtp::Error),
}

/// The address in a text.
///
/// # Errors
/// A sentence that says what to write.
pub fn check_mail_address(text: &str) -> Result<String, String> {
    let address: Result<lettre::Address, _> = text.trim().parse();
    address
        .map(|address| address.to_string())
        .map_err(|_| format!("{text:?} is no mail address; write one such as soc@example.org"))
}

/// Hands mails to the operator's mail server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// `None` where no mail server is set.
    ///
    /// # Errors
    /// [`MailerError`]: what is set makes no sense.
    pub fn new(config: &SmtpConfig) -> Result<Option<Self>, MailerError> {
        if config.host.is_empty() {
            return Ok(None);
        }
        let from = config.from.parse()?;
        let parameters = || TlsParameters::new(config.host.clone());
        let tls = match config.tls {
            SmtpTls::Starttls => Tls::Required(parameters()?),
            SmtpTls::Tls => Tls::Wrapper(parameters()?),
            SmtpTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if !config.user.is_empty() {
            let credentials = Credentials::new(config.user.clone(), config.password.0.clone());
            builder = builder.credentials(credentials);
        }
        Ok(Some(Self { transport: builder.build(), from }))
    }

    /// Sends one message.
    ///
    /// # Errors
    /// [`Failure`], which says whether to try again.
    pub(super) async fn send(&self, letter: &Letter<'_>, now: Timestamp) -> Result<(), Failure> {
        let mail = self.write(letter, now)?;
        let sent = tokio::time::timeout(LONGEST, self.transport.send(mail)).await;
        let sent = sent
            .map_err(|_| Failure::Temporary("the mail server did not answer in time".to_owned()))?;
        sent.map(|_| ()).map_err(|error| {
            let words = chain(&error);
            if error.is_permanent() { Failure::Final(words) } else { Failure::Temporary(words) }
        })
    }

    fn write(&self, letter: &Letter<'_>, now: Timestamp) -> Result<Mail, Failure> {
        let wrong = |error: &dyn std::error::Error| {
            Failure::Final(format!("the mail cannot be written: {error}"))
        };
        let to: Mailbox = letter.alert.target.parse().map_err(|error| wrong(&error))?;
        let key = letter.message.key;
        let end = format!("{}/alerts/unsubscribe/{}", letter.base_url, letter.alert.unsubscribe);
        Mail::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject(letter))
            .date(std::time::SystemTime::from(now))
            .message_id(Some(format!("<{key}@{}>", self.from.email.domain())))
            .raw_header(header("List-Unsubscribe", format!("<{end}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()))
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(text(letter, &end), html(letter, &end)))
            .map_err(|error| wrong(&error))
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

/// One line without control characters: what a header or a line of text may carry.
fn line(text: &str) -> String {
    let plain = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    plain.collect::<String>().trim().to_owned()
}

fn subject(letter: &Letter<'_>) -> String {
    let name = line(&letter.search.name);
    let title = letter.message.events.first().map(title_of).unwrap_or_default();
    let title: String = title.chars().take(MAX_SUBJECT).collect();
    match letter.message.events.len() {
        0 | 1 => format!("[{name}] {title}"),
        events => format!("[{name}] {title} and {} more", events - 1),
    }
}

fn title_of(event: &AlertEvent) -> String {
    let title = line(&event.title);
    if title.is_empty() { "Without a title".to_owned() } else { title }
}

fn kind_of(event: &AlertEvent) -> &'static str {
    match (event.kind, event.incident) {
        (EventKind::New, Some(_)) => "New incident",
        (EventKind::New, None) => "New article",
        (EventKind::Changed, _) => "More is known",
    }
}

fn text(letter: &Letter<'_>, end: &str) -> String {
    let mut text = format!("{}\n{}\n\n", line(&letter.search.name), line(&letter.search.query));
    for event in &letter.message.events {
        let date = event.published.strftime("%Y-%m-%d %H:%M UTC");
        text.push_str(&format!(
            "* {}\n  {}: {}, {date}\n",
            title_of(event),
            kind_of(event),
            line(&event.source)
        ));
        if !event.news.is_empty() {
            text.push_str(&format!("  {}\n", line(&event.news.join(", "))));
        }
        text.push_str(&format!("  {}\n\n", letter.page_of(event)));
    }
    text.push_str(&format!("-- \nTo get no more of these mails: {end}\n"));
    text
}

fn html(letter: &Letter<'_>, end: &str) -> String {
    let mut items = String::new();
    for event in &letter.message.events {
        let page = letter.page_of(event);
        let date = event.published.strftime("%Y-%m-%d %H:%M UTC").to_string();
        items.push_str(&format!(
            "<li><p><a href=\"{}\" dir=\"auto\">{}</a><br>{}: {}, {date}</p>",
            escape(&page),
            escape(title_of(event)),
            kind_of(event),
            escape(line(&event.source)),
        ));
        if !event.news.is_empty() {
            items.push_str(&format!("<p>{}</p>", escape(line(&event.news.join(", ")))));
        }
        items.push_str("</li>\n");
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><body><h1>{}</h1>\n<p><code>{}</code></p>\n<ul>\n{items}</ul>\n\
         <p><small><a href=\"{}\">No more of these mails</a></small></p></body></html>\n",
        escape(line(&letter.search.name)),
        escape(line(&letter.search.query)),
        escape(end),
    )
}
