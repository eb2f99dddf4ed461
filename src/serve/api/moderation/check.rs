use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    Posted,
    access::Member,
    views::{CheckView, CommentView},
};
use crate::{
    domain::primary_language,
    moderation::Submission,
    serve::{
        api::parameters::Params,
        error::{AppError, Problem},
        state::AppState,
    },
    spam::CommentInput,
};

/// Comments of one request.
const MAX_BATCH: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::serve::api) struct CheckParams {
    /// Address of the site; not needed with the key of a site.
    site: Option<String>,
}

/// A comment to be checked. Everything but the content may be missing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(in crate::serve::api) struct CommentToCheck {
    /// Yours; comes back with the answer.
    id: String,
    author: String,
    author_email: String,
    author_url: String,
    user_ip: String,
    user_agent: String,
    /// Plain text, HTML or BBCode.
    content: String,
    /// RFC 3339.
    #[schema(value_type = Option<String>, format = DateTime)]
    date: Option<jiff::Timestamp>,
    /// Title of the article.
    context: String,
    /// Its beginning.
    context_text: String,
    /// `comment`, `trackback`, `signup` and so on.
    kind: String,
    permalink: String,
    /// The site's language, such as `de`.
    language: String,
    /// Answered like any other, but neither stored nor counted.
    test: bool,
    /// Asked before: not counted again.
    recheck: bool,
    /// A field that people do not see was filled in.
    honeypot: bool,
}

/// One comment, or a list of up to 200.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(in crate::serve::api) enum OneOrMany {
    Many(Vec<CommentToCheck>),
    One(Box<CommentToCheck>),
}

/// Check a comment, or a list
///
/// A list is answered with a list in the same order.
#[utoipa::path(
    post, path = "/comments/check", params(CheckParams), tag = "comments", request_body = OneOrMany,
    responses(
        (status = 200, body = CheckView), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 413, body = Problem),
    ),
)]
pub(in crate::serve::api) async fn check(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<CheckParams>,
    Posted(posted): Posted<OneOrMany>,
) -> Result<Response, AppError> {
    let site = member.site(&state, params.site.as_deref()).await?;
    let one = async |comment: CommentToCheck| {
        let (id, submission) = comment.into_submission();
        let checked = state.desk.check(site.id, submission, state.now()).await?;
        Ok::<_, AppError>(CheckView::new(id, checked))
    };
    match posted {
        OneOrMany::One(comment) => Ok(Json(one(*comment).await?).into_response()),
        OneOrMany::Many(comments) if comments.len() > MAX_BATCH => Err(AppError::Parameter {
            name: "body",
            detail: format!("send at most {MAX_BATCH} comments at once"),
        }),
        OneOrMany::Many(comments) => {
            // All at once, so that they share a transaction.
            let views = futures::future::join_all(comments.into_iter().map(one)).await;
            let views: Vec<CheckView> = views.into_iter().collect::<Result<_, _>>()?;
            Ok(Json(views).into_response())
        }
    }
}

impl CommentToCheck {
    fn into_submission(self) -> (String, Submission) {
        let kind = if self.kind.is_empty() { "comment".to_owned() } else { self.kind };
        let submission = Submission {
            kind,
            permalink: self.permalink,
            site_language: primary_language(&self.language),
            written: self.date,
            by_administrator: false,
            honeypot_filled: self.honeypot,
            is_test: self.test,
            is_recheck: self.recheck,
            crawled: None,
            input: CommentInput {
                author: self.author,
                author_email: self.author_email,
                author_url: self.author_url,
                user_ip: self.user_ip,
                user_agent: self.user_agent,
                content: self.content,
                context: self.context,
                context_text: self.context_text,
                ..CommentInput::default()
            },
        };
        (self.id, submission)
    }
}

/// What a check found, by its name
#[utoipa::path(
    get, path = "/checks/{guid}", tag = "comments",
    params(("guid" = String, Path, description = "As X-akismet-guid or guid gave it")),
    responses((status = 200, body = CommentView), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
pub(in crate::serve::api) async fn by_guid(
    State(state): State<AppState>,
    member: Member,
    Path(guid): Path<String>,
) -> Result<Json<CommentView>, AppError> {
    let guid: Uuid = guid.parse().map_err(|_| AppError::NotFound("check"))?;
    let found = state.store.checked_by_guid(guid).await?;
    let comment = found.filter(|comment| member.may_see(comment.site));
    comment.map(|comment| Json(comment.into())).ok_or(AppError::NotFound("check"))
}
