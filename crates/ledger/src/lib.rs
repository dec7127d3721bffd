//! The ledger: entries, kept once and for good, and the questions asked of them; and the prices that
//! were set for it.
//!
//! Two homes keep the same promises behind the same traits: [`sqlite::SqliteLedger`], and
//! [`memory::MemoryLedger`], the plain oracle that the conformance suite compares every other with.
//! Everything here is synchronous and knows neither JSON events nor HTTP; the moment of reading is
//! an argument. Where many threads write, [`writer`] has one that writes for all of them.

mod error;
mod traits;

mod journal;

mod alerts;
mod prices;

mod query;
mod report;
mod rules;
mod scored;
mod sums;

mod calendar;
mod rollup;
mod values;

pub mod memory;
pub mod sqlite;

pub mod foreign;

pub mod writer;

pub use alerts::{ChannelState, Delivery, Message, Raised, Sent};
pub use error::LedgerError;
pub use journal::{JournalId, Mark};
pub use prices::PriceRevision;
pub use query::{Dimension, EntryFilter, Match, Page, UnknownDimension, Window};
pub use report::{GroupKey, GroupRow, ReportQuery, UnknownGroupKey};
pub use rules::{Raise, RuleChange, SetRules};
pub use scored::{Scored, ScoredRow};
pub use sums::Sums;
pub use traits::{
    Alerts, Announce, Appended, Difference, Entries, Feedback, Journals, KeyAdded, Keys, Ledger,
    Prices, Reports, Rules, ScoreAdded, Secrets, Verification, Verify, Visit,
};
