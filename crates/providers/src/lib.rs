//! What providers' answers and usage events mean: bytes in, meters out.
//!
//! Nothing in this crate does input or output, reads a clock or the environment, or knows a price.
//! Of an answer it keeps what is metered and what names it; the content is stepped over and never
//! kept, save in memory the text of a stream that may yet be cut.

pub mod json;

mod error;
mod fields;
mod parts;

pub mod dialect;
mod metered;
mod stream;

pub mod event;

pub mod known;
pub mod wire;

pub use error::ReadError;
pub use metered::{Metered, read_answer, read_usage};
pub use stream::StreamMeter;
