//! `POST /v1/messages`: <https://docs.claude.com/en/api/messages>, and its events:
//! <https://docs.claude.com/en/docs/build-with-claude/streaming>.

use centime_core::usage::Usage;
use serde_json::{Value, json};

use super::openai_tools::limit;
use crate::answer::{Answer, Event, Framing};
use crate::call::Call;
use crate::dice::Dice;
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::{Ask, Calling, Finish, Format, Reply, Sides, Tool};
use crate::words::phrase;

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    call.named_model()?;
    call.required("max_tokens")?;
    let messages = messages(call)?;
    let tools = tools(&call.body["tools"]);
    let thinking = &call.body["thinking"];
    let thinks = matches!(thinking["type"].as_str(), Some("enabled" | "adaptive"));
    let ask = Ask {
        output_tokens_max: limit(call, &["max_tokens"])?,
        choices: 1,
        calling: calling(&call.body["tool_choice"], &tools, messages),
        tools,
        format: format(&call.body),
        reasoning_tokens_max: thinks
            .then(|| thinking["budget_tokens"].as_u64().unwrap_or(u64::MAX)),
    };
    let dice = call.dice();
    let reply = ask.reply(&dice, &call.config.text_tokens);
    let searches = u64::from(is_searching(&call.body["tools"]));
    let sides = sides(call, prompt(call, messages), &reply, searches, &dice);
    let blocks = blocks(&dice, reply, searches);
    let head = Head { call, id: dice.of("id").id("msg_"), sides };
    let answer = if call.is_stream() {
        Answer::events(head.events(&blocks), Framing::Sse, sides.usage())
    } else {
        Answer::json(head.whole(&blocks), sides.usage())
    };
    Ok(answer.written(sides.output))
}

/// `POST /v1/messages/count_tokens`: <https://docs.claude.com/en/api/messages-count-tokens>.
pub(super) fn count_tokens(call: &Call<'_>) -> Result<Answer, Refusal> {
    call.named_model()?;
    let tokens = prompt(call, messages(call)?);
    Ok(Answer::json(json!({"input_tokens": tokens}), Usage::default()))
}

fn messages<'a>(call: &'a Call<'_>) -> Result<&'a [Value], Refusal> {
    let messages = call.required("messages")?.as_array().filter(|messages| !messages.is_empty());
    messages.map(Vec::as_slice).ok_or_else(|| Refusal::missing("messages"))
}

fn prompt(call: &Call<'_>, messages: &[Value]) -> u64 {
    let mut prompt = Prompt::new("anthropic", &call.model);
    prompt.framing(3);
    prompt.content(&call.body["system"]);
    for message in messages {
        prompt.framing(4);
        prompt.content(&message["content"]);
    }
    prompt.json(&call.body["tools"]);
    prompt.tokens
}

/// The tools of the client's own; those of the server have a type with a date.
fn tools(given: &Value) -> Vec<Tool> {
    let given = given.as_array().into_iter().flatten();
    let tool = |tool: &Value| {
        let schema = tool.get("input_schema")?.clone();
        Some(Tool { name: tool["name"].as_str()?.to_owned(), schema })
    };
    given.filter_map(tool).collect()
}

fn is_searching(tools: &Value) -> bool {
    let mut tools = tools.as_array().into_iter().flatten();
    tools.any(|tool| tool["type"].as_str().is_some_and(|kind| kind.starts_with("web_search_")))
}

fn calling(choice: &Value, tools: &[Tool], messages: &[Value]) -> Calling {
    let last = messages.last().and_then(|last| last["content"].as_array());
    let was_called =
        last.is_some_and(|parts| parts.iter().any(|part| part["type"] == "tool_result"));
    match (choice["type"].as_str(), choice["name"].as_str()) {
        _ if tools.is_empty() => Calling::Never,
        (Some("none"), _) => Calling::Never,
        (Some("tool"), Some(name)) => Calling::Only(name.to_owned()),
        (Some("any"), _) => Calling::Any,
        _ if was_called => Calling::Never,
        _ => Calling::Any,
    }
}

/// <https://docs.claude.com/en/docs/build-with-claude/structured-outputs>.
fn format(body: &Value) -> Format {
    let given = [&body["output_config"]["format"], &body["output_format"]];
    let schema = given.into_iter().find_map(|format| format.get("schema"));
    schema.map_or(Format::Prose, |schema| Format::Schema(schema.clone()))
}

/// A prompt with a mark for the cache is read from it, or written to it; what is written is most of
/// it, what is read is, too.
fn sides(call: &Call<'_>, prompt: u64, reply: &Reply, searches: u64, dice: &Dice) -> Sides {
    let (output, reasoning) = (reply.tokens(), reply.reasoning_tokens());
    let mut sides = Sides { prompt, output, reasoning, searches, ..Sides::default() };
    let body = call.body.to_string();
    if body.contains("\"cache_control\":{") {
        let mut dice = dice.of("cache");
        let kept = prompt * dice.between(50, 90) / 100;
        if call.config.cache_share.falls(&mut dice) {
            sides.cache_read = kept;
        } else if body.contains("\"ttl\":\"1h\"") {
            sides.cache_write_1h = kept;
        } else {
            sides.cache_write_5m = kept;
        }
    }
    sides
}

/// A block of the content: how it begins, what comes bit by bit, and what it is at the end.
struct Block {
    begun: Value,
    /// The field of its deltas, the deltas' type, and their pieces.
    deltas: Option<(&'static str, &'static str, Vec<String>)>,
    /// What closes it: a thought is signed.
    signature: Option<String>,
    whole: Value,
}

struct Blocks {
    blocks: Vec<Block>,
    finish: Finish,
}

