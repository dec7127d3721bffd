//! What a provider's answer says was used.

use centime_core::entry::Status;
use centime_core::meter::Meter;
use centime_core::money::PicoUsd;
use centime_core::price::Options;
use centime_core::usage::Usage;

use crate::dialect::{self, Dialect};
use crate::error::ReadError;
use crate::fields::Fields;
use crate::json::{self, Value};
use crate::stream::{StreamMeter, stream_if_any};

/// What a provider's answer says was used, and the little else that prices or names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metered {
    /// The meters, disjoint.
    pub usage: Usage,
    /// Whether the provider answered with an error.
    pub status: Status,
    /// The tier that it was served in, in the provider's word; `fast` for a fast answer.
    pub service_tier: Option<String>,
    /// Whether it was part of a batch.
    pub batch: bool,
    /// Where it was served, when the provider says so.
    pub region: Option<String>,
    /// What was chosen, where the answer repeats it.
    pub options: Options,
    /// The model that the provider names.
    pub model: Option<String>,
    /// The provider's id of the answer.
    pub response_id: Option<String>,
    /// What the provider says it cost.
    pub reported_cost: Option<PicoUsd>,
    /// The most output tokens that the call was allowed, where the answer repeats it.
    pub output_limit_tokens: Option<u64>,
}

/// Reads a provider's whole raw answer.
///
/// The wire dialect is told by the fields of the usage object, or, where there is none, by those of
/// the answer that has its counts among them. Understood beside a plain answer: an event of a stream
/// that carries usage, a stream's chunks in an array or its text in a string (see [`StreamMeter`]),
/// and the line of a batch's results. An answer with an `error` and no usage is read as a failed call that used
/// nothing.
///
/// ```
/// use centime_core::{meter::Meter, money::Quantity};
///
/// let metered = centime_providers::read_answer(
///     r#"{"id":"chatcmpl-1","model":"gpt-5","choices":[],
///         "usage":{"prompt_tokens":1200,"completion_tokens":50,"total_tokens":1250,
///                  "prompt_tokens_details":{"cached_tokens":1000}}}"#,
/// )?;
/// assert_eq!(metered.usage.quantity(Meter::Input), Quantity::whole(200));
/// assert_eq!(metered.usage.quantity(Meter::CacheRead), Quantity::whole(1000));
/// # Ok::<(), centime_providers::ReadError>(())
/// ```
///
/// # Errors
/// When the text is not JSON, has no usage, or a metered field is not what it should be.
pub fn read_answer(json: &str) -> Result<Metered, ReadError> {
    let mut index = json::Index::new();
    let value = json::parse_with(json, &mut index);
    let value = value.map_err(|error| ReadError::new("", error.to_string()))?;
    answer_if_any(value)?.ok_or_else(|| ReadError::new("usage", "there is none in the answer"))
}

/// Reads a usage object alone, as providers put it into their answers.
///
/// # Errors
/// As [`read_answer`].
pub fn read_usage(json: &str) -> Result<Metered, ReadError> {
    let mut index = json::Index::new();
    let value = json::parse_with(json, &mut index);
    let value = value.map_err(|error| ReadError::new("", error.to_string()))?;
    usage_of(value)
}

/// [`read_usage`] of a value that was parsed before.
pub(crate) fn usage_of(value: Value<'_>) -> Result<Metered, ReadError> {
    let Value::Object(object) = value else {
        let what = format!("expected a usage object, found {}", value.kind());
        return Err(ReadError::new("usage", what));
    };
    let fields = Fields::of(object, "usage");
    let dialect = dialect::told_by(&fields)?;
    let mut metered = Metered::default();
    dialect.read_usage(fields, &mut metered)?;
    metered.batch = metered.service_tier.as_deref() == Some("batch");
    Ok(metered)
}

/// [`read_answer`] of a value that was parsed before; `None` where there is no usage in it.
pub(crate) fn answer_if_any(value: Value<'_>) -> Result<Option<Metered>, ReadError> {
    match value {
        Value::Object(object) => read_envelope(&Fields::of(object, "")),
        Value::Array(chunks) => {
            let mut meter = StreamMeter::default();
            for chunk in chunks.items() {
                meter.value(chunk)?;
            }
            Ok(meter.finish())
        }
        Value::String(text) => stream_if_any(&text.decode()),
        other => {
            let what = format!("expected an answer, found {}", other.kind());
            Err(ReadError::new("", what))
        }
    }
}

