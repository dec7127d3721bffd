//! Figures of what goes on, for those who watch it: Prometheus asks for them at `/metrics`.
//!
//! A worker counts in cells of its own and waits for nobody; whoever asks adds the workers up.

mod overhead;
mod spend;
mod text;

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use centime_core::entry::Status;
use centime_core::money::PicoUsd;

use overhead::Overhead;
use spend::Spend;

/// How calls end, in the order that they are shown in.
const STATUSES: [Status; 5] =
    [Status::Ok, Status::Error, Status::Aborted, Status::InDoubt, Status::Cached];

/// The figures of a gateway.
///
/// ```
/// use centime_core::entry::Status;
/// use centime_core::money::PicoUsd;
/// use centime_server::{Ended, Metrics};
///
/// let metrics = Metrics::default();
/// let worker = metrics.worker();
/// worker.ended(&Ended {
///     status: Status::Ok,
///     input_tokens: 1_000,
///     output_tokens: 50,
///     charge: PicoUsd::from_pico(7_550_000_000),
/// });
/// assert!(metrics.text().contains("\ncentime_spend_usd_total 0.00755\n"));
/// ```
#[derive(Debug, Default)]
pub struct Metrics {
    workers: Mutex<Vec<Arc<Cells>>>,
    queue_entries: AtomicU64,
    journal_bytes: AtomicU64,
}

/// A call that ended, as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub status: Status,
    /// Its prompt-side tokens, cached ones included.
    pub input_tokens: u64,
    /// Its output, reasoning included.
    pub output_tokens: u64,
    /// What it cost.
    pub charge: PicoUsd,
}

/// What one worker counted.
#[derive(Debug, Default)]
struct Cells {
    calls: [AtomicU64; STATUSES.len()],
    refused: AtomicU64,
    input_tokens: AtomicU64,
    output_tokens: AtomicU64,
    spend: Spend,
    overhead: Overhead,
}

/// The counters of one worker. It can be sent to its thread, and is used by no other.
#[derive(Debug)]
pub struct WorkerMetrics {
    cells: Arc<Cells>,
    of_one_thread: PhantomData<Cell<()>>,
}

impl Metrics {
    /// Counters for a further worker.
    #[must_use]
    pub fn worker(&self) -> WorkerMetrics {
        let cells = Arc::<Cells>::default();
        self.lock().push(Arc::clone(&cells));
        WorkerMetrics { cells, of_one_thread: PhantomData }
    }

    /// How many entries wait to be written to the ledger.
    pub fn set_queue_entries(&self, entries: u64) {
        self.queue_entries.store(entries, Relaxed);
    }

    /// How many bytes of the journal the ledger has not taken over.
    pub fn set_journal_bytes(&self, bytes: u64) {
        self.journal_bytes.store(bytes, Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Cells>>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WorkerMetrics {
    /// Counts a call that ended.
    pub fn ended(&self, call: &Ended) {
        let cells = &self.cells;
        for (calls, status) in cells.calls.iter().zip(STATUSES) {
            if status == call.status {
                calls.fetch_add(1, Relaxed);
            }
        }
        cells.input_tokens.fetch_add(call.input_tokens, Relaxed);
        cells.output_tokens.fetch_add(call.output_tokens, Relaxed);
        cells.spend.add(call.charge);
    }

    /// Counts a call that was not made: over budget, unpriced, or of a model that nobody knows.
    pub fn refused(&self) {
        self.cells.refused.fetch_add(1, Relaxed);
    }

    /// Counts the time that a call spent here, and not with its provider.
    pub fn took(&self, overhead: Duration) {
        self.cells.overhead.took(overhead);
    }
}
