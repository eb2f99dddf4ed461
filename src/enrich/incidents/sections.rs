use crate::{domain::Span, enrich::Reading};

/// The parts of a round-up that tell of one incident each, where it can be split; else none.
pub fn sections(_reading: &Reading) -> Vec<Span> {
    Vec::new()
}
