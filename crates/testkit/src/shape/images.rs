//! `POST /v1/images/generations` and `/v1/images/edits`: <https://platform.openai.com/docs/api-reference/images>.

use centime_core::meter::Meter;
use serde_json::{Value, json};

use super::openai_tools::limit;
use crate::answer::Answer;
use crate::call::Call;
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::usage;

/// One transparent pixel, as PNG in base64.
const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII=";

/// What an image that is edited is to the model.
const EDITED_IMAGE_TOKENS: u64 = 323;

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let prompt = call.required("prompt")?;
    let model = if call.model.is_empty() { "dall-e-2" } else { &call.model };
    let count = limit(call, &["n"])?.unwrap_or(1).min(10);
    if model.starts_with("dall-e") {
        return Ok(by_the_image(call, count));
    }
    let mut text = Prompt::new("openai", model);
    text.content(prompt);
    let images = match &call.body["image"] {
        Value::Null => 0,
        Value::Array(several) => crate::call::count(several),
        _ => 1,
    };
    let image_tokens = images * EDITED_IMAGE_TOKENS;
    let size = call.body["size"].as_str().filter(|size| *size != "auto").unwrap_or("1024x1024");
    let quality = call.body["quality"].as_str().filter(|quality| *quality != "auto");
    let quality = quality.unwrap_or("medium");
    let output = count * tokens_of(size, quality);
    let input = text.tokens + image_tokens;
    let data = vec![json!({"b64_json": PIXEL}); usize::try_from(count).unwrap_or(1)];
    let content = json!({"created": call.config.created_at_s, "background": "opaque",
        "output_format": "png", "quality": quality, "size": size, "data": data,
        "usage": {"total_tokens": input + output, "input_tokens": input, "output_tokens": output,
                  "input_tokens_details": {"text_tokens": text.tokens, "image_tokens": image_tokens}}});
    let given = usage(&[
        (Meter::Input, text.tokens),
        (Meter::InputImage, image_tokens),
        (Meter::OutputImage, output),
    ]);
    Ok(Answer::json(content, given).written(output))
}

/// The older models are billed by the image, and say nothing of it.
fn by_the_image(call: &Call<'_>, count: u64) -> Answer {
    let is_base64 = call.body["response_format"] == "b64_json";
    let image = if is_base64 {
        json!({"b64_json": PIXEL})
    } else {
        json!({"url": "https://example.com/image.png"})
    };
    let data = vec![image; usize::try_from(count).unwrap_or(1)];
    let content = json!({"created": call.config.created_at_s, "data": data});
    Answer::json(content, usage(&[(Meter::Images, count)]))
}

/// <https://platform.openai.com/docs/guides/image-generation#cost-and-latency>.
fn tokens_of(size: &str, quality: &str) -> u64 {
    let is_square = size == "1024x1024";
    match (quality, is_square) {
        ("low", true) => 272,
        ("low", false) => 408,
        ("high", true) => 4160,
        ("high", false) => 6240,
        (_, true) => 1056,
        (_, false) => 1584,
    }
}
