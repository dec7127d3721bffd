//! The ledger as files of other tools: CSV, JSON lines, Parquet and FOCUS. `docs/export.md` says what
//! every column is.
//!
//! An export goes through the ledger once, as of one moment, and hands each **call** (an attempt with
//! its adjustments) to a [`Sink`]; memory does not grow with the ledger. Amounts are written as the
//! exact decimals they are in every format, so that an export adds up to what a report says.
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use centime_export::{Format, export};
//! use centime_ledger::{EntryFilter, memory::MemoryLedger};
//!
//! let mut sink = Format::Csv.sink(Box::new(std::io::sink()))?;
//! let everything = EntryFilter::default();
//! let go_on = &mut |_| ControlFlow::Continue(());
//! let exported = export(&MemoryLedger::default(), &everything, &mut *sink, go_on)?;
//! assert_eq!(exported.calls, 0);
//! # Ok::<(), centime_export::ExportError>(())
//! ```

mod call;
mod error;
mod run;

mod json;

mod columns;
mod csv;
mod spreadsheet;

mod jsonl;

mod parquet;

mod focus;

pub use call::{Call, Line};
pub use error::ExportError;
pub use focus::{BillingAccount, FocusVersion};
pub use jsonl::{ReadError, read_entry};
pub use run::{Exported, export};

use std::io::Write;

/// A file that can be written from any thread: what an export is written to.
pub type Output = Box<dyn Write + Send>;

/// What takes the calls of an export, in the order of their moments.
pub trait Sink {
    /// Writes a call.
    ///
    /// # Errors
    /// When it cannot be written, or holds what the format cannot say.
    fn write(&mut self, call: &Call<'_>) -> Result<(), ExportError>;

    /// Writes what stands at the end, and hands all of it to the system.
    ///
    /// # Errors
    /// When it cannot be written.
    fn finish(&mut self) -> Result<(), ExportError>;

    /// How many charge lines were left out, because the format cannot say that a price is unknown.
    fn left_out(&self) -> u64 {
        0
    }
}

/// The formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// A row a call, its adjustments folded in, for spreadsheets and scripts.
    Csv,
    /// A line an entry with all its fields, adjustments too: a full copy.
    JsonLines,
    /// A row a call, in typed columns.
    Parquet,
    /// FOCUS, the FinOps cost and usage specification: a row a charge line.
    Focus {
        /// The version of the specification.
        version: FocusVersion,
        /// The account that the rows are billed to.
        account: BillingAccount,
    },
}

impl Format {
    /// A sink of this format.
    ///
    /// # Errors
    /// When what stands at the beginning cannot be written.
    pub fn sink(self, out: Output) -> Result<Box<dyn Sink>, ExportError> {
        Ok(match self {
            Self::Csv => Box::new(csv::CsvSink::new(out)?),
            Self::JsonLines => Box::new(jsonl::JsonLinesSink::new(out)),
            Self::Parquet => Box::new(parquet::ParquetSink::new(out)?),
            Self::Focus { version, account } => {
                Box::new(focus::FocusSink::new(out, version, account)?)
            }
        })
    }
}
