//! One target a reader: what it reads adds up to the provider's own totals.

use centime_core::money::PicoUsd;
use centime_core::usage::Usage;
use centime_providers::dialect::of_usage;
use centime_providers::{Metered, read_answer, read_usage};
use serde_json::Value;

use crate::shape::usage_text;

/// The least and the most tokens that a side may have.
type Side = (u64, u64);

/// What both sides of a usage must add up to; nothing where the totals are no plain numbers.
type Oracle = fn(&Value) -> Option<(Side, Side)>;

pub(crate) fn openai_chat(bytes: &[u8]) {
    const NAMES: &[&str] = &[
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "prompt_tokens_details",
        "prompt_token_details",
        "completion_tokens_details",
        "cached_tokens",
        "cache_write_tokens",
        "cache_creation_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "audio_tokens",
        "image_tokens",
        "video_tokens",
        "reasoning_tokens",
        "num_cached_tokens",
        "prompt_cache_hit_tokens",
        "prompt_cache_miss_tokens",
        "citation_tokens",
        "num_search_queries",
        "search_context_size",
        "num_sources_used",
        "cost",
        "request_cost",
        "total_cost",
        "cost_in_usd_ticks",
        "is_byok",
        "cost_details",
        "upstream_inference_cost",
        "connector_tokens",
        "connectors",
        "web_search",
        "prompt_audio_seconds",
        "image_pixels",
        "text_tokens",
        "server_side_tool_usage_details",
        "web_search_calls",
    ];
    check(bytes, "openai_chat", NAMES, |usage| {
        let hits = count(usage, "prompt_cache_hit_tokens")?;
        let misses = count(usage, "prompt_cache_miss_tokens")?;
        let prompt = match usage.get("prompt_tokens") {
            None | Some(Value::Null) => hits.checked_add(misses)?,
            Some(_) => count(usage, "prompt_tokens")?,
        };
        let prompt = prompt.checked_add(count(usage, "connector_tokens")?)?;
        let completion = count(usage, "completion_tokens")?;
        let completion = completion.checked_add(count(usage, "citation_tokens")?)?;
        let reasoning = match usage.get("completion_tokens_details") {
            Some(details) if details.get("reasoning_tokens").is_some_and(|it| !it.is_null()) => {
                count(details, "reasoning_tokens")?
            }
            _ => count(usage, "reasoning_tokens")?,
        };
        let beside = count(usage, "total_tokens")?.max(reasoning);
        Some(((prompt, prompt), (completion, completion.checked_add(beside)?)))
    });
}

pub(crate) fn openai_responses(bytes: &[u8]) {
    const NAMES: &[&str] = &[
        "input_tokens",
        "output_tokens",
        "input_tokens_details",
        "input_token_details",
        "output_tokens_details",
        "output_token_details",
        "cached_tokens",
        "cached_tokens_details",
        "cache_write_tokens",
        "cache_write_tokens_details",
        "ttl_12h_tokens",
        "audio_tokens",
        "image_tokens",
        "video_tokens",
        "text_tokens",
        "reasoning_tokens",
        "seconds",
        "prompt_tokens_details",
        "cache_read_input_tokens",
        "tool_calls_details",
        "search_web",
        "invocation",
        "billable_audio_seconds",
        "input_text_messages",
        "cost",
        "total_cost",
    ];
    check(bytes, "openai_responses", NAMES, |usage| {
        if usage.get("billable_audio_seconds").is_some() {
            return None;
        }
        exactly(count(usage, "input_tokens")?, count(usage, "output_tokens")?)
    });
}

