use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A counter on standard error; silent when that is not a terminal.
pub(super) fn counter(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.set_style(
        ProgressStyle::with_template("{spinner} {human_pos} {msg}, {per_sec}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
