//! Vertex AI's `predict`: embeddings of text, and images.
//!
//! <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api>:
//! each prediction counts its tokens, and the answer its characters. These are two measures of one
//! thing: tokens are taken where they are told. An image is a prediction with its type
//! (<https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api>).

use centime_core::meter::Meter;

use super::Dialect;
use crate::error::ReadError;
use crate::fields::Fields;
use crate::metered::Metered;
use crate::parts::add;

pub(super) const DIALECT: Dialect = Dialect {
    is_whole: Some(|answer| answer.has("predictions")),
    ..Dialect::new("vertex_predict", usage)
};

fn usage(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let mut is_told = false;
    for prediction in answer.objects("predictions")? {
        if let Some(embeddings) = prediction.object("embeddings")?
            && let Some(statistics) = embeddings.object("statistics")?
            && let Some(tokens) = statistics.count("token_count")?
        {
            add(&mut metered.usage, Meter::Input, tokens)?;
            is_told = true;
        }
        let is_image =
            prediction.word("mimeType").is_some_and(|mime_type| mime_type.starts_with("image/"));
        if is_image {
            add(&mut metered.usage, Meter::Images, 1)?;
            is_told = true;
        }
    }
    if !is_told
        && let Some(metadata) = answer.object("metadata")?
        && let Some(characters) = metadata.count("billableCharacterCount")?
    {
        add(&mut metered.usage, Meter::Characters, characters)?;
        is_told = true;
    }
    if is_told {
        return Ok(());
    }
    Err(answer.error("predictions", "say neither tokens, characters nor images; send `meters`"))
}
