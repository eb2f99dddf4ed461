use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Serialize;

use super::{fields::Fields, site_name, tabs};
use crate::{
    accounts::Person,
    domain::{PolicyRule, RuleAction, RuleField, Site, SiteId, SitePolicy, UnsureAction},
    moderation::DeskError,
    serve::{
        error::AppError,
        layout::Layout,
        pages::Number,
        state::AppState,
        templates::view,
        visitor::{Admin, Moderator},
        words,
    },
    store::{AuditDraft, Role, StateCounts},
};

/// Longest name of a site, in characters.
const MAX_NAME: usize = 200;
/// Rules that are read; the moderation room refuses more.
const MAX_LINES: usize = 2_000;
const ACTIONS: [(&str, RuleAction); 2] =
    [("allow", RuleAction::Allow), ("block", RuleAction::Block)];
const FIELDS: [RuleField; 6] = [
    RuleField::Author,
    RuleField::Mail,
    RuleField::Host,
    RuleField::Network,
    RuleField::Word,
    RuleField::Language,
];

/// A site in the list.
#[derive(Debug, Serialize)]
struct Row {
    id: i64,
    name: String,
    url: String,
    crawled: bool,
    counts: StateCounts,
    rules: usize,
}

/// The form, as it was sent or as it stands in the store. All of it is text, so that mistakes can be shown.
#[derive(Debug, Default, PartialEq, Serialize)]
struct PolicyForm {
    name: String,
    unsure: String,
    unsure_from: String,
    spam_from: String,
    discard_from: String,
    trust_after: String,
    keep_mail: bool,
    keep_ip: bool,
    keep_days: String,
    /// A rule a line: `block host casino.example`.
    rules: String,
}

/// `GET /moderation/sites`
pub(super) async fn list(
    State(state): State<AppState>,
    Moderator(person): Moderator,
    layout: Layout,
) -> Result<Html<String>, AppError> {
    let mut rows = Vec::new();
    for site in state.store.sites().await? {
        rows.push(Row {
            counts: state.store.state_counts(Some(site.id)).await?,
            id: site.id.0,
            name: site_name(&site),
            crawled: site.source.is_some(),
            rules: site.policy.rules.len(),
            url: site.url,
        });
    }
    let counts = state.store.state_counts(None).await?;
    layout.html(
        "moderation_sites.html",
        view! {
            tabs => tabs(&counts, None, "/moderation/sites"),
            administers => person.may(Role::Admin),
            rows,
        },
    )
}

/// `GET /moderation/sites/{id}`: what a site wants.
pub(super) async fn get(
    State(state): State<AppState>,
    Moderator(_): Moderator,
    Number(id): Number,
    layout: Layout,
) -> Result<Response, AppError> {
    let site = site(&state, id).await?;
    let form = PolicyForm::of(&site);
    page(&state, &layout, &site, &form, None).await
}

/// `POST /moderation/sites/{id}`: takes the policy whole, or says what is wrong with it and keeps nothing.
pub(super) async fn post(
    State(state): State<AppState>,
    Moderator(person): Moderator,
    Number(id): Number,
    layout: Layout,
    fields: Fields,
) -> Result<Response, AppError> {
    let site = site(&state, id).await?;
    let form = PolicyForm::read(&fields);
    let policy = match form.policy() {
        Ok(policy) => policy,
        Err(mistake) => return page(&state, &layout, &site, &form, Some(mistake)).await,
    };
    match state.desk.edit_site(site.id, form.name.trim(), &policy).await {
        Ok(()) => {}
        Err(DeskError::Policy(mistake)) => {
            let words = words::sentence(&mistake.to_string());
            return page(&state, &layout, &site, &form, Some(words)).await;
        }
        Err(other) => return Err(other.into()),
    }
    note(&state, &person, "edit-site", &site.url, "").await?;
    Ok(Redirect::to(&format!("/moderation/sites/{id}")).into_response())
}

/// `POST /moderation/erase`: removes all comments of an author by mail address, as the law may ask for.
pub(super) async fn erase(
    State(state): State<AppState>,
    Admin(person): Admin,
    layout: Layout,
    fields: Fields,
) -> Result<Html<String>, AppError> {
    let mail = fields.get("mail").trim();
    if mail.is_empty() || fields.get("sure") != "yes" {
        let detail = "write the address and tick the box; erased comments cannot be brought back";
        return Err(AppError::Parameter { name: "mail", detail: detail.to_owned() });
    }
    let removed = state.desk.erase_author(mail, None).await?.comments;
    // The address itself is what has to be forgotten.
    note(&state, &person, "erase-author", "", &super::counted(removed, "comment")).await?;
    layout.html("moderation_erased.html", view! { removed => super::counted(removed, "comment") })
}

async fn site(state: &AppState, id: i64) -> Result<Site, AppError> {
    state.store.site(SiteId(id)).await?.ok_or(AppError::NotFound("site"))
}

