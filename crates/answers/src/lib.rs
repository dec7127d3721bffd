//! Questions as people and programs write them, and their answers as programs read them.
//!
//! The command line and the gateway's API ask and answer by this one code: a flag and a parameter of
//! the same name mean the same, and what both answer is the same JSON. Each answer has its [`schema`]
//! beside it, made from the table that it is written from wherever there is one.

mod asking;
mod conditions;
mod value;

pub mod schema;

pub mod alerts;
pub mod budgets;
pub mod entries;
pub mod explain;
pub mod keys;
pub mod prices;
pub mod report;

pub use asking::{Asking, Spelling, Wrong};
pub use conditions::Conditions;
pub use value::{Decimal, Value};
