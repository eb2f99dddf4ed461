//! The moderators' desk: checks comments for sites, takes decisions and learns from them.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{
    campaigns::{Campaigns, REMEMBERED},
    identity::Key,
    judge::{Judgement, judge},
    rooms::{Room, Rooms},
    submission::Submission,
    writer::Writer,
};
use crate::{
    domain::{
        CheckedId, CommentState, DecisionId, DecisionVia, NamedSignal, Outcome, Pseudonym, Site,
        SiteId, SitePolicy, UnsureAction,
    },
    spam::{Filter, signals::Signal},
    store::{CheckDraft, CheckSaved, Decided, DecisionDraft, Lesson, Removed, Store, StoreError},
};

/// A site younger than this is never told to discard anything.
const YOUNG_DAYS: i64 = 21;
/// More decisions at once are learnt by learning everything anew.
const ONE_BY_ONE: usize = 32;

/// Why the desk could not do what was asked.
#[derive(Debug, Clone, Error)]
pub enum DeskError {
    #[error("there is no site {}", .0.0)]
    NoSite(SiteId),
    #[error(transparent)]
    Policy(#[from] super::policy::PolicyError),
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The service ends.
    #[error("the service is stopping")]
    Stopped,
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Names the comment in all that follows.
    pub guid: Uuid,
    /// `None` for a test, and if the store failed.
    pub id: Option<CheckedId>,
    /// The verdict; a moderator's earlier decision on this comment counts as one.
    pub outcome: Outcome,
    /// Probability of spam.
    pub score: f32,
    pub signals: Vec<NamedSignal>,
    /// What a blog that knows only yes and no is told.
    pub is_spam_to_blog: bool,
    /// Spam beyond doubt on a site that is no longer new: the blog may discard it.
    pub is_blatant: bool,
    pub state: CommentState,
    pub version: u32,
}

/// Checks comments, takes decisions, learns. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    filter: &'static Filter,
    rooms: Rooms,
    campaigns: Mutex<Campaigns>,
    key: OnceCell<Key>,
    writer: OnceCell<Writer>,
    /// Decisions are taken one call at a time, so that they are learnt in the order of the journal.
    deciding: tokio::sync::Mutex<()>,
}

impl Desk {
    pub fn new(store: Arc<dyn Store>, filter: &'static Filter) -> Self {
        Self(Arc::new(Inner {
            rooms: Rooms::new(store.clone(), filter),
            store,
            filter,
            campaigns: Mutex::default(),
            key: OnceCell::new(),
            writer: OnceCell::new(),
            deciding: tokio::sync::Mutex::default(),
        }))
    }

