//! Counts wrong attempts per key, in bounded memory: the generic cell rate algorithm, one moment for each key.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Keys remembered at once. When there are more, those with the fewest recent attempts are forgotten.
const MAX_KEYS: usize = 20_000;

/// So many at once, then one for each span.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub burst: u32,
    pub refill_s: u64,
}

/// Allows each key its [`Limit`].
pub(super) struct Limiter<K> {
    limit: Limit,
    /// When each key will have nothing on its account any more.
    clear_at: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash + Clone> Limiter<K> {
    pub(super) fn new(limit: Limit) -> Self {
        Self { limit, clear_at: Mutex::default() }
    }

    /// Counts an attempt, or says how long to wait.
    pub(super) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let (refill, most) = (self.refill(), self.refill() * self.limit.burst);
        let mut keys = self.keys();
        let clear_at = keys.get(&key).map_or(now, |at| (*at).max(now)) + refill;
        let ahead = clear_at - now;
        if ahead > most {
            return Err(ahead - most);
        }
        if keys.len() >= MAX_KEYS && !keys.contains_key(&key) {
            make_room(&mut keys, now);
        }
        keys.insert(key, clear_at);
        Ok(())
    }

    /// Takes an attempt back: it was right.
    pub(super) fn give_back(&self, key: &K) {
        if let Some(at) = self.keys().get_mut(key) {
            *at -= self.refill();
        }
    }

    fn refill(&self) -> Duration {
        Duration::from_secs(self.limit.refill_s)
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<K, Instant>> {
        self.clear_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets keys that are clear; if all have attempts on their account, the half with the fewest.
fn make_room<K: Eq + Hash>(keys: &mut HashMap<K, Instant>, now: Instant) {
    keys.retain(|_, at| *at > now);
    if keys.len() < MAX_KEYS {
        return;
    }
    let mut moments: Vec<Instant> = keys.values().copied().collect();
    let (_, median, _) = moments.select_nth_unstable(MAX_KEYS / 2);
    let median = *median;
    keys.retain(|_, at| *at > median);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> Limiter<u32> {
        Limiter::new(Limit { burst: 3, refill_s: 10 })
    }

    #[test]
    fn after_the_burst_one_for_each_span() {
        let (limiter, start) = (limiter(), Instant::now());
        for _ in 0..3 {
            assert_eq!(limiter.take(1, start), Ok(()));
        }
        assert_eq!(limiter.take(1, start), Err(Duration::from_secs(10)));
        assert_eq!(limiter.take(2, start), Ok(()), "others are not held up");
        let later = start + Duration::from_secs(10);
        assert_eq!(limiter.take(1, later), Ok(()));
        assert!(limiter.take(1, later).is_err());
    }

    #[test]
    fn what_was_right_does_not_count() {
        let (limiter, now) = (limiter(), Instant::now());
        for _ in 0..50 {
            assert_eq!(limiter.take(1, now), Ok(()));
            limiter.give_back(&1);
        }
    }

    #[test]
    fn memory_is_bounded_and_the_worst_are_remembered() {
        let (limiter, now) = (limiter(), Instant::now());
        for _ in 0..3 {
            assert_eq!(limiter.take(u32::MAX, now), Ok(()));
        }
        for key in 0..3 * MAX_KEYS as u32 {
            let _ = limiter.take(key, now);
        }
        assert!(limiter.keys().len() <= MAX_KEYS);
        assert!(limiter.take(u32::MAX, now).is_err(), "the worst is not forgotten");
    }
}
