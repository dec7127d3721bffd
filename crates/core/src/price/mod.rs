//! Rate cards, the book that holds them, and which card a model name means.

mod book;
mod card;
pub mod format;
mod resolve;

pub use book::{PriceBook, ProviderBook};
pub use card::{Certainty, Limits, Model, RateCard, RateRule, ResolvedRate, ServiceTier};
pub use resolve::{Found, ModelRef, Unresolved};
