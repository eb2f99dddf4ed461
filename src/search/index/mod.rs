//! The index: what is in it, how it is searched, where it lies.

mod best;
mod collect;
mod compile;
mod document;
mod facets;
mod folder;
mod generation;
mod incidents;
mod marks;
mod matching;
mod mend;
mod schema;
mod snippet;
mod terms;
#[cfg(test)]
pub(in crate::search) mod tests;

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use jiff::Timestamp;
use tantivy::{
    Searcher, TantivyDocument, Term,
    query::{BooleanQuery, Query as IndexQuery, TermSetQuery},
    schema::Value as _,
};

use best::Best;
use collect::{Gather, Gathered, Ranked};
use compile::{Compiled, Compiler};
use document::{Stored, read_stored};
use folder::Folder;
use snippet::Highlighter;

pub(super) use document::document;
pub(super) use folder::WriterLock;
pub(super) use generation::{Generation, Progress};

use super::{
    Hit, IncidentMatch, Names, NoNames, Place, Query, SearchError, SearchOptions, SearchResults,
    SortOrder, Suggestion,
    text::{Language, Stems},
};
use crate::domain::{ArticleId, IncidentId, Sequence};

/// Hits that can be paged through.
pub const MAX_HITS: usize = 10_000;
/// Words whose stems are remembered for snippets, for each search under way.
const STEMS_KEPT: usize = 1 << 15;
/// Times of matches kept for a histogram by hour.
const MAX_HOURLY: usize = 100_000;

/// The search index. Clones share it. Searching takes milliseconds of work: call it from
/// `spawn_blocking`, not from async code.
#[derive(Clone)]
pub struct SearchIndex {
    inner: Arc<Inner>,
    names: Arc<dyn Names>,
}

struct Inner {
    /// `None` in memory.
    folder: Option<Folder>,
    current: RwLock<Arc<Generation>>,
    /// What earlier searches stemmed for their snippets; one is taken for each search under way.
    stems: Mutex<Vec<Stems>>,
}

impl SearchIndex {
    /// Opens the index in a folder. Where there is none, or it is damaged or of another version, an empty
    /// one is begun, which the follower fills from the store.
    pub fn open(path: &Path) -> Result<Self, SearchError> {
        let folder = Folder::open(path)?;
        let current = match folder.current().map(|path| Generation::open(&path)) {
            Some(Ok(generation)) => generation,
            Some(Err(error)) => {
                tracing::warn!(path = %path.display(), %error, "the search index cannot be used and is rebuilt");
                begin(&folder)?
            }
            None => begin(&folder)?,
        };
        Ok(Self::with(Some(folder), current))
    }

    /// An empty index in memory.
    pub fn in_memory() -> Result<Self, SearchError> {
        Ok(Self::with(None, Generation::in_memory()?))
    }

    fn with(folder: Option<Folder>, current: Generation) -> Self {
        let current = RwLock::new(Arc::new(current));
        let inner = Arc::new(Inner { folder, current, stems: Mutex::default() });
        Self { inner, names: Arc::new(NoNames) }
    }

    /// The same, with names resolved in queries.
    pub fn with_names(self, names: Arc<dyn Names>) -> Self {
        Self { names, ..self }
    }

    /// What things are called.
    pub fn names(&self) -> &dyn Names {
        &*self.names
    }

    /// Articles that can be found.
    pub fn doc_count(&self) -> u64 {
        self.generation().reader.searcher().num_docs()
    }

    /// Last change of the store that is in the index; 0 before the first commit.
    pub fn sequence(&self) -> Sequence {
        let progress = self.generation().progress().ok().flatten();
        progress.map(|progress| progress.sequence).unwrap_or_default()
    }

    /// Reads all files of the index and compares checksums. `false` if any is damaged.
    pub fn is_sound(&self) -> Result<bool, SearchError> {
        Ok(self.generation().index.validate_checksum()?.is_empty())
    }

