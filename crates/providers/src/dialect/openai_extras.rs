//! What providers that speak like OpenAI add to their usage: tools, sources, and what a call cost.

use centime_core::meter::Meter;
use centime_core::money::PicoUsd;
use centime_core::price::OptionKey;

use super::{add_counts, choose_by};
use crate::error::ReadError;
use crate::fields::Fields;
use crate::json::Value;
use crate::metered::Metered;
use crate::parts::add;

/// Adds the tools that the usage itself counts.
pub(super) fn add_tools(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    // Live search was billed by the source
    // (<https://docs.x.ai/docs/guides/live-search#live-search-cost>).
    let counts = [("citation_tokens", Meter::Citation), ("num_sources_used", Meter::WebSearch)];
    add_counts(usage, &counts, metered)?;
    perplexity_searches(usage, metered)?;
    // <https://openrouter.ai/docs/guides/administration/usage-accounting>
    if let Some(tools) = usage.object("server_tool_use")? {
        add_counts(&tools, &[("web_search_requests", Meter::WebSearch)], metered)?;
    }
    // <https://docs.mistral.ai/agents/connectors/connectors_overview>
    if let Some(connectors) = usage.object("connectors")? {
        let counts = [
            ("web_search", Meter::WebSearch),
            ("web_search_premium", Meter::WebSearch),
            ("document_library", Meter::FileSearch),
            ("code_interpreter", Meter::CodeSession),
            ("image_generation", Meter::Images),
        ];
        add_counts(&connectors, &counts, metered)?;
    }
    add_server_tools(usage, metered)
}

/// xAI counts the tools that it ran itself
/// (<https://docs.x.ai/docs/guides/tools/overview>).
pub(super) fn add_server_tools(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let Some(tools) = usage.object(SERVER_TOOLS)? else {
        return Ok(());
    };
    let counts = [
        ("web_search_calls", Meter::WebSearch),
        ("x_search_calls", Meter::WebSearch),
        ("code_interpreter_calls", Meter::CodeSession),
        ("file_search_calls", Meter::FileSearch),
        ("document_search_calls", Meter::FileSearch),
    ];
    add_counts(&tools, &counts, metered)
}

/// Where xAI counts its tools.
pub(super) const SERVER_TOOLS: &str = "server_side_tool_usage_details";

/// Sonar is billed by the request, deep research by the query
/// (<https://docs.perplexity.ai/getting-started/pricing>): its own cost says which, and where there
/// is none, a count of queries does.
fn perplexity_searches(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    choose_by(usage, "search_context_size", OptionKey::SearchContext, metered)?;
    let cost = match usage.get("cost")? {
        Some(Value::Object(_)) => usage.object("cost")?,
        _ => None,
    };
    let fee = match &cost {
        Some(cost) => cost.dollars("request_cost")?,
        None => None,
    };
    let queries = usage.count("num_search_queries")?;
    let searches = match (fee, queries) {
        (Some(fee), _) if fee > PicoUsd::ZERO => 1,
        (_, Some(queries)) => queries,
        (Some(_), None) => 0,
        (None, None) => u64::from(usage.word("search_context_size").is_some()),
    };
    add(&mut metered.usage, Meter::WebSearch, searches)
}

/// What a provider says the call cost: `cost` in dollars (OpenRouter), `cost.total_cost`
/// (Perplexity), `estimated_cost` (DeepInfra), or ticks of 10^-10 dollars (xAI,
/// <https://docs.x.ai/developers/cost-tracking>).
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
        Some(_) => openrouter_cost(usage),
        None => usage.dollars("estimated_cost"),
    }
}

/// With a key of one's own at the provider, `cost` is OpenRouter's fee alone, and the provider
/// charges what it is said to beside it (<https://openrouter.ai/docs/guides/overview/auth/byok>).
fn openrouter_cost(usage: &Fields<'_>) -> Result<Option<PicoUsd>, ReadError> {
    let cost = usage.dollars("cost")?;
    let upstream = match (usage.get("is_byok")?, usage.object("cost_details")?) {
        (Some(Value::Bool(true)), Some(details)) => details.dollars("upstream_inference_cost")?,
        _ => None,
    };
    let (Some(cost), Some(upstream)) = (cost, upstream) else {
        return Ok(cost);
    };
    let sum = cost.checked_add(upstream);
    sum.map(Some).ok_or_else(|| usage.error("cost", "is too large"))
}
