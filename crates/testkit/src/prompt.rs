//! How many tokens a prompt is: its texts counted with the model's tokenizer where that is public,
//! and what else is in it by simple rules.

use serde_json::Value;

/// A prompt of which the tokens are counted as its parts are found.
pub(crate) struct Prompt<'a> {
    provider: &'static str,
    model: &'a str,
    pub(crate) tokens: u64,
    pub(crate) images: u64,
}

/// What an image is to a model that sees it at high detail: 85 tokens and 170 for each of four tiles
/// (<https://platform.openai.com/docs/guides/images-vision>).
const IMAGE_TOKENS: u64 = 765;
/// … and at low detail.
const SMALL_IMAGE_TOKENS: u64 = 85;
/// What a sound is, whatever its length.
const SOUND_TOKENS: u64 = 40;

impl<'a> Prompt<'a> {
    pub(crate) const fn new(provider: &'static str, model: &'a str) -> Self {
        Self { provider, model, tokens: 0, images: 0 }
    }

    /// A text.
    pub(crate) fn text(&mut self, text: &str) {
        self.tokens += centime_tokens::count(self.provider, self.model, text).tokens;
    }

    /// What is sent as JSON and read by the model as a text: tools and their calls.
    pub(crate) fn json(&mut self, value: &Value) {
        if !value.is_null() {
            self.text(&value.to_string());
        }
    }

    /// What a message adds to its content.
    pub(crate) const fn framing(&mut self, tokens: u64) {
        self.tokens += tokens;
    }

    /// The content of a message: a text, or parts of any dialect.
    pub(crate) fn content(&mut self, content: &Value) {
        match content {
            Value::String(text) => self.text(text),
            Value::Array(parts) => parts.iter().for_each(|part| self.part(part)),
            Value::Object(_) => self.part(content),
            _ => {}
        }
    }

    fn part(&mut self, part: &Value) {
        let kind = part["type"].as_str().unwrap_or_default();
        let is_image = kind.contains("image")
            || part["inlineData"]["mimeType"]
                .as_str()
                .is_some_and(|kind| kind.starts_with("image"));
        if is_image {
            let detail = part["image_url"]["detail"].as_str().or(part["detail"].as_str());
            let is_small = detail == Some("low");
            self.tokens += if is_small { SMALL_IMAGE_TOKENS } else { IMAGE_TOKENS };
            self.images += 1;
        } else if kind.contains("audio") || part.get("inlineData").is_some() {
            self.tokens += SOUND_TOKENS;
        } else if part.is_string() {
            self.content(part);
        } else if let Some(inner) = part.get("content") {
            // The result of a tool.
            self.content(inner);
        } else if let Some(text) = part["text"].as_str() {
            self.text(text);
        } else {
            // The call of a tool, or something newer.
            self.json(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parts_of_every_dialect_are_counted() {
        for (content, tokens, images) in [
            (json!("hello world"), 2, 0),
            (json!(["hello world", "hello"]), 3, 0),
            (json!([{"type":"text","text":"hello world"}]), 2, 0),
            (json!([{"type":"input_text","text":"hello world"}]), 2, 0),
            (json!([{"text":"hello world"}]), 2, 0),
            (json!([{"type":"image_url","image_url":{"url":"data:","detail":"low"}}]), 85, 1),
            (json!([{"type":"input_image","image_url":"data:"}]), 765, 1),
            (json!([{"type":"image","source":{"type":"base64","data":"…"}}]), 765, 1),
            (json!([{"inlineData":{"mimeType":"image/png","data":"…"}}]), 765, 1),
            (json!([{"type":"input_audio","input_audio":{"data":"…"}}]), 40, 0),
            (
                json!([{"type":"tool_result","content":[{"type":"text","text":"hello world"}]}]),
                2,
                0,
            ),
            (json!(null), 0, 0),
        ] {
            let mut prompt = Prompt::new("openai", "gpt-5");
            prompt.content(&content);
            assert_eq!((prompt.tokens, prompt.images), (tokens, images), "{content}");
        }
    }
}
