//! The texts of calls and answers whose tokens have to be counted, the provider not having said how
//! many they were.

use crate::json::{self, Value};

/// Names in a call whose values no model reads as text: what it is called by, and what is no text.
const NO_TEXT: [&str; 22] = [
    "model",
    "role",
    "type",
    "id",
    "object",
    "tool_call_id",
    "tool_use_id",
    "call_id",
    "data",
    "url",
    "image_url",
    "file_id",
    "file_data",
    "media_type",
    "mimeType",
    "mime_type",
    "detail",
    "user",
    "safety_identifier",
    "service_tier",
    "cache_control",
    "signature",
];
/// Names in an answer whose values the model wrote.
const WRITTEN: [&str; 12] = [
    "content",
    "text",
    "output_text",
    "arguments",
    "input",
    "args",
    "thinking",
    "reasoning",
    "reasoning_content",
    "refusal",
    "code",
    "summary",
];

/// The texts of a call that its model reads: messages, tools, schemas; nothing of a body that is no
/// JSON.
///
/// ```
/// use centime_providers::wire::prompt_text;
///
/// let call = br#"{"model":"gpt-5","messages":[{"role":"user","content":"How are you?"}]}"#;
/// assert_eq!(prompt_text(call).trim(), "How are you?");
/// ```
#[must_use]
pub fn prompt_text(call: &[u8]) -> String {
    text_of(call, |name| !NO_TEXT.contains(&name), true)
}

/// How many characters a call of speech has spoken: those of its `input`.
///
/// ```
/// use centime_providers::wire::spoken_characters;
///
/// let call = br#"{"model":"tts-1","voice":"alloy","input":"D\u00e9j\u00e0 vu"}"#;
/// assert_eq!(spoken_characters(call), 7);
/// ```
#[must_use]
pub fn spoken_characters(call: &[u8]) -> u64 {
    let Some(Value::Object(call)) =
        std::str::from_utf8(call).ok().and_then(|text| json::parse(text).ok())
    else {
        return 0;
    };
    // Nobody knows which of two the provider speaks: neither is free.
    let spoken = call.members().filter(|(name, _)| name == "input");
    let characters = spoken.map(|(_, value)| match value {
        Value::String(text) => text.decode().chars().count(),
        _ => 0,
    });
    u64::try_from(characters.sum::<usize>()).unwrap_or(u64::MAX)
}

/// The texts of an answer that its model wrote.
///
/// ```
/// use centime_providers::wire::answer_text;
///
/// let answer = br#"{"id":"a","choices":[{"message":{"role":"assistant","content":"Fine."}}]}"#;
/// assert_eq!(answer_text(answer).trim(), "Fine.");
/// ```
#[must_use]
pub fn answer_text(answer: &[u8]) -> String {
    text_of(answer, |name| WRITTEN.contains(&name), false)
}

/// Gathers texts. `is_text` says of a name whether what is below it is text; of what is below no name
/// that it knows, that of the names above holds.
fn text_of(body: &[u8], is_text: impl Fn(&str) -> bool, at_first: bool) -> String {
    let mut gathered = String::new();
    if let Ok(text) = std::str::from_utf8(body)
        && let Ok(value) = json::parse(text)
    {
        // The check bounds how deep a text is nested, and so this.
        gather(value, at_first, &is_text, &mut gathered);
    }
    gathered
}

fn gather(value: Value<'_>, is_text: bool, below: &impl Fn(&str) -> bool, gathered: &mut String) {
    match value {
        Value::String(text) if is_text => {
            gathered.push_str(&text.decode());
            gathered.push('\n');
        }
        Value::Array(items) => {
            for item in items.items() {
                gather(item, is_text, below, gathered);
            }
        }
        Value::Object(object) => {
            for (name, value) in object.members() {
                gather(value, below(&name), below, gathered);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_a_model_reads_and_writes() {
        let call = r#"{"model":"m","stream":true,"system":"S","messages":[{"role":"user","content":[
            {"type":"text","text":"T"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
            {"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}],"tools":[{"name":"get"}]}"#;
        assert_eq!(prompt_text(call.as_bytes()), "S\nT\nget\n");
        let answer = r#"{"id":"x","model":"m","content":[{"type":"text","text":"A"},
            {"type":"tool_use","id":"t","name":"get","input":{"city":"Rome"}}],"stop_reason":"end_turn"}"#;
        assert_eq!(answer_text(answer.as_bytes()), "A\n");
        assert_eq!(prompt_text(b"--form"), "");
        assert_eq!(answer_text(&[0xff]), "");
    }

    #[test]
    fn characters_are_those_that_are_spoken() {
        for (call, expected) in [
            (r#"{"input":"Bonjour","voice":"alloy"}"#, 7),
            (r#"{"input":"\u00e9\ud83d\ude00é"}"#, 3),
            (r#"{"input":"ab","input":""}"#, 2),
            (r#"{"input":""}"#, 0),
            (r#"{"input":["a"]}"#, 0),
            (r#"{"voice":"alloy"}"#, 0),
            ("--form", 0),
        ] {
            assert_eq!(spoken_characters(call.as_bytes()), expected, "{call}");
        }
    }
}
