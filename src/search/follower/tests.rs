use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use async_trait::async_trait;
use proptest::prelude::*;

use super::*;
use crate::{
    search::{index::tests::article, parse_query},
    store,
};

/// A store in miniature: articles by id, and the log of what happened to them.
#[derive(Default)]
struct Log(Mutex<(BTreeMap<i64, Article>, Vec<Change>)>);

impl Log {
    fn save(&self, id: i64, title: &str) {
        self.change(id, ChangeKind::ArticleSaved, Some(article(id, title, "text")));
    }

    fn remove(&self, id: i64) {
        self.change(id, ChangeKind::ArticleRemoved, None);
    }

    fn change(&self, id: i64, kind: ChangeKind, article: Option<Article>) {
        let mut state = self.0.lock().expect("a lock");
        match article {
            Some(article) => state.0.insert(id, article),
            None => state.0.remove(&id),
        };
        let sequence = Sequence(state.1.len() as i64 + 1);
        state.1.push(Change { sequence, kind, article_id: ArticleId(id) });
    }

    fn titles(&self) -> BTreeMap<i64, String> {
        let state = self.0.lock().expect("a lock");
        state.0.iter().map(|(id, article)| (*id, article.title.clone())).collect()
    }
}

#[async_trait]
impl ArticleLog for Log {
    async fn changes_since(&self, after: Sequence, limit: u32) -> store::Result<Vec<Change>> {
        let state = self.0.lock().expect("a lock");
        let newer = state.1.iter().filter(|change| change.sequence > after);
        Ok(newer.take(limit.min(3) as usize).copied().collect())
    }

    async fn last_sequence(&self) -> store::Result<Sequence> {
        Ok(Sequence(self.0.lock().expect("a lock").1.len() as i64))
    }

    async fn article_ids(&self, after: ArticleId, limit: u32) -> store::Result<Vec<ArticleId>> {
        let state = self.0.lock().expect("a lock");
        let above = state.0.range(after.0 + 1..).map(|(id, _)| ArticleId(*id));
        Ok(above.take(limit.min(3) as usize).collect())
    }

    async fn articles(&self, ids: &[ArticleId]) -> store::Result<Vec<Article>> {
        let state = self.0.lock().expect("a lock");
        Ok(ids.iter().filter_map(|id| state.0.get(&id.0).cloned()).collect())
    }

    async fn enrichments(&self, _ids: &[ArticleId]) -> store::Result<Vec<store::Enriched>> {
        Ok(Vec::new())
    }
}

fn options(commit_articles: u64) -> FollowerOptions {
    FollowerOptions {
        writer_memory_bytes: 15 << 20,
        commit_articles,
        poll: Duration::from_millis(5),
    }
}

fn open(folder: &Path) -> SearchIndex {
    SearchIndex::open(folder).expect("an index")
}

/// What the index holds: every document, so that one that is there twice is seen.
fn indexed(index: &SearchIndex) -> Vec<(i64, String)> {
    let everything = parse_query("").expect("a query");
    let options = crate::search::SearchOptions {
        limit: 1_000,
        ..crate::search::SearchOptions::new(jiff::Timestamp::UNIX_EPOCH)
    };
    let hits = index.search(&everything, &options).expect("results").hits;
    let mut all: Vec<_> = hits.iter().map(|hit| (hit.id.0, hit.title_text())).collect();
    all.sort_unstable();
    all
}

fn assert_in_step(index: &SearchIndex, log: &Log) {
    let expected: Vec<_> = log.titles().into_iter().collect();
    assert_eq!(indexed(index), expected);
}

async fn caught_up(log: &Arc<Log>, index: &SearchIndex) {
    let mut follower = start_when_free(log, index, options(1_000)).await;
    follower.catch_up().await.expect("caught up");
    follower.finish().await.expect("finished");
}

/// A follower that was dropped gives the lock back when its thread has ended, which takes a moment.
async fn start_when_free(
    log: &Arc<Log>,
    index: &SearchIndex,
    options: FollowerOptions,
) -> Follower<Log> {
    loop {
        match Follower::start(log.clone(), index.clone(), options) {
            Ok(follower) => return follower,
            Err(SearchError::Locked { .. }) => tokio::time::sleep(Duration::from_millis(2)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

fn generation_folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one").path());
    entries.filter(|path| path.is_dir()).collect()
}

#[tokio::test]
async fn follows_saves_changes_and_removals() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, index) = (Arc::new(Log::default()), open(folder.path()));
    (1..=10).for_each(|id| log.save(id, "first"));
    caught_up(&log, &index).await;
    assert_eq!(index.sequence(), Sequence(10));
    log.save(3, "second");
    log.save(3, "third");
    log.remove(4);
    log.save(11, "first");
    log.remove(11);
    caught_up(&log, &index).await;
    assert_in_step(&index, &log);
    assert_eq!(index.sequence(), Sequence(15));
    assert_in_step(&open(folder.path()), &log);
}

#[tokio::test]
async fn a_second_writer_is_refused_and_can_search() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, index) = (Arc::new(Log::default()), open(folder.path()));
    log.save(1, "first");
    caught_up(&log, &index).await;
    let _first = Follower::start(log.clone(), index.clone(), options(10)).expect("a follower");
    let second = open(folder.path());
    let error = catch_up(log.clone(), &second).await.expect_err("refused");
    assert_eq!(error.code(), "index-locked");
    assert_in_step(&second, &log);
}

