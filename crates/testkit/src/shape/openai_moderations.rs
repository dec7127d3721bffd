//! `POST /v1/moderations`: <https://platform.openai.com/docs/api-reference/moderations>. Free.

use centime_core::usage::Usage;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::refusal::Refusal;

const CATEGORIES: &[&str] = &[
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
];

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let inputs = match call.required("input")? {
        // Texts are judged apart, the parts of one message together.
        Value::Array(several) if several.iter().all(Value::is_string) => several.len(),
        _ => 1,
    };
    let of_all = |value: &Value| -> Map<String, Value> {
        CATEGORIES.iter().map(|name| ((*name).to_owned(), value.clone())).collect()
    };
    let result = json!({"flagged": false, "categories": of_all(&json!(false)),
                        "category_scores": of_all(&json!(0.001)),
                        "category_applied_input_types": of_all(&json!(["text"]))});
    let model = if call.model.is_empty() { "omni-moderation-latest" } else { &call.model };
    let content = json!({"id": call.dice().of("id").id("modr-"), "model": model,
                         "results": vec![result; inputs]});
    Ok(Answer::json(content, Usage::default()))
}
