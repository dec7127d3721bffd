//! `POST /v1/rerank` and `/v2/rerank`: Cohere's (<https://docs.cohere.com/reference/rerank>), billed by
//! searches, and Jina's (<https://jina.ai/reranker>), billed by tokens.

use centime_core::meter::Meter;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::{Call, count};
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::usage;

/// The documents of a search; more are another one.
const DOCUMENTS_A_SEARCH: u64 = 100;

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let model = call.named_model()?;
    let documents = call.required("documents")?.as_array().map(Vec::as_slice).unwrap_or_default();
    let query = call.required("query")?;
    let dice = call.dice();
    let mut order = dice.of("order");
    let mut ranked: Vec<(u64, usize)> =
        (0..documents.len()).map(|index| (order.below(1000), index)).collect();
    ranked.sort_unstable_by(|one, other| other.cmp(one));
    let most = call.body["top_n"]
        .as_u64()
        .map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let result = |&(thousandths, index): &(u64, usize)| {
        let score = f64::from(u32::try_from(thousandths).unwrap_or(0)) / 1000.0;
        json!({"index": index, "relevance_score": score})
    };
    let results: Value = ranked.iter().take(most).map(result).collect();
    if model.contains("jina") {
        let mut prompt = Prompt::new("jina", model);
        for text in documents.iter().chain([query]) {
            prompt.content(text);
        }
        let tokens = prompt.tokens;
        let content = json!({"model": model, "object": "list", "results": results,
                             "usage": {"total_tokens": tokens}});
        return Ok(Answer::json(content, usage(&[(Meter::Input, tokens)])));
    }
    let searches = count(documents).div_ceil(DOCUMENTS_A_SEARCH).max(1);
    let content = json!({"id": dice.of("id").id(""), "results": results,
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": searches}}});
    Ok(Answer::json(content, usage(&[(Meter::Searches, searches)])))
}
