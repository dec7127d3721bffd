//! Questions over the ledger: what was spent, on what, by whom.
//!
//! Everything here is asked of the ledger's traits and answered in exact sums; how an answer looks
//! is the caller's.

mod analysis;
mod comparison;
mod efficiency;
mod quality;

pub use analysis::{Analysis, Group, Order, Question};
pub use comparison::Comparison;
pub use efficiency::{Efficiency, share};
pub use quality::{Quality, Scores};
