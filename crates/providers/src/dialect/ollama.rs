//! Ollama's own API, which counts at the top of an answer.
//!
//! <https://docs.ollama.com/api/usage>: `prompt_eval_count` and `eval_count`, in the last object of
//! a stream. A prompt that was kept from the call before is not counted again.

use centime_core::meter::Meter;

use super::{Dialect, add_counts};

const COUNTS: [(&str, Meter); 2] =
    [("prompt_eval_count", Meter::Input), ("eval_count", Meter::Output)];

pub(super) const DIALECT: Dialect = Dialect {
    signs: &["prompt_eval_count", "eval_count"],
    is_whole: Some(|answer| COUNTS.iter().any(|(name, _)| answer.has(name))),
    ..Dialect::new("ollama", |usage, metered| add_counts(usage, &COUNTS, metered))
};
