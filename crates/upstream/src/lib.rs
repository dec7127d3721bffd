//! Connections to providers.
//!
//! A [`Pool`] belongs to one thread and its runtime; nothing in it is shared or locked. A connection
//! has no task of its own: whoever uses it drives it, so that an answer costs no wake-up from one
//! task to another, and what the provider sent together is handed on together.
//!
//! This crate knows HTTP and no provider: which headers go out is for its user to say. Redirects are
//! answers like any other, and proxies of the environment are not looked at.

mod error;

mod base;
mod pieces;

mod dial;
mod link;
mod pool;

mod answer;

pub use answer::Answer;
pub use base::{Base, BaseError};
pub use error::{CutError, SendError};
pub use pieces::Pieces;
pub use pool::{Pool, Timeouts};
