//! Rate cards, the book that holds them, and which card a model name means.

mod book;
mod card;
pub mod format;
mod hours;
mod options;
mod pattern;
mod resolve;
mod revise;
mod rule;
mod tier;

pub use book::{PriceBook, ProviderBook};
pub use card::{Certainty, Limits, Model, RateCard, ResolvedRate};
pub use hours::{EVERY_DAY, Hours, HoursError, Stretch, parse_minute};
pub use options::{OptionError, OptionKey, Options};
pub use pattern::Pattern;
pub use resolve::{Found, ModelRef, Unresolved, split_date};
pub use revise::ANY_PROVIDER;
pub use rule::{Circumstances, RateRule, Uplift};
pub use tier::ServiceTier;
