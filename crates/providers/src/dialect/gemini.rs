//! Gemini, at Google's own API and on Vertex.
//!
//! <https://ai.google.dev/api/generate-content#UsageMetadata>: `promptTokenCount` includes
//! `cachedContentTokenCount`; `thoughtsTokenCount` and `toolUsePromptTokenCount` are beside the
//! others. Every chunk of a stream carries all of it: the last one holds.

use centime_core::decimal::shown;
use centime_core::meter::Meter;

use super::{Dialect, name_by};
use crate::error::ReadError;
use crate::fields::{Fields, Whole};
use crate::json::Value;
use crate::metered::Metered;
use crate::parts::{AnswerParts, Kinds, PromptParts, add};

pub(super) const DIALECT: Dialect = Dialect {
    signs: &["promptTokenCount", "candidatesTokenCount", "responseTokenCount", "totalTokenCount"],
    is_folded: true,
    answer,
    ..Dialect::new("gemini", usage)
};

/// The same as Google's Python library writes it out.
pub(super) const SNAKE_CASE: Dialect = Dialect {
    signs: &[
        "prompt_token_count",
        "candidates_token_count",
        "response_token_count",
        "total_token_count",
    ],
    ..DIALECT
};

/// Google's new interface, which says the same in other words
/// (<https://ai.google.dev/gemini-api/docs/interactions>).
pub(super) const INTERACTIONS: Dialect = Dialect {
    signs: &["total_input_tokens", "totalInputTokens", "total_output_tokens", "totalOutputTokens"],
    is_folded: true,
    ..Dialect::new("gemini_interactions", interaction)
};

/// What the counts are called.
struct Words {
    prompt: Count,
    cached: Count,
    tools: Count,
    answer: Count,
    thoughts: &'static str,
    total: &'static str,
    /// The tokens of one kind.
    tokens: &'static str,
}

/// A count, and where it is told by kind.
type Count = (&'static str, &'static str);

const CONTENT: Words = Words {
    prompt: ("promptTokenCount", "promptTokensDetails"),
    cached: ("cachedContentTokenCount", "cacheTokensDetails"),
    tools: ("toolUsePromptTokenCount", "toolUsePromptTokensDetails"),
    answer: ("candidatesTokenCount", "candidatesTokensDetails"),
    thoughts: "thoughtsTokenCount",
    total: "totalTokenCount",
    tokens: "tokenCount",
};

/// A turn of the live interface, <https://ai.google.dev/api/live#usagemetadata>.
const LIVE: Words = Words { answer: ("responseTokenCount", "responseTokensDetails"), ..CONTENT };

const INTERACTION: Words = Words {
    prompt: ("totalInputTokens", "inputTokensByModality"),
    cached: ("totalCachedTokens", "cachedTokensByModality"),
    tools: ("totalToolUseTokens", "toolUseTokensByModality"),
    answer: ("totalOutputTokens", "outputTokensByModality"),
    thoughts: "totalThoughtTokens",
    total: "totalTokens",
    tokens: "tokens",
};

fn usage(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let is_live = usage.has(LIVE.answer.0);
    tokens(usage, if is_live { &LIVE } else { &CONTENT }, metered)?;
    terms(usage, metered);
    Ok(())
}

fn interaction(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    tokens(usage, &INTERACTION, metered)?;
    for tool in usage.objects("groundingToolCount")? {
        let kind = tool.word("type").unwrap_or_default();
        let meter = match &*kind {
            "google_search" => Meter::WebSearch,
            "google_maps" => Meter::MapsSearch,
            "retrieval" => Meter::FileSearch,
            _ => {
                let what = format!("`{}` is no tool that is known here", shown(&kind));
                return Err(tool.error("type", what));
            }
        };
        add(&mut metered.usage, meter, tool.count("count")?.unwrap_or_default())?;
    }
    Ok(())
}

fn tokens(usage: &Fields<'_>, words: &Words, metered: &mut Metered) -> Result<(), ReadError> {
    let prompt = whole(usage, words.prompt)?;
    let mut parts = PromptParts {
        cached: usage.part(words.cached.0, prompt)?,
        kinds: kinds(usage, words.prompt, words)?,
        cached_kinds: kinds(usage, words.cached, words)?,
        ..PromptParts::default()
    };
    // The counts by kind add up to the prompt, or to what of it was not cached.
    parts.kinds_without_cached =
        parts.cached > 0 && sum(parts.kinds) == prompt.tokens - parts.cached;
    parts.add_to(&mut metered.usage, prompt, usage)?;

    let tools = whole(usage, words.tools)?;
    let kinds = kinds(usage, words.tools, words)?;
    let parts = PromptParts { kinds, ..PromptParts::default() };
    parts.add_to(&mut metered.usage, tools, usage)?;

    answer_side(usage, prompt.tokens.saturating_add(tools.tokens), words, metered)
}

