//! Which model to use for a task: good enough, within the budget, and the cheapest of those.
//!
//! Pure: the price book, the moment and the task are arguments. [`Catalogue`] reads the book once,
//! [`Catalogue::choose`] answers as often as it is asked. What is known of models' quality is in
//! `quality/*.txt`, each figure with its source and its date.
//!
//! ```
//! use centime_choice::{Ask, Catalogue, Qualities};
//!
//! let book = centime_prices::embedded()?;
//! let catalogue = Catalogue::of(&book, &Qualities::embedded()?, |_| true);
//! let ask = Ask::new("Summarize this letter in one sentence: …", "2026-11-22".parse()?);
//! let choice = catalogue.choose(&ask, |_| true)?;
//! assert!(choice.fits && choice.candidates.contains(&choice.chosen));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod catalogue;
mod choose;
mod cost;
mod features;
mod kind;
mod name;
mod quality;
mod task;

pub use catalogue::{Catalogue, Offer};
pub use choose::{Ask, Candidate, Choice, Efficiency, NoModel};
pub use features::Features;
pub use kind::{Kind, UnknownKind};
pub use quality::{Known, Qualities, Quality, QualityError};
pub use task::{Level, Task};
