//! What OpenAI's two interfaces for text have in common.

use serde_json::{Value, json};

use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::{Calling, Format, Tool};

/// Words by which models say that they reason.
const REASONING: &[&str] = &["o1", "o3", "o4", "gpt-5", "gpt-6", "gpt-oss"];
const REASONING_ANYWHERE: &[&str] = &["reasoner", "thinking", "deepseek-r1", "magistral", "qwq"];

/// The most tokens that a model reasons with; `None` for one that does not reason.
pub(super) fn reasoning_tokens_max(model: &str, effort: Option<&str>) -> Option<u64> {
    let name = model.rsplit('/').next().unwrap_or(model);
    let reasons = REASONING.iter().any(|word| name.starts_with(word)) && !name.contains("chat")
        || REASONING_ANYWHERE.iter().any(|word| name.contains(word));
    if !reasons {
        return None;
    }
    match effort {
        Some("none" | "minimal") => None,
        Some("low") => Some(64),
        _ => Some(u64::MAX),
    }
}

/// The tools that are functions: `{"type":"function","function":{…}}` in chats, flat in responses.
pub(super) fn tools(given: &Value) -> Vec<Tool> {
    let given = given.as_array().into_iter().flatten();
    let functions = given.filter(|tool| tool["type"].as_str().unwrap_or("function") == "function");
    let tool = |tool: &Value| {
        let function = tool.get("function").unwrap_or(tool);
        let name = function["name"].as_str()?.to_owned();
        let schema = function.get("parameters").cloned();
        let schema = schema.unwrap_or_else(|| json!({"type": "object", "properties": {}}));
        Some(Tool { name, schema })
    };
    functions.filter_map(tool).collect()
}

/// Which tools are called: by default one, unless the last that was said is the result of one.
pub(super) fn calling(choice: &Value, tools: &[Tool], was_called: bool) -> Calling {
    let named = choice["function"]["name"].as_str().or(choice["name"].as_str());
    match (choice.as_str(), named) {
        _ if tools.is_empty() => Calling::Never,
        (_, Some(name)) => Calling::Only(name.to_owned()),
        (Some("none"), _) => Calling::Never,
        (Some("required"), _) => Calling::Any,
        _ if was_called => Calling::Never,
        _ => Calling::Any,
    }
}

/// What the answer must be: `response_format` of chats has its schema a level deeper.
pub(super) fn format(given: &Value) -> Format {
    let schema = given["json_schema"].get("schema").or_else(|| given.get("schema"));
    match (given["type"].as_str(), schema) {
        (Some("json_schema"), Some(schema)) => Format::Schema(schema.clone()),
        (Some("json_object" | "json_schema"), _) => Format::Json,
        _ => Format::Prose,
    }
}

/// A limit that is one of several fields.
///
/// # Errors
/// When it is no count.
pub(super) fn limit(call: &Call<'_>, names: &[&'static str]) -> Result<Option<u64>, Refusal> {
    for name in names {
        match call.body.get(*name) {
            None | Some(Value::Null) => {}
            Some(given) => {
                let limit = given.as_u64().filter(|limit| *limit > 0);
                let error = || Refusal {
                    status: 400,
                    message: format!("Invalid '{name}': expected a positive integer, got {given}."),
                    parameter: Some(name),
                };
                return limit.map(Some).ok_or_else(error);
            }
        }
    }
    Ok(None)
}

/// The tier that the call was served in.
pub(super) fn service_tier<'a>(call: &'a Call<'_>) -> &'a str {
    match call.body["service_tier"].as_str() {
        Some(tier @ ("flex" | "priority")) => tier,
        _ => "default",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_reason_by_their_names() {
        for (model, effort, expected) in [
            ("gpt-4o", None, None),
            ("gpt-5-mini", None, Some(u64::MAX)),
            ("openai/gpt-5", Some("low"), Some(64)),
            ("gpt-5", Some("minimal"), None),
            ("gpt-5-chat-latest", None, None),
            ("o3", Some("high"), Some(u64::MAX)),
            ("deepseek-reasoner", None, Some(u64::MAX)),
        ] {
            assert_eq!(reasoning_tokens_max(model, effort), expected, "{model} {effort:?}");
        }
    }
}
