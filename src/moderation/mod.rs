//! Comments of many sites: each is judged by the shared filter, the site's rules and what its moderators
//! decided, is stored, and waits in a queue where it is not clear. Decisions teach their own site at once.

mod campaigns;
mod crawled;
mod desk;
mod housekeeping;
mod identity;
mod judge;
mod learner;
mod mind;
mod policy;
mod rooms;
mod submission;
mod writer;

pub use crawled::{judge_crawled, judge_waiting};
pub use desk::{Checked, Desk, DeskError};
pub use housekeeping::keep_house;
pub use policy::{PolicyError, check_policy};
pub use submission::Submission;
