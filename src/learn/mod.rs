//! What the rooms that learn share: logistic regression over sparse rows behind linfa's traits. Pure.

pub mod sparse;
