//! `GET /v1/models` and `/v1beta/models`, each as its provider lists them.

use centime_core::usage::Usage;
use serde_json::{Value, json};

use super::Wire;
use crate::answer::Answer;
use crate::call::Call;
use crate::refusal::Refusal;

const OPENAI: &[&str] = &[
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-5",
    "gpt-5-mini",
    "gpt-image-1",
    "o3",
    "text-embedding-3-small",
];
const ANTHROPIC: &[&str] = &["claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5"];
const GEMINI: &[&str] = &["gemini-2.5-pro", "gemini-2.5-flash", "gemini-embedding-001"];

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let each = |names: &[&str], one: &dyn Fn(&str) -> Value| -> Value {
        names.iter().map(|name| one(name)).collect()
    };
    let content = match Wire::of(call.path, call.headers) {
        Wire::Anthropic => json!({
            "data": each(ANTHROPIC, &|id| json!({"type": "model", "id": id, "display_name": id,
                                                 "created_at": "2025-10-01T00:00:00Z"})),
            "has_more": false, "first_id": ANTHROPIC.first(), "last_id": ANTHROPIC.last()}),
        Wire::Gemini => json!({"models": each(GEMINI, &|id| json!({
            "name": format!("models/{id}"), "displayName": id, "version": "001",
            "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens"]}))}),
        Wire::OpenAi | Wire::Cohere => json!({"object": "list", "data": each(OPENAI, &|id| {
            json!({"id": id, "object": "model", "created": call.config.created_at_s,
                   "owned_by": "openai"})
        })}),
    };
    Ok(Answer::json(content, Usage::default()))
}