    /// Runs a query.
    ///
    /// # Errors
    /// [`SearchError::TooDeep`] beyond [`MAX_HITS`]; otherwise only if the index is damaged.
    pub fn search(
        &self,
        query: &Query,
        options: &SearchOptions,
    ) -> Result<SearchResults, SearchError> {
        let keep = options.offset.saturating_add(options.limit);
        if keep > MAX_HITS {
            return Err(SearchError::TooDeep { limit: MAX_HITS });
        }
        let generation = self.generation();
        let searcher = generation.reader.searcher();
        let search = Search { generation: &generation, searcher, names: &*self.names, options };
        let mut stems = self.take_stems();
        let results = search.run(query, &mut stems);
        self.stems().push(stems);
        results
    }

    /// The newest `limit` matches after a place, newest first. Takes one pass over all matches, whatever the limit, and
    /// memory for `limit` of them: so all matches can be walked through, part by part.
    pub fn newest(
        &self,
        query: &Query,
        now: Timestamp,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Place>, SearchError> {
        let generation = self.generation();
        let searcher = generation.reader.searcher();
        let compiler = Compiler::new(&searcher, &generation.fields, &*self.names, now)?;
        let compiled = compiler.compile(query)?;
        let gather = Gather { keep: limit, after, facets: false, days: false };
        let newest = searcher.search(&*compiled.query, &gather)?.newest;
        Ok(newest.iter().map(|one| Place { newest_s: one.published_s, id: one.id }).collect())
    }

    /// The numbers of all matches above `after`, ascending. Eight bytes of memory for each.
    pub fn matching(
        &self,
        query: &Query,
        now: Timestamp,
        after: ArticleId,
    ) -> Result<Vec<ArticleId>, SearchError> {
        let generation = self.generation();
        let searcher = generation.reader.searcher();
        let compiler = Compiler::new(&searcher, &generation.fields, &*self.names, now)?;
        let compiled = compiler.compile(query)?;
        Ok(searcher.search(&*compiled.query, &matching::Numbers { after })?)
    }

    /// Those of `articles` that match each of `queries`, ascending. The work is that for `articles` alone.
    pub fn matching_among(
        &self,
        articles: &[ArticleId],
        queries: &[Query],
        now: Timestamp,
    ) -> Result<Vec<Vec<ArticleId>>, SearchError> {
        let generation = self.generation();
        let searcher = generation.reader.searcher();
        let terms = articles.iter().map(|id| Term::from_field_i64(generation.fields.id, id.0));
        let among = TermSetQuery::new(terms);
        let matching = |query: &Query| {
            let compiler = Compiler::new(&searcher, &generation.fields, &*self.names, now)?;
            let compiled = compiler.compile(query)?;
            let both: [Box<dyn IndexQuery>; 2] = [Box::new(among.clone()), compiled.query];
            let both = BooleanQuery::intersection(both.into());
            Ok(searcher.search(&both, &matching::Numbers { after: ArticleId(0) })?)
        };
        queries.iter().map(matching).collect()
    }

    /// The incidents that the matches of a query tell of, that with the newest match first. Matches that tell of none
    /// are left out.
    pub fn incidents(
        &self,
        query: &Query,
        now: Timestamp,
    ) -> Result<Vec<IncidentMatch>, SearchError> {
        let generation = self.generation();
        let searcher = generation.reader.searcher();
        let compiler = Compiler::new(&searcher, &generation.fields, &*self.names, now)?;
        let compiled = compiler.compile(query)?;
        Ok(searcher.search(&*compiled.query, &incidents::Incidents)?)
    }

    fn take_stems(&self) -> Stems {
        self.stems().pop().unwrap_or_else(|| Stems::with_capacity(STEMS_KEPT))
    }

    fn stems(&self) -> MutexGuard<'_, Vec<Stems>> {
        self.inner.stems.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completions of the last word of `text`, most frequent first.
    pub fn suggest(&self, text: &str, limit: usize) -> Result<Vec<Suggestion>, SearchError> {
        let generation = self.generation();
        mend::suggest(&generation.reader.searcher(), &generation.fields, text, limit)
    }

    /// The generation that searches use now.
    pub(super) fn generation(&self) -> Arc<Generation> {
        self.inner.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the right to write.
    pub(super) fn lock(&self) -> Result<WriterLock, SearchError> {
        self.inner.folder.as_ref().map_or_else(|| Ok(WriterLock::of_memory()), Folder::lock)
    }

    /// Looks again at what is on disk: another writer may have committed, or put a new generation in
    /// place, between the opening of this index and its taking the lock.
    pub(super) fn refresh(&self, _lock: &WriterLock) -> Result<(), SearchError> {
        let in_use = self.generation();
        let on_disk = self.inner.folder.as_ref().and_then(Folder::current);
        match on_disk.filter(|path| in_use.path.as_ref() != Some(path)) {
            Some(path) => {
                let newer = Arc::new(Generation::open(&path)?);
                *self.inner.current.write().unwrap_or_else(PoisonError::into_inner) = newer;
            }
            None => in_use.reader.reload()?,
        }
        Ok(())
    }

    /// A new, empty generation beside the one in use.
    pub(super) fn next_generation(&self, lock: &WriterLock) -> Result<Generation, SearchError> {
        match &self.inner.folder {
            Some(folder) => Generation::create(&folder.next(lock)?),
            None => Generation::in_memory(),
        }
    }

    /// Puts a finished generation in place of the one in use.
    pub(super) fn switch(
        &self,
        generation: Arc<Generation>,
        lock: &WriterLock,
    ) -> Result<(), SearchError> {
        if let (Some(folder), Some(path)) = (&self.inner.folder, &generation.path) {
            folder.switch(path, lock)?;
        }
        generation.reader.reload()?;
        *self.inner.current.write().unwrap_or_else(PoisonError::into_inner) = generation;
        Ok(())
    }
}

fn begin(folder: &Folder) -> Result<Generation, SearchError> {
    let lock = folder.lock()?;
    let path = folder.next(&lock)?;
    let generation = Generation::create(&path)?;
    folder.switch(&path, &lock)?;
    Ok(generation)
}

/// One run of a query on one state of the index.
struct Search<'a> {
    generation: &'a Generation,
    searcher: Searcher,
    names: &'a dyn Names,
    options: &'a SearchOptions,
}

impl Search<'_> {
    fn run(&self, query: &Query, stems: &mut Stems) -> Result<SearchResults, SearchError> {
        let compiled = self.compiler()?.compile(query)?;
        let mut gathered = self.gather(query, &compiled)?;
        let best = match self.order(query, &compiled) {
            SortOrder::Date => std::mem::take(&mut gathered.newest),
            SortOrder::Relevance => self.best(&compiled, gathered.total)?,
        };
        let shown = best.iter().skip(self.options.offset);
        let mut highlighter = Highlighter::new(&compiled.needles, stems);
        let hits =
            shown.map(|ranked| self.hit(ranked, &mut highlighter)).collect::<Result<_, _>>()?;
        let did_you_mean = if gathered.total == 0 { self.mended(query)? } else { None };
        Ok(SearchResults {
            total: gathered.total,
            hits,
            facets: if self.options.facets { facets::facets(&gathered) } else { Vec::new() },
            histogram: self.histogram(&compiled, &gathered)?,
            did_you_mean,
        })
    }

