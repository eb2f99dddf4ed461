//! Comments with nearly the same text, found among the latest of all sites.

use std::collections::{HashMap, VecDeque};

/// Texts remembered. One takes about 100 bytes.
pub(super) const REMEMBERED: usize = 20_000;
/// Fingerprints at most this many bits apart are of one campaign.
const SAME: u32 = 6;
/// A quarter of a fingerprint shared by more texts than this says nothing.
const MAX_SHARED: usize = 64;

/// Fingerprints of the latest texts, each with the campaign it belongs to: the fingerprint of its first text.
#[derive(Default)]
pub(super) struct Campaigns {
    of: HashMap<u64, u64>,
    quarters: HashMap<(u8, u16), Vec<u64>>,
    order: VecDeque<u64>,
}

impl Campaigns {
    /// Takes up what was stored earlier.
    pub fn remember(&mut self, print: u64, campaign: u64) {
        if self.of.insert(print, campaign).is_some() {
            return;
        }
        for key in quarters(print) {
            let shared = self.quarters.entry(key).or_default();
            if shared.len() < MAX_SHARED {
                shared.push(print);
            }
        }
        self.order.push_back(print);
        if self.order.len() > REMEMBERED {
            self.forget_oldest();
        }
    }

    /// The campaign of a text; a text like no other begins one.
    pub fn find(&mut self, print: u64) -> u64 {
        let campaign = self.near(print).unwrap_or(print);
        self.remember(print, campaign);
        campaign
    }

    fn near(&self, print: u64) -> Option<u64> {
        if let Some(campaign) = self.of.get(&print) {
            return Some(*campaign);
        }
        let candidates = quarters(print).into_iter().filter_map(|key| self.quarters.get(&key));
        let nearest = candidates.flatten().min_by_key(|other| (*other ^ print).count_ones())?;
        ((nearest ^ print).count_ones() <= SAME).then(|| self.of[nearest])
    }

    fn forget_oldest(&mut self) {
        let Some(print) = self.order.pop_front() else { return };
        self.of.remove(&print);
        for key in quarters(print) {
            let Some(shared) = self.quarters.get_mut(&key) else { continue };
            shared.retain(|other| *other != print);
            if shared.is_empty() {
                self.quarters.remove(&key);
            }
        }
    }
}

fn quarters(print: u64) -> [(u8, u16); 4] {
    [0, 1, 2, 3].map(|n| (n, (print >> (16 * n)) as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_texts_share_a_campaign() {
        let mut campaigns = Campaigns::default();
        let first = 0x0123_4567_89ab_cdef;
        assert_eq!(campaigns.find(first), first);
        assert_eq!(campaigns.find(first ^ 0b111), first);
        assert_eq!(campaigns.find(first ^ 0b11_1111), first);
        assert_eq!(campaigns.find(!first), !first);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut campaigns = Campaigns::default();
        let spread = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for n in 0..REMEMBERED as u64 + 10 {
            campaigns.find(spread(n));
        }
        assert_eq!(campaigns.of.len(), REMEMBERED);
        assert!(!campaigns.of.contains_key(&spread(0)));
    }
}
