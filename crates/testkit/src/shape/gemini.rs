//! `POST /v1beta/models/{model}:generateContent` and its kin: <https://ai.google.dev/api/generate-content>.

use centime_core::usage::Usage;
use serde_json::{Value, json};

use crate::answer::{Answer, Event, Framing};
use crate::call::Call;
use crate::dice::Dice;
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::{Ask, Calling, Choice, Finish, Format, Reply, Sides, Tool, ToolCall};
use crate::words::phrase;

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Refusal> {
    let made = Made::of(call)?;
    let sides = made.sides;
    Ok(Answer::json(made.whole(), sides.usage()).written(sides.output))
}

/// `:streamGenerateContent`: server-sent events with `alt=sse`, one JSON array without.
pub(super) fn stream(call: &Call<'_>) -> Result<Answer, Refusal> {
    let made = Made::of(call)?;
    let is_sse = call.query.split('&').any(|pair| pair == "alt=sse");
    let framing = if is_sse { Framing::Sse } else { Framing::JsonArray };
    let sides = made.sides;
    Ok(Answer::events(made.chunks(), framing, sides.usage()).written(sides.output))
}

/// `:countTokens`: <https://ai.google.dev/api/tokens>.
pub(super) fn count_tokens(call: &Call<'_>) -> Result<Answer, Refusal> {
    let inner = &call.body["generateContentRequest"];
    let body = if inner.is_object() { inner } else { &call.body };
    let tokens = prompt(&call.model, body)?;
    let content = json!({"totalTokens": tokens,
                         "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}]});
    Ok(Answer::json(content, Usage::default()))
}

fn prompt(model: &str, body: &Value) -> Result<u64, Refusal> {
    let mut prompt = Prompt::new("gemini", model);
    let system = body.get("systemInstruction").or_else(|| body.get("system_instruction"));
    if let Some(system) = system {
        prompt.content(&system["parts"]);
    }
    for content in contents(body)? {
        prompt.framing(1);
        prompt.content(&content["parts"]);
    }
    prompt.json(&body["tools"]);
    Ok(prompt.tokens)
}

fn contents(body: &Value) -> Result<&[Value], Refusal> {
    let contents = body["contents"].as_array().filter(|contents| !contents.is_empty());
    let error = || Refusal::bad("* GenerateContentRequest.contents: contents is not specified");
    contents.map(Vec::as_slice).ok_or_else(error)
}

/// What was made for a call.
struct Made<'a> {
    call: &'a Call<'a>,
    dice: Dice,
    reply: Reply,
    sides: Sides,
    /// What was searched for.
    queries: Vec<String>,
}

impl<'a> Made<'a> {
    fn of(call: &'a Call<'a>) -> Result<Self, Refusal> {
        let config = &call.body["generationConfig"];
        let contents = contents(&call.body)?;
        let tools = tools(&call.body["tools"]);
        let ask = Ask {
            output_tokens_max: config["maxOutputTokens"].as_u64(),
            choices: config["candidateCount"].as_u64().unwrap_or(1),
            calling: calling(&call.body["toolConfig"]["functionCallingConfig"], &tools, contents),
            tools,
            format: format(config),
            reasoning_tokens_max: thoughts_max(&call.model, config),
        };
        let dice = call.dice();
        let reply = ask.reply(&dice, &call.config.text_tokens);
        let tokens = prompt(&call.model, &call.body)?;
        let mut sides = Sides::cached(tokens, &reply, call.config.cache_share, &dice);
        let mut tools = call.body["tools"].as_array().into_iter().flatten();
        let searches =
            tools.any(|tool| tool.get("googleSearch").or(tool.get("google_search")).is_some());
        sides.searches = u64::from(searches);
        let queries = (0..sides.searches).map(|_| phrase(&mut dice.of("queries"), 3)).collect();
        Ok(Self { call, dice, reply, sides, queries })
    }

    fn whole(&self) -> Value {
        let candidates = self.reply.choices.iter().enumerate().map(|(index, choice)| {
            let mut parts = self.thought();
            parts.extend(parts_of(choice));
            let mut candidate = candidate(index, &parts, Some(choice.finish));
            self.ground(&mut candidate);
            candidate
        });
        self.chunk(&candidates.collect(), self.sides.output)
    }

    /// The chunks of a stream; each says what was used so far.
    fn chunks(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let mut written = self.sides.reasoning;
        let thought = self.thought();
        for (index, choice) in self.reply.choices.iter().enumerate() {
            if !thought.is_empty() {
                let chunk = self.chunk(&json!([candidate(index, &thought, None)]), written);
                events.push(Event::data(chunk));
            }
            let mut parts: Vec<(Vec<Value>, u64)> = self
                .call
                .chunks(&choice.text)
                .map(|(text, tokens)| (vec![json!({"text": text})], tokens))
                .collect();
            if !choice.calls.is_empty() {
                parts.push((choice.calls.iter().map(call_part).collect(), choice.tokens()));
            }
            let (last, before) = match parts.split_last() {
                Some((last, before)) => (last.clone(), before.to_vec()),
                None => ((Vec::new(), 0), Vec::new()),
            };
            for (parts, tokens) in before {
                written += tokens;
                let chunk = self.chunk(&json!([candidate(index, &parts, None)]), written);
                events.push(Event::data(chunk).carrying(tokens));
            }
            written += last.1;
            let mut candidate = candidate(index, &last.0, Some(choice.finish));
            self.ground(&mut candidate);
            let chunk = self.chunk(&json!([candidate]), written);
            events.push(Event::data(chunk).carrying(last.1));
        }
        events
    }

    fn chunk(&self, candidates: &Value, written: u64) -> Value {
        json!({"candidates": candidates, "usageMetadata": usage(&self.sides, written),
               "modelVersion": self.call.model, "responseId": self.dice.of("id").id("")})
    }

    /// What it thought, where the call asks to see it.
    fn thought(&self) -> Vec<Value> {
        let thinking = &self.call.body["generationConfig"]["thinkingConfig"];
        if thinking["includeThoughts"] != true || self.reply.thoughts.is_empty() {
            return Vec::new();
        }
        vec![json!({"text": self.reply.thoughts.concat(), "thought": true})]
    }

    /// <https://ai.google.dev/gemini-api/docs/google-search>.
    fn ground(&self, candidate: &mut Value) {
        if !self.queries.is_empty() {
            candidate["groundingMetadata"] = json!({"webSearchQueries": self.queries,
                "groundingChunks": [{"web": {"uri": "https://example.com/", "title": "Example"}}]});
        }
    }
}

fn candidate(index: usize, parts: &[Value], end: Option<Finish>) -> Value {
    let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": index});
    match end {
        Some(Finish::Length) => candidate["finishReason"] = json!("MAX_TOKENS"),
        Some(Finish::Stop | Finish::Tools) => candidate["finishReason"] = json!("STOP"),
        None => {}
    }
    candidate
}

fn parts_of(choice: &Choice) -> Vec<Value> {
    let text = choice.text.concat();
    let text = (!text.is_empty()).then(|| json!({"text": text}));
    text.into_iter().chain(choice.calls.iter().map(call_part)).collect()
}

fn call_part(call: &ToolCall) -> Value {
    json!({"functionCall": {"id": call.id, "name": call.name, "args": call.input()}})
}

/// The answer's tokens are beside those of the thoughts.
fn usage(sides: &Sides, written: u64) -> Value {
    let mut usage = json!({"promptTokenCount": sides.prompt,
        "candidatesTokenCount": written - sides.reasoning, "totalTokenCount": sides.prompt + written,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": sides.prompt}]});
    if sides.reasoning > 0 {
        usage["thoughtsTokenCount"] = json!(sides.reasoning);
    }
    if sides.cache_read > 0 {
        usage["cachedContentTokenCount"] = json!(sides.cache_read);
        usage["cacheTokensDetails"] = json!([{"modality": "TEXT", "tokenCount": sides.cache_read}]);
    }
    usage
}

fn tools(given: &Value) -> Vec<Tool> {
    let declared = given.as_array().into_iter().flatten().filter_map(|tool| {
        tool.get("functionDeclarations").or_else(|| tool.get("function_declarations"))?.as_array()
    });
    let tool = |function: &Value| {
        let schema =
            function.get("parametersJsonSchema").or_else(|| function.get("parameters")).cloned();
        let schema = schema.unwrap_or_else(|| json!({"type": "object", "properties": {}}));
        Some(Tool { name: function["name"].as_str()?.to_owned(), schema })
    };
    declared.flatten().filter_map(tool).collect()
}

fn calling(config: &Value, tools: &[Tool], contents: &[Value]) -> Calling {
    let last = contents.last().and_then(|last| last["parts"].as_array());
    let was_called =
        last.is_some_and(|parts| parts.iter().any(|part| part.get("functionResponse").is_some()));
    let allowed = config["allowedFunctionNames"][0].as_str();
    match (config["mode"].as_str(), allowed) {
        _ if tools.is_empty() => Calling::Never,
        (Some("NONE"), _) => Calling::Never,
        (Some("ANY"), Some(name)) => Calling::Only(name.to_owned()),
        (Some("ANY"), None) => Calling::Any,
        _ if was_called => Calling::Never,
        _ => Calling::Any,
    }
}

fn format(config: &Value) -> Format {
    let names = ["responseSchema", "responseJsonSchema"];
    let schema = names.iter().find_map(|name| config.get(*name));
    match (config["responseMimeType"].as_str(), schema) {
        (_, Some(schema)) => Format::Schema(schema.clone()),
        (Some("application/json"), None) => Format::Json,
        _ => Format::Prose,
    }
}

/// Gemini thinks since 2.5, unless it is told not to.
fn thoughts_max(model: &str, config: &Value) -> Option<u64> {
    let name = model.rsplit('/').next().unwrap_or(model);
    let thinks = name.starts_with("gemini-2.5") || name.starts_with("gemini-3");
    let budget = config["thinkingConfig"]["thinkingBudget"].as_i64();
    match budget {
        _ if !thinks => None,
        Some(0) => None,
        Some(budget) => Some(u64::try_from(budget).unwrap_or(u64::MAX)),
        None => Some(u64::MAX),
    }
}
