//! The front over real sockets.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests watch the clock and say what failed by panicking"
)]

mod http2;
mod lifetime;
mod strangers;
mod support;