fn whole(usage: &Fields<'_>, (name, _): Count) -> Result<Whole, ReadError> {
    let tokens = usage.count(name)?.unwrap_or_default();
    Ok(Whole { name, tokens })
}

/// Thoughts are beside the candidates, unless the total says that they are among them.
fn answer_side(
    usage: &Fields<'_>,
    prompt: u64,
    words: &Words,
    metered: &mut Metered,
) -> Result<(), ReadError> {
    let answer = whole(usage, words.answer)?;
    let thoughts = usage.count(words.thoughts)?.unwrap_or_default();
    let kinds = kinds(usage, words.answer, words)?;
    let mut parts = AnswerParts { kinds, ..AnswerParts::default() };
    let total = usage.count(words.total)?;
    let is_among = thoughts <= answer.tokens && total == prompt.checked_add(answer.tokens);
    if is_among {
        parts.reasoning = thoughts;
    } else {
        parts.reasoning_beside = thoughts;
    }
    parts.add_to(&mut metered.usage, answer, usage)
}

/// Token counts by the kind of content.
fn kinds(usage: &Fields<'_>, (_, name): Count, words: &Words) -> Result<Kinds, ReadError> {
    let mut kinds = Kinds::default();
    for count in usage.objects(name)? {
        let tokens = count.count(words.tokens)?.unwrap_or_default();
        let modality = count.word("modality").unwrap_or_default();
        let kind = match &*modality {
            "AUDIO" | "audio" => &mut kinds.audio,
            "IMAGE" | "image" => &mut kinds.image,
            "VIDEO" | "video" => &mut kinds.video,
            _ => &mut kinds.plain,
        };
        *kind =
            kind.checked_add(tokens).ok_or_else(|| count.error(words.tokens, "is too large"))?;
    }
    Ok(kinds)
}

fn sum(kinds: Kinds) -> u64 {
    let Kinds { plain, audio, image, video } = kinds;
    [plain, audio, image, video].into_iter().fold(0, u64::saturating_add)
}

/// The tier that it was served in: `serviceTier` (`STANDARD`, `FLEX`, `PRIORITY`), on Vertex
/// `trafficType` (`ON_DEMAND`, `ON_DEMAND_FLEX`, `ON_DEMAND_PRIORITY`, `PROVISIONED_THROUGHPUT`).
fn terms(usage: &Fields<'_>, metered: &mut Metered) {
    let Some(tier) = usage.word("serviceTier").or_else(|| usage.word("trafficType")) else {
        return;
    };
    let tier = tier.to_ascii_lowercase();
    metered.service_tier = match tier.as_str() {
        "unspecified" | "traffic_type_unspecified" => None,
        _ => Some(tier.strip_prefix("on_demand_").unwrap_or(&tier).to_owned()),
    };
}

fn answer(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    name_by(answer, "modelVersion", "responseId", metered);
    if metered.model.is_none() {
        name_by(answer, "model_version", "response_id", metered);
    }
    let (mut queries, mut maps) = (0_u64, 0);
    for candidate in answer.objects("candidates").unwrap_or_default() {
        if let Ok(Some(grounding)) = candidate.folded().object("groundingMetadata") {
            queries = queries.saturating_add(queries_of(&grounding));
            maps |= u64::from(is_from_maps(&grounding));
        }
    }
    // Each query counts from Gemini 3 on, before it the call as a whole
    // (<https://ai.google.dev/gemini-api/docs/google-search#pricing>).
    if is_before_gemini_3(metered.model.as_deref()) {
        queries = queries.min(1);
    }
    add(&mut metered.usage, Meter::WebSearch, queries)?;
    add(&mut metered.usage, Meter::MapsSearch, maps)
}

fn is_before_gemini_3(model: Option<&str>) -> bool {
    let generation = model
        .and_then(|model| model.split_once("gemini-"))
        .and_then(|(_, rest)| rest.split(['.', '-']).next()?.parse::<u32>().ok());
    generation.is_some_and(|generation| generation < 3)
}

fn queries_of(grounding: &Fields<'_>) -> u64 {
    let queries = grounding.array("webSearchQueries").ok().flatten();
    let asked =
        |query: &Value<'_>| matches!(query, Value::String(text) if !text.decode().is_empty());
    queries.map_or(0, |queries| queries.items().filter(asked).fold(0, |count, _| count + 1))
}

/// Whether the answer rests on Google Maps: a prompt is billed when at least one source is a place
/// (<https://ai.google.dev/gemini-api/docs/maps-grounding>).
fn is_from_maps(grounding: &Fields<'_>) -> bool {
    let chunks = grounding.objects("groundingChunks").unwrap_or_default();
    chunks.iter().any(|chunk| chunk.has("maps"))
}
