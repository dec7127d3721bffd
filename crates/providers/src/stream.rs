//! The usage of an answer that comes as a stream.

mod sse;

use centime_core::entry::Status;

use crate::dialect;
use crate::error::ReadError;
use crate::fields::Fields;
use crate::json::{self, Value};
use crate::metered::{Metered, read_envelope, read_with};

/// Meters one answer while it streams: fed with its events one after the other, it knows at the end
/// what the whole answer would have said.
///
/// Every event that carries usage carries all of it so far: the last wins, never the sum. Anthropic
/// says the prompt at the start and the rest at the end, field by field
/// (<https://docs.claude.com/en/docs/build-with-claude/streaming>).
///
/// ```
/// use centime_core::{meter::Meter, money::Quantity};
/// use centime_providers::StreamMeter;
///
/// let mut meter = StreamMeter::default();
/// meter.event(r#"{"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}}"#)?;
/// meter.event(r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}"#)?;
/// meter.event(r#"{"type":"message_delta","delta":{},"usage":{"output_tokens":15}}"#)?;
/// let metered = meter.finish().unwrap();
/// assert_eq!(metered.usage.quantity(Meter::Input), Quantity::whole(25));
/// assert_eq!(metered.usage.quantity(Meter::Output), Quantity::whole(15));
/// # Ok::<(), centime_providers::ReadError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct StreamMeter {
    metered: Option<Metered>,
    /// The usage object that the stream began with, where later ones are told beside it.
    started: Option<String>,
}

impl StreamMeter {
    /// Takes the next event: the data of a server-sent event, or a line of JSON lines. The mark of
    /// the end, `[DONE]`, is passed over.
    ///
    /// # Errors
    /// When it is not JSON, or its usage cannot be read. What was metered before is kept.
    pub fn event(&mut self, data: &str) -> Result<(), ReadError> {
        let data = data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Ok(());
        }
        let mut index = json::Index::new();
        let value = json::parse_with(data, &mut index);
        self.value(value.map_err(|error| ReadError::new("", error.to_string()))?)
    }

    /// Takes the next event, parsed before. What is no object says nothing.
    pub(crate) fn value(&mut self, event: Value<'_>) -> Result<(), ReadError> {
        let Value::Object(event) = event else {
            return Ok(());
        };
        let event = Fields::of(event, "");
        let read = match event.word("type").as_deref() {
            Some("message_start") => {
                self.started = started(&event);
                read_envelope(&event)?
            }
            Some("message_delta") => self.delta(&event)?,
            // Bedrock ends Anthropic's streams with sums of its own, which say less.
            Some("message_stop") if self.metered.is_some() => None,
            _ => read_envelope(&event)?,
        };
        if let Some(read) = read {
            self.metered = Some(match self.metered.take() {
                Some(before) => read.after(before)?,
                None => read,
            });
        }
        Ok(())
    }

    /// What was said so far.
    #[must_use]
    pub const fn so_far(&self) -> Option<&Metered> {
        self.metered.as_ref()
    }

    /// What the whole answer said; `None` where the stream had no usage, or was cut before it.
    #[must_use]
    pub fn finish(self) -> Option<Metered> {
        self.metered
    }

    /// The end of an answer of Anthropic's: its counts, over those of the start.
    fn delta(&self, event: &Fields<'_>) -> Result<Option<Metered>, ReadError> {
        let (Some(usage), Some(started)) = (event.object("usage")?, &self.started) else {
            return read_envelope(event);
        };
        let started =
            json::parse(started).map_err(|error| ReadError::new("", error.to_string()))?;
        let Value::Object(started) = started else {
            return read_envelope(event);
        };
        let usage = usage.over(Fields::of(started, "usage"));
        let dialect = dialect::told_by(&usage)?;
        read_with(dialect, event, |metered| dialect.read_usage(usage, metered)).map(Some)
    }
}

/// The usage object of a `message_start`, as it was written.
fn started(event: &Fields<'_>) -> Option<String> {
    let message = event.object("message").ok()??;
    match message.get("usage").ok()?? {
        Value::Object(usage) => Some(usage.text().to_owned()),
        _ => None,
    }
}

impl Metered {
    /// What a later event of the same stream says, with what only an earlier one said.
    fn after(mut self, before: Self) -> Result<Self, ReadError> {
        if self.status == Status::Error && self.usage.meters().is_empty() {
            return Ok(Self { status: Status::Error, ..before });
        }
        // Tools may be told where they were used, and not again.
        for &(meter, quantity) in before.usage.meters() {
            if !meter.is_token() && self.usage.quantity(meter).is_zero() {
                let add = self.usage.add(meter, quantity);
                add.map_err(|error| ReadError::new("usage", error.to_string()))?;
            }
        }
        self.service_tier = self.service_tier.or(before.service_tier);
        self.region = self.region.or(before.region);
        self.model = self.model.or(before.model);
        self.response_id = self.response_id.or(before.response_id);
        self.reported_cost = self.reported_cost.or(before.reported_cost);
        self.output_limit_tokens = self.output_limit_tokens.or(before.output_limit_tokens);
        self.batch |= before.batch;
        Ok(self)
    }
}

/// Reads the text of a whole stream: server-sent events, or lines of JSON; or the text of an answer.
pub(crate) fn stream_if_any(text: &str) -> Result<Option<Metered>, ReadError> {
    let mut meter = StreamMeter::default();
    if !text.trim_start().starts_with(['{', '[']) {
        for data in sse::events(text) {
            meter.event(&data)?;
        }
    } else if let Ok(answer) = json::parse(text) {
        return crate::metered::answer_if_any(answer);
    } else {
        for line in text.lines() {
            meter.event(line)?;
        }
    }
    Ok(meter.finish())
}
