//! `POST /v1/completions`: <https://platform.openai.com/docs/api-reference/completions>.

use serde_json::{Value, json};

use super::openai_chat::{finish, usage};
use super::openai_tools::limit;
use crate::answer::{Answer, Event, Framing};
use crate::call::Call;
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::{Ask, Sides};

/// What is written where the call sets no limit.
const LIMIT: u64 = 16;

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let model = call.named_model()?;
    let mut prompt = Prompt::new("openai", model);
    let prompts = call.required("prompt")?;
    prompt.content(prompts);
    let prompts = prompts.as_array().map_or(1, |prompts| crate::call::count(prompts).max(1));
    let ask = Ask {
        output_tokens_max: Some(limit(call, &["max_tokens"])?.unwrap_or(LIMIT)),
        choices: limit(call, &["n"])?.unwrap_or(1).saturating_mul(prompts),
        ..Ask::default()
    };
    let dice = call.dice();
    let reply = ask.reply(&dice, &call.config.text_tokens);
    let sides = Sides::cached(prompt.tokens, &reply, call.config.cache_share, &dice);
    let id = dice.of("id").id("cmpl-");
    let of = |choices: Value| {
        json!({"id": id, "object": "text_completion", "created": call.config.created_at_s,
               "model": model, "choices": choices})
    };
    let choice = |index: usize, text: String, finish: Option<&str>| json!({"text": text, "index": index, "logprobs": null, "finish_reason": finish});
    if !call.is_stream() {
        let choices =
            reply.choices.iter().enumerate().map(|(index, given)| {
                choice(index, given.text.concat(), Some(finish(given.finish)))
            });
        let mut whole = of(choices.collect());
        whole["usage"] = usage(&sides);
        return Ok(Answer::json(whole, sides.usage()).written(sides.output));
    }
    let has_usage = call.body["stream_options"]["include_usage"] == true;
    let mut events = Vec::new();
    for (index, given) in reply.choices.iter().enumerate() {
        let mut text = |text: String, finish: Option<&str>, tokens| {
            let mut chunk = of(json!([choice(index, text, finish)]));
            if has_usage {
                chunk["usage"] = Value::Null;
            }
            events.push(Event::data(chunk).carrying(tokens));
        };
        for (piece, tokens) in call.chunks(&given.text) {
            text(piece, None, tokens);
        }
        text(String::new(), Some(finish(given.finish)), 0);
    }
    if has_usage {
        let mut last = of(json!([]));
        last["usage"] = usage(&sides);
        events.push(Event::data(last));
    }
    Ok(Answer::events(events, Framing::SseDone, sides.usage()))
}
