//! `POST /v1/embeddings`: <https://platform.openai.com/docs/api-reference/embeddings>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use centime_core::meter::Meter;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::{Call, count};
use crate::dice::{Dice, digest};
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::usage;

/// The dimensions of OpenAI's models but the large one.
const DIMENSIONS: u64 = 1536;
/// More than any model has.
const DIMENSIONS_MAX: u64 = 16_384;

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let model = call.named_model()?;
    let input = call.required("input")?;
    let usual = if model.contains("large") { 2 * DIMENSIONS } else { DIMENSIONS };
    let dimensions = call.body["dimensions"].as_u64().unwrap_or(usual).min(DIMENSIONS_MAX);
    let is_base64 = call.body["encoding_format"] == "base64";
    let mut tokens = 0;
    let mut data = Vec::new();
    for (index, item) in items(input).into_iter().enumerate() {
        tokens += tokens_of(model, item);
        let vector = vector(call.config.seed, item, dimensions);
        let embedding = if is_base64 { json!(base64_of(&vector)) } else { json!(vector) };
        data.push(json!({"object": "embedding", "index": index, "embedding": embedding}));
    }
    let content = json!({"object": "list", "data": data, "model": model,
                         "usage": {"prompt_tokens": tokens, "total_tokens": tokens}});
    Ok(Answer::json(content, usage(&[(Meter::Input, tokens)])))
}

/// A text, tokens, or an array of either.
fn items(input: &Value) -> Vec<&Value> {
    match input.as_array() {
        Some(several) if !several.iter().all(Value::is_u64) => several.iter().collect(),
        _ => vec![input],
    }
}

fn tokens_of(model: &str, item: &Value) -> u64 {
    if let Some(tokens) = item.as_array() {
        return count(tokens);
    }
    let mut prompt = Prompt::new("openai", model);
    prompt.content(item);
    prompt.tokens
}

/// A vector that is the same for the same text.
pub(super) fn vector(seed: u64, of: &Value, dimensions: u64) -> Vec<f32> {
    let mut dice = Dice::new(seed ^ digest(of.to_string().as_bytes()));
    let one = |_| {
        // Thousandths: short as text, and exact enough for a vector without a meaning.
        let thousandths = i16::try_from(dice.below(200)).unwrap_or(0) - 100;
        f32::from(thousandths) / 1000.0
    };
    (0..dimensions).map(one).collect()
}

/// As OpenAI packs them: 32 bits a number, the lowest byte first.
fn base64_of(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}
