//! Isso's comments in the words of the house.

use jiff::Timestamp;

use crate::{
    exchange::{FileComment, State},
    spam::CommentInput,
    store::{IssoComment, IssoMode},
};

/// One comment of Isso's database.
pub(super) fn to_comment(comment: IssoComment) -> FileComment {
    let is = |mode: IssoMode| comment.mode == mode.number();
    let state = if is(IssoMode::Published) {
        State::Published
    } else if is(IssoMode::Pending) {
        State::Waiting
    } else if is(IssoMode::Deleted) {
        State::Deleted
    } else {
        State::Unknown
    };
    // Whole seconds are enough, and nonsense is no date.
    let created = Timestamp::from_second(comment.created as i64);
    FileComment {
        state,
        input: CommentInput {
            id: comment.id.to_string(),
            author: comment.author,
            author_email: comment.email,
            author_url: comment.website,
            user_ip: comment.remote_addr,
            content: comment.text,
            date: created.map(|date| date.to_string()).unwrap_or_default(),
            context: comment.title,
            ..CommentInput::default()
        },
        parent: comment.parent.map(|parent| parent.to_string()).unwrap_or_default(),
        page: comment.uri,
        kind: "comment".into(),
    }
}
