//! One thread that writes for many: what waits goes in together, in one transaction.
//!
//! A transaction costs a flush of the disk, however few entries it has. So the thread takes all that
//! came while it wrote the last ones, writes it as one batch, and answers each sender of its own
//! entries, after the commit. Under load batches grow by themselves; alone, nobody waits for others,
//! save where [`Bounds::gather`] says that what a journal has may wait for company.
//!
//! *Nothing is lost in silence.* Every submission is answered: with what became of its entries, or
//! with why nothing of it was written. Where the store refuses one submission of a batch, the others
//! go in without it.
//!
//! ```
//! use centime_ledger::Entries as _;
//! use centime_ledger::memory::MemoryLedger;
//! use centime_ledger::writer::{Bounds, Submission, WriterThread};
//!
//! let thread = WriterThread::start(MemoryLedger::default(), Bounds::default())?;
//! let writer = thread.writer().clone(); // one for each who writes
//! let receipt = writer.submit(Submission::of(Vec::new()))?; // its answer can be waited for, or polled
//! assert_eq!(receipt.wait()?, []);
//! assert_eq!(writer.append(Vec::new())?, []); // both in one
//!
//! let ledger = thread.finish()?; // whatever was submitted is written
//! assert_eq!(ledger.entries_named("req-1")?, []);
//! assert!(writer.append(Vec::new()).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod queue;
mod receipt;
mod thread;
mod weight;

pub use queue::{Bounds, NotTaken};
pub use receipt::Receipt;
pub use thread::WriterThread;

use std::sync::Arc;

use centime_core::entry::Entry;

use crate::error::LedgerError;
use crate::journal::Mark;
use crate::traits::Appended;

use queue::Queue;

/// Why a submission was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriterError {
    /// The ledger could not.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger's code stopped in the middle, which is a mistake in it.
    #[error("writing to the ledger panicked: {0}; nothing of this was written; please report it")]
    Panicked(String),
    /// The thread that writes has ended.
    #[error("the ledger is closed for writing; nothing of this was written")]
    Closed,
}

impl WriterError {
    /// Whether it may be the fault of what was written, so that something else may go in.
    fn may_be_of_an_entry(&self) -> bool {
        matches!(self, Self::Ledger(LedgerError::Refused { .. }) | Self::Panicked(_))
    }
}

/// What became of the entries of a submission, in their order.
pub type Answer = Result<Vec<Appended>, WriterError>;

/// What is written together: all of it, or nothing.
#[derive(Debug, Default)]
pub struct Submission {
    /// The entries.
    pub entries: Vec<Entry>,
    /// How far a journal is in the ledger with these entries: whatever it says before the mark is in
    /// this submission, or was acknowledged before.
    pub mark: Option<Mark>,
}

impl Submission {
    /// Entries that came through no journal. Without any, its answer says that all that was submitted
    /// before is done.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Self {
        Self { entries, mark: None }
    }
}

/// A handle to the thread that writes, one for each who wants to.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: Arc<Queue>,
}

impl Writer {
    /// Writes entries, and waits until they are in the ledger for good: all of them, or none.
    ///
    /// # Errors
    /// When nothing of them was written.
    pub fn append(&self, entries: Vec<Entry>) -> Answer {
        self.submit(Submission::of(entries))?.wait()
    }

    /// Hands a submission over, and waits for room where too much is waiting already.
    ///
    /// # Errors
    /// When the thread has ended.
    pub fn submit(&self, submission: Submission) -> Result<Receipt, WriterError> {
        self.queue.submit(submission)
    }

    /// Hands a submission over and never waits, so that it can be called where waiting is forbidden.
    ///
    /// # Errors
    /// When too much is waiting already, or the thread has ended; the submission comes back.
    pub fn try_submit(&self, submission: Submission) -> Result<Receipt, NotTaken> {
        self.queue.try_submit(submission)
    }
}
