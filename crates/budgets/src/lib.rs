//! Budgets that hold.
//!
//! The [`Bank`] knows of every budget what was spent in its window and what is set aside for calls in
//! flight. A call is **admitted** only where its worst case fits into what is left of every hard budget
//! that it touches, all of them at once; what it did cost is **settled** in its place, or it is
//! **released**. What cannot be refused (usage that is told afterwards, a bill above the worst case, a
//! limit that was lowered) is **counted**: it may pass the limit, and is overdraft then.
//!
//! At every instant `settled + held ≤ limit + overdraft`, and an admission never makes an overdraft.
//!
//! Nothing here reads a clock, waits, or does input or output: `now` is an argument, and one short lock
//! is all that is between callers.

mod account;
mod bank;
mod book;
mod crossing;
mod state;

pub use account::{Standing, known_since};
pub use bank::{Admitted, Bank, Refused};
pub use book::{Funds, Known, Rules, Watch};
pub use crossing::{Crossing, OVERDRAWN};
