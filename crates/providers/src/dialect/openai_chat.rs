//! OpenAI chat completions, completions and embeddings, and all who speak like them.
//!
//! <https://platform.openai.com/docs/api-reference/chat/object>: `prompt_tokens` includes cached,
//! audio and image tokens; `completion_tokens` includes reasoning, audio and both kinds of
//! prediction tokens.

use centime_core::meter::Meter;
use centime_core::money::PicoUsd;

use super::{Dialect, name_by};
use crate::error::ReadError;
use crate::fields::{Fields, Whole};
use crate::json::Value;
use crate::metered::Metered;
use crate::parts::{AnswerParts, Kinds, PromptParts, add};

pub(super) const DIALECT: Dialect = Dialect {
    name: "openai_chat",
    usage_at: &["usage"],
    signs: &["prompt_tokens", "completion_tokens", "prompt_cache_hit_tokens"],
    is_folded: false,
    usage,
    answer,
};

/// Embeddings and rankings whose usage is nothing but `total_tokens`, all of them input
/// (<https://docs.voyageai.com/reference/embeddings-api>).
pub(super) const TOTAL_ONLY: Dialect =
    Dialect { name: "total_only", signs: &["total_tokens"], ..DIALECT };

pub(super) fn answer(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    name_by(answer, "model", "id", metered);
    metered.service_tier = answer.word("service_tier").map(Into::into);
    Ok(())
}

fn usage(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let total = usage.count("total_tokens")?;
    let completion = usage.count("completion_tokens")?;
    let prompt = match (usage.count("prompt_tokens")?, deepseek_prompt(usage)?) {
        (Some(prompt), _) | (None, Some(prompt)) => prompt,
        (None, None) if completion.is_none() => total.unwrap_or_default(),
        (None, None) => 0,
    };
    let prompt = Whole { name: "prompt_tokens", tokens: prompt };
    let completion = Whole { name: "completion_tokens", tokens: completion.unwrap_or_default() };
    prompt_parts(usage, prompt)?.add_to(&mut metered.usage, prompt, usage)?;
    answer_parts(usage, prompt, completion, total)?.add_to(
        &mut metered.usage,
        completion,
        usage,
    )?;
    extras(usage, metered)
}

/// DeepSeek splits the prompt in hits and misses of its cache
/// (<https://api-docs.deepseek.com/guides/kv_cache>).
fn deepseek_prompt(usage: &Fields<'_>) -> Result<Option<u64>, ReadError> {
    let hit = usage.count("prompt_cache_hit_tokens")?;
    let miss = usage.count("prompt_cache_miss_tokens")?;
    match (hit, miss) {
        (None, None) => Ok(None),
        (hit, miss) => hit
            .unwrap_or_default()
            .checked_add(miss.unwrap_or_default())
            .map(Some)
            .ok_or_else(|| usage.error("prompt_cache_hit_tokens", "is too large")),
    }
}

fn prompt_parts(usage: &Fields<'_>, prompt: Whole) -> Result<PromptParts, ReadError> {
    let mut parts = PromptParts::default();
    if let Some(details) = usage.object("prompt_tokens_details")? {
        parts.cached = details.part("cached_tokens", prompt)?;
        parts.written = details.part("cache_write_tokens", prompt)?;
        parts.kinds = Kinds::of_openai(&details, prompt)?;
        if parts.written == 0 {
            parts.written = details.part("cache_creation_tokens", prompt)?;
        }
    }
    // The same count under the names of DeepSeek, Moonshot, and of gateways that answer for
    // Anthropic in this dialect.
    for name in ["prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens"] {
        if parts.cached == 0 {
            parts.cached = usage.part(name, prompt)?;
        }
    }
    if parts.written == 0 {
        parts.written = usage.part("cache_creation_input_tokens", prompt)?;
    }
    Ok(parts)
}

/// Reasoning is in `completion_tokens` at OpenAI. Where the total says that it is beside them (xAI,
/// <https://docs.x.ai/docs/guides/reasoning>), it is added; where it says that something is beside
/// them that has no field of its own (Gemini's OpenAI endpoint), that is reasoning too.
fn answer_parts(
    usage: &Fields<'_>,
    prompt: Whole,
    completion: Whole,
    total: Option<u64>,
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

    let beside = total
        .and_then(|total| total.checked_sub(prompt.tokens))
        .and_then(|rest| rest.checked_sub(completion.tokens))
        .unwrap_or_default();
    let has_answer = usage.has("completion_tokens");
    if reasoning == 0 {
        parts.reasoning_beside = if has_answer { beside } else { 0 };
    } else if beside == reasoning || is_perplexity {
        parts.reasoning_beside = reasoning;
    } else {
        let fields = details.as_ref().filter(|details| details.has("reasoning_tokens"));
        parts.reasoning = fields.unwrap_or(usage).part("reasoning_tokens", completion)?;
    }
    Ok(parts)
}

/// What some providers add: tools, citations, and what the call cost.
fn extras(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    for (name, meter) in
        [("citation_tokens", Meter::Citation), ("num_search_queries", Meter::WebSearch)]
    {
        add(&mut metered.usage, meter, usage.count(name)?.unwrap_or_default())?;
    }
    // <https://openrouter.ai/docs/guides/administration/usage-accounting>
    if let Some(tools) = usage.object("server_tool_use")? {
        let searches = tools.count("web_search_requests")?;
        add(&mut metered.usage, Meter::WebSearch, searches.unwrap_or_default())?;
    }
    metered.reported_cost = reported_cost(usage)?;
    Ok(())
}

/// What a provider says the call cost: `cost` in dollars (OpenRouter), `cost.total_cost`
/// (Perplexity), or ticks of 10^-10 dollars (xAI, <https://docs.x.ai/developers/cost-tracking>).
pub(super) fn reported_cost(usage: &Fields<'_>) -> Result<Option<PicoUsd>, ReadError> {
    const PICO_PER_TICK: u64 = 100;
    if let Some(ticks) = usage.count("cost_in_usd_ticks")? {
        let pico = ticks.checked_mul(PICO_PER_TICK);
        let pico = pico.and_then(|pico| i64::try_from(pico).ok());
        return match pico {
            Some(pico) => Ok(Some(PicoUsd::from_pico(pico))),
            None => Err(usage.error("cost_in_usd_ticks", format!("{ticks} is too large"))),
        };
    }
    match usage.get("cost")? {
        Some(Value::Object(_)) => match usage.object("cost")? {
            Some(cost) => cost.dollars("total_cost"),
            None => Ok(None),
        },
        _ => usage.dollars("cost"),
    }
}
