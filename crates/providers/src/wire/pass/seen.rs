//! What a stream has said so far, for the estimate of one that is cut.

use std::sync::LazyLock;

use memchr::memmem;

use super::Endpoint;
use super::sign::after_string;
use crate::json::{self, Value};

/// How many bytes of what events say are kept before the text is taken out of them.
const PENDING_MAX: usize = 64 * 1024;

/// How much text is kept; what comes after is counted.
const TEXT_MAX: usize = 256 * 1024;

/// Parts the values that are kept; it stands in no JSON.
const SEPARATOR: u8 = 0x1e;

/// The members that are text of the answer, or hold some.
const TEXTS: [&str; 21] = [
    "content",
    "text",
    "refusal",
    "reasoning",
    "reasoning_content",
    "thinking",
    "partial_json",
    "arguments",
    "transcript",
    "name",
    "code",
    "output",
    "parts",
    "tool_calls",
    "function",
    "function_call",
    "functionCall",
    "executableCode",
    "codeExecutionResult",
    "audio",
    "message",
];

/// Where completions, Gemini and all others have their text.
static SIGNS: LazyLock<[memmem::Finder<'static>; 3]> =
    LazyLock::new(|| ["\"text\"", "\"parts\"", "\"delta\""].map(memmem::Finder::new));

/// What a stream has said so far. Nothing is read of it until somebody asks, or it becomes much.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The name of the members that hold what is new.
    sign: &'static memmem::Finder<'static>,
    /// What these members were.
    pending: Vec<u8>,
    text: String,
    /// Bytes of text that are not kept.
    more: u64,
}

impl Seen {
    pub(super) fn of(endpoint: Endpoint) -> Self {
        let sign = match endpoint {
            Endpoint::Completions => &SIGNS[0],
            Endpoint::Gemini(_) => &SIGNS[1],
            _ => &SIGNS[2],
        };
        Self { sign, pending: Vec::new(), text: String::new(), more: 0 }
    }

    /// Takes an event.
    pub(super) fn note(&mut self, data: &[u8]) {
        let mut rest = data;
        while let Some(at) = self.sign.find(rest) {
            rest = rest.get(at + self.sign.needle().len()..).unwrap_or_default();
            let Some(value) = rest.trim_ascii_start().strip_prefix(b":") else {
                continue;
            };
            // What is within this value is not looked at again.
            let Some((value, behind)) = value_and_rest(value.trim_ascii_start()) else {
                return;
            };
            rest = behind;
            self.pending.extend_from_slice(value);
            self.pending.push(SEPARATOR);
        }
        if self.pending.len() > PENDING_MAX {
            self.digest();
        }
    }

    /// The text, and how many bytes of text followed it.
    pub(super) fn text(&mut self) -> (&str, u64) {
        self.digest();
        (&self.text, self.more)
    }

    /// Takes the text out of what was kept.
    fn digest(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        for value in pending.split(|&byte| byte == SEPARATOR) {
            if let Some(value) = std::str::from_utf8(value).ok().and_then(|it| json::parse(it).ok())
            {
                self.collect(value);
            }
        }
        pending.clear();
        self.pending = pending;
    }

    fn collect(&mut self, value: Value<'_>) {
        match value {
            Value::String(text) => self.add(&text.decode()),
            Value::Array(items) => items.items().for_each(|item| self.collect(item)),
            Value::Object(object) => {
                for (name, value) in object.members() {
                    match value {
                        // What a function is called with is written by the model as it is.
                        Value::Object(arguments) if name == "args" => self.add(arguments.text()),
                        value if TEXTS.contains(&&*name) => self.collect(value),
                        _ => {}
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn add(&mut self, text: &str) {
        if self.text.len() + text.len() <= TEXT_MAX {
            self.text.push_str(text);
        } else {
            self.more = self.more.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
        }
    }
}

/// The string, object or array that bytes begin with, and what is behind it.
fn value_and_rest(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes;
    let mut depth = 0_usize;
    loop {
        let (&byte, behind) = rest.split_first()?;
        rest = behind;
        match byte {
            b'"' => rest = after_string(rest)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
        if depth == 0 {
            return bytes.split_at_checked(bytes.len() - rest.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Gemini;

    #[test]
    fn every_format_has_its_text() {
        const CHAT: Endpoint = Endpoint::ChatCompletions;
        for (endpoint, events, expected) in [
            (
                CHAT,
                &[
                    r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"H\"i\u00e9"}},{"delta":{"content":" you"}}],"usage":null}"#,
                    r#"{"choices":[{"delta":{"reasoning_content":" think","refusal":null}}]}"#,
                    r#"{"choices":[{"delta" : {"tool_calls":[{"index":0,"id":"call_1","function":{"name":" f","arguments":"{\"a\":"}}]}}]}"#,
                    r#"{"choices":[{"delta":{"audio":{"id":"x","data":"AAAA","transcript":" said"}}}]}"#,
                    r#"{"choices":[{"delta":{"content":[{"type":"text","text":" parts"}]}}]}"#,
                    r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
                ][..],
                "H\"ié you think f{\"a\": said parts",
            ),
            (
                Endpoint::Responses,
                &[
                    r#"{"type":"response.output_text.delta","item_id":"m","delta":"Hi","logprobs":[]}"#,
                    r#"{"type":"response.function_call_arguments.delta","delta":"{}"}"#,
                    r#"{"type":"response.output_text.done","text":"Hi"}"#,
                ],
                "Hi{}",
            ),
            (
                Endpoint::AnthropicMessages,
                &[
                    r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
                    r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}"#,
                    r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{"}}"#,
                    r#"{"type":"content_block_delta","delta":{"type":"signature_delta","signature":"AAA"}}"#,
                    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
                ],
                "HmHi{",
            ),
            (
                Endpoint::Gemini(Gemini::StreamGenerate),
                &[
                    r#"{"candidates":[{"content":{"parts":[{"text":"Hi"},{"functionCall":{"name":"f","args":{"a": 1}}},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}],"role":"model"}}]}"#,
                ],
                "Hif{\"a\": 1}",
            ),
            (
                Endpoint::Completions,
                &[r#"{"choices":[{"text":"Hi"},{"text":" \"text\": 5"}]}"#],
                "Hi \"text\": 5",
            ),
            (CHAT, &[r#"{"choices":[{"delta":{"content":"cu"#, "\"delta\"", "\"delta\":"], ""),
        ] {
            let mut seen = Seen::of(endpoint);
            for event in events {
                seen.note(event.as_bytes());
            }
            assert_eq!(seen.text(), (expected, 0));
            assert_eq!(seen.text(), (expected, 0));
        }
    }

    #[test]
    fn much_text_is_counted_and_not_kept() {
        let mut seen = Seen::of(Endpoint::ChatCompletions);
        for _ in 0..100_000 {
            seen.note(br#"{"choices":[{"delta":{"content":"12345678"}}]}"#);
            assert!(seen.pending.capacity() <= 2 * PENDING_MAX + 100);
        }
        let (text, more) = seen.text();
        assert_eq!(text.len(), TEXT_MAX);
        assert_eq!(more, 800_000 - 256 * 1024);
    }
}
