//! Comments as a thread.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::Comment;

/// Levels that are drawn nested; deeper answers stand on the last one.
const MAX_DEPTH: usize = 5;

/// A comment with its answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Node {
    pub id: i64,
    pub author: Option<String>,
    /// Whom it answers, where it stands on the last level and nesting no longer shows it.
    pub answers: Option<String>,
    pub published: Option<Timestamp>,
    pub paragraphs: Vec<String>,
    pub replies: Vec<Node>,
}

/// Arranges comments by whom they answer, older first. A comment whose parent is unknown, or which answers
/// itself in a circle, stands at the top.
pub(super) fn arrange(comments: &[Comment]) -> Vec<Node> {
    let places: HashMap<&str, usize> =
        comments.iter().enumerate().map(|(place, comment)| (comment.key.as_str(), place)).collect();
    let parents: Vec<Option<usize>> = comments
        .iter()
        .map(|comment| comment.parent_key.as_deref().and_then(|key| places.get(key).copied()))
        .collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); comments.len()];
    let mut roots = Vec::new();
    for (place, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) if !is_circular(place, &parents) => children[*parent].push(place),
            _ => roots.push(place),
        }
    }
    let by_time = |place: &usize| (comments[*place].published, *place);
    roots.sort_by_key(by_time);
    for list in &mut children {
        list.sort_by_key(by_time);
    }
    roots.iter().map(|root| nest(*root, comments, &parents, &children)).collect()
}

/// Whether following parents from `start` never ends.
fn is_circular(start: usize, parents: &[Option<usize>]) -> bool {
    let (mut slow, mut fast) = (Some(start), Some(start));
    loop {
        slow = slow.and_then(|place| parents[place]);
        fast = fast.and_then(|place| parents[place]).and_then(|place| parents[place]);
        match fast {
            None => return false,
            Some(_) if slow == fast => return true,
            Some(_) => {}
        }
    }
}

/// The comment at `root` with its answers to the depth that is drawn.
fn nest(
    root: usize,
    comments: &[Comment],
    parents: &[Option<usize>],
    children: &[Vec<usize>],
) -> Node {
    let mut path: Vec<Node> = vec![node(&comments[root], None)];
    let mut waiting: Vec<(usize, usize)> =
        children[root].iter().rev().map(|child| (*child, 1)).collect();
    while let Some((place, depth)) = waiting.pop() {
        let shown = depth.min(MAX_DEPTH - 1);
        fold(&mut path, shown);
        let answered = parents[place].filter(|_| depth > shown);
        path.push(node(&comments[place], answered.map(|parent| &comments[parent])));
        waiting.extend(children[place].iter().rev().map(|child| (*child, depth + 1)));
    }
    fold(&mut path, 1);
    path.pop().unwrap_or_else(|| node(&comments[root], None))
}

/// Puts the end of the path into its parents until `depth` nodes are left.
fn fold(path: &mut Vec<Node>, depth: usize) {
    while path.len() > depth.max(1) {
        if let (Some(last), Some(parent)) = (path.pop(), path.last_mut()) {
            parent.replies.push(last);
        }
    }
}

fn node(comment: &Comment, answered: Option<&Comment>) -> Node {
    let lines = comment.text.lines().map(str::trim).filter(|line| !line.is_empty());
    Node {
        id: comment.id.0,
        author: comment.author.clone().filter(|name| !name.trim().is_empty()),
        answers: answered.map(|to| to.author.clone().unwrap_or_else(|| "someone".to_owned())),
        published: comment.published,
        paragraphs: lines.map(str::to_owned).collect(),
        replies: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ArticleId, CommentId};

    fn comment(key: &str, parent: Option<&str>, second: i64) -> Comment {
        let time = Timestamp::from_second(second).expect("time");
        Comment {
            id: CommentId(second),
            article_id: ArticleId(1),
            key: key.to_owned(),
            parent_key: parent.map(str::to_owned),
            author: Some(key.to_owned()),
            author_url: None,
            published: Some(time),
            first_seen: time,
            text: "text".to_owned(),
        }
    }

    fn tell(nodes: &[Node]) -> String {
        let told: Vec<_> = nodes
            .iter()
            .map(|node| {
                let name = node.author.as_deref().unwrap_or("?");
                if node.replies.is_empty() {
                    name.to_owned()
                } else {
                    format!("{name}({})", tell(&node.replies))
                }
            })
            .collect();
        told.join(" ")
    }

    #[test]
    fn answers_stand_below_what_they_answer() {
        let comments = [
            comment("b", Some("a"), 2),
            comment("a", None, 1),
            comment("d", None, 4),
            comment("c", Some("a"), 3),
            comment("e", Some("b"), 5),
            comment("f", Some("no such"), 6),
        ];
        assert_eq!(tell(&arrange(&comments)), "a(b(e) c) d f");
    }

    #[test]
    fn circles_lose_nothing() {
        let comments =
            [comment("a", Some("b"), 1), comment("b", Some("a"), 2), comment("c", Some("c"), 3)];
        assert_eq!(tell(&arrange(&comments)), "a b c");
        let hanging =
            [comment("a", Some("b"), 1), comment("b", Some("a"), 2), comment("c", Some("a"), 3)];
        assert_eq!(arrange(&hanging).len(), 3);
    }

    #[test]
    fn deep_threads_stay_narrow() {
        let keys: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
        let comments: Vec<Comment> = (0..keys.len())
            .map(|n| comment(&keys[n], n.checked_sub(1).map(|p| keys[p].as_str()), n as i64))
            .collect();
        let nodes = arrange(&comments);
        let mut level = &nodes;
        for _ in 1..MAX_DEPTH {
            level = &level[0].replies;
        }
        assert_eq!(level.len(), comments.len() - MAX_DEPTH + 1);
        assert_eq!(level[0].answers, None);
        assert_eq!(level[1].answers.as_deref(), Some("4"));
    }
}
