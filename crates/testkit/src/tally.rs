//! What a provider counts: the calls that reached it, and what it gave.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use centime_core::usage::Usage;

/// What a provider counted so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Requests whose whole head was received, whatever became of them.
    pub calls: u64,
    /// Answers whose last byte was handed to the connection, those that say an error included.
    pub answered: u64,
    /// What became of the calls of each model.
    pub models: BTreeMap<String, ModelCounts>,
}

/// What a provider counted of a model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelCounts {
    /// Calls that were to be answered with what was asked, not with an error.
    pub served: u64,
    /// Those that were answered to the last byte.
    pub answered: u64,
    /// What these used, in all.
    pub given: Usage,
}

/// Where it is counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    calls: AtomicU64,
    answered: AtomicU64,
    models: Mutex<BTreeMap<String, ModelCounts>>,
}

/// One answer on its way: it is counted when its last byte was handed on.
#[derive(Debug)]
pub(crate) struct Receipt {
    tally: Arc<Tally>,
    /// The model and what it gave; `None` for an error.
    given: Option<Given>,
}

/// What a model gave in one call. Shared, for answers that many get.
pub(crate) type Given = Arc<(String, Usage)>;

impl Tally {
    pub(crate) fn received(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes an answer that is about to be sent.
    pub(crate) fn sending(self: &Arc<Self>, given: Option<Given>) -> Receipt {
        if let Some(given) = &given {
            change(&mut self.models(), &given.0, |model| model.served += 1);
        }
        Receipt { tally: Arc::clone(self), given }
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            calls: self.calls.load(Ordering::Relaxed),
            answered: self.answered.load(Ordering::Relaxed),
            models: self.models().clone(),
        }
    }

    fn models(&self) -> MutexGuard<'_, BTreeMap<String, ModelCounts>> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Receipt {
    pub(crate) fn answered(self) {
        self.tally.answered.fetch_add(1, Ordering::Relaxed);
        if let Some(given) = &self.given {
            let (model, usage) = &**given;
            change(&mut self.tally.models(), model, |counts| {
                counts.answered += 1;
                for &(meter, quantity) in usage.meters() {
                    // Sums beyond 64 bits are nobody's test.
                    let _ = counts.given.add(meter, quantity);
                }
            });
        }
    }
}

/// Changes the counts of a model; its name is copied only when it is new.
fn change(
    models: &mut BTreeMap<String, ModelCounts>,
    model: &str,
    change: impl FnOnce(&mut ModelCounts),
) {
    match models.get_mut(model) {
        Some(counts) => change(counts),
        None => change(models.entry(model.to_owned()).or_default()),
    }
}
