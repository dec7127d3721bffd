//! The gateway from end to end: the real binary, between clients that do anything and a provider that
//! fails in every way.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests watch the clock, say what they saw, and what failed by panicking"
)]

mod client;
#[path = "../cli/exact.rs"]
mod exact;
mod receiver;
mod support;

mod alerts;
mod auto;
mod beside;
mod budgets;
mod chaos;
mod costs;
mod hostile;
mod keys;
mod leaving;
mod names;
mod passing;
mod reading;
mod secrets;
mod told;