    /// The store behind the desk.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// The shared filter.
    pub fn filter(&self) -> &'static Filter {
        self.0.filter
    }

    /// Reads what the first check would otherwise wait for.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn warm_up(&self) -> Result<(), DeskError> {
        self.key().await.map(drop)
    }

    /// Checks a comment for a site and stores what was found. Whatever goes wrong with the model or the writing,
    /// there is a verdict.
    ///
    /// # Errors
    /// [`DeskError::NoSite`], or if the site cannot be read.
    pub async fn check(
        &self,
        site: SiteId,
        submission: Submission,
        now: Timestamp,
    ) -> Result<Checked, DeskError> {
        let key = self.key().await?;
        let room = self.0.rooms.room(site).await?;
        let submission = submission.limited();
        let guid = key.guid(site, &submission);
        let author = key.author(&submission);
        let judgement = self.judge(&room, &submission, author);
        let saved = if submission.is_test {
            None
        } else {
            let draft = self.draft(key, &room.site, &submission, guid, author, &judgement, now);
            self.save(draft).await
        };
        let checked = answer(guid, judgement, saved, &room.site, now);
        metrics::counter!("siftwire_comment_checks_total", "verdict" => checked.outcome.as_str())
            .increment(1);
        Ok(checked)
    }

    /// The model first; rules if it fails; a person if those fail too.
    fn judge(&self, room: &Room, submission: &Submission, author: Option<Pseudonym>) -> Judgement {
        static RULES: LazyLock<Filter> = LazyLock::new(Filter::rules_only);
        for filter in [self.0.filter, &*RULES] {
            let mind = room.mind.read().unwrap_or_else(PoisonError::into_inner);
            let judged = catch_unwind(AssertUnwindSafe(|| {
                judge(filter, &room.site.policy, &room.rules, &mind, submission, author)
            }));
            match judged {
                Ok(judgement) => return judgement,
                Err(_) => tracing::error!("the comment filter failed; rules alone decide"),
            }
        }
        Judgement::unknown()
    }

    #[expect(clippy::too_many_arguments, reason = "all parts of one row")]
    fn draft(
        &self,
        key: &Key,
        site: &Site,
        submission: &Submission,
        guid: Uuid,
        author_key: Option<Pseudonym>,
        judgement: &Judgement,
        now: Timestamp,
    ) -> CheckDraft {
        let input = &submission.input;
        let kept = |keep: bool, text: &str| (keep && !text.is_empty()).then(|| text.to_owned());
        CheckDraft {
            guid,
            site: site.id,
            crawled: submission.crawled.map(|(comment, _)| comment),
            article: submission.crawled.map(|(_, article)| article),
            author: input.author.clone(),
            author_key,
            mail: kept(site.policy.keep_mail, &input.author_email),
            mail_key: key.mail(&input.author_email),
            ip: kept(site.policy.keep_ip, &input.user_ip),
            ip_key: key.ip(&input.user_ip),
            author_url: input.author_url.clone(),
            host: judgement.host.clone(),
            kind: submission.kind.clone(),
            permalink: submission.permalink.clone(),
            context: input.context.clone(),
            language: judgement.language.clone(),
            written: submission.written,
            received: now,
            content: input.content.clone(),
            verdict: judgement.outcome,
            score: judgement.score,
            signals: kept_signals(&judgement.signals, site.policy.keep_mail),
            fingerprint: judgement.fingerprint,
            campaign: judgement.fingerprint.map(|print| self.campaigns().find(print)),
            counts: !submission.is_recheck,
        }
    }

    /// Stores a check. A blog gets its verdict even if the store fails; the failure is in the log.
    async fn save(&self, draft: CheckDraft) -> Option<CheckSaved> {
        match self.writer().await.save(draft).await {
            Ok(saved) => Some(saved),
            Err(error) => {
                tracing::error!(%error, "a checked comment could not be stored");
                None
            }
        }
    }

    /// Takes decisions; those that were taken are in the journal and learnt when this returns. The answers are in the
    /// order of the drafts.
    ///
    /// # Errors
    /// If the store fails; then nothing was decided.
    pub async fn decide(
        &self,
        drafts: &[DecisionDraft],
        now: Timestamp,
    ) -> Result<Vec<Decided>, DeskError> {
        let _in_turn = self.0.deciding.lock().await;
        let decided = self.0.store.decide(drafts, now).await?;
        self.learn_from(&decided).await;
        Ok(decided)
    }

    /// Takes a decision back, and unlearns it.
    ///
    /// # Errors
    /// If the store fails; then nothing was undone.
    pub async fn undo(
        &self,
        id: DecisionId,
        actor: &str,
        via: DecisionVia,
        now: Timestamp,
    ) -> Result<Decided, DeskError> {
        let _in_turn = self.0.deciding.lock().await;
        let undone = self.0.store.undo(id, actor, via, now).await?;
        self.learn_from(std::slice::from_ref(&undone)).await;
        Ok(undone)
    }

    /// Takes back what was decided together, and unlearns it.
    ///
    /// # Errors
    /// If the store fails; then nothing was undone.
    pub async fn undo_batch(
        &self,
        batch: DecisionId,
        actor: &str,
        via: DecisionVia,
        now: Timestamp,
    ) -> Result<Vec<Decided>, DeskError> {
        let _in_turn = self.0.deciding.lock().await;
        let undone = self.0.store.undo_batch(batch, actor, via, now).await?;
        self.learn_from(&undone).await;
        Ok(undone)
    }

    /// A blog reports that a comment is spam, or is none. Finds the earlier check by `guid` or by content; one that
    /// was never checked is checked now.
    ///
    /// # Errors
    /// [`DeskError::NoSite`], or if the store fails.
    pub async fn report(
        &self,
        site: SiteId,
        submission: Submission,
        guid: Option<Uuid>,
        spam: bool,
        actor: &str,
        now: Timestamp,
    ) -> Result<Decided, DeskError> {
        let comment = match self.known(site, &submission, guid).await? {
            Some(known) => known,
            None => {
                let again = Submission { is_recheck: true, ..submission };
                let checked = self.check(site, again, now).await?;
                let Some(id) = checked.id else { return Ok(Decided::Missing) };
                id
            }
        };
        let to = if spam { CommentState::Spam } else { CommentState::Approved };
        let draft = DecisionDraft {
            comment,
            seen: None,
            to,
            actor: actor.to_owned(),
            via: DecisionVia::Akismet,
            reason: None,
            request: None,
        };
        let mut decided = self.decide(&[draft], now).await?;
        Ok(decided.pop().unwrap_or(Decided::Missing))
    }

    async fn known(
        &self,
        site: SiteId,
        submission: &Submission,
        guid: Option<Uuid>,
    ) -> Result<Option<CheckedId>, DeskError> {
        let limited = submission.clone().limited();
        let by_content = self.key().await?.guid(site, &limited);
        for guid in std::iter::once(by_content).chain(guid) {
            let found = self.0.store.checked_by_guid(guid).await?;
            if let Some(comment) = found.filter(|comment| comment.site == site) {
                return Ok(Some(comment.id));
            }
        }
        Ok(None)
    }

    /// Brings the minds of the sites concerned in line with the journal.
    async fn learn_from(&self, decided: &[Decided]) {
        let done: Vec<_> = decided
            .iter()
            .filter_map(|decided| match decided {
                Decided::Done(decision) => Some(decision),
                _ => None,
            })
            .collect();
        let sites: HashSet<SiteId> = done.iter().map(|decision| decision.site).collect();
        let _settled = self.0.rooms.settled().await;
        for site in sites {
            let Some(room) = self.0.rooms.if_ready(site) else { continue };
            let of_site: Vec<_> =
                done.iter().copied().filter(|decision| decision.site == site).collect();
            if let Err(error) = self.learn_site(&room, &of_site).await {
                tracing::error!(%error, "decisions could not be learnt; they are when the site is next used");
                self.0.rooms.forget(site);
            }
        }
    }

    async fn learn_site(
        &self,
        room: &Room,
        decisions: &[&crate::domain::Decision],
    ) -> Result<(), DeskError> {
        let changes_earlier = {
            let mind = room.mind.read().unwrap_or_else(PoisonError::into_inner);
            decisions.iter().any(|d| d.undoes.is_some() || mind.knows(d.comment))
        };
        if changes_earlier || decisions.len() > ONE_BY_ONE {
            let mind = self.0.rooms.mind_of(room.site.id).await?;
            *room.mind.write().unwrap_or_else(PoisonError::into_inner) = mind;
            return Ok(());
        }
        for decision in decisions {
            let Some(spam) = decision.to.label() else { continue };
            let Some(comment) = self.0.store.checked(decision.comment).await? else { continue };
            let lesson = Lesson { decision: decision.id, comment, spam };
            let mut mind = room.mind.write().unwrap_or_else(PoisonError::into_inner);
            mind.learn(&lesson, self.0.filter);
        }
        Ok(())
    }

    /// Changes a site's name and policy; the next check goes by it.
    ///
    /// # Errors
    /// [`DeskError::Policy`] with the first mistake, or if the store fails.
    pub async fn edit_site(
        &self,
        id: SiteId,
        name: &str,
        policy: &SitePolicy,
    ) -> Result<(), DeskError> {
        super::policy::check_policy(policy)?;
        self.0.store.edit_site(id, name, policy).await?;
        let _settled = self.0.rooms.settled().await;
        self.0.rooms.forget(id);
        Ok(())
    }

    /// Removes every comment of the author with this mail address, on one site or on all, and unlearns them.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn erase_author(
        &self,
        mail: &str,
        site: Option<SiteId>,
    ) -> Result<Removed, DeskError> {
        let Some(author) = self.key().await?.mail(mail) else { return Ok(Removed::default()) };
        let _in_turn = self.0.deciding.lock().await;
        let removed = self.0.store.erase_author(&author, site).await?;
        let sites = self.0.store.sites().await?;
        let _settled = self.0.rooms.settled().await;
        for site in sites {
            self.0.rooms.forget(site.id);
        }
        Ok(removed)
    }

    /// The digest under which an author with this mail address is known.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn author_of_mail(&self, mail: &str) -> Result<Option<Pseudonym>, DeskError> {
        Ok(self.key().await?.mail(mail))
    }

    async fn key(&self) -> Result<&Key, DeskError> {
        self.0
            .key
            .get_or_try_init(async || {
                let key = self.0.store.moderation_key().await?;
                for (print, campaign) in self.0.store.recent_campaigns(REMEMBERED as u32).await? {
                    self.campaigns().remember(print, campaign);
                }
                Ok(Key::new(key))
            })
            .await
    }

    async fn writer(&self) -> &Writer {
        self.0.writer.get_or_init(async || Writer::start(self.0.store.clone())).await
    }

    fn campaigns(&self) -> std::sync::MutexGuard<'_, Campaigns> {
        self.0.campaigns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is kept of the reasons: not the author's address, unless the policy keeps it.
