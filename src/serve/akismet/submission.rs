//! The fields of a comment, as blogs send them.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use uuid::Uuid;

use super::form::Form;
use crate::{moderation::Submission, spam::CommentInput};

/// Author and mail address that are spam by agreement, so that blogs can try their settings.
const PROBE_AUTHORS: [&str; 2] = ["akismet-guaranteed-spam", "viagra-test-123"];
const PROBE_MAIL: &str = "akismet-guaranteed-spam@example.com";
/// Tags of an article that are read.
const MAX_CONTEXT: usize = 20;

/// Whether a comment is one of those that are always spam. They are neither stored nor counted.
pub(super) fn is_probe(submission: &Submission) -> bool {
    let author = submission.input.author.trim();
    let mail = submission.input.author_email.trim();
    !submission.by_administrator
        && (PROBE_AUTHORS.contains(&author) || mail.eq_ignore_ascii_case(PROBE_MAIL))
}

pub(super) fn read_submission(form: &Form) -> Submission {
    let field = |name| form.text_or_empty(name);
    // Discourse calls it content_type.
    let kind = ["comment_type", "content_type"].into_iter().find_map(|name| form.text(name));
    let roles = field("user_role");
    Submission {
        kind: kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| "comment".to_owned()),
        permalink: field("permalink"),
        site_language: crate::domain::primary_language(&field("blog_lang")),
        written: moment(&field("comment_date_gmt")),
        by_administrator: roles.split(',').any(|role| role.trim() == "administrator"),
        honeypot_filled: honeypot_filled(form),
        is_test: form.flag("is_test"),
        is_recheck: field("recheck_reason").starts_with("recheck"),
        crawled: None,
        input: CommentInput {
            id: String::new(),
            author: field("comment_author"),
            author_email: field("comment_author_email"),
            author_url: field("comment_author_url"),
            user_ip: field("user_ip"),
            user_agent: field("user_agent"),
            content: field("comment_content"),
            date: field("comment_date_gmt"),
            context: context(form),
            context_text: String::new(),
        },
    }
}

fn context(form: &Form) -> String {
    let mut tags = form.list("comment_context");
    tags.truncate(MAX_CONTEXT);
    tags.join(", ")
}

fn honeypot_filled(form: &Form) -> bool {
    let Some(name) = form.text("honeypot_field_name").filter(|name| !name.is_empty()) else {
        return false;
    };
    form.text(&name).is_some_and(|value| !value.trim().is_empty())
}

/// ISO 8601, or `YYYY-MM-DD HH:MM:SS` in UTC as WordPress writes it.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let plain = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    text.parse().ok().or_else(|| plain().map(|zoned| zoned.timestamp()))
}

/// What we named the comment when it was checked, where the blog still knows.
pub(super) fn reported_guid(form: &Form) -> Option<Uuid> {
    ["guid", "akismet_guid"].into_iter().find_map(|name| form.text(name)?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Submission {
        read_submission(&Form::read(b"", body.as_bytes()))
    }

    #[test]
    fn dates_come_in_two_ways() {
        let expected = Some("2026-11-23T10:00:00Z".parse().expect("a time"));
        assert_eq!(moment("2026-11-23T12:00:00+02:00"), expected);
        assert_eq!(moment("2026-11-23 10:00:00"), expected);
        assert_eq!(moment("2026-11-23T10:00:00"), expected);
        assert_eq!(moment("yesterday"), None);
    }

    #[test]
    fn roles_honeypots_and_rechecks_are_seen() {
        assert!(read("user_role=editor,administrator").by_administrator);
        assert!(!read("user_role=subscriber").by_administrator);
        assert!(read("honeypot_field_name=hp&hp=x").honeypot_filled);
        assert!(!read("honeypot_field_name=hp&hp=").honeypot_filled);
        assert!(read("recheck_reason=recheck_queue").is_recheck);
        assert!(!read("recheck_reason=edit").is_recheck);
        assert_eq!(read("content_type=signup").kind, "signup");
        assert_eq!(read("").kind, "comment");
        assert_eq!(read("comment_context[]=dns&comment_context[]=leak").input.context, "dns, leak");
    }

    #[test]
    fn probes_are_known() {
        assert!(is_probe(&read("comment_author=akismet-guaranteed-spam")));
        assert!(is_probe(&read("comment_author_email=Akismet-Guaranteed-Spam@example.com")));
        assert!(!is_probe(&read("comment_author=viagra-test-123&user_role=administrator")));
        assert!(!is_probe(&read("comment_author=Ada")));
    }
}