    fn compiler(&self) -> Result<Compiler<'_>, SearchError> {
        Compiler::new(&self.searcher, &self.generation.fields, self.names, self.options.now)
    }

    fn gather(&self, query: &Query, compiled: &Compiled) -> Result<Gathered, SearchError> {
        let keep = match self.order(query, compiled) {
            SortOrder::Date => self.keep(),
            SortOrder::Relevance => 0,
        };
        let gather = Gather {
            keep,
            after: None,
            facets: self.options.facets,
            days: self.options.facets || self.options.histogram,
        };
        Ok(self.searcher.search(&*compiled.query, &gather)?)
    }

    /// The best matches. A pass of its own: counting needs all matches but no scores, and this needs
    /// scores but only of a few.
    fn best(&self, compiled: &Compiled, total: usize) -> Result<Vec<Ranked>, SearchError> {
        let keep = self.keep().min(total);
        if keep == 0 {
            return Ok(Vec::new());
        }
        let best = Best { keep, now_s: self.options.now.as_second() };
        Ok(self.searcher.search(&*compiled.query, &best)?)
    }

    fn order(&self, query: &Query, compiled: &Compiled) -> SortOrder {
        // Where nothing tells better from worse, the newest is best.
        match compiled.ranks {
            true => self.options.sort.or(query.sort).unwrap_or_default(),
            false => SortOrder::Date,
        }
    }

    /// Matches to keep for the page shown.
    fn keep(&self) -> usize {
        self.options.offset + self.options.limit
    }

    fn hit(&self, ranked: &Ranked, highlighter: &mut Highlighter<'_>) -> Result<Hit, SearchError> {
        let stored = self.stored(ranked)?;
        let language = stored.language.as_deref().and_then(Language::from_tag);
        let title = highlighter.whole(&stored.title, language);
        let snippet = match self.options.snippets {
            true => highlighter.best_part(&stored.text, language),
            false => Vec::new(),
        };
        Ok(Hit {
            id: ArticleId(ranked.id),
            score: ranked.score,
            published: stored.published(),
            url: stored.url,
            source: stored.source,
            site: stored.site,
            authors: stored.authors,
            language: stored.language,
            title,
            snippet,
            comment_count: stored.comment_count,
            main_attack: stored.found.main_attack,
            names: stored.found.names,
            incident: stored.found.incident.map(IncidentId),
            duplicate_of: stored.found.duplicate_of.map(ArticleId),
        })
    }

    fn stored(&self, ranked: &Ranked) -> Result<Stored, SearchError> {
        let doc: TantivyDocument = self.searcher.doc(ranked.address)?;
        let bytes = doc.get_first(self.generation.fields.stored).and_then(|value| value.as_bytes());
        Ok(read_stored(bytes.unwrap_or_default())?)
    }

    fn histogram(
        &self,
        compiled: &Compiled,
        gathered: &Gathered,
    ) -> Result<Vec<super::HistogramBucket>, SearchError> {
        if !self.options.histogram {
            return Ok(Vec::new());
        }
        if !facets::wants_hours(&gathered.days) || gathered.total > MAX_HOURLY {
            return Ok(facets::histogram(&gathered.days));
        }
        let all = Gather { keep: gathered.total, after: None, facets: false, days: false };
        let times = self.searcher.search(&*compiled.query, &all)?.newest;
        let times: Vec<i64> = times.into_iter().map(|ranked| ranked.published_s).collect();
        Ok(facets::hours(&times))
    }

    /// The query with unknown words mended, if that finds something.
    fn mended(&self, query: &Query) -> Result<Option<String>, SearchError> {
        let mut mender = mend::Mender {
            searcher: &self.searcher,
            fields: &self.generation.fields,
            compiler: self.compiler()?,
        };
        let Some(mended) = mender.mend(query)? else { return Ok(None) };
        let compiled = self.compiler()?.compile(&mended)?;
        let finds = self.searcher.search(&*compiled.query, &tantivy::collector::Count)? > 0;
        Ok(finds.then(|| mended.to_string()))
    }
}

impl SearchOptions {
    /// The first 20 hits with snippets, without counts.
    pub fn new(now: Timestamp) -> Self {
        Self {
            limit: 20,
            offset: 0,
            sort: None,
            facets: false,
            histogram: false,
            snippets: true,
            now,
        }
    }
}
