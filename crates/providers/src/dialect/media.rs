//! Images and films that are counted by the piece and by the second, without a usage object.

use centime_core::meter::Meter;
use centime_core::price::OptionKey;

use super::{Dialect, choose_by};
use crate::error::ReadError;
use crate::fields::{Fields, quantity};
use crate::json::{Array, Value};
use crate::metered::Metered;
use crate::parts::add;

/// Images: `data` at OpenAI and all who speak like it
/// (<https://platform.openai.com/docs/api-reference/images/object>), `images` on Bedrock and fal,
/// `artifacts` at Stability.
pub(super) const IMAGES: Dialect = Dialect {
    is_whole: Some(|answer| count(answer) > 0),
    ..Dialect::new("images", |answer, metered| {
        choose_by(answer, "size", OptionKey::Size, metered)?;
        choose_by(answer, "quality", OptionKey::Quality, metered)?;
        add(&mut metered.usage, Meter::Images, count(answer))
    })
};

/// OpenAI's films, each a job that says at its end how long it became
/// (<https://platform.openai.com/docs/api-reference/videos/object>).
pub(super) const FILM: Dialect = Dialect {
    is_whole: Some(|answer| answer.word("object").as_deref() == Some("video")),
    ..Dialect::new("openai_video", film)
};

/// How many images an answer holds.
fn count(answer: &Fields<'_>) -> u64 {
    let list = |name| answer.array(name).ok().flatten().into_iter().flat_map(Array::items);
    let objects = list("data").chain(list("images")).chain(list("artifacts")).filter(is_image);
    // Bedrock sends the images themselves.
    let texts = list("images").filter(|item| matches!(item, Value::String(_)));
    objects.chain(texts).fold(0, |count, _| count + 1)
}

/// Whether it is the object of one image.
fn is_image(item: &Value<'_>) -> bool {
    let Value::Object(item) = item else {
        return false;
    };
    item.members().any(|(name, _)| matches!(&*name, "b64_json" | "url" | "base64"))
}

fn film(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    match answer.word("status").as_deref() {
        Some("completed") => {}
        // A film that failed is not charged.
        Some("failed") => return Ok(()),
        _ => return Err(answer.error("status", "the film is not made yet: nothing is charged")),
    }
    // The length is a number in a string.
    let seconds = match answer.get("seconds")? {
        Some(Value::Number(literal)) => quantity(literal),
        Some(Value::String(text)) => quantity(&text.decode()),
        _ => Err("there is none in the answer".to_owned()),
    };
    let seconds = seconds.map_err(|what| answer.error("seconds", what))?;
    if let Some(resolution) = answer.word("size").as_deref().and_then(resolution) {
        let set = metered.options.set(OptionKey::Resolution, &resolution);
        set.map_err(|error| answer.error("size", error.to_string()))?;
    }
    let add = metered.usage.add(Meter::OutputSeconds, seconds);
    add.map_err(|error| answer.error("seconds", error.to_string()))
}

/// The resolution of a film's size, as prices name it: `720p` for `1280x720`.
fn resolution(size: &str) -> Option<String> {
    let (width, height) = size.split_once('x')?;
    let (width, height): (u32, u32) = (width.parse().ok()?, height.parse().ok()?);
    Some(format!("{}p", width.min(height)))
}
