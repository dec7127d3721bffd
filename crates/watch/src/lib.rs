//! What somebody should know of, and the channels that tell it.
//!
//! [`Thresholds`] say from how much on a day's spend is told of; a bank counts them as it counts budgets,
//! so that an arriving entry costs next to nothing ([`Thresholds::watches`]). What was reached becomes an
//! alert ([`alerts_of`]), which a ledger raises once a window. A [`Channel`] makes messages of it, and
//! says how each is sent; [`judge`] says what becomes of it. Who sends is told by [`Outgoing`]: nothing here
//! does input or output.

mod thresholds;

mod alerts;
mod words;

mod notice;
mod schedule;

mod backoff;
pub mod channel;

pub use alerts::{alerts_of, errors_of, reached, unpriced_of};
pub use backoff::{Answer, judge};
pub use channel::{Channel, Outgoing};
pub use notice::{Digest, Notice, messages};
pub use schedule::{Every, Schedule};
pub use thresholds::Thresholds;
