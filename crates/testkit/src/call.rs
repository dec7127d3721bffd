//! A call as it was received, and what its answer is drawn from.

use hyper::HeaderMap;
use serde_json::{Map, Value};

use crate::config::Config;
use crate::dice::{Dice, digest};
use crate::multipart;
use crate::refusal::Refusal;
use crate::shape::Shape;

/// Fields that change how much of an answer is sent, and how, but not what it says: a stream says
/// what the answer in one piece would, and a limit cuts it short.
const NOT_DRAWN: &[&str] =
    &["stream", "stream_options", "max_tokens", "max_completion_tokens", "max_output_tokens"];

/// A call as it was received.
pub(crate) struct Call<'a> {
    pub(crate) shape: &'static Shape,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    /// The body: JSON, or the fields of a form.
    pub(crate) body: Value,
    pub(crate) model: String,
    /// What the request is, whatever the order of its fields.
    pub(crate) digest: u64,
    pub(crate) config: &'a Config,
}

impl<'a> Call<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// When its body is not what the shape takes.
    pub(crate) fn read(
        config: &'a Config,
        shape: &'static Shape,
        (path, query): (&'a str, &'a str),
        headers: &'a HeaderMap,
        body: &[u8],
    ) -> Result<Self, Refusal> {
        let content_type = headers.get("content-type").and_then(|value| value.to_str().ok());
        let body = match content_type.and_then(multipart::boundary) {
            Some(boundary) => multipart::fields(body, boundary),
            None if body.is_empty() => Value::Object(Map::new()),
            None => serde_json::from_slice(body).map_err(|error| {
                Refusal::bad(format!("We could not parse the JSON body of your request: {error}"))
            })?,
        };
        let model = match model_in(path) {
            Some(model) => model,
            None => body["model"].as_str().unwrap_or_default(),
        };
        let digest = digest_of(shape, model, &body);
        let model = model.to_owned();
        Ok(Self { shape, path, query, headers, body, model, digest, config })
    }

    /// The chance that its answer is drawn from.
    pub(crate) fn dice(&self) -> Dice {
        Dice::new(Dice::new(self.config.seed).roll() ^ self.digest)
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.body["stream"] == true
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) fn required(&self, name: &'static str) -> Result<&Value, Refusal> {
        self.body.get(name).filter(|value| !value.is_null()).ok_or_else(|| Refusal::missing(name))
    }

    /// The model, which most calls must name.
    ///
    /// # Errors
    /// When it names none.
    pub(crate) fn named_model(&self) -> Result<&str, Refusal> {
        if self.model.is_empty() {
            return Err(Refusal::missing("model"));
        }
        Ok(&self.model)
    }

    /// The pieces of an answer, as many together as a chunk of its stream carries.
    pub(crate) fn chunks<'p>(
        &self,
        pieces: &'p [String],
    ) -> impl Iterator<Item = (String, u64)> + use<'p> {
        let per_chunk = usize::try_from(self.config.pace.tokens_per_chunk.max(1)).unwrap_or(1);
        pieces.chunks(per_chunk).map(|chunk| (chunk.concat(), count(chunk)))
    }
}

/// How many there are.
pub(crate) fn count<T>(of: &[T]) -> u64 {
    u64::try_from(of.len()).unwrap_or(u64::MAX)
}

/// The model in `/v1beta/models/gemini-2.5-pro:generateContent`.
fn model_in(path: &str) -> Option<&str> {
    let (_, after) = path.rsplit_once("/models/")?;
    after.rsplit_once(':').map(|(model, _)| model)
}

fn digest_of(shape: &Shape, model: &str, body: &Value) -> u64 {
    let mut drawn = body.clone();
    if let Some(fields) = drawn.as_object_mut() {
        for name in NOT_DRAWN {
            fields.remove(*name);
        }
    }
    if let Some(Value::Object(config)) = drawn.get_mut("generationConfig") {
        config.remove("maxOutputTokens");
    }
    digest(format!("{}\n{model}\n{drawn}", shape.name).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_of_a_path_is_found() {
        for (path, expected) in [
            ("/v1beta/models/gemini-2.5-pro:generateContent", Some("gemini-2.5-pro")),
            ("/v1beta/models/a:b:countTokens", Some("a:b")),
            ("/v1/models/gpt-5", None),
            ("/v1/chat/completions", None),
        ] {
            assert_eq!(model_in(path), expected, "{path}");
        }
    }
}
