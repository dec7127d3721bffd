//! An answer before it is put on the wire.

use bytes::Bytes;
use centime_core::usage::Usage;
use serde_json::Value;

/// What a shape answers a call with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content: Content,
    /// What was used, as the provider would bill it.
    pub(crate) given: Usage,
    /// The tokens that were written, which take their time.
    pub(crate) written_tokens: u64,
}

/// The content of an answer, not yet text: what a fault leaves out is taken out here.
#[derive(Debug)]
pub(crate) enum Content {
    /// In one piece.
    Json(Value),
    /// As a stream.
    Events(Vec<Event>, Framing),
    /// What is no JSON: sound, subtitles.
    Bytes(&'static str, Bytes),
}

/// An event of a stream.
#[derive(Debug)]
pub(crate) struct Event {
    /// What it is called beside its data, where the dialect does that.
    pub(crate) name: Option<&'static str>,
    pub(crate) data: Value,
    /// The tokens that it carries, which take their time.
    pub(crate) tokens: u64,
}

/// How the events of a stream are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events.
    Sse,
    /// Server-sent events, and `[DONE]` after the last.
    SseDone,
    /// The items of one JSON array.
    JsonArray,
}

impl Answer {
    pub(crate) fn json(content: Value, given: Usage) -> Self {
        Self::of(Content::Json(content), given)
    }

    pub(crate) fn events(events: Vec<Event>, framing: Framing, given: Usage) -> Self {
        Self::of(Content::Events(events, framing), given)
    }

    pub(crate) fn of(content: Content, given: Usage) -> Self {
        Self { status: 200, headers: Vec::new(), content, given, written_tokens: 0 }
    }

    pub(crate) const fn written(mut self, tokens: u64) -> Self {
        self.written_tokens = tokens;
        self
    }
}

impl Event {
    /// An event without a name.
    pub(crate) const fn data(data: Value) -> Self {
        Self { name: None, data, tokens: 0 }
    }

    /// An event that is called what its data's `type` says.
    pub(crate) const fn named(name: &'static str, data: Value) -> Self {
        Self { name: Some(name), data, tokens: 0 }
    }

    pub(crate) const fn carrying(mut self, tokens: u64) -> Self {
        self.tokens = tokens;
        self
    }

    /// Its text among the others.
    pub(crate) fn text(&self, framing: Framing, is_first: bool) -> String {
        let data = &self.data;
        match (framing, self.name) {
            (Framing::JsonArray, _) if is_first => format!("[{data}"),
            (Framing::JsonArray, _) => format!(",\n{data}"),
            (_, Some(name)) => format!("event: {name}\ndata: {data}\n\n"),
            (_, None) => format!("data: {data}\n\n"),
        }
    }
}

impl Framing {
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Sse | Self::SseDone => "text/event-stream; charset=utf-8",
            Self::JsonArray => "application/json; charset=UTF-8",
        }
    }

    /// What stands after the last event.
    pub(crate) const fn end(self) -> &'static str {
        match self {
            Self::Sse => "",
            Self::SseDone => "data: [DONE]\n\n",
            Self::JsonArray => "]\n",
        }
    }
}
