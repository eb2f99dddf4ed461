use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    thread::JoinHandle,
};

use tantivy::{IndexWriter, Term};
use tokio::sync::{mpsc, oneshot};

use crate::{
    domain::{Article, ArticleId},
    search::{
        SearchError,
        index::{Generation, Progress, WriterLock, document},
    },
    store::Enriched,
};

/// Batches that may wait for the writer: enough to read the next while one is indexed.
const QUEUE: usize = 2;

/// Articles to take out of the index, and then to put in.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub remove: Vec<ArticleId>,
    pub add: Vec<Article>,
    /// What the desk found in them.
    pub enriched: HashMap<ArticleId, Enriched>,
}

enum Command {
    Apply(Batch),
    Commit(Progress, oneshot::Sender<Result<(), SearchError>>),
    /// Waits for merges, then ends the thread.
    Finish(oneshot::Sender<Result<(), SearchError>>),
}

/// The thread that writes one generation. When this is dropped it ends, and what was not committed is
/// as if it had never been applied.
pub(super) struct Writer {
    commands: mpsc::Sender<Command>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which holds `lock` until it ends.
    pub(super) fn start(
        generation: Arc<Generation>,
        lock: Arc<WriterLock>,
        memory_bytes: usize,
    ) -> Result<Self, SearchError> {
        let writer = generation.writer(memory_bytes)?;
        let (commands, queue) = mpsc::channel(QUEUE);
        let work = move || {
            Worker { generation, writer, added: HashSet::new(), failed: None }.run(queue);
            drop(lock);
        };
        let thread = std::thread::Builder::new().name("index-writer".to_owned()).spawn(work)?;
        Ok(Self { commands, thread: Some(thread) })
    }

    /// Queues a batch. What goes wrong with it is told by the next commit.
    pub(super) async fn apply(&self, batch: Batch) -> Result<(), SearchError> {
        self.commands.send(Command::Apply(batch)).await.map_err(|_| SearchError::WriterGone)
    }

    /// Makes everything applied so far durable and visible, together with `progress`.
    pub(super) async fn commit(&self, progress: Progress) -> Result<(), SearchError> {
        self.ask(|done| Command::Commit(progress, done)).await
    }

    /// Waits for merges that are under way, and for the thread.
    pub(super) async fn finish(mut self) -> Result<(), SearchError> {
        let result = self.ask(Command::Finish).await;
        if let Some(thread) = self.thread.take() {
            // The thread has answered, so this takes no time.
            let _ = tokio::task::spawn_blocking(|| thread.join()).await;
        }
        result
    }

    async fn ask(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<(), SearchError>>) -> Command,
    ) -> Result<(), SearchError> {
        let (done, answer) = oneshot::channel();
        self.commands.send(command(done)).await.map_err(|_| SearchError::WriterGone)?;
        answer.await.map_err(|_| SearchError::WriterGone)?
    }
}

struct Worker {
    generation: Arc<Generation>,
    writer: IndexWriter,
    /// Put in since the last commit.
    added: HashSet<ArticleId>,
    /// The first thing that went wrong since the last commit.
    failed: Option<SearchError>,
}

impl Worker {
    fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        while let Some(command) = queue.blocking_recv() {
            match command {
                Command::Apply(batch) if self.failed.is_none() => {
                    self.failed = self.apply(batch).err();
                }
                Command::Apply(_) => {}
                Command::Commit(progress, done) => {
                    // Nobody listening means that the follower was dropped.
                    let _ = done.send(self.commit(&progress));
                }
                Command::Finish(done) => {
                    let merged = self.writer.wait_merging_threads().map_err(SearchError::from);
                    let _ = done.send(merged);
                    return;
                }
            }
        }
    }

    fn apply(&mut self, batch: Batch) -> Result<(), SearchError> {
        let fields = &self.generation.fields;
        let committed = self.generation.reader.searcher();
        for id in batch.remove {
            let term = Term::from_field_i64(fields.id, id.0);
            // Most articles are new, and a removal costs a look into every segment.
            if self.added.contains(&id) || committed.doc_freq(&term)? > 0 {
                self.writer.delete_term(term);
            }
        }
        for article in &batch.add {
            let enriched = batch.enriched.get(&article.id);
            self.writer.add_document(document(article, enriched, fields)?)?;
            self.added.insert(article.id);
        }
        Ok(())
    }

    fn commit(&mut self, progress: &Progress) -> Result<(), SearchError> {
        if let Some(error) = self.failed.take() {
            self.writer.rollback()?;
            self.added.clear();
            return Err(error);
        }
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&progress.to_text());
        commit.commit()?;
        self.generation.reader.reload()?;
        self.added.clear();
        Ok(())
    }
}
