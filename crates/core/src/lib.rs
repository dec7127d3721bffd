//! The pure heart of Centime: exact money, meters, the price book and rating.
//!
//! Nothing in this crate does input or output, reads a clock, an environment variable or a random
//! number, or knows an asynchronous runtime: `now` and identifiers are arguments.

pub mod decimal;
pub mod money;

pub mod time;

pub mod meter;
pub mod usage;

pub mod price;
pub mod rating;

pub mod attribution;
pub mod entry;
mod flat;
pub mod key;

pub mod adjusted;
pub mod score;

pub mod alert;
pub mod budget;
pub mod window;
