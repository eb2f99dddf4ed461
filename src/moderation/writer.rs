//! Checks are stored in groups: whatever waits goes into one transaction, so that a thousand small commits
//! become a few. Whoever asked is answered once the group is in the store.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::desk::DeskError;
use crate::store::{CheckDraft, CheckSaved, Store};

/// Checks of one transaction.
const GROUP: usize = 256;
/// Checks that may wait; whoever comes later waits for a place.
const WAITING: usize = 4_096;

type Answer = oneshot::Sender<Result<CheckSaved, DeskError>>;

/// The way to the task that stores checks. The task ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<(CheckDraft, Answer)>);

impl Writer {
    /// Starts the task; must be called within a tokio runtime.
    pub fn start(store: Arc<dyn Store>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(write_groups(store, receiver));
        Self(sender)
    }

    /// Stores a check.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn save(&self, check: CheckDraft) -> Result<CheckSaved, DeskError> {
        let (answer, answered) = oneshot::channel();
        self.0.send((check, answer)).await.map_err(|_| DeskError::Stopped)?;
        answered.await.map_err(|_| DeskError::Stopped)?
    }
}

async fn write_groups(store: Arc<dyn Store>, mut receiver: mpsc::Receiver<(CheckDraft, Answer)>) {
    let mut waiting = Vec::with_capacity(GROUP);
    while receiver.recv_many(&mut waiting, GROUP).await > 0 {
        let (checks, answers): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
        match store.save_checks(&checks).await {
            Ok(saved) => {
                for (answer, saved) in answers.into_iter().zip(saved) {
                    let _ = answer.send(Ok(saved));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for answer in answers {
                    let _ = answer.send(Err(DeskError::Store(error.clone())));
                }
            }
        }
    }
}
