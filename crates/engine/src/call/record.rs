//! The record of a call: the intent before it is made, the outcome after.

use std::future::Future;
use std::pin::Pin;

use centime_core::attribution::Attribution;
use centime_core::entry::{Entry, Uid};
use centime_core::time::Timestamp;

/// What is known of an attempt before it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Intent {
    /// The identity of the entry to come.
    pub(super) uid: Uid,
    /// When the call is made.
    pub(super) at: Timestamp,
    /// The provider it goes to.
    pub(super) provider: String,
    /// The model it names; empty where it names none.
    pub(super) model: String,
    /// Who and what it is for.
    pub(super) attribution: Attribution,
}

/// The record cannot be kept: the disk is full, the ledger is away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecordError(pub String);

/// Until an intent is as safe as was promised.
pub type Kept = Pin<Box<dyn Future<Output = Result<(), RecordError>>>>;

/// Keeps what becomes of calls, whatever happens.
///
/// Every intent that is kept is settled or released, unless the process dies before: then it is in
/// doubt. Nothing here waits for the ledger.
pub trait Recorder: Send + Sync {
    /// Keeps an intent, handed to the kernel when this returns: `doubtful` is the entry that the
    /// ledger gets if nothing more is ever known of the call. It may be made once the future, where
    /// there is one, is done.
    ///
    /// # Errors
    /// When it cannot be kept; then the call must not be made.
    fn intend(&self, doubtful: &Entry) -> Result<Option<Kept>, RecordError>;

    /// Keeps the entry of an attempt whose intent was kept.
    fn settle(&self, entry: Entry);

    /// Forgets an intent of which nothing was sent.
    fn release(&self, uid: Uid);
}
