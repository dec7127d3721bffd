//! OpenAI responses, realtime, transcriptions and images.
//!
//! <https://platform.openai.com/docs/api-reference/responses/object>: `input_tokens` includes
//! cached tokens, `output_tokens` includes reasoning. Realtime spells `*_token_details` and splits
//! its cache by kind (<https://platform.openai.com/docs/api-reference/realtime-server-events/response/done>).

use std::collections::BTreeSet;

use centime_core::meter::Meter;
use centime_core::usage::Usage;

use super::openai_chat::reported_cost;
use super::{Dialect, name_by};
use crate::error::ReadError;
use crate::fields::{Fields, Whole};
use crate::json::{Object, Value};
use crate::metered::Metered;
use crate::parts::{AnswerParts, Kinds, PromptParts, add};

pub(super) const DIALECT: Dialect = Dialect {
    name: "openai_responses",
    usage_at: &["usage"],
    signs: &["input_tokens", "output_tokens", "seconds"],
    is_folded: false,
    usage,
    answer,
};

/// The same, told by the details that Anthropic's does not have, whatever else is beside them.
pub(super) const DETAILED: Dialect =
    Dialect { signs: &["input_tokens_details", "input_token_details"], ..DIALECT };

fn usage(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let input =
        Whole { name: "input_tokens", tokens: usage.count("input_tokens")?.unwrap_or_default() };
    let output =
        Whole { name: "output_tokens", tokens: usage.count("output_tokens")?.unwrap_or_default() };
    let mut parts = PromptParts::default();
    if let Some(details) = either(usage, "input_tokens_details", "input_token_details")? {
        parts.cached = details.part("cached_tokens", input)?;
        parts.written = details.part("cache_write_tokens", input)?;
        if let Some(split) = details.object("cache_write_tokens_details")? {
            let written = Whole { name: "cache_write_tokens", tokens: parts.written };
            parts.written_12h = split.part("ttl_12h_tokens", written)?;
        }
        parts.kinds = Kinds::of_openai(&details, input)?;
        if let Some(cached) = details.object("cached_tokens_details")? {
            parts.cached_kinds = Kinds::of_openai(&cached, input)?;
        }
    }
    parts.add_to(&mut metered.usage, input, usage)?;

    let mut parts = AnswerParts::default();
    if let Some(details) = either(usage, "output_tokens_details", "output_token_details")? {
        parts.reasoning = details.part("reasoning_tokens", output)?;
        parts.kinds = Kinds::of_openai(&details, output)?;
    }
    parts.add_to(&mut metered.usage, output, usage)?;

    // A transcription by a model that is billed by the time
    // (<https://platform.openai.com/docs/api-reference/audio/json-object>).
    if let Some(seconds) = usage.quantity("seconds")? {
        metered
            .usage
            .add(Meter::InputSeconds, seconds)
            .map_err(|error| usage.error("seconds", error.to_string()))?;
    }
    metered.reported_cost = reported_cost(usage)?;
    Ok(())
}

fn either<'a>(
    usage: &Fields<'a>,
    plural: &'static str,
    singular: &'static str,
) -> Result<Option<Fields<'a>>, ReadError> {
    match usage.object(plural)? {
        Some(details) => Ok(Some(details)),
        None => usage.object(singular),
    }
}

fn answer(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    name_by(answer, "model", "id", metered);
    metered.service_tier = answer.word("service_tier").map(Into::into);
    metered.output_limit_tokens = match answer.get("max_output_tokens") {
        Ok(Some(Value::Number(_))) => answer.count("max_output_tokens")?,
        _ => None,
    };
    if answer.has("data") {
        images(metered)?;
    }
    tools(answer, metered)
}

/// What the images API puts out are image tokens where it does not split them
/// (<https://platform.openai.com/docs/api-reference/images/object>).
fn images(metered: &mut Metered) -> Result<(), ReadError> {
    if !metered.usage.quantity(Meter::OutputImage).is_zero() {
        return Ok(());
    }
    let mut usage = Usage::default();
    for &(meter, quantity) in metered.usage.meters() {
        let meter = if meter == Meter::Output { Meter::OutputImage } else { meter };
        usage.add(meter, quantity).map_err(|error| ReadError::new("usage", error.to_string()))?;
    }
    metered.usage = usage;
    Ok(())
}

/// Calls of OpenAI's own tools (<https://platform.openai.com/docs/pricing#built-in-tools>): they
/// are items of `output`, unless `tool_usage` counts the searches.
fn tools(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let Some(Value::Array(output)) = answer.get("output")? else {
        return Ok(());
    };
    let (mut web, mut file, mut containers) = (0, 0, BTreeSet::new());
    for item in output.items() {
        let Value::Object(item) = item else { continue };
        let item = Call::of(item);
        match item.kind.as_deref() {
            Some("web_search_call") => web += u64::from(item.is_search),
            Some("file_search_call") => file += 1,
            Some("code_interpreter_call") => {
                containers.insert(item.container.unwrap_or_default());
            }
            _ => {}
        }
    }
    if let Some(counted) = answer.object("tool_usage")?
        && let Some(counted) = counted.object("web_search")?
        && let Some(requests) = counted.count("num_requests")?
    {
        web = requests;
    }
    let sessions = u64::try_from(containers.len()).unwrap_or(u64::MAX);
    for (meter, calls) in
        [(Meter::WebSearch, web), (Meter::FileSearch, file), (Meter::CodeSession, sessions)]
    {
        add(&mut metered.usage, meter, calls)?;
    }
    Ok(())
}

/// What an item of `output` says of a call of a tool.
struct Call {
    kind: Option<String>,
    container: Option<String>,
    /// Whether it searched: opening a page that was found is not billed.
    is_search: bool,
}

impl Call {
    fn of(item: Object<'_>) -> Self {
        let item = Fields::of(item, "output");
        let action = item.object("action").ok().flatten();
        let action = action.and_then(|action| action.word("type"));
        Self {
            kind: item.word("type").map(Into::into),
            container: item.word("container_id").map(Into::into),
            is_search: action.is_none_or(|action| action == "search"),
        }
    }
}