pub(crate) fn anthropic_messages(bytes: &[u8]) {
    const NAMES: &[&str] = &[
        "input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "ephemeral_5m_input_tokens",
        "ephemeral_1h_input_tokens",
        "iterations",
        "type",
        "model",
        "server_tool_use",
        "web_search_requests",
        "service_tier",
        "speed",
        "inference_geo",
        "output_tokens_details",
        "thinking_tokens",
    ];
    fn sides(usage: &Value) -> Option<(u64, u64)> {
        let split = usage.get("cache_creation").filter(|split| !split.is_null());
        let written = match (usage.get("cache_creation_input_tokens"), split) {
            (None | Some(Value::Null), Some(split)) => {
                count(split, "ephemeral_5m_input_tokens")?
                    .checked_add(count(split, "ephemeral_1h_input_tokens")?)?
            }
            _ => count(usage, "cache_creation_input_tokens")?,
        };
        let read = count(usage, "cache_read_input_tokens")?;
        let input = count(usage, "input_tokens")?.checked_add(read)?.checked_add(written)?;
        Some((input, count(usage, "output_tokens")?))
    }
    check(bytes, "anthropic_messages", NAMES, |usage| {
        let (mut input, mut output) = sides(usage)?;
        for iteration in usage.get("iterations").and_then(Value::as_array).into_iter().flatten() {
            if iteration.get("type").and_then(Value::as_str) == Some("compaction") {
                let beside = sides(iteration)?;
                input = input.checked_add(beside.0)?;
                output = output.checked_add(beside.1)?;
            }
        }
        exactly(input, output)
    });
}

pub(crate) fn gemini(bytes: &[u8]) {
    const NAMES: &[&str] = &[
        "promptTokenCount",
        "candidatesTokenCount",
        "responseTokenCount",
        "thoughtsTokenCount",
        "totalTokenCount",
        "cachedContentTokenCount",
        "toolUsePromptTokenCount",
        "promptTokensDetails",
        "cacheTokensDetails",
        "candidatesTokensDetails",
        "responseTokensDetails",
        "toolUsePromptTokensDetails",
        "modality",
        "tokenCount",
        "serviceTier",
        "trafficType",
    ];
    check(bytes, "gemini", NAMES, |usage| {
        let tools = count(usage, "toolUsePromptTokenCount")?;
        let prompt = count(usage, "promptTokenCount")?.checked_add(tools)?;
        let name = ["responseTokenCount", "candidatesTokenCount"];
        let name = name.into_iter().find(|name| usage.get(name).is_some())?;
        let candidates = count(usage, name)?;
        let most = candidates.checked_add(count(usage, "thoughtsTokenCount")?)?;
        Some(((prompt, prompt), (candidates, most)))
    });
}

pub(crate) fn gemini_interactions(bytes: &[u8]) {
    const NAMES: &[&str] = &[
        "total_input_tokens",
        "total_output_tokens",
        "total_thought_tokens",
        "total_tokens",
        "total_cached_tokens",
        "total_tool_use_tokens",
        "input_tokens_by_modality",
        "cached_tokens_by_modality",
        "output_tokens_by_modality",
        "tool_use_tokens_by_modality",
        "modality",
        "tokens",
        "grounding_tool_count",
        "type",
        "count",
    ];
    check(bytes, "gemini_interactions", NAMES, |usage| {
        let tools = count(usage, "total_tool_use_tokens")?;
        let prompt = count(usage, "total_input_tokens")?.checked_add(tools)?;
        let answer = count(usage, "total_output_tokens")?;
        let most = answer.checked_add(count(usage, "total_thought_tokens")?)?;
        Some(((prompt, prompt), (answer, most)))
    });
}

pub(crate) fn bedrock(bytes: &[u8]) {
    const NAMES: &[&str] = &[
        "inputTokens",
        "outputTokens",
        "cacheReadInputTokens",
        "cacheWriteInputTokens",
        "cacheReadInputTokenCount",
        "cacheWriteInputTokenCount",
        "inputTokenCount",
        "outputTokenCount",
        "cacheDetails",
        "ttl",
        "totalTokens",
    ];
    /// The first of two names that is there.
    fn either(usage: &Value, name: &str) -> Option<u64> {
        match usage.get(name).filter(|value| !value.is_null()) {
            Some(_) => count(usage, name),
            None => count(usage, &format!("{}Count", name.trim_end_matches('s'))),
        }
    }
    check(bytes, "bedrock", NAMES, |usage| {
        let read = either(usage, "cacheReadInputTokens")?;
        let written = either(usage, "cacheWriteInputTokens")?;
        let input = either(usage, "inputTokens")?.checked_add(read)?.checked_add(written)?;
        exactly(input, either(usage, "outputTokens")?)
    });
}

pub(crate) fn cohere(bytes: &[u8]) {
    const NAMES: &[&str] = &[
        "billed_units",
        "tokens",
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "search_units",
        "classifications",
        "images",
        "image_tokens",
    ];
    check(bytes, "cohere", NAMES, |usage| {
        let billed = usage.get("billed_units").filter(|_| usage.as_object().is_some())?;
        let images = count(billed, "image_tokens")?;
        let input = count(billed, "input_tokens")?.checked_add(images)?;
        exactly(input, count(billed, "output_tokens")?)
    });
}

