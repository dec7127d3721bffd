//! What a path asks for, and in whose words.

use super::path::is_plain;

/// Whose format a call and its errors are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// OpenAI's, and that of all who speak like it.
    OpenAi,
    /// Anthropic's.
    Anthropic,
    /// Google's.
    Gemini,
}

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `POST /v1/chat/completions`.
    ChatCompletions,
    /// `POST /v1/completions`.
    Completions,
    /// `POST /v1/responses`, and `/v1/responses/compact`, which calls a model too.
    Responses,
    /// A response that the provider keeps: `/v1/responses/{id}`.
    StoredResponse(StoredResponse),
    /// `POST /v1/embeddings`.
    Embeddings,
    /// `POST /v1/images/generations`, `edits` and `variations`.
    Images,
    /// `POST /v1/audio/…`.
    Audio(Audio),
    /// `POST /v1/moderations`.
    Moderations,
    /// `GET` of a list of models, or of one, in any format.
    Models,
    /// `POST /v1/messages`.
    AnthropicMessages,
    /// `POST /v1/messages/count_tokens`.
    AnthropicCountTokens,
    /// `POST …/models/{model}:ACTION`.
    Gemini(Gemini),
    /// `POST /v1/rerank`.
    Rerank,
    /// Batches of any provider: billed later.
    Batches,
    /// Files that a provider keeps.
    Files,
    /// What is billed later or elsewhere: videos, fine-tuning, realtime, threads.
    Elsewhere,
    /// Any other path of one provider, `/providers/{name}/…`.
    Passthrough,
}

/// What is asked of a response that the provider keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoredResponse {
    /// `GET /v1/responses/{id}`; its answer settles the call that made it.
    Get,
    /// `DELETE /v1/responses/{id}`.
    Delete,
    /// `POST /v1/responses/{id}/cancel`.
    Cancel,
    /// `GET /v1/responses/{id}/input_items`.
    InputItems,
    /// `POST /v1/responses/input_tokens`, which counts and costs nothing.
    InputTokens,
}

/// What is asked of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audio {
    /// Text to sound; the answer is sound.
    Speech,
    /// Sound to text; the call is a form.
    Transcriptions,
    /// Sound to English text; the call is a form.
    Translations,
}

/// What is asked of a model of Google's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gemini {
    /// `generateContent`.
    Generate,
    /// `streamGenerateContent`.
    StreamGenerate,
    /// `countTokens`.
    CountTokens,
    /// `embedContent`.
    EmbedContent,
    /// `batchEmbedContents`: many texts in one call, answered at once.
    BatchEmbed,
}

/// Where a call goes in: what it asks for, and what its path says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door<'a> {
    /// What is asked for.
    pub endpoint: Endpoint,
    /// The format of the call, and so of errors about it.
    pub wire: Wire,
    /// The provider that the path names: `/providers/{name}/…`.
    pub provider: Option<&'a str>,
    /// What is appended to the provider's base URL. Those of OpenAI's format end in a version, so it
    /// has none; those of the others have no version, so it has one. A [`Endpoint::Passthrough`] is as
    /// the client wrote it: see [`Door::rest_at`].
    pub rest: &'a str,
    /// The model that the path names, as it is written there (Gemini).
    pub model: Option<&'a str>,
    /// Whether the path asks for a stream (Gemini).
    pub is_stream: Option<bool>,
}

impl Endpoint {
    /// Whether it has a model work, so that there is something to record: lists, counts and files
    /// cost nothing.
    #[must_use]
    pub const fn is_call(self) -> bool {
        !matches!(
            self,
            Self::StoredResponse(_)
                | Self::Models
                | Self::AnthropicCountTokens
                | Self::Gemini(Gemini::CountTokens)
                | Self::Batches
                | Self::Files
        )
    }

