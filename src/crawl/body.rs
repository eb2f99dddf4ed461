//! Reading bodies within a budget: per answer, and for all answers in memory together.

use std::sync::Arc;

use reqwest::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::client::FetchError;

/// A body up to this size is read without asking; the number of requests at once bounds their sum.
const SMALL: usize = 256 << 10;
/// Bytes of larger bodies in memory at once.
const BUDGET: usize = 64 << 20;
/// The budget is counted in units of this many bytes.
const UNIT: usize = 1 << 10;

/// Bytes that large bodies may still take.
#[derive(Debug, Clone)]
pub(super) struct BodyBudget {
    units: Arc<Semaphore>,
}

/// A share of the budget, given back when dropped: to be kept as long as the body, or what was made of it,
/// is in memory.
#[derive(Debug, Default)]
pub struct BodyShare(Option<OwnedSemaphorePermit>);

impl BodyBudget {
    pub(super) fn new() -> Self {
        Self { units: Arc::new(Semaphore::new(BUDGET / UNIT)) }
    }

    /// Counts the decompressed bytes as they come, so that neither an endless body nor a small one that
    /// unpacks to gigabytes gets far. A body that turns out large waits until the budget has room for the
    /// most it may become; asking once, not bit by bit, keeps readers from waiting for each other.
    pub(super) async fn read(
        &self,
        mut response: Response,
        max: u64,
        truncate: bool,
        url: &Url,
    ) -> Result<(Vec<u8>, BodyShare), FetchError> {
        let announced = response.content_length();
        if !truncate && announced.is_some_and(|bytes| bytes > max) {
            return Err(FetchError::BodyTooLarge { max });
        }
        let max_bytes = usize::try_from(max).unwrap_or(usize::MAX);
        let most = announced.map_or(max_bytes, |bytes| max_bytes.min(bytes as usize));
        let mut body = Vec::new();
        let mut share = BodyShare::default();
        loop {
            let chunk = response.chunk().await.map_err(|e| FetchError::from_reqwest(e, url))?;
            let Some(chunk) = chunk else { break };
            let room = max_bytes - body.len();
            if chunk.len() > room {
                if !truncate {
                    return Err(FetchError::BodyTooLarge { max });
                }
                body.extend_from_slice(&chunk[..room]);
                break;
            }
            if share.0.is_none() && body.len() + chunk.len() > SMALL {
                share = self.take(most).await;
                body.reserve(announced.map_or(0, |_| most - body.len()));
            }
            body.extend_from_slice(&chunk);
        }
        share.shrink_to(body.len());
        Ok((body, share))
    }

    async fn take(&self, bytes: usize) -> BodyShare {
        BodyShare(self.units.clone().acquire_many_owned(units(bytes.min(BUDGET))).await.ok())
    }
}

impl BodyShare {
    fn shrink_to(&mut self, bytes: usize) {
        if let Some(permit) = &mut self.0 {
            let spare = permit.num_permits().saturating_sub(units(bytes) as usize);
            drop(permit.split(spare));
        }
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}