/// The readers of few fields, and of answers without a usage object.
pub(crate) fn others(bytes: &[u8]) {
    const NAMES: &[&str] = &[
        "prompt_eval_count",
        "eval_count",
        "inputTextTokenCount",
        "results",
        "tokenCount",
        "totalOutputTextTokenCount",
        "prompt_token_count",
        "generation_token_count",
        "metrics",
        "predict_time",
        "input_token_count",
        "output_token_count",
        "pages_processed",
        "characters",
        "usage_characters",
        "image_count",
        "video_duration",
        "output_video_duration",
        "duration",
        "video_count",
        "predictions",
        "embeddings",
        "statistics",
        "token_count",
        "metadata",
        "billableCharacterCount",
        "mimeType",
        "model_id",
        "generated_token_count",
        "request_id",
        "channels",
        "audio_duration",
        "text",
        "id",
        "data",
        "images",
        "url",
        "object",
        "status",
        "seconds",
        "total_tokens",
        "image_pixels",
        "text_tokens",
        "usage",
        "usage_info",
        "meta",
        "billed_units",
        "extra_info",
        "response",
        "delta",
        "x_groq",
        "error",
        "custom_id",
    ];
    check(bytes, "", NAMES, |_| None);
    let text = usage_text(bytes, NAMES);
    let metered = read_answer(&text);
    assert_eq!(metered, read_answer(&text), "{text}");
    if let Ok(metered) = metered {
        check_usage(&metered.usage, &text);
    }
}

fn exactly(input: u64, output: u64) -> Option<(Side, Side)> {
    Some(((input, input), (output, output)))
}

/// A whole number of an object; zero where it is not there, nothing where it is something else.
fn count(object: &Value, name: &str) -> Option<u64> {
    match object.get(name) {
        None | Some(Value::Null) => Some(0),
        Some(value) => value.as_u64(),
    }
}

/// Reads a usage made of these names, and weighs it where it is of this dialect.
fn check(bytes: &[u8], dialect: &str, names: &[&str], oracle: Oracle) {
    let text = usage_text(bytes, names);
    let metered = read_usage(&text);
    assert_eq!(metered, read_usage(&text), "read twice, understood twice: {text}");
    let Ok(metered) = metered else {
        return;
    };
    check_usage(&metered.usage, &text);
    let answer = format!("{{\"usage\":{text}}}");
    assert_eq!(read_answer(&answer).as_ref().map(bare), Ok(bare(&metered)), "{answer}");
    let Ok(value) = serde_json::from_str::<Value>(&text) else {
        return;
    };
    if of_usage(&text) != Some(dialect) {
        return;
    }
    if let Some((input, output)) = oracle(&value) {
        within("input", metered.usage.input_tokens().as_whole(), input, &text);
        within("output", metered.usage.output_tokens().as_whole(), output, &text);
    }
}

/// What a usage object alone can say.
fn bare(metered: &Metered) -> (&Usage, Option<PicoUsd>) {
    (&metered.usage, metered.reported_cost)
}

fn within(side: &str, found: Option<i64>, (least, most): Side, text: &str) {
    let found = found.and_then(|found| u64::try_from(found).ok());
    assert!(
        found.is_some_and(|found| (least..=most).contains(&found)),
        "{side} tokens are {found:?}, expected {least} to {most}: {text}"
    );
}

/// Meters are in order, each once and above zero, and both sides fit what a ledger keeps.
pub(crate) fn check_usage(usage: &Usage, text: &str) {
    let meters = usage.meters();
    assert!(meters.is_sorted_by_key(|(meter, _)| *meter), "{text}");
    assert!(meters.windows(2).all(|pair| pair[0].0 != pair[1].0), "{text}");
    assert!(meters.iter().all(|(_, quantity)| *quantity > Default::default()), "{text}");
    assert!(usage.check().is_ok(), "{text}");
    let tokens = meters.iter().filter(|(meter, _)| meter.is_token());
    for (meter, quantity) in tokens {
        assert!(quantity.as_whole().is_some(), "`{meter}` is not whole: {text}");
    }
}
