//! Amazon Bedrock's own counts: Converse, Nova, and the metrics that end a stream of InvokeModel.
//!
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html>:
//! `inputTokens` leaves cached tokens out. `cacheDetails` says how much was written for how long.
//! The metrics (`amazon-bedrock-invocationMetrics`) and Nova's own answers say `…TokenCount`.

use centime_core::meter::Meter;

use super::{Dialect, name_by};
use crate::error::ReadError;
use crate::fields::{Fields, Whole};
use crate::metered::Metered;
use crate::parts::add;

pub(super) const DIALECT: Dialect = Dialect {
    signs: &["inputTokens", "outputTokens", "inputTokenCount", "outputTokenCount"],
    answer,
    ..Dialect::new("bedrock", usage)
};

fn usage(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let written = usage.first_count(&["cacheWriteInputTokens", "cacheWriteInputTokenCount"])?;
    let written = Whole { name: "cacheWriteInputTokens", tokens: written.unwrap_or_default() };
    let mut written_1h: u64 = 0;
    for detail in usage.objects("cacheDetails")? {
        if detail.word("ttl").as_deref() == Some("1h") {
            let tokens = detail.part("inputTokens", written)?;
            written_1h = written_1h.saturating_add(tokens);
        }
    }
    let Some(written_5m) = written.tokens.checked_sub(written_1h) else {
        let what = format!("{} is less than its parts in `cacheDetails`", written.tokens);
        return Err(usage.error(written.name, what));
    };
    let read = usage.first_count(&["cacheReadInputTokens", "cacheReadInputTokenCount"])?;
    for (meter, tokens) in [
        (Meter::Input, usage.first_count(&["inputTokens", "inputTokenCount"])?),
        (Meter::CacheRead, read),
        (Meter::CacheWrite5m, Some(written_5m)),
        (Meter::CacheWrite1h, Some(written_1h)),
        (Meter::Output, usage.first_count(&["outputTokens", "outputTokenCount"])?),
    ] {
        add(&mut metered.usage, meter, tokens.unwrap_or_default())?;
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>
fn answer(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    name_by(answer, "model", "id", metered);
    if let Ok(Some(tier)) = answer.object("serviceTier") {
        metered.service_tier = tier.word("type").map(Into::into);
    }
    Ok(())
}
