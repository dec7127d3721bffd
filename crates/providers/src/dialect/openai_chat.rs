//! OpenAI chat completions, completions and embeddings, and all who speak like them.
//!
//! <https://platform.openai.com/docs/api-reference/chat/object>: `prompt_tokens` includes cached,
//! audio and image tokens; `completion_tokens` includes reasoning, audio and both kinds of
//! prediction tokens.

use centime_core::decimal::shown;
use centime_core::meter::Meter;

use super::openai_extras as extras;
use super::{Dialect, name_by};
use crate::error::ReadError;
use crate::fields::{Fields, Whole};
use crate::metered::Metered;
use crate::parts::{AnswerParts, Kinds, PromptParts, add, add_quantity};

pub(super) const DIALECT: Dialect = Dialect {
    signs: &["prompt_tokens", "completion_tokens", "prompt_cache_hit_tokens"],
    answer,
    ..Dialect::new("openai_chat", usage)
};

/// Embeddings and rankings whose usage is nothing but `total_tokens`, all of them input
/// (<https://docs.voyageai.com/reference/embeddings-api>).
pub(super) const TOTAL_ONLY: Dialect =
    Dialect { signs: &["total_tokens"], answer: total_answer, ..Dialect::new("total_only", total) };

fn answer(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    name_by(answer, "model", "id", metered);
    metered.service_tier = answer.word("service_tier").map(Into::into);
    Ok(())
}

/// What OpenAI's own usage consists of. Most have nothing beside these, and need no look for it.
const OWN: [&str; 5] = [
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "prompt_tokens_details",
    "completion_tokens_details",
];

fn usage(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let has_more = !usage.names().all(|name| OWN.contains(&name));
    let prompt = match usage.count("prompt_tokens")? {
        Some(prompt) => prompt,
        None => deepseek_prompt(usage)?,
    };
    let prompt = Whole { name: "prompt_tokens", tokens: prompt };
    let completion = usage.count("completion_tokens")?.unwrap_or_default();
    let completion = Whole { name: "completion_tokens", tokens: completion };
    let sides = prompt.tokens.checked_add(completion.tokens);
    let beside = usage.count("total_tokens")?.zip(sides);
    let mut beside = beside.and_then(|(total, sides)| total.checked_sub(sides)).unwrap_or_default();

    let mut parts = prompt_parts(usage, prompt)?;
    if has_more {
        add_aliases(usage, prompt, &mut parts)?;
        beside = mistral(usage, beside, metered)?;
        extras::add_tools(usage, metered)?;
        metered.reported_cost = extras::reported_cost(usage)?;
    }
    parts.add_to(&mut metered.usage, prompt, usage)?;
    answer_parts(usage, completion, beside)?.add_to(&mut metered.usage, completion, usage)
}

/// DeepSeek splits the prompt in hits and misses of its cache
/// (<https://api-docs.deepseek.com/guides/kv_cache>).
fn deepseek_prompt(usage: &Fields<'_>) -> Result<u64, ReadError> {
    let hit = usage.count("prompt_cache_hit_tokens")?.unwrap_or_default();
    let miss = usage.count("prompt_cache_miss_tokens")?.unwrap_or_default();
    let prompt = hit.checked_add(miss);
    prompt.ok_or_else(|| usage.error("prompt_cache_hit_tokens", "is too large"))
}

fn prompt_parts(usage: &Fields<'_>, prompt: Whole) -> Result<PromptParts, ReadError> {
    let mut parts = PromptParts::default();
    // Mistral spells it both ways (<https://docs.mistral.ai/api>).
    let details = match usage.object("prompt_tokens_details")? {
        Some(details) => Some(details),
        None => usage.object("prompt_token_details")?,
    };
    if let Some(details) = details {
        parts.cached = details.part("cached_tokens", prompt)?;
        parts.kinds = Kinds::of_openai(&details, prompt)?;
        // The last one is Alibaba's (<https://www.alibabacloud.com/help/en/model-studio/context-cache>).
        for name in ["cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens"] {
            if parts.written == 0 {
                parts.written = details.part(name, prompt)?;
            }
        }
    }
    Ok(parts)
}

