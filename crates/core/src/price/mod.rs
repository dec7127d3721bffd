//! Rate cards, the book that holds them, and which card a model name means.

mod book;
mod card;
pub mod format;
mod hours;
mod pattern;
mod resolve;
mod revise;

pub use book::{PriceBook, ProviderBook};
pub use card::{
    Certainty, Circumstances, Limits, Model, RateCard, RateRule, ResolvedRate, ServiceTier, Uplift,
};
pub use hours::{EVERY_DAY, Hours, HoursError, Stretch, parse_minute};
pub use pattern::Pattern;
pub use resolve::{Found, ModelRef, Unresolved, split_date};
pub use revise::ANY_PROVIDER;