#[tokio::test]
async fn a_damaged_index_is_built_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Arc::new(Log::default());
    (1..=5).for_each(|id| log.save(id, "first"));
    caught_up(&log, &open(folder.path())).await;
    for damage in ["meta.json", "the first data file", "current"] {
        let generation = generation_folders(folder.path()).remove(0);
        match damage {
            "meta.json" => fs::write(generation.join(damage), "{").expect("written"),
            "current" => fs::write(folder.path().join(damage), "../..").expect("written"),
            _ => {
                let mut files = fs::read_dir(&generation).expect("files").flatten();
                let is_data = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "term");
                let file = files.find_map(|file| Some(file.path()).filter(is_data));
                fs::remove_file(file.expect("a data file")).expect("removed");
            }
        }
        let index = open(folder.path());
        assert_eq!(index.sequence(), Sequence(0), "{damage}");
        caught_up(&log, &index).await;
        assert_in_step(&index, &log);
        assert_eq!(generation_folders(folder.path()).len(), 1, "{damage}");
    }
}

#[tokio::test]
async fn an_index_of_another_version_is_built_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = Arc::new(Log::default());
    log.save(1, "first");
    caught_up(&log, &open(folder.path())).await;
    let meta = generation_folders(folder.path()).remove(0).join("meta.json");
    let text = fs::read_to_string(&meta).expect("meta");
    let version =
        format!("tantivy v{}", text.split("tantivy v").nth(1).map_or("", |rest| &rest[..4]));
    fs::write(&meta, text.replace(&version, "tantivy v9.99")).expect("written");
    let index = open(folder.path());
    assert_eq!(index.doc_count(), 0);
    caught_up(&log, &index).await;
    assert_in_step(&index, &log);
}

#[tokio::test]
async fn an_index_ahead_of_its_store_is_built_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = open(folder.path());
    let newer = Arc::new(Log::default());
    (1..=5).for_each(|id| newer.save(id, "lost"));
    caught_up(&newer, &index).await;
    let restored = Arc::new(Log::default());
    (1..=2).for_each(|id| restored.save(id, "kept"));
    caught_up(&restored, &index).await;
    assert_in_step(&index, &restored);
}

#[tokio::test]
async fn reindex_replaces_the_index_under_its_readers() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, index) = (Arc::new(Log::default()), open(folder.path()));
    (1..=10).for_each(|id| log.save(id, "first"));
    caught_up(&log, &index).await;
    let reader = open(folder.path());
    log.save(11, "first");
    let mut seen = Vec::new();
    let built = reindex(log.clone(), &index, options(100), |done| seen.push(done)).await;
    assert_eq!(built.expect("built"), 11);
    assert_eq!(seen, [3, 6, 9, 11]);
    assert_in_step(&index, &log);
    assert_eq!(indexed(&reader).len(), 10);
    assert_in_step(&open(folder.path()), &log);
}

#[tokio::test]
async fn runs_until_it_is_cancelled() {
    let index = SearchIndex::in_memory().expect("an index");
    let (log, cancel) = (Arc::new(Log::default()), CancellationToken::new());
    let task = tokio::spawn(run(log.clone(), index.clone(), options(10), cancel.clone()));
    for id in 1..=3 {
        log.save(id, "first");
        // A commit is on disk a moment before searches see it.
        while index.sequence() < Sequence(id) || indexed(&index).len() < id as usize {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    assert_in_step(&index, &log);
    cancel.cancel();
    task.await.expect("joined").expect("ended well");
}

/// What may happen to a store and its follower.
#[derive(Debug, Clone)]
enum Step {
    Save(i64),
    Remove(i64),
    CatchUp,
    /// Applies without committing at the end, and is killed after this many batches.
    Crash(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..12i64).prop_map(Step::Save),
        2 => (1..12i64).prop_map(Step::Remove),
        1 => Just(Step::CatchUp),
        2 => (0..8usize).prop_map(Step::Crash),
    ]
}

/// Drops the follower in the middle of its work: at one of the points where it waits.
async fn crash(log: &Arc<Log>, folder: &Path, polls: usize) {
    let index = open_when_free(folder).await;
    let mut follower = start_when_free(log, &index, options(2)).await;
    let mut work = std::pin::pin!(follower.catch_up());
    for _ in 0..polls {
        if futures::poll!(work.as_mut()).is_ready() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Opening may have to begin an index, for which it needs the lock of a follower that was just dropped.
async fn open_when_free(folder: &Path) -> SearchIndex {
    loop {
        match SearchIndex::open(folder) {
            Ok(index) => return index,
            Err(SearchError::Locked { .. }) => tokio::time::sleep(Duration::from_millis(2)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn a_crash_at_any_point_loses_and_doubles_nothing(steps in prop::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let folder = tempfile::tempdir().expect("a folder");
            let log = Arc::new(Log::default());
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Save(id) => log.save(id, &format!("title {number}")),
                    Step::Remove(id) => log.remove(id),
                    Step::CatchUp => caught_up(&log, &open_when_free(folder.path()).await).await,
                    Step::Crash(polls) => crash(&log, folder.path(), polls).await,
                }
            }
            let index = open_when_free(folder.path()).await;
            caught_up(&log, &index).await;
            assert_in_step(&index, &log);
            assert_eq!(index.doc_count() as usize, log.titles().len());
        });
    }
}
