//! The wire dialects: what each provider's usage object means. One file a dialect, one line in
//! [`LIST`].

mod anthropic_messages;
mod bedrock;
mod gemini;
mod openai_chat;
mod openai_responses;

use centime_core::decimal::shown;
use centime_core::price::OptionKey;

use crate::error::ReadError;
use crate::fields::Fields;
use crate::metered::Metered;

/// A wire dialect: how its usage is told from others, and how it is read.
pub struct Dialect {
    /// Its name.
    pub name: &'static str,
    /// The fields of an answer in which it keeps the usage object.
    pub(crate) usage_at: &'static [&'static str],
    /// Fields that tell its usage object from those of the dialects after it in [`LIST`].
    signs: &'static [&'static str],
    /// Whether its fields are written in camel or in snake case.
    is_folded: bool,
    /// Reads the usage object.
    usage: fn(&Fields<'_>, &mut Metered) -> Result<(), ReadError>,
    /// Reads, after the usage, what the rest of the answer says: its names, its tier, tools called.
    pub(crate) answer: fn(&Fields<'_>, &mut Metered) -> Result<(), ReadError>,
}

impl Dialect {
    /// Reads the usage object and checks what came of it.
    pub(crate) fn read_usage(
        &self,
        usage: Fields<'_>,
        metered: &mut Metered,
    ) -> Result<(), ReadError> {
        let usage = if self.is_folded { usage.folded() } else { usage };
        (self.usage)(&usage, metered)?;
        metered.usage.check().map_err(|error| usage.error_of_all(error.to_string()))
    }

    fn owns(&self, usage: &Fields<'_>) -> bool {
        self.signs.iter().any(|sign| usage.has(sign))
    }
}

/// Every dialect. The first whose signs a usage object bears reads it.
pub const LIST: &[Dialect] = &[
    gemini::DIALECT,
    gemini::SNAKE_CASE,
    bedrock::DIALECT,
    openai_chat::DIALECT,
    openai_responses::DETAILED,
    anthropic_messages::DIALECT,
    openai_responses::DIALECT,
    openai_chat::TOTAL_ONLY,
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
