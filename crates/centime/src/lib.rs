//! Centime: the cost ledger for LLM traffic, in code.
//!
//! What the command line does, a program can do: price a usage exactly, keep calls in a ledger, and
//! ask what they cost.
//!
//! ```
//! use centime::{Meter, PriceBook, Quantity, Usage, price};
//!
//! let mut usage = Usage::default();
//! usage.add(Meter::Input, Quantity::whole(100_000))?;
//! usage.add(Meter::Output, Quantity::whole(5_000))?;
//! let charge = price(&PriceBook::embedded()?, "gpt-4o", &usage, "2026-11-01".parse()?)?;
//! assert_eq!(charge.amount.to_string(), "0.3");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use centime_charts as charts;
pub use centime_choice as choice;
pub use centime_core::alert::{Alert, Severity};
pub use centime_core::budget::{Action, Budget, Payer, Plan, Scope};
pub use centime_core::entry::Entry;
pub use centime_core::meter::Meter;
pub use centime_core::money::{PicoUsd, Quantity, Rate, TotalPicoUsd};
pub use centime_core::rating::{Charge, ChargeLine};
pub use centime_core::time::Timestamp;
pub use centime_core::usage::Usage;
pub use centime_export as export;
pub use centime_insight::Efficiency;
pub use centime_insight::{Analysis, Group, Order, Question};
pub use centime_ledger::{EntryFilter, GroupKey, LedgerError, Sums, Window};

pub use centime_watch::Thresholds;

mod book;
mod ledger;

mod analyzer;
mod budget_manager;
mod monitor;
mod optimizer;

pub use analyzer::Analyzer;
pub use book::{BookError, PriceBook, PriceError, price};
pub use budget_manager::{BudgetError, BudgetManager, Checked, check};
pub use ledger::{Ledger, RecordError};
pub use monitor::Monitor;
pub use optimizer::Optimizer;