async fn note(
    state: &AppState,
    person: &Person,
    action: &str,
    subject: &str,
    detail: &str,
) -> Result<(), AppError> {
    let entry = AuditDraft {
        who: person.name.clone(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    };
    Ok(state.store.audit(&entry, state.now()).await?)
}

async fn page(
    state: &AppState,
    layout: &Layout,
    site: &Site,
    form: &PolicyForm,
    mistake: Option<String>,
) -> Result<Response, AppError> {
    let status = if mistake.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let counts = state.store.state_counts(None).await?;
    let model = state.desk.filter().thresholds();
    let page = layout.html(
        "moderation_site.html",
        view! {
            tabs => tabs(&counts, None, "/moderation/sites"),
            id => site.id.0,
            title => site_name(site),
            url => site.url,
            crawled => site.source.is_some(),
            model_unsure => super::score(model.unsure),
            model_spam => super::score(model.spam),
            form, mistake,
        },
    )?;
    Ok((status, page).into_response())
}

impl PolicyForm {
    fn of(site: &Site) -> Self {
        let policy = &site.policy;
        let probability =
            |value: Option<f32>| value.map(|value| value.to_string()).unwrap_or_default();
        let unsure = match policy.unsure {
            UnsureAction::Hold => "hold",
            UnsureAction::Publish => "publish",
        };
        Self {
            name: site.name.clone(),
            unsure: unsure.to_owned(),
            unsure_from: probability(policy.unsure_from),
            spam_from: probability(policy.spam_from),
            discard_from: probability(policy.discard_from),
            trust_after: policy.trust_after.to_string(),
            keep_mail: policy.keep_mail,
            keep_ip: policy.keep_ip,
            keep_days: policy.keep_days.to_string(),
            rules: policy.rules.iter().map(rule_line).collect(),
        }
    }

    fn read(fields: &Fields) -> Self {
        let text = |name| fields.get(name).trim().to_owned();
        Self {
            name: text("name").chars().take(MAX_NAME).collect(),
            unsure: text("unsure"),
            unsure_from: text("unsure_from"),
            spam_from: text("spam_from"),
            discard_from: text("discard_from"),
            trust_after: text("trust_after"),
            keep_mail: fields.get("keep_mail") == "yes",
            keep_ip: fields.get("keep_ip") == "yes",
            keep_days: text("keep_days"),
            rules: fields.get("rules").replace('\r', ""),
        }
    }

    /// The policy, or the first mistake in words.
    fn policy(&self) -> Result<SitePolicy, String> {
        let unsure = match self.unsure.as_str() {
            "hold" => UnsureAction::Hold,
            "publish" => UnsureAction::Publish,
            _ => return Err("Choose whether unsure comments are held or published.".to_owned()),
        };
        Ok(SitePolicy {
            unsure,
            unsure_from: probability("Unsure from", &self.unsure_from)?,
            spam_from: probability("Spam from", &self.spam_from)?,
            discard_from: probability("Discard from", &self.discard_from)?,
            rules: rules(&self.rules)?,
            trust_after: whole("Trust after", &self.trust_after)?,
            keep_mail: self.keep_mail,
            keep_ip: self.keep_ip,
            keep_days: whole("Keep for", &self.keep_days)?,
        })
    }
}

fn probability(what: &str, text: &str) -> Result<Option<f32>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let value =
        text.replace(',', ".").parse::<f32>().ok().filter(|value| (0.0..=1.0).contains(value));
    value.map(Some).ok_or_else(|| format!("{what}: write a number from 0 to 1, or nothing."))
}

fn whole(what: &str, text: &str) -> Result<u32, String> {
    let value = text.parse::<u32>().ok().filter(|value| *value <= 36_500);
    value.ok_or_else(|| format!("{what}: write a whole number, 0 for never."))
}

/// A rule a line; empty lines and those that begin with `#` are passed over.
fn rules(text: &str) -> Result<Vec<PolicyRule>, String> {
    let lines = text.lines().take(MAX_LINES).enumerate();
    let lines = lines.map(|(at, line)| (at + 1, line.trim()));
    let written = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    written.map(|(number, line)| rule(line).ok_or_else(|| rule_mistake(number, line))).collect()
}

fn rule(line: &str) -> Option<PolicyRule> {
    let (action, rest) = line.split_once(char::is_whitespace)?;
    let (field, value) = rest.trim_start().split_once(char::is_whitespace)?;
    let action = ACTIONS.iter().find(|(name, _)| *name == action.to_lowercase())?.1;
    let field = FIELDS.into_iter().find(|known| known.as_str() == field.to_lowercase())?;
    Some(PolicyRule { action, field, value: value.trim().to_owned() })
}

fn rule_mistake(number: usize, line: &str) -> String {
    let fields = FIELDS.map(RuleField::as_str).join(", ");
    format!(
        "Rule in line {number}, “{}”: write allow or block, then one of {fields}, then the value.",
        super::excerpt(line, 60)
    )
}

fn rule_line(rule: &PolicyRule) -> String {
    let action = match rule.action {
        RuleAction::Allow => "allow",
        RuleAction::Block => "block",
    };
    format!("{action} {} {}\n", rule.field.as_str(), rule.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_they_are_written() {
        let text = "allow author Marit H.\n\n# casino wave\nBLOCK  host  casino.example \n";
        let read = rules(text).expect("rules");
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].value, "Marit H.");
        let written: String = read.iter().map(rule_line).collect();
        assert_eq!(written, "allow author Marit H.\nblock host casino.example\n");
        assert_eq!(rules(&written), Ok(read));
        for line in ["block", "block host", "deny host x", "block colour red"] {
            let mistake = rules(&format!("\n{line}")).expect_err(line);
            assert!(mistake.starts_with("Rule in line 2, "), "{mistake}");
        }
    }

    #[test]
    fn numbers_are_checked_in_words() {
        assert_eq!(probability("x", ""), Ok(None));
        assert_eq!(probability("x", "0,5"), Ok(Some(0.5)));
        for text in ["2", "-1", "NaN", "many"] {
            assert!(
                probability("Spam from", text).is_err_and(|words| words.starts_with("Spam from"))
            );
        }
        assert_eq!(whole("x", "90"), Ok(90));
        assert!(whole("x", "-1").is_err() && whole("x", "99999999").is_err());
    }
}
