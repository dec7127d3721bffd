//! Replicate: a prediction's `metrics`.
//!
//! <https://replicate.com/docs/topics/billing>: language models are billed by their tokens, the
//! others by the time they computed.

use centime_core::meter::Meter;

use super::{Dialect, add_counts};
use crate::error::ReadError;
use crate::fields::Fields;
use crate::metered::Metered;
use crate::parts::add_quantity;

const TOKENS: [(&str, Meter); 2] =
    [("input_token_count", Meter::Input), ("output_token_count", Meter::Output)];

pub(super) const DIALECT: Dialect =
    Dialect { signs: &["predict_time"], ..Dialect::new("replicate", usage) };

fn usage(metrics: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    if TOKENS.iter().any(|(name, _)| metrics.has(name)) {
        return add_counts(metrics, &TOKENS, metered);
    }
    add_quantity(metered, Meter::Seconds, metrics, "predict_time")
}
