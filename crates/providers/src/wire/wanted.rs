//! What a call wants of a model, where the model is still to be chosen: the words of its last user, and
//! what else than text is in it.

use crate::json::{self, Array, Object, Value};

/// What a call wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// What the user said last: the task, in words.
    pub task: String,
    /// Whether there are pictures in it.
    pub has_images: bool,
    /// Whether it brings tools.
    pub has_tools: bool,
    /// Whether it wants JSON back.
    pub has_json: bool,
}

/// What a call in any of the formats wants; nothing of a body that is no JSON.
///
/// ```
/// use centime_providers::wire::wanted;
///
/// let call = br#"{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],"tools":[{}]}"#;
/// let wanted = wanted(call);
/// assert_eq!(wanted.task, "Hi");
/// assert!(wanted.has_tools && !wanted.has_images);
/// ```
#[must_use]
pub fn wanted(call: &[u8]) -> Wanted {
    let mut wanted = Wanted::default();
    let Ok(text) = std::str::from_utf8(call) else { return wanted };
    let Ok(Value::Object(call)) = json::parse(text) else { return wanted };
    for (name, value) in call.members() {
        match (&*name, value) {
            ("messages" | "contents", Value::Array(items)) => conversation(items, &mut wanted),
            ("input", Value::Array(items)) => conversation(items, &mut wanted),
            ("input" | "contents", Value::String(text)) => wanted.task = text.decode().into_owned(),
            ("contents", Value::Object(content)) => turn(content, &mut wanted),
            ("tools" | "functions", Value::Array(tools)) => {
                wanted.has_tools |= tools.items().next().is_some();
            }
            ("response_format", Value::Object(format)) => wanted.has_json |= is_json(format),
            ("text", Value::Object(text)) => {
                let format = text.members().find(|(name, _)| name == "format");
                if let Some((_, Value::Object(format))) = format {
                    wanted.has_json |= is_json(format);
                }
            }
            ("generationConfig" | "generation_config", Value::Object(config)) => {
                wanted.has_json |= config.members().any(|(name, value)| {
                    let is_schema =
                        name.starts_with("response") && name.to_lowercase().ends_with("schema");
                    let is_mime =
                        matches!(value, Value::String(text) if text.decode() == "application/json");
                    is_schema || is_mime
                });
            }
            _ => {}
        }
    }
    wanted
}

/// `{"type":"json_object"}`, `{"type":"json_schema",…}`.
fn is_json(format: Object<'_>) -> bool {
    format.members().any(|(name, value)| {
        let Value::String(kind) = value else { return false };
        name == "type" && kind.decode().starts_with("json")
    })
}

/// The turns of a conversation: the last one of a user that has words is the task.
fn conversation(turns: Array<'_>, wanted: &mut Wanted) {
    for value in turns.items() {
        if let Value::Object(object) = value {
            turn(object, wanted);
        }
    }
}

fn turn(object: Object<'_>, wanted: &mut Wanted) {
    let mut is_user = true;
    let mut said = String::new();
    for (name, value) in object.members() {
        match (&*name, value) {
            ("role", Value::String(role)) => is_user = role.decode() == "user",
            ("content" | "parts" | "text", value) => parts(value, &mut said, wanted),
            _ => {}
        }
    }
    if is_user && !said.trim().is_empty() {
        said.trim().clone_into(&mut wanted.task);
    }
}

/// The texts of a turn, and whether pictures are among them.
fn parts(value: Value<'_>, said: &mut String, wanted: &mut Wanted) {
    match value {
        Value::String(text) => {
            said.push_str(&text.decode());
            said.push('\n');
        }
        Value::Array(items) => {
            for item in items.items() {
                let Value::Object(part) = item else { continue };
                for (name, value) in part.members() {
                    match (&*name, value) {
                        ("text", Value::String(text)) => {
                            said.push_str(&text.decode());
                            said.push('\n');
                        }
                        (
                            "image_url" | "inlineData" | "inline_data" | "fileData" | "file_data",
                            _,
                        ) => {
                            wanted.has_images = true;
                        }
                        ("type", Value::String(kind)) => {
                            wanted.has_images |= kind.decode().contains("image");
                        }
                        _ => {}
                    }
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_found_in_every_format() {
        for (call, task, [images, tools, json]) in [
            ("", "", [false; 3]),
            ("[]", "", [false; 3]),
            (r#"{"messages":7,"tools":[]}"#, "", [false; 3]),
            (
                r#"{"messages":[{"role":"user","content":"One"},{"role":"assistant","content":"Two"},
                {"role":"user","content":[{"type":"text","text":"Three"},{"type":"image_url","image_url":{"url":"u"}}]},
                {"role":"tool","content":"Four"}],"response_format":{"type":"json_object"}}"#,
                "Three",
                [true, false, true],
            ),
            (r#"{"input":"Say hi","tools":[{"type":"function"}]}"#, "Say hi", [false, true, false]),
            (
                r#"{"input":[{"role":"user","content":[{"type":"input_text","text":"A"},{"type":"input_image"}]}],
                "text":{"format":{"type":"json_schema"}}}"#,
                "A",
                [true, false, true],
            ),
            (
                r#"{"contents":[{"parts":[{"text":"Hola"},{"inlineData":{"data":"x"}}]}],
                "generationConfig":{"responseMimeType":"application/json"}}"#,
                "Hola",
                [true, false, true],
            ),
            (
                r#"{"system":"S","messages":[{"role":"user","content":[{"type":"image","source":{}},{"type":"text","text":"What"}]}],
                "tools":[{"name":"get"}],"response_format":{"type":"text"}}"#,
                "What",
                [true, true, false],
            ),
        ] {
            let found = wanted(call.as_bytes());
            assert_eq!(found.task.trim(), task, "{call}");
            assert_eq!(
                [found.has_images, found.has_tools, found.has_json],
                [images, tools, json],
                "{call}"
            );
        }
    }
}
