//! Answers that are made once and sent to all who ask: for load.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::http::request;
use serde_json::{Value, json};

use crate::call::Call;
use crate::config::Config;
use crate::dice::Dice;
use crate::refusal::Refusal;
use crate::script::{Script, Step};
use crate::shape::{Shape, Wire};
use crate::tally::Given;

/// The answers that were made, by a digest of what is asked.
#[derive(Debug, Default)]
pub(crate) struct Canned {
    made: RwLock<HashMap<u64, Arc<Can>>>,
}

/// An answer, ready to be sent.
#[derive(Debug)]
pub(crate) struct Can {
    pub(crate) head_after: Duration,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) length: Option<u64>,
    pub(crate) steps: Arc<[Step]>,
    pub(crate) given: Option<Given>,
}

/// What is looked for in a body; the rest of it is not read.
#[derive(Debug, PartialEq, Eq)]
struct Glance<'a> {
    model: &'a str,
    is_stream: bool,
    has_usage: bool,
}

impl Canned {
    /// The answer to a request.
    pub(crate) fn answer(&self, config: &Config, head: &request::Parts, body: &Bytes) -> Arc<Can> {
        let glance = Glance::at(body);
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut dice = Dice::new(u64::from(glance.is_stream) << 1 | u64::from(glance.has_usage));
        let key = dice.of(path).of(glance.model).roll() ^ dice.roll();
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(can) = made.get(&key) {
            return Arc::clone(can);
        }
        drop(made);
        let can = Arc::new(Can::make(config, head, &glance));
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(made.entry(key).or_insert(can))
    }
}

impl<'a> Glance<'a> {
    fn at(body: &'a [u8]) -> Self {
        let text = std::str::from_utf8(body).unwrap_or_default();
        // Within a text these quotes are escaped, so that no message is taken for a field.
        let after = |name: &str| {
            let (_, after) = text.split_once(name)?;
            after.trim_start().strip_prefix(':').map(str::trim_start)
        };
        let is_true = |name| after(name).is_some_and(|value| value.starts_with("true"));
        let model = after("\"model\"").and_then(|value| value.strip_prefix('"')?.split('"').next());
        Self {
            model: model.unwrap_or_default(),
            is_stream: is_true("\"stream\""),
            has_usage: is_true("\"include_usage\""),
        }
    }

    /// A request of any shape that asks the same.
    fn request(&self) -> Value {
        let text = "How much is it?";
        json!({"model": self.model, "stream": self.is_stream,
               "stream_options": {"include_usage": self.has_usage},
               "messages": [{"role": "user", "content": text}], "max_tokens": 1_000_000,
               "input": text, "voice": "alloy", "prompt": text, "query": text, "documents": [text],
               "contents": [{"role": "user", "parts": [{"text": text}]}],
               "content": {"parts": [{"text": text}]},
               "requests": [{"content": {"parts": [{"text": text}]}}]})
    }
}

impl Can {
    fn make(config: &Config, head: &request::Parts, glance: &Glance<'_>) -> Self {
        let path = head.uri.path();
        let wire = Wire::of(path, &head.headers);
        let answer = Shape::of(&head.method, path).ok_or_else(|| Refusal::of_status(404)).and_then(
            |shape| {
                let target = (path, head.uri.query().unwrap_or_default());
                let body = glance.request().to_string();
                let headers = HeaderMap::new();
                let call = Call::read(config, shape, target, &headers, body.as_bytes())?;
                let answer = (shape.answer)(&call)?;
                let first_byte = config.pace.first_byte.draw(&mut call.dice().of("latency"));
                let script = Script::of(&answer, &config.pace, first_byte);
                Ok((script, Some(Arc::new((call.model.clone(), answer.given)))))
            },
        );
        let (script, given) =
            answer.unwrap_or_else(|refusal| (Script::at_once(&refusal.answer(wire)), None));
        Self {
            head_after: script.head_after.unwrap_or_default(),
            status: script.status,
            length: script.told_length(),
            headers: script.headers,
            steps: script.steps.into(),
            given,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_sees_what_a_reader_would() {
        let glance = |model, is_stream, has_usage| Glance { model, is_stream, has_usage };
        for (body, expected) in [
            (r#"{"model":"gpt-5","messages":[]}"#, glance("gpt-5", false, false)),
            (r#"{"stream": true, "model": "a"}"#, glance("a", true, false)),
            (r#"{"stream":false,"model":"a"}"#, glance("a", false, false)),
            (
                r#"{"stream_options":{"include_usage":true},"stream":true,"model":"a"}"#,
                glance("a", true, true),
            ),
            (
                r#"{"messages":[{"content":"\"stream\":true"}],"model":"a"}"#,
                glance("a", false, false),
            ),
            ("", glance("", false, false)),
            ("\u{fffd}", glance("", false, false)),
        ] {
            assert_eq!(Glance::at(body.as_bytes()), expected, "{body}");
        }
    }
}