    /// What a method and a path (without its query) ask for; `None` where Centime knows no such path,
    /// or it is not plain: dot segments, `//`, backslashes and what is not visible ASCII are refused.
    ///
    /// ```
    /// use centime_providers::wire::{Endpoint, Gemini, Wire};
    ///
    /// let door = Endpoint::of("POST", "/v1/chat/completions").unwrap();
    /// assert_eq!((door.endpoint, door.rest), (Endpoint::ChatCompletions, "/chat/completions"));
    ///
    /// let door = Endpoint::of("POST", "/v1beta/models/gemini-2.5-pro:generateContent").unwrap();
    /// assert_eq!(door.endpoint, Endpoint::Gemini(Gemini::Generate));
    /// assert_eq!((door.wire, door.model), (Wire::Gemini, Some("gemini-2.5-pro")));
    ///
    /// assert_eq!(Endpoint::of("POST", "/v1/%2e%2e/chat/completions"), None);
    /// ```
    #[must_use]
    pub fn of<'a>(method: &str, path: &'a str) -> Option<Door<'a>> {
        if !is_plain(path) {
            return None;
        }
        let Some(after) = path.strip_prefix("/providers/") else {
            return known(method, path);
        };
        let (name, _) = after.split_once('/').filter(|(name, _)| !name.is_empty())?;
        let rest = after.get(name.len()..)?;
        // A base URL of OpenAI's format may be given to a client with its version or without.
        let door = known(method, rest).or_else(|| openai(method, rest));
        let door = door.unwrap_or_else(|| Door::new(Endpoint::Passthrough, Wire::OpenAi, rest));
        Some(Door { provider: Some(name), ..door })
    }
}

impl<'a> Door<'a> {
    const fn new(endpoint: Endpoint, wire: Wire, rest: &'a str) -> Self {
        Self { endpoint, wire, provider: None, rest, model: None, is_stream: None }
    }

    /// What is appended to the base URL of a provider of this format: a path that was passed through
    /// loses the version that the base URL has.
    #[must_use]
    pub fn rest_at(&self, wire: Wire) -> &'a str {
        let without = self.rest.strip_prefix("/v1").filter(|rest| rest.starts_with('/'));
        match without {
            Some(without) if wire == Wire::OpenAi => without,
            _ => self.rest,
        }
    }

    /// [`Door::rest`] with another model in the place of the one that it names; as it is where it
    /// names none, `None` where the model's name cannot be in a path.
    ///
    /// ```
    /// use centime_providers::wire::Endpoint;
    ///
    /// let door = Endpoint::of("POST", "/v1beta/models/fast:countTokens").unwrap();
    /// let rest = door.rest_with_model("gemini-2.5-flash").unwrap();
    /// assert_eq!(rest, "/v1beta/models/gemini-2.5-flash:countTokens");
    /// ```
    #[must_use]
    pub fn rest_with_model(&self, model: &str) -> Option<String> {
        let Some(own) = self.model else {
            return Some(self.rest.to_owned());
        };
        let (named, action) = self.rest.rsplit_once(':')?;
        let before = named.strip_suffix(own)?;
        // A tuned model has its collection in its name.
        let collection = if own.contains('/') && !model.contains('/') { "models/" } else { "" };
        let rest = format!("{before}{collection}{}:{action}", Encoded(model));
        (!model.is_empty() && is_plain(&rest)).then_some(rest)
    }
}

/// A name as it is written in a path; a `/` parts `publishers/google/models/x` and stays.
struct Encoded<'a>(&'a str);

