//! Ctrl-C: the export ends, and what it began is cleared away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set by the first Ctrl-C. The second ends the process at once.
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Whether somebody wants it to end.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Listens from now on.
pub(super) fn flag() -> Stop {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    // Without a handler Ctrl-C ends the process as usual, so a failure to set one is no matter.
    let _ = ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    Stop(flag)
}
