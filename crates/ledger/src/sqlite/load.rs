//! Writing many batches in one transaction.

use std::cell::RefCell;
use std::path::Path;

use centime_core::entry::{Entry, Uid};

use super::dictionary::Dictionary;
use super::fault::Fault;
use super::intern::Interned;
use super::write::Writer;
use crate::error::LedgerError;
use crate::journal::Mark;
use crate::traits::Appended;

/// A transaction that batches are appended in, until it is [committed](Self::commit); made by
/// [`SqliteLedger::load`](super::SqliteLedger::load). Dropped before that, it leaves nothing behind.
///
/// Pages that many batches touch are written once, so that loads of millions do best in transactions of
/// tens of thousands. Other writers wait meanwhile, and give up after five seconds.
#[expect(missing_debug_implementations, reason = "a prepared statement has nothing to show")]
pub struct Load<'ledger> {
    path: &'ledger Path,
    writer: Writer<'ledger>,
    /// What was read of it: not the ledger's own, for all of this may be rolled back.
    dictionary: RefCell<Dictionary>,
    /// Where what is interned goes at the end.
    interned: &'ledger mut Interned,
}

impl<'ledger> Load<'ledger> {
    pub(super) fn new(
        path: &'ledger Path,
        writer: Writer<'ledger>,
        interned: &'ledger mut Interned,
    ) -> Self {
        Self { path, writer, dictionary: RefCell::default(), interned }
    }

    /// Appends a batch, as [`Entries::append`](crate::Entries::append) does.
    ///
    /// # Errors
    /// When the store failed; then nothing of the transaction will have been written.
    pub fn append(&mut self, batch: &[Entry]) -> Result<Vec<Appended>, LedgerError> {
        let appended = batch.iter().map(|entry| self.writer.append(entry));
        appended.collect::<Result<_, _>>().map_err(in_file(self.path))
    }

    /// The entry with this identity, as [`Entries::entry`](crate::Entries::entry) finds it; what this
    /// transaction appended is there.
    ///
    /// # Errors
    /// When the store failed.
    pub fn entry(&mut self, uid: Uid) -> Result<Option<Entry>, LedgerError> {
        self.writer.entry(&self.dictionary, uid).map_err(in_file(self.path))
    }

    /// The adjustments of an attempt, as [`Entries::adjustments`](crate::Entries::adjustments) finds
    /// them; what this transaction appended is there.
    ///
    /// # Errors
    /// When the store failed.
    pub fn adjustments(&self, attempt: Uid) -> Result<Vec<Entry>, LedgerError> {
        self.writer.adjustments(&self.dictionary, attempt).map_err(in_file(self.path))
    }

    /// Keeps how far journals are, with the entries that came through them.
    pub(super) fn keep(&self, marks: &[Mark]) -> Result<(), LedgerError> {
        self.writer.keep(marks).map_err(in_file(self.path))
    }

    /// Ends the transaction: all of it is in the ledger.
    ///
    /// # Errors
    /// When the store failed; then nothing of the transaction was written.
    pub fn commit(self) -> Result<(), LedgerError> {
        *self.interned = self.writer.commit().map_err(in_file(self.path))?;
        Ok(())
    }
}

fn in_file(path: &Path) -> impl Fn(Fault) -> LedgerError {
    move |fault| fault.in_file(path)
}
