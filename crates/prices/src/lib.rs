//! The embedded price book, and readers of the price maps that others publish.
//!
//! Pure like the core: bytes in, rate cards out. Nothing is ever fetched.

mod embedded;
pub mod genai;
mod import;
pub mod litellm;
mod providers;
mod rules;

pub use embedded::{embedded, embedded_version};
pub use import::{ImportError, Imported, read};
pub use providers::header_of;
pub use rules::{complete, complete_model};
