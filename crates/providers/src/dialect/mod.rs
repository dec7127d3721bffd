//! The wire dialects: what each provider's usage object means. One file a dialect, one line in
//! [`LIST`].

mod anthropic_messages;
mod bedrock;
mod bedrock_invoke;
mod cohere;
mod counted;
mod gemini;
mod media;
mod moderation;
mod ollama;
mod openai_chat;
mod openai_extras;
mod openai_responses;
mod replicate;
mod speech;
mod vertex_predict;
mod watsonx;

use centime_core::decimal::shown;
use centime_core::meter::Meter;
use centime_core::price::OptionKey;

use crate::error::ReadError;
use crate::fields::Fields;
use crate::json::{self, Value};
use crate::metered::Metered;
use crate::parts::add;

/// A wire dialect: how its usage is told from others, and how it is read.
pub struct Dialect {
    /// Its name.
    pub name: &'static str,
    /// Fields that tell its usage object from those of the dialects after it in [`LIST`].
    signs: &'static [&'static str],
    /// For an answer without a usage object, whose counts lie among its own fields: what tells it.
    is_whole: Option<fn(&Fields<'_>) -> bool>,
    /// Whether its fields are written in camel or in snake case.
    is_folded: bool,
    /// Reads the usage object.
    usage: fn(&Fields<'_>, &mut Metered) -> Result<(), ReadError>,
    /// Reads, after the usage, what the rest of the answer says: its names, its tier, tools called.
    pub(crate) answer: fn(&Fields<'_>, &mut Metered) -> Result<(), ReadError>,
}

impl Dialect {
    /// A dialect that names its answers as most do, and is told by nothing yet.
    const fn new(
        name: &'static str,
        usage: fn(&Fields<'_>, &mut Metered) -> Result<(), ReadError>,
    ) -> Self {
        Self { name, signs: &[], is_whole: None, is_folded: false, usage, answer: plain_answer }
    }

    /// Reads the usage object and checks what came of it.
    pub(crate) fn read_usage(
        &self,
        usage: Fields<'_>,
        metered: &mut Metered,
    ) -> Result<(), ReadError> {
        let usage = if self.is_folded { usage.folded() } else { usage };
        self.read_counts(&usage, metered)
    }

    /// Reads the counts that lie among these fields and checks what came of it.
    pub(crate) fn read_counts(
        &self,
        usage: &Fields<'_>,
        metered: &mut Metered,
    ) -> Result<(), ReadError> {
        (self.usage)(usage, metered)?;
        metered.usage.check().map_err(|error| usage.error_of_all(error.to_string()))
    }

    fn owns(&self, usage: &Fields<'_>) -> bool {
        self.signs.iter().any(|sign| usage.has(sign))
    }
}

/// Every dialect. The first whose signs a usage object bears reads it.
pub const LIST: &[Dialect] = &[
    // The one that is met most; none of its signs is another's.
    openai_chat::DIALECT,
    gemini::DIALECT,
    bedrock_invoke::LLAMA,
    gemini::SNAKE_CASE,
    gemini::INTERACTIONS,
    bedrock::DIALECT,
    bedrock_invoke::TITAN,
    cohere::DIALECT,
    openai_responses::DETAILED,
    anthropic_messages::DIALECT,
    openai_responses::DIALECT,
    openai_chat::TOTAL_ONLY,
    ollama::DIALECT,
    replicate::DIALECT,
    counted::DIALECT,
    vertex_predict::DIALECT,
    watsonx::DIALECT,
    speech::DEEPGRAM,
    speech::ASSEMBLYAI,
    speech::WHISPER,
    moderation::DIALECT,
    media::FILM,
    media::IMAGES,
];

/// The dialect that a usage object is told to be by its own fields.
pub(crate) fn told_by(usage: &Fields<'_>) -> Result<&'static Dialect, ReadError> {
    if let Some(dialect) = LIST.iter().find(|dialect| dialect.owns(usage)) {
        return Ok(dialect);
    }
    let names: Vec<String> = usage.names().take(8).map(shown).collect();
    let found = if names.is_empty() {
        "is empty".to_owned()
    } else {
        format!("has only `{}`", names.join("`, `"))
    };
    Err(usage.error_of_all(format!(
        "{found}, which no known provider's usage looks like; send `meters` instead"
    )))
}

/// Takes what was chosen from a field that repeats it; `auto` is no choice.
pub(crate) fn choose_by(
    fields: &Fields<'_>,
    name: &'static str,
    key: OptionKey,
    metered: &mut Metered,
) -> Result<(), ReadError> {
    match fields.word(name) {
        Some(value) if !value.is_empty() && value != "auto" => {
            metered.options.set(key, &value).map_err(|error| fields.error(name, error.to_string()))
        }
        _ => Ok(()),
    }
}

/// The name of the dialect that a usage object is told to be; `None` where it is none's, or no
/// object.
///
/// ```
/// let usage = r#"{"promptTokenCount":8,"candidatesTokenCount":5}"#;
/// assert_eq!(centime_providers::dialect::of_usage(usage), Some("gemini"));
/// ```
#[must_use]
pub fn of_usage(json: &str) -> Option<&'static str> {
    let Ok(Value::Object(object)) = json::parse(json) else {
        return None;
    };
    told_by(&Fields::of(object, "usage")).ok().map(|dialect| dialect.name)
}

/// The dialect of an answer that has its counts among its own fields, told by these.
pub(crate) fn told_by_answer(answer: &Fields<'_>) -> Option<&'static Dialect> {
    LIST.iter().find(|dialect| dialect.is_whole.is_some_and(|is_whole| is_whole(answer)))
}

/// What most answers say beside their usage: their names.
fn plain_answer(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    name_by(answer, "model", "id", metered);
    Ok(())
}

/// Takes the model and the id of an answer from its fields.
pub(crate) fn name_by(
    answer: &Fields<'_>,
    model: &'static str,
    id: &'static str,
    metered: &mut Metered,
) {
    metered.model = answer.word(model).map(Into::into);
    metered.response_id = answer.word(id).map(Into::into);
}

/// Adds to meters the counts of the fields named beside them.
fn add_counts(
    fields: &Fields<'_>,
    counts: &[(&str, Meter)],
    metered: &mut Metered,
) -> Result<(), ReadError> {
    for &(name, meter) in counts {
        add(&mut metered.usage, meter, fields.count(name)?.unwrap_or_default())?;
    }
    Ok(())
}
