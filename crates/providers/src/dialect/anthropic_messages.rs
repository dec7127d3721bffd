//! Anthropic messages, whole or in the events of a stream.
//!
//! <https://docs.claude.com/en/api/messages>: `input_tokens` leaves cached tokens out, so that the
//! prompt is `input_tokens + cache_read_input_tokens + cache_creation_input_tokens`; thinking is in
//! `output_tokens`. In a stream, `message_delta` carries cumulative counts: the last one holds.

use centime_core::decimal::shown;
use centime_core::meter::Meter;

use super::{Dialect, add_counts};
use crate::error::ReadError;
use crate::fields::{Fields, Whole};
use crate::metered::Metered;
use crate::parts::add;

pub(super) const DIALECT: Dialect = Dialect {
    signs: &[
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "server_tool_use",
        "service_tier",
        "inference_geo",
        "speed",
        "iterations",
    ],
    ..Dialect::new("anthropic_messages", usage)
};

fn usage(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    tokens(usage, metered)?;
    iterations(usage, metered)?;
    // Pages fetched and code run are counted here too: the first are free, the second are billed by
    // the hour of a container, which no answer tells
    // (<https://docs.claude.com/en/docs/about-claude/pricing#specific-tool-pricing>).
    if let Some(tools) = usage.object("server_tool_use")? {
        add_counts(&tools, &[("web_search_requests", Meter::WebSearch)], metered)?;
    }
    terms(usage, metered);
    Ok(())
}

/// The tokens of a call, or of one of the samplings that it took.
fn tokens(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let (written_5m, written_1h) = writes(usage)?;
    let output =
        Whole { name: "output_tokens", tokens: usage.count("output_tokens")?.unwrap_or_default() };
    let thinking = match usage.object("output_tokens_details")? {
        Some(details) => details.part("thinking_tokens", output)?,
        None => 0,
    };
    for (meter, tokens) in [
        (Meter::Input, usage.count("input_tokens")?.unwrap_or_default()),
        (Meter::CacheRead, usage.count("cache_read_input_tokens")?.unwrap_or_default()),
        (Meter::CacheWrite5m, written_5m),
        (Meter::CacheWrite1h, written_1h),
        (Meter::Output, output.tokens - thinking),
        (Meter::Reasoning, thinking),
    ] {
        add(&mut metered.usage, meter, tokens)?;
    }
    Ok(())
}

/// What a call sampled beside its answer. The counts above leave a compaction out, which is billed
/// like the rest (<https://platform.claude.com/docs/en/build-with-claude/compaction>). An advisor
/// is another model at its own price, which one event cannot tell.
fn iterations(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    for iteration in usage.objects("iterations")? {
        match iteration.word("type").as_deref() {
            Some("compaction") => tokens(&iteration, metered)?,
            Some("advisor_message") => {
                let model = iteration.word("model").unwrap_or_default();
                let what = format!(
                    "has tokens of an advisor, `{}`, at its own price; send an event for each model",
                    shown(&model)
                );
                return Err(usage.error("iterations", what));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The writes to a cache, of five minutes and of an hour
/// (<https://docs.claude.com/en/docs/build-with-claude/prompt-caching>).
///
/// What the split leaves of the total was written for five minutes, the kind that was there first.
fn writes(usage: &Fields<'_>) -> Result<(u64, u64), ReadError> {
    let total = usage.count("cache_creation_input_tokens")?;
    let Some(split) = usage.object("cache_creation")? else {
        return Ok((total.unwrap_or_default(), 0));
    };
    let whole = Whole { name: "cache_creation_input_tokens", tokens: total.unwrap_or(u64::MAX) };
    let written_5m = split.part("ephemeral_5m_input_tokens", whole)?;
    let written_1h = split.part("ephemeral_1h_input_tokens", whole)?;
    match total {
        None => Ok((written_5m, written_1h)),
        Some(total) if written_5m.saturating_add(written_1h) <= total => {
            Ok((total - written_1h, written_1h))
        }
        Some(total) => {
            let what = format!("{total} is less than the split of it in `cache_creation`");
            Err(usage.error("cache_creation_input_tokens", what))
        }
    }
}

/// What else the price depends on: the tier, the speed and the place
/// (<https://docs.claude.com/en/docs/about-claude/pricing>).
fn terms(usage: &Fields<'_>, metered: &mut Metered) {
    let is_plain = |tier: &str| tier == "standard";
    if let Some(tier) = usage.word("service_tier") {
        metered.service_tier = Some(tier.into());
    }
    let is_fast = usage.word("speed").as_deref() == Some("fast");
    if is_fast && metered.service_tier.as_deref().is_none_or(is_plain) {
        metered.service_tier = Some("fast".to_owned());
    }
    metered.region =
        usage.word("inference_geo").filter(|geo| geo != "not_available").map(Into::into);
}