fn blocks(dice: &Dice, reply: Reply, searches: u64) -> Blocks {
    let mut ids = dice.of("blocks");
    let mut blocks = Vec::new();
    let (thoughts, choice) = reply.into_first();
    if !thoughts.is_empty() {
        let signature = ids.id("sig");
        blocks.push(Block {
            begun: json!({"type": "thinking", "thinking": "", "signature": ""}),
            whole: json!({"type": "thinking", "thinking": thoughts.concat(), "signature": signature}),
            deltas: Some(("thinking", "thinking_delta", thoughts)),
            signature: Some(signature),
        });
    }
    for _ in 0..searches {
        blocks.extend(search(&mut ids));
    }
    if !choice.text.is_empty() {
        blocks.push(Block {
            begun: json!({"type": "text", "text": ""}),
            whole: json!({"type": "text", "text": choice.text.concat()}),
            deltas: Some(("text", "text_delta", choice.text)),
            signature: None,
        });
    }
    for call in choice.calls {
        let id = format!("toolu_{}", call.id);
        let whole = json!({"type": "tool_use", "id": id, "name": call.name, "input": call.input()});
        blocks.push(Block {
            begun: json!({"type": "tool_use", "id": id, "name": call.name, "input": {}}),
            whole,
            deltas: Some(("partial_json", "input_json_delta", call.arguments)),
            signature: None,
        });
    }
    Blocks { blocks, finish: choice.finish }
}

/// A search by the server: its question and what was found.
fn search(dice: &mut Dice) -> [Block; 2] {
    let id = dice.id("srvtoolu_");
    let query = phrase(dice, 3);
    let found = json!({"type": "web_search_tool_result", "tool_use_id": id, "content": [
        {"type": "web_search_result", "url": "https://example.com/", "title": "Example",
         "encrypted_content": "c2ltdWxhdGVk", "page_age": null}]});
    let input = json!({"query": query});
    let of = |input: &Value| json!({"type": "server_tool_use", "id": id, "name": "web_search", "input": input});
    let asked = Block {
        begun: of(&json!({})),
        whole: of(&input),
        deltas: Some(("partial_json", "input_json_delta", vec![input.to_string()])),
        signature: None,
    };
    [asked, Block { begun: found.clone(), whole: found, deltas: None, signature: None }]
}

struct Head<'a> {
    call: &'a Call<'a>,
    id: String,
    sides: Sides,
}

impl Head<'_> {
    fn message(&self, content: &Value, finish: Option<&str>, usage: &Value) -> Value {
        json!({"id": self.id, "type": "message", "role": "assistant", "model": self.call.model,
               "content": content, "stop_reason": finish, "stop_sequence": null, "usage": usage})
    }

    fn whole(&self, blocks: &Blocks) -> Value {
        let content = blocks.blocks.iter().map(|block| block.whole.clone()).collect();
        let mut usage = self.usage_at_start();
        for (name, value) in self.usage_at_end().as_object().into_iter().flatten() {
            usage[name] = value.clone();
        }
        self.message(&content, Some(finish(blocks.finish)), &usage)
    }

    fn events(&self, blocks: &Blocks) -> Vec<Event> {
        let mut usage = self.usage_at_start();
        usage["output_tokens"] = json!(self.sides.output.min(1));
        let message = self.message(&json!([]), None, &usage);
        let mut events = vec![
            Event::named("message_start", json!({"type": "message_start", "message": message})),
            Event::named("ping", json!({"type": "ping"})),
        ];
        for (index, block) in blocks.blocks.iter().enumerate() {
            let delta = |kind: &str, field: &str, value: &str| {
                let delta = json!({"type": kind, field: value});
                let data = json!({"type": "content_block_delta", "index": index, "delta": delta});
                Event::named("content_block_delta", data)
            };
            let data = json!({"type": "content_block_start", "index": index, "content_block": block.begun});
            events.push(Event::named("content_block_start", data));
            if let Some((field, kind, pieces)) = &block.deltas {
                for (text, tokens) in self.call.chunks(pieces) {
                    events.push(delta(kind, field, &text).carrying(tokens));
                }
            }
            if let Some(signature) = &block.signature {
                events.push(delta("signature_delta", "signature", signature));
            }
            let data = json!({"type": "content_block_stop", "index": index});
            events.push(Event::named("content_block_stop", data));
        }
        let end = json!({"stop_reason": finish(blocks.finish), "stop_sequence": null});
        let data = json!({"type": "message_delta", "delta": end, "usage": self.usage_at_end()});
        events.push(Event::named("message_delta", data));
        events.push(Event::named("message_stop", json!({"type": "message_stop"})));
        events
    }

    /// What is known of the usage when the answer begins.
    fn usage_at_start(&self) -> Value {
        let Sides { cache_read, cache_write_5m, cache_write_1h, .. } = self.sides;
        json!({"input_tokens": self.sides.fresh(),
               "cache_creation_input_tokens": cache_write_5m + cache_write_1h,
               "cache_read_input_tokens": cache_read,
               "cache_creation": {"ephemeral_5m_input_tokens": cache_write_5m,
                                  "ephemeral_1h_input_tokens": cache_write_1h},
               "service_tier": "standard"})
    }

    /// What is known when it ends.
    fn usage_at_end(&self) -> Value {
        let mut usage = json!({"output_tokens": self.sides.output});
        if self.sides.reasoning > 0 {
            usage["output_tokens_details"] = json!({"thinking_tokens": self.sides.reasoning});
        }
        if self.sides.searches > 0 {
            usage["server_tool_use"] = json!({"web_search_requests": self.sides.searches,
                                              "web_fetch_requests": 0});
        }
        usage
    }
}

const fn finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::Tools => "tool_use",
    }
}
