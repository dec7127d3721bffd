//! What a call asks for, read from its body in one checked walk, and the edits of it.

mod edit;
mod form;
mod object;

use std::borrow::Cow;
use std::ops::Range;

use super::endpoint::{Endpoint, Gemini};
use crate::error::ReadError;

pub use edit::Changes;

/// What a call asks for, and where in its body it says so.
///
/// Of what decides a price, a member that comes twice is refused, as is one of another type than it
/// should be: a provider might read what was not metered. `null` is as if it were not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<'a> {
    /// What it was read for.
    pub endpoint: Endpoint,
    /// The model. Gemini has it in the path.
    pub model: Option<Cow<'a, str>>,
    /// Whether the answer shall come as a stream. Gemini has it in the path.
    pub is_stream: bool,
    /// Whether the client asked for the usage of its stream (`stream_options.include_usage`).
    pub has_usage: bool,
    /// Who it is for: `user`, else `safety_identifier`, else `metadata.user_id`.
    pub user: Option<Cow<'a, str>>,
    /// The service tier, as the client wrote it.
    pub service_tier: Option<Cow<'a, str>>,
    /// The most output tokens of one answer; the largest where it is said in several ways.
    pub output_limit_tokens: Option<u64>,
    /// How many answers or images are made: `n`, `best_of` or `candidateCount`, the largest.
    pub answers: Option<u64>,
    /// Whether the answer is to be fetched later (`background` of a response).
    pub is_background: bool,
    /// The size of images.
    pub size: Option<Cow<'a, str>>,
    /// The quality of images.
    pub quality: Option<Cow<'a, str>>,
    /// The format of an answer, where it is a word.
    pub response_format: Option<Cow<'a, str>>,
    places: Places,
}

/// Where in the body things are, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Places {
    /// The names of the model.
    models: Vec<Model>,
    /// The output limits.
    limits: Vec<Range<usize>>,
    /// Where a limit is put that is not there yet.
    limit: Spot,
    /// Where usage is asked for.
    usage: Spot,
    /// The end of the outermost object, for what is not there yet.
    end: Option<End>,
}

/// Where a model's name is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    at: Range<usize>,
    /// Whether it is written `models/NAME`.
    is_path: bool,
    /// Whether it is the value of a form, without quotes.
    is_bare: bool,
}

/// How something comes into a body that does not have it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Spot {
    /// It has no place there.
    #[default]
    Nowhere,
    /// The outermost object gets a further member.
    Outermost,
    /// In the place of this value, as the object around it.
    Whole(Range<usize>),
    /// At the end of the object that it belongs to.
    Inside(End),
    /// In the place of this value.
    Value(Range<usize>),
}

/// The end of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    /// Where its closing brace is.
    at: usize,
    /// Whether the object has no members.
    is_empty: bool,
}

impl<'a> Asked<'a> {
    /// Reads the body of a call, which is JSON.
    ///
    /// ```
    /// use centime_providers::wire::{Endpoint, request::Asked};
    ///
    /// let body = br#"{"model":"gpt-5","stream":true,"max_completion_tokens":500,"user":"alice"}"#;
    /// let asked = Asked::read(Endpoint::ChatCompletions, body)?;
    /// assert_eq!(asked.model.as_deref(), Some("gpt-5"));
    /// assert_eq!(asked.output_limit_tokens, Some(500));
    /// assert!(asked.is_stream && !asked.has_usage);
    /// # Ok::<(), centime_providers::ReadError>(())
    /// ```
    ///
    /// # Errors
    /// When the body is no object of JSON, or what decides the price is there twice or is not what it
    /// should be; the error names the field.
    pub fn read(endpoint: Endpoint, body: &'a [u8]) -> Result<Self, ReadError> {
        object::read(endpoint, body)
    }

    /// Reads the body of a call that is a form (`multipart/form-data`): images to edit, sound.
    ///
    /// # Errors
    /// When the content type has no boundary, the body is no such form, a field that decides the
    /// price is there twice or is a file.
    pub fn read_form(
        endpoint: Endpoint,
        body: &'a [u8],
        content_type: &str,
    ) -> Result<Self, ReadError> {
        form::read(endpoint, body, content_type)
    }

    const fn of(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            model: None,
            is_stream: false,
            has_usage: false,
            user: None,
            service_tier: None,
            output_limit_tokens: None,
            answers: None,
            is_background: false,
            size: None,
            quality: None,
            response_format: None,
            places: Places {
                models: Vec::new(),
                limits: Vec::new(),
                limit: Spot::Nowhere,
                usage: Spot::Nowhere,
                end: None,
            },
        }
    }
}

impl Endpoint {
    /// The names that an output limit has in the bodies of calls, the one first that is put in where
    /// there is none.
    const fn limit_names(self) -> &'static [&'static str] {
        match self {
            Self::ChatCompletions => &["max_completion_tokens", "max_tokens"],
            Self::Completions | Self::AnthropicMessages => &["max_tokens"],
            Self::Responses => &["max_output_tokens"],
            Self::Passthrough => &["max_tokens", "max_completion_tokens", "max_output_tokens"],
            _ => &[],
        }
    }

    const fn is_gemini_answer(self) -> bool {
        matches!(self, Self::Gemini(Gemini::Generate | Gemini::StreamGenerate))
    }

    /// Whether a stream says its usage only to who asks (`stream_options`).
    #[must_use]
    pub const fn has_stream_options(self) -> bool {
        matches!(self, Self::ChatCompletions | Self::Completions)
    }
}

#[cfg(test)]
mod tests;
