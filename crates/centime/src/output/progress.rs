//! How far something is that takes long: on standard error, when it is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is over within this time shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Progress that is shown once it is worth showing, and then in its own style.
pub(crate) struct Progress {
    bar: ProgressBar,
    is_shown: bool,
}

impl Progress {
    /// Progress that starts now.
    pub(crate) fn new() -> Self {
        Self::of(ProgressBar::hidden())
    }

    fn of(bar: ProgressBar) -> Self {
        Self { bar, is_shown: false }
    }

    /// How it will look.
    pub(crate) fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }

    /// What is told how far it is.
    pub(crate) fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    /// To be called now and then: shows it once it has taken noticeably long.
    pub(crate) fn step(&mut self) {
        if !self.is_shown && self.bar.elapsed() >= PATIENCE {
            self.is_shown = true;
            // Draws nothing where standard error is no terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

/// Whatever ends it, it leaves nothing on the screen.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quick_shows_nothing() {
        let mut progress = Progress::new();
        progress.bar().inc(5);
        progress.step();
        assert!(!progress.is_shown && progress.bar().is_hidden());

        let started_long_ago = ProgressBar::hidden().with_elapsed(Duration::from_secs(2));
        let mut progress = Progress::of(started_long_ago);
        assert!(progress.bar().is_hidden(), "not before it has its style");
        progress.step();
        assert!(progress.is_shown);
    }
}