impl std::fmt::Display for Encoded<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for byte in self.0.bytes() {
            let is_plain = byte.is_ascii_alphanumeric() || b"-._~/@:".contains(&byte);
            if is_plain {
                write!(out, "{}", char::from(byte))?;
            } else {
                write!(out, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// The paths that have a meaning without a provider.
fn known<'a>(method: &str, path: &'a str) -> Option<Door<'a>> {
    gemini(method, path).or_else(|| anthropic(method, path)).or_else(|| {
        let rest = path.strip_prefix("/v1")?;
        openai(method, rest)
    })
}

/// A path of OpenAI's, without its version.
fn openai<'a>(method: &str, rest: &'a str) -> Option<Door<'a>> {
    let mut segments = [""; 4];
    if rest.ends_with('/') {
        return None;
    }
    for (place, segment) in rest.strip_prefix('/')?.split('/').enumerate() {
        // Deeper ones are told by their first segments.
        if let Some(free) = segments.get_mut(place) {
            *free = segment;
        }
    }
    let endpoint = match (method, segments) {
        ("POST", ["chat", "completions", "", ""]) => Endpoint::ChatCompletions,
        ("POST", ["completions", "", "", ""]) => Endpoint::Completions,
        ("POST", ["responses", "" | "compact", "", ""]) => Endpoint::Responses,
        (_, ["responses", id, of, ""]) if !id.is_empty() => {
            Endpoint::StoredResponse(stored_response(method, id, of)?)
        }
        ("POST", ["embeddings", "", "", ""]) => Endpoint::Embeddings,
        ("POST", ["images", "generations" | "edits" | "variations", "", ""]) => Endpoint::Images,
        ("POST", ["audio", "speech", "", ""]) => Endpoint::Audio(Audio::Speech),
        ("POST", ["audio", "transcriptions", "", ""]) => Endpoint::Audio(Audio::Transcriptions),
        ("POST", ["audio", "translations", "", ""]) => Endpoint::Audio(Audio::Translations),
        ("POST", ["moderations", "", "", ""]) => Endpoint::Moderations,
        ("GET", ["models", ..]) => Endpoint::Models,
        ("POST", ["rerank", "", "", ""]) => Endpoint::Rerank,
        (_, ["batches", ..]) => Endpoint::Batches,
        (_, ["files" | "uploads", ..]) => Endpoint::Files,
        (
            _,
            [
                "videos" | "fine_tuning" | "realtime" | "vector_stores" | "assistants" | "threads"
                | "containers" | "conversations" | "evals",
                ..,
            ],
        ) => Endpoint::Elsewhere,
        _ => return None,
    };
    Some(Door::new(endpoint, Wire::OpenAi, rest))
}

fn stored_response(method: &str, id: &str, of: &str) -> Option<StoredResponse> {
    Some(match (method, id, of) {
        ("POST", "input_tokens", "") => StoredResponse::InputTokens,
        ("GET", _, "") => StoredResponse::Get,
        ("DELETE", _, "") => StoredResponse::Delete,
        ("POST", _, "cancel") => StoredResponse::Cancel,
        ("GET", _, "input_items") => StoredResponse::InputItems,
        _ => return None,
    })
}

fn anthropic<'a>(method: &str, path: &'a str) -> Option<Door<'a>> {
    let endpoint = match (method, path.strip_prefix("/v1/messages")?) {
        ("POST", "") => Endpoint::AnthropicMessages,
        ("POST", "/count_tokens") => Endpoint::AnthropicCountTokens,
        (_, rest) if rest == "/batches" || rest.starts_with("/batches/") => Endpoint::Batches,
        _ => return None,
    };
    Some(Door::new(endpoint, Wire::Anthropic, path))
}

/// A path of Google's. Its models are at `/v1` as well, told from OpenAI's by the action.
fn gemini<'a>(method: &str, path: &'a str) -> Option<Door<'a>> {
    let door = |endpoint| Door::new(endpoint, Wire::Gemini, path);
    let (version, rest) = path.strip_prefix('/')?.split_once('/')?;
    if version == "upload" {
        return Some(door(Endpoint::Files));
    }
    if !matches!(version, "v1beta" | "v1alpha" | "v1") {
        return None;
    }
    if let Some((model, action)) = rest.rsplit_once(':')
        && let Some(name) = model_named(model)
        && !action.contains('/')
    {
        let endpoint = match (method, action) {
            ("POST", "generateContent") => Endpoint::Gemini(Gemini::Generate),
            ("POST", "streamGenerateContent") => Endpoint::Gemini(Gemini::StreamGenerate),
            ("POST", "countTokens") => Endpoint::Gemini(Gemini::CountTokens),
            ("POST", "embedContent") => Endpoint::Gemini(Gemini::EmbedContent),
            ("POST", "batchEmbedContents") => Endpoint::Gemini(Gemini::BatchEmbed),
            ("POST", "batchGenerateContent" | "asyncBatchEmbedContent") => Endpoint::Batches,
            // OpenAI's fine-tuned models have colons in their names.
            _ if version == "v1" => return None,
            _ => Endpoint::Elsewhere,
        };
        let is_stream = matches!(endpoint, Endpoint::Gemini(Gemini::StreamGenerate));
        return Some(Door { model: Some(name), is_stream: Some(is_stream), ..door(endpoint) });
    }
    if version == "v1" {
        return None;
    }
    Some(door(match (method, rest.split('/').next()?) {
        ("GET", "models") => Endpoint::Models,
        (_, "files") => Endpoint::Files,
        (_, "batches") => Endpoint::Batches,
        _ => Endpoint::Elsewhere,
    }))
}

