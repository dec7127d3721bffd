//! What the events of a stream mean: the few that have to be parsed.

use crate::error::ReadError;
use crate::json::{self, Object, Value};
use crate::metered::Metered;
use crate::stream::StreamMeter;

/// How a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    /// It has not come to its end: it goes on, or was cut.
    #[default]
    Open,
    /// The provider said that this is all.
    Done,
    /// The provider sent an error.
    Failed,
}

/// Reads events.
#[derive(Debug, Clone, Default)]
pub(super) struct Reader {
    meter: StreamMeter,
    end: End,
    doubt: Option<ReadError>,
}

/// What else an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sort {
    /// Whether it has content beside its usage: choices, or what Azure's filters say of the prompt.
    pub(super) has_content: bool,
    /// Whether it carries an error.
    pub(super) has_failed: bool,
    /// Whether its usage is only that of the prompt.
    pub(super) is_start: bool,
    /// Whether what it says of its usage could be read.
    pub(super) is_metered: bool,
}

impl Reader {
    pub(super) const fn metered(&self) -> Option<&Metered> {
        self.meter.so_far()
    }

    pub(super) const fn end(&self) -> End {
        self.end
    }

    pub(super) const fn doubt(&self) -> Option<&ReadError> {
        self.doubt.as_ref()
    }

    /// Remembers the first reason why not all may have been understood.
    pub(super) fn doubts(&mut self, error: ReadError) {
        self.doubt.get_or_insert(error);
    }

    /// The stream has come to its end.
    pub(super) fn done(&mut self) {
        if self.end == End::Open {
            self.end = End::Done;
        }
    }

    /// Reads an event; `None` where it is no object of JSON.
    pub(super) fn read(&mut self, data: &[u8]) -> Option<Sort> {
        match self.try_read(data) {
            Ok(sort) => sort,
            Err(error) => {
                self.doubts(error);
                None
            }
        }
    }

    fn try_read(&mut self, data: &[u8]) -> Result<Option<Sort>, ReadError> {
        let text = std::str::from_utf8(data);
        let text = text.map_err(|error| ReadError::new("", error.to_string()))?;
        let value = json::parse(text).map_err(|error| ReadError::new("", error.to_string()))?;
        let Value::Object(event) = value else {
            return Ok(None);
        };
        let mut sort = self.sort(event);
        match self.meter.value(value) {
            Ok(()) => sort.is_metered = true,
            Err(error) => self.doubts(error),
        }
        Ok(Some(sort))
    }

    /// Notes how the stream stands after an event.
    fn sort(&mut self, event: Object<'_>) -> Sort {
        let mut sort =
            Sort { has_content: false, has_failed: false, is_start: false, is_metered: false };
        let mut is_done = false;
        for (name, value) in event.members() {
            match (&*name, value) {
                ("type", Value::String(kind)) => match &*kind.decode() {
                    "message_start" => sort.is_start = true,
                    "message_stop" | "response.completed" | "response.incomplete" => is_done = true,
                    "error" | "response.failed" => sort.has_failed = true,
                    _ => {}
                },
                ("error", Value::Object(_)) => sort.has_failed = true,
                ("error", Value::String(error)) => sort.has_failed |= !error.decode().is_empty(),
                ("choices" | "prompt_filter_results" | "prompt_annotations", Value::Array(it)) => {
                    sort.has_content |= it.items().next().is_some();
                }
                ("candidates", Value::Array(candidates)) => {
                    is_done |=
                        candidates.items().any(|it| has(it, &["finishReason", "finish_reason"]));
                }
                // Ollama's.
                ("done", Value::Bool(true)) => is_done = true,
                ("promptFeedback" | "prompt_feedback", value) => {
                    is_done |= has(value, &["blockReason", "block_reason"]);
                }
                _ => {}
            }
        }
        if sort.has_failed {
            self.end = End::Failed;
        } else if is_done {
            self.done();
        }
        sort
    }
}

/// Whether an object has a member of one of these names that says something.
fn has(value: Value<'_>, names: &[&str]) -> bool {
    let Value::Object(object) = value else {
        return false;
    };
    object.members().any(|(name, value)| names.contains(&&*name) && value != Value::Null)
}
