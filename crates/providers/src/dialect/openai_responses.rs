//! OpenAI responses, realtime, transcriptions and images.
//!
//! <https://platform.openai.com/docs/api-reference/responses/object>: `input_tokens` includes
//! cached tokens, `output_tokens` includes reasoning. Realtime spells `*_token_details` and splits
//! its cache by kind (<https://platform.openai.com/docs/api-reference/realtime-server-events/response/done>).

use std::collections::BTreeSet;

use centime_core::meter::Meter;
use centime_core::price::OptionKey;

use super::openai_extras::{self as extras, SERVER_TOOLS};
use super::{Dialect, add_counts, choose_by, name_by};
use crate::error::ReadError;
use crate::fields::{Fields, Whole};
use crate::json::{Object, Value};
use crate::metered::Metered;
use crate::parts::{AnswerParts, Kinds, PromptParts, add, add_quantity};

pub(super) const DIALECT: Dialect = Dialect {
    signs: &["input_tokens", "output_tokens", "seconds"],
    answer,
    ..Dialect::new("openai_responses", usage)
};

/// The same, told by the details that Anthropic's does not have, whatever else is beside them.
pub(super) const DETAILED: Dialect =
    Dialect { signs: &["input_tokens_details", "input_token_details"], ..DIALECT };

fn usage(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    if usage.has(BILLABLE_SECONDS) {
        return grok_voice(usage, metered);
    }
    let input =
        Whole { name: "input_tokens", tokens: usage.count("input_tokens")?.unwrap_or_default() };
    let output =
        Whole { name: "output_tokens", tokens: usage.count("output_tokens")?.unwrap_or_default() };
    let mut parts = PromptParts::default();
    if let Some(details) = either(usage, "input_tokens_details", "input_token_details")? {
        parts.cached = details.part("cached_tokens", input)?;
        if parts.cached == 0 {
            // Perplexity's spelling (<https://docs.perplexity.ai/api-reference/responses-post>).
            parts.cached = details.part("cache_read_input_tokens", input)?;
        }
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
    alibaba_parts(usage, input, &mut parts)?;
    parts.add_to(&mut metered.usage, input, usage)?;

    let mut parts = AnswerParts::default();
    if let Some(details) = either(usage, "output_tokens_details", "output_token_details")? {
        parts.reasoning = details.part("reasoning_tokens", output)?;
        parts.kinds = Kinds::of_openai(&details, output)?;
    }
    parts.add_to(&mut metered.usage, output, usage)?;

    // A transcription by a model that is billed by the time
    // (<https://platform.openai.com/docs/api-reference/audio/json-object>).
    add_quantity(metered, Meter::InputSeconds, usage, "seconds")?;
    extras::add_server_tools(usage, metered)?;
    if let Some(tools) = usage.object("tool_calls_details")?
        && let Some(search) = tools.object("search_web")?
    {
        add_counts(&search, &[("invocation", Meter::WebSearch)], metered)?;
    }
    metered.reported_cost = extras::reported_cost(usage)?;
    Ok(())
}

/// Alibaba's own interface splits the prompt in chat's words, or beside its total
/// (<https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-dashscope>).
fn alibaba_parts(
    usage: &Fields<'_>,
    input: Whole,
    parts: &mut PromptParts,
) -> Result<(), ReadError> {
    if let Some(details) = usage.object("prompt_tokens_details")? {
        if parts.cached == 0 {
            parts.cached = details.part("cached_tokens", input)?;
        }
        if parts.written == 0 {
            parts.written = details.part("cache_creation_input_tokens", input)?;
        }
    }
    let beside = Kinds::of_openai(usage, input)?;
    for (part, beside) in [
        (&mut parts.kinds.audio, beside.audio),
        (&mut parts.kinds.image, beside.image),
        (&mut parts.kinds.video, beside.video),
    ] {
        if *part == 0 {
            *part = beside;
        }
    }
    Ok(())
}

const BILLABLE_SECONDS: &str = "billable_audio_seconds";

/// xAI's voice counts tokens, and bills seconds of sound and messages of text in their place
/// (<https://docs.x.ai/docs/guides/voice>).
fn grok_voice(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    add_quantity(metered, Meter::InputSeconds, usage, BILLABLE_SECONDS)?;
    add_counts(usage, &[("input_text_messages", Meter::Messages)], metered)
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
    if metered.response_id.is_none() {
        metered.response_id = answer.word("request_id").map(Into::into);
    }
    metered.service_tier = answer.word("service_tier").map(Into::into);
    metered.output_limit_tokens = match answer.get("max_output_tokens") {
        Ok(Some(Value::Number(_))) => answer.count("max_output_tokens")?,
        _ => None,
    };
    if answer.has("data") {
        images(metered)?;
        choose_by(answer, "size", OptionKey::Size, metered)?;
        choose_by(answer, "quality", OptionKey::Quality, metered)?;
    }
    tools(answer, metered)
}

/// What the images API puts out are image tokens where it does not split them
/// (<https://platform.openai.com/docs/api-reference/images/object>).
fn images(metered: &mut Metered) -> Result<(), ReadError> {
    if metered.usage.quantity(Meter::OutputImage).is_zero() {
        metered.rename(Meter::Output, Meter::OutputImage)?;
    }
    Ok(())
}

/// Calls of OpenAI's own tools (<https://platform.openai.com/docs/pricing#built-in-tools>): they
/// are items of `output`, unless the searches are counted elsewhere.
///
/// An image is made by a model of its own, at that model's price; the answer does not name it, so
/// the images are counted, for which a chat model has no rate: the charge is `partial`, not short.
fn tools(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let Some(Value::Array(output)) = answer.get("output")? else {
        return Ok(());
    };
    let is_counted = answer.object("usage").ok().flatten();
    if is_counted.is_some_and(|usage| usage.has(SERVER_TOOLS) || usage.has("tool_calls_details")) {
        return Ok(());
    }
    let (mut web, mut file, mut images, mut containers) = (0, 0, 0, BTreeSet::new());
    for item in output.items() {
        let Value::Object(item) = item else { continue };
        let item = Call::of(item);
        match item.kind.as_deref() {
            Some("web_search_call") => web += u64::from(item.is_search),
            Some("file_search_call") => file += 1,
            Some("image_generation_call") => images += u64::from(item.is_done),
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
    for (meter, calls) in [
        (Meter::WebSearch, web),
        (Meter::FileSearch, file),
        (Meter::CodeSession, sessions),
        (Meter::Images, images),
    ] {
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
    /// Whether it came to its end.
    is_done: bool,
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
            is_done: item.word("status").is_none_or(|status| status == "completed"),
        }
    }
}
