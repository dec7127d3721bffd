//! The ledger: entries, kept once and for good, and the questions asked of them; and the prices that
//! were set for it.
//!
//! Two homes keep the same promises behind the same traits: [`sqlite::SqliteLedger`], and
//! [`memory::MemoryLedger`], the plain oracle that the conformance suite compares every other with.
//! Everything here is synchronous and knows neither JSON events nor HTTP; the moment of reading is
//! an argument.

mod error;
mod traits;

mod prices;

mod query;
mod report;
mod sums;

mod calendar;
mod rollup;
mod values;

pub mod memory;
pub mod sqlite;

pub use error::LedgerError;
pub use prices::PriceRevision;
pub use query::{Dimension, EntryFilter, Match, Page, UnknownDimension, Window};
pub use report::{GroupKey, GroupRow, ReportQuery, UnknownGroupKey};
pub use sums::Sums;
pub use traits::{
    Appended, Difference, Entries, Ledger, Prices, Reports, Verification, Verify, Visit,
};
