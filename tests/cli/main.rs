//! The command line from end to end: the real binary, real files, and figures worked out here by
//! other means than its own.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests watch the clock and say what failed by panicking"
)]

mod alerts;
mod care;
mod choose;
mod doctor;
mod exact;
mod examples;
mod feedback;
mod keys;
mod support;

mod trace;

mod price;
mod price_events;
mod quote;

mod gaps;
mod import;
mod import_costs;
mod import_tables;

mod prices_import;
mod prices_set;
mod reprice;
mod resolve;

mod damage;

mod environment;
mod no_room;

mod config;
mod export;
mod report;
mod report_more;
mod report_windows;
mod restore;

mod chart;

mod concurrent;
mod killed;
