//! IBM watsonx: each result counts its tokens, the answer those of embedded text.
//!
//! <https://cloud.ibm.com/apidocs/watsonx-ai#text-generation>

use centime_core::meter::Meter;

use super::{Dialect, add_counts, name_by};
use crate::error::ReadError;
use crate::fields::Fields;
use crate::metered::Metered;

const TOKENS: [(&str, Meter); 2] =
    [("input_token_count", Meter::Input), ("generated_token_count", Meter::Output)];

pub(super) const DIALECT: Dialect = Dialect {
    signs: &["generated_token_count", "input_token_count"],
    is_whole: Some(|answer| answer.has("model_id") && answer.has("results")),
    answer: |answer, metered| {
        name_by(answer, "model_id", "id", metered);
        Ok(())
    },
    ..Dialect::new("watsonx", usage)
};

fn usage(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    add_counts(answer, &TOKENS, metered)?;
    let mut is_told = TOKENS.iter().any(|(name, _)| answer.has(name));
    for result in answer.objects("results")? {
        is_told |= TOKENS.iter().any(|(name, _)| result.has(name));
        add_counts(&result, &TOKENS, metered)?;
    }
    if is_told {
        return Ok(());
    }
    Err(answer.error("results", "count no tokens; send `meters` instead"))
}