/// The same counts under the names of others.
fn add_aliases(
    usage: &Fields<'_>,
    prompt: Whole,
    parts: &mut PromptParts,
) -> Result<(), ReadError> {
    // The names of DeepSeek, Moonshot and Together, of gateways that answer
    // for Anthropic in this dialect, of Mistral and of older Groks.
    for name in [
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "cache_read_input_tokens",
        "num_cached_tokens",
        "cached_prompt_text_tokens",
    ] {
        if parts.cached == 0 {
            parts.cached = usage.part(name, prompt)?;
        }
    }
    if parts.written == 0 {
        parts.written = usage.part("cache_creation_input_tokens", prompt)?;
    }
    Ok(())
}

/// Adds what Mistral counts in the total alone, and returns what is left beside the two sides.
fn mistral(usage: &Fields<'_>, beside: u64, metered: &mut Metered) -> Result<u64, ReadError> {
    // What connectors put before the model
    // (<https://docs.mistral.ai/agents/connectors/connectors_overview>).
    let connectors = usage.count("connector_tokens")?.unwrap_or_default();
    add(&mut metered.usage, Meter::Input, connectors)?;
    // Sound, which is billed by the second
    // (<https://docs.mistral.ai/capabilities/audio_transcription>).
    add_quantity(metered, Meter::InputSeconds, usage, "prompt_audio_seconds")?;
    let has_sound = !metered.usage.quantity(Meter::InputSeconds).is_zero();
    Ok(if has_sound { 0 } else { beside.saturating_sub(connectors) })
}

/// Reasoning is in `completion_tokens` at OpenAI. Where the total says that it is beside them (xAI,
/// <https://docs.x.ai/docs/guides/reasoning>), it is added; where it says that something is beside
/// them that has no field of its own (Gemini's OpenAI endpoint), that is reasoning too.
fn answer_parts(
    usage: &Fields<'_>,
    completion: Whole,
    beside: u64,
) -> Result<AnswerParts, ReadError> {
    let mut parts = AnswerParts::default();
    let details = usage.object("completion_tokens_details")?;
    let mut reasoning = None;
    if let Some(details) = &details {
        parts.kinds = Kinds::of_openai(details, completion)?;
        reasoning = details.count("reasoning_tokens")?;
    }
    // Perplexity's deep research counts what it thought beside what it wrote
    // (<https://docs.perplexity.ai/getting-started/pricing>).
    let is_perplexity = usage.has("citation_tokens") || usage.has("num_search_queries");
    if reasoning.is_none() {
        reasoning = usage.count("reasoning_tokens")?;
    }
    let reasoning = reasoning.unwrap_or_default();
    if reasoning == 0 {
        let has_answer = usage.has("completion_tokens");
        parts.reasoning_beside = if has_answer { beside } else { 0 };
    } else if beside == reasoning || is_perplexity {
        parts.reasoning_beside = reasoning;
    } else {
        let fields = details.as_ref().filter(|details| details.has("reasoning_tokens"));
        parts.reasoning = fields.unwrap_or(usage).part("reasoning_tokens", completion)?;
    }
    Ok(parts)
}

fn total(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let is_known = |name: &str| matches!(name, "total_tokens" | "text_tokens" | "image_tokens");
    if let Some(name) = usage.names().find(|name| name.ends_with("_tokens") && !is_known(name)) {
        let what =
            "stands beside `total_tokens`, as no known provider's does; send `meters` instead";
        return Err(usage.error(&shown(name), what));
    }
    // Voyage bills images among texts by their pixels, which are in the total as tokens
    // (<https://docs.voyageai.com/docs/pricing>).
    let pixels = usage.count("image_pixels")?.unwrap_or_default();
    let name = if pixels > 0 { "text_tokens" } else { "total_tokens" };
    let tokens = usage.count(name)?.unwrap_or_default();
    add(&mut metered.usage, Meter::Input, tokens)?;
    add(&mut metered.usage, Meter::InputPixels, pixels)?;
    metered.reported_cost = extras::reported_cost(usage)?;
    Ok(())
}

/// A total alone cannot price an answer that was written: its two sides have two rates.
fn total_answer(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    name_by(answer, "model", "id", metered);
    if answer.has("choices") {
        let what = "has only `total_tokens`, which do not say what was read and what was written; \
                    send `meters` instead";
        return Err(ReadError::new("usage", what));
    }
    Ok(())
}
