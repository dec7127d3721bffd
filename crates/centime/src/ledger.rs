//! The ledger, as a program uses it.

use std::ops::ControlFlow;
use std::path::Path;

use centime_export as export;
use centime_insight::{Analysis, Question};
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{EntryFilter, LedgerError, PriceRevision, Prices, Verification, Verify};

/// A ledger in a SQLite file.
#[derive(Debug)]
pub struct Ledger(SqliteLedger);

impl Ledger {
    /// Opens the ledger of a file, and makes it where there is none.
    ///
    /// # Errors
    /// When the file cannot be opened, is no ledger, or was written by a newer Centime.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("centime.db");
    /// let ledger = centime::Ledger::open(&path)?;
    /// assert_eq!(ledger.verify()?.entries, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        SqliteLedger::open(path, OpenMode::Write).map(Self)
    }

    /// Asks what was spent.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn analyse(&self, question: &Question) -> Result<Analysis, LedgerError> {
        Analysis::of(&self.0, question)
    }

    /// Writes the calls that a filter lets through, oldest first; see `docs/export.md`.
    ///
    /// # Errors
    /// When the ledger cannot be read or the file cannot be written, which is not whole then.
    ///
    /// ```
    /// use centime::{EntryFilter, export::Format};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let ledger = centime::Ledger::open(&folder.path().join("centime.db"))?;
    /// let file = std::fs::File::create(folder.path().join("calls.parquet"))?;
    /// let exported = ledger.export(&EntryFilter::default(), Format::Parquet, Box::new(file))?;
    /// assert_eq!(exported.total.to_string(), "0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn export(
        &self,
        filter: &EntryFilter,
        format: export::Format,
        out: export::Output,
    ) -> Result<export::Exported, export::ExportError> {
        let go_on = &mut |_| ControlFlow::Continue(());
        export::export(&self.0, filter, &mut *format.sink(out)?, go_on)
    }

    /// The prices that the ledger keeps, the earliest first.
    pub(crate) fn price_revisions(&self) -> Result<Vec<PriceRevision>, LedgerError> {
        self.0.price_revisions()
    }

    /// Proves every entry and every sum.
    ///
    /// # Errors
    /// When the ledger cannot be read at all.
    pub fn verify(&self) -> Result<Verification, LedgerError> {
        self.0.verify(&mut |_| ())
    }
}