fn kept_signals(signals: &[NamedSignal], keep_mail: bool) -> Vec<NamedSignal> {
    let shows_mail = |signal: &NamedSignal| signal.name == Signal::MailMismatch.name();
    signals
        .iter()
        .map(|signal| match signal {
            signal if shows_mail(signal) && !keep_mail => {
                NamedSignal { evidence: Signal::MailMismatch.words().to_owned(), ..signal.clone() }
            }
            signal => signal.clone(),
        })
        .collect()
}

fn answer(
    guid: Uuid,
    judgement: Judgement,
    saved: Option<CheckSaved>,
    site: &Site,
    now: Timestamp,
) -> Checked {
    let outcome = match saved {
        Some(saved) if saved.decided => outcome_of(saved.state),
        _ => judgement.outcome,
    };
    let is_spam_to_blog = match outcome {
        Outcome::Ham => false,
        Outcome::Unsure => site.policy.unsure == UnsureAction::Hold,
        Outcome::Spam => true,
    };
    let age_s = now.as_second() - site.created.as_second();
    let is_blatant = outcome == Outcome::Spam
        && age_s >= YOUNG_DAYS * 86_400
        && site.policy.discard_from.is_some_and(|from| judgement.shared_score >= from);
    Checked {
        guid,
        id: saved.map(|saved| saved.id),
        outcome,
        score: judgement.score,
        signals: judgement.signals,
        is_spam_to_blog,
        is_blatant,
        state: saved.map_or(CommentState::of(judgement.outcome), |saved| saved.state),
        version: saved.map_or(0, |saved| saved.version),
    }
}

fn outcome_of(state: CommentState) -> Outcome {
    match state {
        CommentState::Approved => Outcome::Ham,
        CommentState::Unsure => Outcome::Unsure,
        CommentState::Spam | CommentState::Deleted => Outcome::Spam,
    }
}