/// The name of a model in its collection; that of a tuned one has the collection in it.
fn model_named(path: &str) -> Option<&str> {
    let tuned = || path.starts_with("tunedModels/").then_some(path);
    path.strip_prefix("models/").or_else(tuned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ENDPOINT WIRE PROVIDER REST MODEL STREAM`, what is not there as `-`.
    fn told(method: &str, path: &str) -> String {
        let Some(door) = Endpoint::of(method, path) else {
            return "-".to_owned();
        };
        let Door { endpoint, wire, provider, rest, model, is_stream } = door;
        let stream = is_stream.map_or("-", |is| if is { "stream" } else { "unary" });
        let (provider, model) = (provider.unwrap_or("-"), model.unwrap_or("-"));
        format!("{endpoint:?} {wire:?} {provider} {rest} {model} {stream}")
    }

    #[test]
    fn paths_say_what_they_ask_for() {
        for (call, expected) in [
            ("POST /v1/chat/completions", "ChatCompletions OpenAi - /chat/completions - -"),
            ("GET /v1/chat/completions", "-"),
            ("POST /v1/completions", "Completions OpenAi - /completions - -"),
            ("POST /v1/responses", "Responses OpenAi - /responses - -"),
            ("POST /v1/responses/compact", "Responses OpenAi - /responses/compact - -"),
            ("GET /v1/responses/r1", "StoredResponse(Get) OpenAi - /responses/r1 - -"),
            ("DELETE /v1/responses/r1", "StoredResponse(Delete) OpenAi - /responses/r1 - -"),
            (
                "POST /v1/responses/r1/cancel",
                "StoredResponse(Cancel) OpenAi - /responses/r1/cancel - -",
            ),
            (
                "GET /v1/responses/r1/input_items",
                "StoredResponse(InputItems) OpenAi - /responses/r1/input_items - -",
            ),
            (
                "POST /v1/responses/input_tokens",
                "StoredResponse(InputTokens) OpenAi - /responses/input_tokens - -",
            ),
            ("POST /v1/responses/r1", "-"),
            ("POST /v1/embeddings", "Embeddings OpenAi - /embeddings - -"),
            ("POST /v1/images/edits", "Images OpenAi - /images/edits - -"),
            ("POST /v1/audio/speech", "Audio(Speech) OpenAi - /audio/speech - -"),
            ("POST /v1/moderations", "Moderations OpenAi - /moderations - -"),
            ("GET /v1/models", "Models OpenAi - /models - -"),
            ("GET /v1/models/ft:gpt-4o:me::x", "Models OpenAi - /models/ft:gpt-4o:me::x - -"),
            ("POST /v1/rerank", "Rerank OpenAi - /rerank - -"),
            ("POST /v1/batches", "Batches OpenAi - /batches - -"),
            ("POST /v1/files", "Files OpenAi - /files - -"),
            ("POST /v1/videos", "Elsewhere OpenAi - /videos - -"),
            ("POST /v1/messages", "AnthropicMessages Anthropic - /v1/messages - -"),
            (
                "POST /v1/messages/count_tokens",
                "AnthropicCountTokens Anthropic - /v1/messages/count_tokens - -",
            ),
            (
                "GET /v1/messages/batches/b1/results",
                "Batches Anthropic - /v1/messages/batches/b1/results - -",
            ),
            ("POST /v1/messagesx", "-"),
            (
                "POST /v1beta/models/gemini-2.5-pro:generateContent",
                "Gemini(Generate) Gemini - /v1beta/models/gemini-2.5-pro:generateContent gemini-2.5-pro unary",
            ),
            (
                "POST /v1/models/gemini-2.5-pro:streamGenerateContent",
                "Gemini(StreamGenerate) Gemini - /v1/models/gemini-2.5-pro:streamGenerateContent gemini-2.5-pro stream",
            ),
            (
                "POST /v1beta/tunedModels/t1:generateContent",
                "Gemini(Generate) Gemini - /v1beta/tunedModels/t1:generateContent tunedModels/t1 unary",
            ),
            ("GET /v1beta/models", "Models Gemini - /v1beta/models - -"),
            (
                "POST /v1beta/models/x:predictLongRunning",
                "Elsewhere Gemini - /v1beta/models/x:predictLongRunning x unary",
            ),
            (
                "POST /v1beta/models/x:batchGenerateContent",
                "Batches Gemini - /v1beta/models/x:batchGenerateContent x unary",
            ),
            ("POST /upload/v1beta/files", "Files Gemini - /upload/v1beta/files - -"),
            (
                "POST /providers/groq/v1/chat/completions",
                "ChatCompletions OpenAi groq /chat/completions - -",
            ),
            (
                "POST /providers/groq/chat/completions",
                "ChatCompletions OpenAi groq /chat/completions - -",
            ),
            (
                "POST /providers/anthropic/v1/messages",
                "AnthropicMessages Anthropic anthropic /v1/messages - -",
            ),
            ("PUT /providers/local/v1/anything", "Passthrough OpenAi local /v1/anything - -"),
            ("POST /providers/groq", "-"),
            ("POST /providers//v1/chat/completions", "-"),
            ("POST /v1/chat/completions/", "-"),
            ("POST /v1/chat/../completions", "-"),
            ("POST /v2/chat/completions", "-"),
            ("POST /V1/chat/completions", "-"),
            ("POST /v1chat/completions", "-"),
            ("POST /", "-"),
        ] {
            let (method, path) = call.split_once(' ').unwrap();
            assert_eq!(told(method, path), expected, "{call}");
        }
    }

    #[test]
    fn a_path_that_is_passed_through_has_one_version() {
        for (path, openai, other) in [
            ("/providers/x/v1/any", "/any", "/v1/any"),
            ("/providers/x/any", "/any", "/any"),
            ("/providers/x/v1any", "/v1any", "/v1any"),
        ] {
            let door = Endpoint::of("POST", path).unwrap();
            assert_eq!(door.rest_at(Wire::OpenAi), openai, "{path}");
            assert_eq!(door.rest_at(Wire::Anthropic), other, "{path}");
        }
    }

    #[test]
    fn another_model_takes_the_place_of_the_one_in_the_path() {
        for (path, model, expected) in [
            ("/v1beta/models/models:countTokens", "x", Some("/v1beta/models/x:countTokens")),
            ("/v1beta/models/T:countTokens", "x", Some("/v1beta/models/x:countTokens")),
            ("/v1beta/tunedModels/t:countTokens", "x", Some("/v1beta/models/x:countTokens")),
            (
                "/v1beta/tunedModels/t:countTokens",
                "tunedModels/x",
                Some("/v1beta/tunedModels/x:countTokens"),
            ),
            (
                "/v1beta/models/a:countTokens",
                "b c?d#e",
                Some("/v1beta/models/b%20c%3Fd%23e:countTokens"),
            ),
            ("/v1beta/models/a:countTokens", "../../x", None),
            ("/v1beta/models/a:countTokens", "", None),
            ("/v1/chat/completions", "x", Some("/chat/completions")),
        ] {
            let door = Endpoint::of("POST", path).unwrap();
            assert_eq!(door.rest_with_model(model).as_deref(), expected, "{path}");
        }
    }
}
