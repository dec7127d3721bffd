//! `POST /v1/responses`: <https://platform.openai.com/docs/api-reference/responses>, and its events:
//! <https://platform.openai.com/docs/api-reference/responses-streaming>.

use serde_json::{Value, json};

use super::openai_tools::{calling, format, limit, reasoning_tokens_max, service_tier, tools};
use crate::answer::{Answer, Event, Framing};
use crate::call::{Call, count};
use crate::dice::Dice;
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::{Ask, Choice, Finish, Sides, ToolCall};
use crate::words::phrase;

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let model = call.named_model()?;
    let input = call.required("input")?;
    let tools = tools(&call.body["tools"]);
    let last = input.as_array().and_then(|items| items.last());
    let was_called = last.is_some_and(|last| last["type"] == "function_call_output");
    let effort = call.body["reasoning"]["effort"].as_str();
    let ask = Ask {
        output_tokens_max: limit(call, &["max_output_tokens"])?,
        choices: 1,
        calling: calling(&call.body["tool_choice"], &tools, was_called),
        tools,
        format: format(&call.body["text"]["format"]),
        reasoning_tokens_max: reasoning_tokens_max(model, effort),
    };
    let dice = call.dice();
    let reply = ask.reply(&dice, &call.config.text_tokens);
    let mut sides = Sides::cached(prompt(call, input), &reply, call.config.cache_share, &dice);
    sides.searches = u64::from(is_searching(&call.body["tools"]));
    let (thoughts, choice) = reply.into_first();
    let items = items(&dice, sides.searches, !thoughts.is_empty(), choice);
    let head = Head { call, dice: &dice, sides };
    let answer = if call.is_stream() {
        Answer::events(head.events(&items), Framing::Sse, sides.usage())
    } else {
        Answer::json(head.response(&items, true), sides.usage())
    };
    Ok(answer.written(sides.output))
}

fn prompt(call: &Call<'_>, input: &Value) -> u64 {
    let mut prompt = Prompt::new("openai", &call.model);
    prompt.framing(3);
    prompt.content(&call.body["instructions"]);
    match input.as_array() {
        None => {
            prompt.framing(4);
            prompt.content(input);
        }
        Some(items) => {
            for item in items {
                prompt.framing(4);
                match item.get("content").or_else(|| item.get("output")) {
                    Some(content) => prompt.content(content),
                    None => prompt.json(item),
                }
            }
        }
    }
    prompt.json(&call.body["tools"]);
    prompt.json(&call.body["text"]["format"]["schema"]);
    prompt.tokens
}

fn is_searching(tools: &Value) -> bool {
    let mut tools = tools.as_array().into_iter().flatten();
    tools.any(|tool| tool["type"].as_str().is_some_and(|kind| kind.starts_with("web_search")))
}

/// An item of the output.
enum Item {
    Reasoning { id: String },
    Search { id: String, query: String },
    Call { id: String, call: ToolCall, is_whole: bool },
    Message { id: String, text: Vec<String>, is_whole: bool },
}

fn items(dice: &Dice, searches: u64, has_thought: bool, choice: Choice) -> Vec<Item> {
    let mut ids = dice.of("items");
    let mut items = Vec::new();
    if has_thought {
        items.push(Item::Reasoning { id: ids.id("rs_") });
    }
    for _ in 0..searches {
        items.push(Item::Search { id: ids.id("ws_"), query: phrase(&mut ids, 3) });
    }
    let is_whole = choice.finish != Finish::Length;
    let (calls, has_text) = (choice.calls.len(), choice.calls.is_empty());
    for (at, call) in choice.calls.into_iter().enumerate() {
        // A limit cuts the last of them.
        let is_whole = is_whole || at + 1 < calls;
        items.push(Item::Call { id: ids.id("fc_"), call, is_whole });
    }
    if has_text {
        items.push(Item::Message { id: ids.id("msg_"), text: choice.text, is_whole });
    }
    items
}

impl Item {
    fn status(&self) -> &'static str {
        match self {
            Self::Message { is_whole: false, .. } | Self::Call { is_whole: false, .. } => {
                "incomplete"
            }
            _ => "completed",
        }
    }

    fn is_cut(&self) -> bool {
        self.status() == "incomplete"
    }

    fn id(&self) -> &str {
        match self {
            Self::Reasoning { id }
            | Self::Search { id, .. }
            | Self::Call { id, .. }
            | Self::Message { id, .. } => id,
        }
    }

    fn whole(&self) -> Value {
        match self {
            Self::Reasoning { id } => json!({"id": id, "type": "reasoning", "summary": []}),
            Self::Search { id, query } => json!({"id": id, "type": "web_search_call",
                "status": "completed", "action": {"type": "search", "query": query}}),
            Self::Call { id, call, .. } => json!({"id": id, "type": "function_call",
                "status": self.status(), "call_id": format!("call_{}", call.id), "name": call.name,
                "arguments": call.arguments.concat()}),
            Self::Message { id, text, .. } => json!({"id": id, "type": "message",
                "status": self.status(), "role": "assistant", "content": [part(&text.concat())]}),
        }
    }

    /// As it is announced, before anything of it is there.
    fn begun(&self) -> Value {
        let mut item = self.whole();
        match self {
            Self::Reasoning { .. } => return item,
            Self::Search { .. } => {}
            Self::Call { .. } => item["arguments"] = json!(""),
            Self::Message { .. } => item["content"] = json!([]),
        }
        item["status"] = json!("in_progress");
        item
    }
}

