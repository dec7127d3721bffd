//! The pure half of the gateway: what a call asks for, what of it has to change, and what comes back,
//! as bytes in and meaning out.
//!
//! Nothing here waits, connects or keeps a clock. Bodies are never rebuilt: what changes is a list of
//! [`Edits`] over the bytes that came, and of a stream whole runs of events go out as they came in.

mod endpoint;
mod path;

mod edits;
pub mod request;

pub mod pass;
pub mod skim;

pub mod cost;
pub mod error;

mod members;
mod texts;
mod wanted;

pub use edits::Edits;
pub use endpoint::{Audio, Door, Endpoint, Gemini, StoredResponse, Wire};
pub use texts::{answer_text, prompt_text, spoken_characters};
pub use wanted::{Wanted, wanted};
