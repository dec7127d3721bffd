//! From a call or an event to a priced entry: one code path for all traffic.
//!
//! This crate has no listener and knows no command line; what it needs of the world (the moment, the
//! price book) are arguments.

pub mod accounts;
pub mod call;
pub mod ingest;
pub mod journal;
mod key_names;
mod pricer;
pub mod quote;
pub mod reprice;
pub mod resolve;
pub mod settings;

pub use key_names::KeyNames;
pub use pricer::{Call, Priced, Pricer};