fn part(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

struct Head<'a> {
    call: &'a Call<'a>,
    dice: &'a Dice,
    sides: Sides,
}

impl Head<'_> {
    /// The response; before its end it has neither output nor usage.
    fn response(&self, items: &[Item], is_done: bool) -> Value {
        let body = &self.call.body;
        let given = |name: &str, usual: Value| match &body[name] {
            Value::Null => usual,
            given => given.clone(),
        };
        let is_cut = items.iter().any(Item::is_cut);
        let (status, detail) = match (is_done, is_cut) {
            (false, _) => ("in_progress", Value::Null),
            (true, false) => ("completed", Value::Null),
            (true, true) => ("incomplete", json!({"reason": "max_output_tokens"})),
        };
        let output: Value = items.iter().filter(|_| is_done).map(Item::whole).collect();
        let usage = is_done.then(|| usage(&self.sides));
        json!({"id": self.dice.of("id").id("resp_"), "object": "response",
            "created_at": self.call.config.created_at_s, "status": status, "background": false,
            "error": null, "incomplete_details": detail,
            "instructions": body["instructions"], "max_output_tokens": body["max_output_tokens"],
            "max_tool_calls": null, "model": self.call.model, "output": output,
            "parallel_tool_calls": given("parallel_tool_calls", json!(true)),
            "previous_response_id": body["previous_response_id"],
            "prompt_cache_key": body["prompt_cache_key"],
            "reasoning": {"effort": body["reasoning"]["effort"], "summary": null},
            "safety_identifier": body["safety_identifier"],
            "service_tier": service_tier(self.call), "store": given("store", json!(true)),
            "temperature": given("temperature", json!(1.0)),
            "text": given("text", json!({"format": {"type": "text"}, "verbosity": "medium"})),
            "tool_choice": given("tool_choice", json!("auto")), "tools": given("tools", json!([])),
            "top_logprobs": 0, "top_p": given("top_p", json!(1.0)), "truncation": "disabled",
            "usage": usage, "user": body["user"], "metadata": given("metadata", json!({}))})
    }

    fn events(&self, items: &[Item]) -> Vec<Event> {
        let mut events = Numbered::default();
        for name in ["response.created", "response.in_progress"] {
            events.push(name, json!({"response": self.response(items, false)}));
        }
        for (at, item) in items.iter().enumerate() {
            let output = |mut data: Value| {
                data["output_index"] = json!(at);
                data
            };
            events.push("response.output_item.added", output(json!({"item": item.begun()})));
            self.inside(item, &output, &mut events);
            events.push("response.output_item.done", output(json!({"item": item.whole()})));
        }
        let is_cut = items.iter().any(Item::is_cut);
        let last = if is_cut { "response.incomplete" } else { "response.completed" };
        events.push(last, json!({"response": self.response(items, true)}));
        events.events
    }

    /// What happens between the beginning and the end of an item.
    fn inside(&self, item: &Item, output: &dyn Fn(Value) -> Value, events: &mut Numbered) {
        let id = item.id();
        match item {
            Item::Reasoning { .. } => {}
            Item::Search { .. } => {
                for name in [
                    "response.web_search_call.in_progress",
                    "response.web_search_call.searching",
                    "response.web_search_call.completed",
                ] {
                    events.push(name, output(json!({"item_id": id})));
                }
            }
            Item::Call { call, .. } => {
                for (delta, tokens) in self.call.chunks(&call.arguments) {
                    let data = output(json!({"item_id": id, "delta": delta}));
                    events.carrying("response.function_call_arguments.delta", data, tokens);
                }
                let arguments = call.arguments.concat();
                let data = json!({"item_id": id, "name": call.name, "arguments": arguments});
                events.push("response.function_call_arguments.done", output(data));
            }
            Item::Message { text, .. } => {
                let within = |mut data: Value| {
                    data["item_id"] = json!(id);
                    data["content_index"] = json!(0);
                    output(data)
                };
                let whole = text.concat();
                events.push("response.content_part.added", within(json!({"part": part("")})));
                for (delta, tokens) in self.call.chunks(text) {
                    let data = within(json!({"delta": delta, "logprobs": []}));
                    events.carrying("response.output_text.delta", data, tokens);
                }
                let done = json!({"text": whole, "logprobs": []});
                events.push("response.output_text.done", within(done));
                events.push("response.content_part.done", within(json!({"part": part(&whole)})));
            }
        }
    }
}

/// Events with their numbers.
#[derive(Default)]
struct Numbered {
    events: Vec<Event>,
}

impl Numbered {
    fn push(&mut self, name: &'static str, data: Value) {
        self.carrying(name, data, 0);
    }

    fn carrying(&mut self, name: &'static str, mut data: Value, tokens: u64) {
        data["type"] = json!(name);
        data["sequence_number"] = json!(count(&self.events));
        self.events.push(Event::named(name, data).carrying(tokens));
    }
}

fn usage(sides: &Sides) -> Value {
    json!({"input_tokens": sides.prompt,
           "input_tokens_details": {"cached_tokens": sides.cache_read},
           "output_tokens": sides.output,
           "output_tokens_details": {"reasoning_tokens": sides.reasoning},
           "total_tokens": sides.prompt + sides.output})
}
