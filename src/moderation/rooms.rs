//! Sites in use, each with its rules and its mind; those not asked for long are forgotten, and made again from
//! the store when they are asked for.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use lru::LruCache;

use super::{
    desk::DeskError,
    mind::{LESSONS, Mind},
    policy::Rules,
};
use crate::{
    domain::{Site, SiteId},
    spam::Filter,
    store::Store,
};

/// Sites kept ready. One that has learnt as much as it may takes about 2 MB.
const READY: NonZeroUsize = NonZeroUsize::new(32).expect("not zero");

/// A site ready to judge.
pub(super) struct Room {
    pub site: Site,
    pub rules: Rules,
    pub mind: RwLock<Mind>,
}

/// Keeps rooms.
pub(super) struct Rooms {
    store: Arc<dyn Store>,
    filter: &'static Filter,
    ready: Mutex<LruCache<SiteId, Arc<Room>>>,
    /// One room is furnished at a time, so that many first requests do not all do the same work.
    furnishing: tokio::sync::Mutex<()>,
}

impl Rooms {
    pub fn new(store: Arc<dyn Store>, filter: &'static Filter) -> Self {
        Self {
            store,
            filter,
            ready: Mutex::new(LruCache::new(READY)),
            furnishing: tokio::sync::Mutex::default(),
        }
    }

    /// The room of a site.
    ///
    /// # Errors
    /// [`DeskError::NoSite`] where there is none, or if the store fails.
    pub async fn room(&self, id: SiteId) -> Result<Arc<Room>, DeskError> {
        if let Some(room) = self.if_ready(id) {
            return Ok(room);
        }
        let _one = self.furnishing.lock().await;
        if let Some(room) = self.if_ready(id) {
            return Ok(room);
        }
        let site = self.store.site(id).await?.ok_or(DeskError::NoSite(id))?;
        let mind = self.mind_of(id).await?;
        let rules = Rules::of(&site.policy);
        let room = Arc::new(Room { site, rules, mind: RwLock::new(mind) });
        self.locked().put(id, room.clone());
        Ok(room)
    }

    /// The room of a site, if it need not be made first.
    pub fn if_ready(&self, id: SiteId) -> Option<Arc<Room>> {
        self.locked().get(&id).cloned()
    }

    /// Waits until no room is being made. A room that was being made may not know what has just been written; once
    /// this returns it is ready and can be told, and later ones will read it.
    pub async fn settled(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.furnishing.lock().await
    }

    /// Lets the next request make the room anew.
    pub fn forget(&self, id: SiteId) {
        self.locked().pop(&id);
    }

    /// What the journal taught a site, learnt from the beginning.
    pub async fn mind_of(&self, id: SiteId) -> Result<Mind, DeskError> {
        let lessons = self.store.lessons(Some(id), LESSONS).await?;
        let filter = self.filter;
        tokio::task::spawn_blocking(move || Mind::of(&lessons, filter))
            .await
            .map_err(|_| DeskError::Stopped)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, LruCache<SiteId, Arc<Room>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