/// How many envelopes may be around an answer.
const ENVELOPES_MAX: u32 = 3;

/// The fields of an answer that hold its usage object, each with a field that the object must have
/// to be one, or none.
const USAGES: [(&str, Option<&str>); 8] = [
    ("usage", None),
    ("usageMetadata", None),
    ("usage_metadata", None),
    ("usage_info", None),
    ("amazon-bedrock-invocationMetrics", None),
    ("meta", Some("billed_units")),
    ("metrics", Some("predict_time")),
    ("extra_info", Some("usage_characters")),
];

/// The fields in which an answer lies within an event of a stream or a line of a batch:
/// `response.completed` (OpenAI), `message_start` (Anthropic), `message-end` (Cohere's `delta`),
/// `interaction.completed` (Google), the last chunk of Groq's, and the results of batches
/// (`response.body`, `result.message`).
const INNER: [&str; 7] =
    ["response", "message", "body", "result", "delta", "x_groq", "interaction"];

/// Reads an answer, or the answer in an envelope; `None` where neither has usage.
pub(crate) fn read_envelope(answer: &Fields<'_>) -> Result<Option<Metered>, ReadError> {
    read_within(answer, ENVELOPES_MAX)
}

fn read_within(answer: &Fields<'_>, envelopes: u32) -> Result<Option<Metered>, ReadError> {
    if let Some(usage) = usage_in(answer)? {
        let dialect = dialect::told_by(&usage)?;
        let read = |metered: &mut Metered| dialect.read_usage(usage, metered);
        return read_with(dialect, answer, read).map(Some);
    }
    if let Some(dialect) = dialect::told_by_answer(answer) {
        let read = |metered: &mut Metered| dialect.read_counts(answer, metered);
        return read_with(dialect, answer, read).map(Some);
    }
    if envelopes > 0 {
        for name in INNER {
            if let Some(Value::Object(inner)) = answer.get(name)?
                && let Some(mut metered) = read_within(&Fields::of(inner, ""), envelopes - 1)
                    .map_err(|error| error.under(name))?
            {
                metered.batch |= answer.has("custom_id");
                if metered.model.is_none() {
                    metered.model = answer.word("model").map(Into::into);
                }
                return Ok(Some(metered));
            }
        }
    }
    Ok(has_failed(answer)?.then(|| {
        let mut metered = Metered { status: Status::Error, ..Metered::default() };
        dialect::name_by(answer, "model", "id", &mut metered);
        metered
    }))
}

/// The usage object of an answer.
fn usage_in<'a>(answer: &Fields<'a>) -> Result<Option<Fields<'a>>, ReadError> {
    for (name, sign) in USAGES {
        let usage = match sign {
            None => answer.object(name)?,
            // Other answers have something else under this name, of whatever type.
            Some(sign) => answer.object(name).ok().flatten().filter(|usage| usage.has(sign)),
        };
        if usage.is_some() {
            return Ok(usage);
        }
    }
    Ok(None)
}

/// Whether an answer carries an error; `"error":null` and an empty text are none.
fn has_failed(answer: &Fields<'_>) -> Result<bool, ReadError> {
    Ok(match answer.get("error")? {
        Some(Value::Object(_)) => true,
        Some(Value::String(error)) => !error.decode().is_empty(),
        _ => false,
    })
}

/// Reads the counts of an answer, and then what else it says.
pub(crate) fn read_with(
    dialect: &Dialect,
    answer: &Fields<'_>,
    read: impl FnOnce(&mut Metered) -> Result<(), ReadError>,
) -> Result<Metered, ReadError> {
    let mut metered = Metered::default();
    read(&mut metered)?;
    (dialect.answer)(answer, &mut metered)?;
    metered.batch = metered.service_tier.as_deref() == Some("batch");
    if has_failed(answer)? {
        metered.status = Status::Error;
    }
    Ok(metered)
}

impl Metered {
    /// Moves what one meter has to another.
    pub(crate) fn rename(&mut self, from: Meter, to: Meter) -> Result<(), ReadError> {
        let mut usage = Usage::default();
        for &(meter, quantity) in self.usage.meters() {
            let meter = if meter == from { to } else { meter };
            let add = usage.add(meter, quantity);
            add.map_err(|error| ReadError::new("usage", error.to_string()))?;
        }
        self.usage = usage;
        Ok(())
    }
}
