//! A simulated provider over its socket: what it answers, and that it is what it says it gave.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]
#![allow(clippy::disallowed_methods, reason = "how long an answer takes is what is tested")]

mod canned;
mod client;
mod determinism;
mod faults;
mod service;
mod shapes;
