//! Cohere: chat, embeddings, rankings and classifications, in both versions of its API.
//!
//! <https://docs.cohere.com/reference/chat>: `billed_units` is what is charged; `tokens` beside it
//! counts the frame that Cohere puts around a prompt as well, and is not. Version 2 has both in
//! `usage`, version 1 and the other calls in `meta`.

use centime_core::meter::Meter;

use super::{Dialect, add_counts};
use crate::error::ReadError;
use crate::fields::Fields;
use crate::metered::Metered;
use crate::parts::add;

pub(super) const DIALECT: Dialect =
    Dialect { signs: &["billed_units"], answer, ..Dialect::new("cohere", usage) };

fn usage(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let Some(billed) = usage.object("billed_units")? else {
        return Err(usage.error("billed_units", "is empty, so that nothing says what is charged"));
    };
    // Cached tokens are of the whole prompt: no more of them can be charged than there are.
    let input = billed.count("input_tokens")?.unwrap_or_default();
    let cached = usage.count("cached_tokens")?.unwrap_or_default().min(input);
    add(&mut metered.usage, Meter::Input, input - cached)?;
    add(&mut metered.usage, Meter::CacheRead, cached)?;
    let counts = [
        ("output_tokens", Meter::Output),
        ("image_tokens", Meter::InputImage),
        ("search_units", Meter::Searches),
        ("classifications", Meter::Classifications),
    ];
    add_counts(&billed, &counts, metered)?;
    // Embedded images are billed by their tokens where these are told, else by the piece.
    if !billed.has("image_tokens") {
        add_counts(&billed, &[("images", Meter::InputImages)], metered)?;
    }
    Ok(())
}

fn answer(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    super::name_by(answer, "model", "id", metered);
    if metered.response_id.is_none() {
        metered.response_id = answer.word("generation_id").map(Into::into);
    }
    Ok(())
}
