//! Answers of Bedrock's InvokeModel in their makers' own shapes, where these have no usage object.
//!
//! Anthropic's, Nova's, AI21's and newer ones have one. Mistral's older models and Cohere's say how
//! many tokens there were in headers alone (`X-Amzn-Bedrock-Input-Token-Count`).

use centime_core::meter::Meter;

use super::{Dialect, add_counts};
use crate::error::ReadError;
use crate::fields::Fields;
use crate::metered::Metered;
use crate::parts::add;

/// Llama
/// (<https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-meta.html>).
pub(super) const LLAMA: Dialect = Dialect {
    signs: &["generation_token_count"],
    is_whole: Some(|answer| answer.has("generation_token_count")),
    ..Dialect::new("bedrock_llama", llama)
};

/// Titan's texts and embeddings
/// (<https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-text.html>).
pub(super) const TITAN: Dialect = Dialect {
    signs: &["inputTextTokenCount"],
    is_whole: Some(|answer| answer.has("inputTextTokenCount")),
    ..Dialect::new("bedrock_titan", titan)
};

fn llama(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let counts = [("prompt_token_count", Meter::Input), ("generation_token_count", Meter::Output)];
    add_counts(answer, &counts, metered)
}

/// Each result has its tokens; the chunks of a stream count what was put out up to them.
fn titan(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let counts =
        [("inputTextTokenCount", Meter::Input), ("totalOutputTextTokenCount", Meter::Output)];
    add_counts(answer, &counts, metered)?;
    for result in answer.objects("results")? {
        let tokens = result.count("tokenCount")?;
        add(&mut metered.usage, Meter::Output, tokens.unwrap_or_default())?;
    }
    Ok(())
}
