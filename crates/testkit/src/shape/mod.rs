//! The shapes of calls: which paths there are, and what answers them. One file a shape, one line in
//! [`LIST`].

mod anthropic;
mod audio;
mod gemini;
mod gemini_embed;
mod images;
mod models;
mod openai_chat;
mod openai_completions;
mod openai_embeddings;
mod openai_moderations;
mod openai_responses;
mod openai_tools;
mod rerank;

use hyper::{HeaderMap, Method};

use crate::answer::Answer;
use crate::call::Call;
use crate::refusal::Refusal;

/// Whose manners a call has: where its key is, and what errors look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    OpenAi,
    Anthropic,
    Gemini,
    Cohere,
}

/// A shape of calls.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    wire: Wire,
    method: Method,
    /// What its paths end in, whatever is before: base addresses have prefixes of their own.
    ends: &'static str,
    pub(crate) answer: fn(&Call<'_>) -> Result<Answer, Refusal>,
}

impl Shape {
    const fn post(
        name: &'static str,
        wire: Wire,
        ends: &'static str,
        answer: fn(&Call<'_>) -> Result<Answer, Refusal>,
    ) -> Self {
        Self { name, wire, method: Method::POST, ends, answer }
    }

    const fn get(
        name: &'static str,
        wire: Wire,
        ends: &'static str,
        answer: fn(&Call<'_>) -> Result<Answer, Refusal>,
    ) -> Self {
        Self { name, wire, method: Method::GET, ends, answer }
    }
}

use Wire::{Anthropic, Cohere, Gemini, OpenAi};

/// Every shape. The first whose path it is answers.
const LIST: &[Shape] = &[
    Shape::post("chat", OpenAi, "/chat/completions", openai_chat::answer),
    Shape::post("completions", OpenAi, "/completions", openai_completions::answer),
    Shape::post("responses", OpenAi, "/responses", openai_responses::answer),
    Shape::post("embeddings", OpenAi, "/embeddings", openai_embeddings::answer),
    Shape::post("images", OpenAi, "/images/generations", images::answer),
    Shape::post("image edits", OpenAi, "/images/edits", images::answer),
    Shape::post("speech", OpenAi, "/audio/speech", audio::speech),
    Shape::post("transcriptions", OpenAi, "/audio/transcriptions", audio::transcription),
    Shape::post("moderations", OpenAi, "/moderations", openai_moderations::answer),
    Shape::post("messages", Anthropic, "/messages", anthropic::answer),
    Shape::post("count tokens", Anthropic, "/messages/count_tokens", anthropic::count_tokens),
    Shape::post("gemini", Gemini, ":generateContent", gemini::answer),
    // The same calls, streamed: the name is what they are drawn by.
    Shape::post("gemini", Gemini, ":streamGenerateContent", gemini::stream),
    Shape::post("gemini count", Gemini, ":countTokens", gemini::count_tokens),
    Shape::post("gemini embedding", Gemini, ":embedContent", gemini_embed::one),
    Shape::post("gemini embeddings", Gemini, ":batchEmbedContents", gemini_embed::batch),
    Shape::post("rerank", Cohere, "/rerank", rerank::answer),
    Shape::get("models", OpenAi, "/models", models::answer),
];

impl Shape {
    /// The shape of a path.
    pub(crate) fn of(method: &Method, path: &str) -> Option<&'static Self> {
        LIST.iter().find(|shape| shape.method == *method && path.ends_with(shape.ends))
    }

    /// Whose manners a call of it has: those that list models have one path in common.
    pub(crate) fn wire(&self, path: &str, headers: &HeaderMap) -> Wire {
        if self.method == Method::GET { Wire::of(path, headers) } else { self.wire }
    }
}

impl Wire {
    /// Whose manners a request has, where its path does not say.
    pub(crate) fn of(path: &str, headers: &HeaderMap) -> Self {
        if path.contains("/v1beta") && !path.contains("/openai/") {
            Self::Gemini
        } else if headers.contains_key("anthropic-version") {
            Self::Anthropic
        } else {
            Self::OpenAi
        }
    }

    /// The API key of a request, from where this provider's clients put it.
    pub(crate) fn key<'a>(self, headers: &'a HeaderMap, query: &'a str) -> Option<&'a str> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let bearer = || header("authorization")?.strip_prefix("Bearer ");
        let in_query = || query.split('&').find_map(|pair| pair.strip_prefix("key="));
        let key = match self {
            Self::OpenAi | Self::Cohere => bearer(),
            // Tokens of accounts are bearers at all of them.
            Self::Anthropic => header("x-api-key").or_else(bearer),
            Self::Gemini => header("x-goog-api-key").or_else(in_query).or_else(bearer),
        };
        key.map(str::trim).filter(|key| !key.is_empty())
    }

    /// The header in which this provider's clients look for the id of a request.
    pub(crate) const fn request_id_header(self) -> &'static str {
        match self {
            Self::Anthropic => "request-id",
            _ => "x-request-id",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_find_their_shape_whatever_is_before() {
        for (path, expected) in [
            ("/v1/chat/completions", Some("chat")),
            ("/openai/v1/chat/completions", Some("chat")),
            ("/v1beta/openai/chat/completions", Some("chat")),
            ("/v1/completions", Some("completions")),
            ("/v1/messages", Some("messages")),
            ("/v1/messages/count_tokens", Some("count tokens")),
            ("/v1beta/models/gemini-2.5-pro:streamGenerateContent", Some("gemini")),
            ("/v2/rerank", Some("rerank")),
            ("/v1/batches", None),
            ("/", None),
        ] {
            let found = Shape::of(&Method::POST, path).map(|shape| shape.name);
            assert_eq!(found, expected, "{path}");
        }
        assert!(Shape::of(&Method::GET, "/v1/chat/completions").is_none());
    }

    #[test]
    fn keys_are_where_their_clients_put_them() {
        for (wire, name, value, query, expected) in [
            (OpenAi, "authorization", "Bearer sk-1", "", Some("sk-1")),
            (OpenAi, "authorization", "Bearer  ", "", None),
            (OpenAi, "x-api-key", "sk-1", "", None),
            (Anthropic, "x-api-key", "sk-1", "", Some("sk-1")),
            (Anthropic, "authorization", "Bearer sk-1", "", Some("sk-1")),
            (Gemini, "x-goog-api-key", "g", "", Some("g")),
            (Gemini, "accept", "*/*", "alt=sse&key=g", Some("g")),
            (Gemini, "accept", "*/*", "alt=sse", None),
            (Cohere, "authorization", "Bearer co", "", Some("co")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(wire.key(&headers, query), expected, "{wire:?} {name}: {value} ?{query}");
        }
    }
}
