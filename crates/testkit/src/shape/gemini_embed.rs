//! `:embedContent` and `:batchEmbedContents`: <https://ai.google.dev/api/embeddings>.

use centime_core::meter::Meter;
use serde_json::{Value, json};

use super::openai_embeddings::vector;
use crate::answer::Answer;
use crate::call::Call;
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::usage;

const DIMENSIONS: u64 = 768;
const DIMENSIONS_MAX: u64 = 3072;

pub(super) fn one(call: &Call<'_>) -> Result<Answer, Refusal> {
    let (values, tokens) = embed(call, &call.body)?;
    Ok(answer(json!({"embedding": values}), tokens))
}

pub(super) fn batch(call: &Call<'_>) -> Result<Answer, Refusal> {
    let requests = call.required("requests")?.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut sum = 0;
    let mut embeddings = Vec::new();
    for request in requests {
        let (values, tokens) = embed(call, request)?;
        embeddings.push(values);
        sum += tokens;
    }
    Ok(answer(json!({"embeddings": embeddings}), sum))
}

fn embed(call: &Call<'_>, request: &Value) -> Result<(Value, u64), Refusal> {
    let Some(content) = request.get("content") else {
        return Err(Refusal::missing("content"));
    };
    let mut prompt = Prompt::new("gemini", &call.model);
    prompt.content(&content["parts"]);
    let dimensions = request["outputDimensionality"].as_u64().unwrap_or(DIMENSIONS);
    let values = vector(call.config.seed, content, dimensions.min(DIMENSIONS_MAX));
    Ok((json!({"values": values}), prompt.tokens))
}

fn answer(mut content: Value, tokens: u64) -> Answer {
    content["usageMetadata"] = json!({"promptTokenCount": tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}]});
    Answer::json(content, usage(&[(Meter::Input, tokens)]))
}
