//! `POST /v1/chat/completions`: <https://platform.openai.com/docs/api-reference/chat>.

use serde_json::{Map, Value, json};

use super::openai_tools::{calling, format, limit, reasoning_tokens_max, service_tier, tools};
use crate::answer::{Answer, Event, Framing};
use crate::call::Call;
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::{Ask, Choice, Finish, Reply, Sides, ToolCall};

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let model = call.named_model()?;
    let messages = call.required("messages")?.as_array().filter(|messages| !messages.is_empty());
    let messages = messages.ok_or_else(|| Refusal::missing("messages"))?;
    let tools = tools(&call.body["tools"]);
    let was_called = messages.last().is_some_and(|last| last["role"] == "tool");
    let ask = Ask {
        output_tokens_max: limit(call, &["max_completion_tokens", "max_tokens"])?,
        choices: limit(call, &["n"])?.unwrap_or(1),
        calling: calling(&call.body["tool_choice"], &tools, was_called),
        tools,
        format: format(&call.body["response_format"]),
        reasoning_tokens_max: reasoning_tokens_max(model, call.body["reasoning_effort"].as_str()),
    };
    let dice = call.dice();
    let reply = ask.reply(&dice, &call.config.text_tokens);
    let sides = Sides::cached(prompt(call, messages), &reply, call.config.cache_share, &dice);
    let head = Head { call, id: dice.of("id").id("chatcmpl-") };
    let answer = if call.is_stream() {
        head.stream(&reply, &sides)
    } else {
        Answer::json(head.whole(&reply, &sides), sides.usage())
    };
    Ok(answer.written(sides.output))
}

/// A message costs three tokens and its role, and the answer is primed with three:
/// <https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken>.
fn prompt(call: &Call<'_>, messages: &[Value]) -> u64 {
    let mut prompt = Prompt::new("openai", &call.model);
    prompt.framing(3);
    for message in messages {
        prompt.framing(3);
        prompt.text(message["role"].as_str().unwrap_or_default());
        prompt.content(&message["content"]);
        prompt.json(&message["tool_calls"]);
    }
    prompt.json(&call.body["tools"]);
    prompt.json(&call.body["response_format"]["json_schema"]);
    prompt.tokens
}

/// What every part of an answer begins with.
struct Head<'a> {
    call: &'a Call<'a>,
    id: String,
}

impl Head<'_> {
    fn whole(&self, reply: &Reply, sides: &Sides) -> Value {
        let choices: Vec<Value> = reply
            .choices
            .iter()
            .enumerate()
            .map(|(index, choice)| {
                json!({"index": index, "message": message(choice), "logprobs": null,
                       "finish_reason": finish(choice.finish)})
            })
            .collect();
        json!({"id": self.id, "object": "chat.completion", "created": self.call.config.created_at_s,
               "model": self.call.model, "choices": choices, "usage": usage(sides),
               "service_tier": service_tier(self.call), "system_fingerprint": "fp_simulated"})
    }

    fn stream(&self, reply: &Reply, sides: &Sides) -> Answer {
        let has_usage = self.call.body["stream_options"]["include_usage"] == true;
        let mut events = Vec::new();
        for (index, choice) in reply.choices.iter().enumerate() {
            let mut delta = |delta: Value, finish: Option<&str>, tokens| {
                let choices = json!([{"index": index, "delta": delta, "logprobs": null,
                                      "finish_reason": finish}]);
                let mut chunk = self.chunk(choices);
                if has_usage {
                    chunk.insert("usage".to_owned(), Value::Null);
                }
                events.push(Event::data(Value::Object(chunk)).carrying(tokens));
            };
            let starts_with = if choice.calls.is_empty() { json!("") } else { Value::Null };
            delta(json!({"role": "assistant", "content": starts_with, "refusal": null}), None, 0);
            for (content, tokens) in self.call.chunks(&choice.text) {
                delta(json!({"content": content}), None, tokens);
            }
            for (at, tool) in choice.calls.iter().enumerate() {
                let head = json!({"index": at, "id": call_id(tool), "type": "function",
                                  "function": {"name": tool.name, "arguments": ""}});
                delta(json!({"tool_calls": [head]}), None, 0);
                for (arguments, tokens) in self.call.chunks(&tool.arguments) {
                    let more = json!([{"index": at, "function": {"arguments": arguments}}]);
                    delta(json!({"tool_calls": more}), None, tokens);
                }
            }
            delta(json!({}), Some(finish(choice.finish)), 0);
        }
        if has_usage {
            let mut last = self.chunk(json!([]));
            last.insert("usage".to_owned(), usage(sides));
            events.push(Event::data(Value::Object(last)));
        }
        Answer::events(events, Framing::SseDone, sides.usage())
    }

    fn chunk(&self, choices: Value) -> Map<String, Value> {
        let mut chunk = Map::new();
        for (name, value) in [
            ("id", json!(self.id)),
            ("object", json!("chat.completion.chunk")),
            ("created", json!(self.call.config.created_at_s)),
            ("model", json!(self.call.model)),
            ("service_tier", json!(service_tier(self.call))),
            ("system_fingerprint", json!("fp_simulated")),
            ("choices", choices),
        ] {
            chunk.insert(name.to_owned(), value);
        }
        chunk
    }
}

fn message(choice: &Choice) -> Value {
    let mut message = json!({"role": "assistant", "content": choice.text.concat(),
                             "refusal": null, "annotations": []});
    if !choice.calls.is_empty() {
        let calls = choice.calls.iter().map(|tool| {
            json!({"id": call_id(tool), "type": "function",
                   "function": {"name": tool.name, "arguments": tool.arguments.concat()}})
        });
        message["tool_calls"] = calls.collect();
        message["content"] = Value::Null;
    }
    message
}

fn call_id(tool: &ToolCall) -> String {
    format!("call_{}", tool.id)
}

pub(super) const fn finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Tools => "tool_calls",
    }
}

pub(super) fn usage(sides: &Sides) -> Value {
    json!({"prompt_tokens": sides.prompt, "completion_tokens": sides.output,
           "total_tokens": sides.prompt + sides.output,
           "prompt_tokens_details": {"cached_tokens": sides.cache_read, "audio_tokens": 0},
           "completion_tokens_details": {"reasoning_tokens": sides.reasoning, "audio_tokens": 0,
               "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}})
}
