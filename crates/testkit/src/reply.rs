//! What a model says, before any dialect writes it down.

use std::ops::RangeInclusive;

use centime_core::meter::Meter;
use centime_core::money::Quantity;
use centime_core::usage::Usage;
use serde_json::{Value, json};

use crate::call::count;
use crate::config::Share;
use crate::dice::Dice;
use crate::schema::value_of;
use crate::words::{pieces, prose};

/// What is asked of a model, whatever the dialect.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    /// The most tokens that an answer may have, reasoning included.
    pub(crate) output_tokens_max: Option<u64>,
    /// How many answers; none is one.
    pub(crate) choices: u64,
    pub(crate) tools: Vec<Tool>,
    pub(crate) calling: Calling,
    pub(crate) format: Format,
    /// The most tokens that it may reason with; `None` for a model that does not.
    pub(crate) reasoning_tokens_max: Option<u64>,
}

/// A tool that the model may call.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    /// The schema of its arguments.
    pub(crate) schema: Value,
}

/// Whether tools are called.
#[derive(Debug, Default)]
pub(crate) enum Calling {
    /// Never.
    #[default]
    Never,
    /// The model calls one.
    Any,
    /// It calls this one.
    Only(String),
}

/// What the text of an answer must be.
#[derive(Debug, Default)]
pub(crate) enum Format {
    #[default]
    Prose,
    /// A JSON object of any kind.
    Json,
    /// What a schema allows.
    Schema(Value),
}

/// What a model says.
#[derive(Debug)]
pub(crate) struct Reply {
    /// What it thought, a token a piece.
    pub(crate) thoughts: Vec<String>,
    pub(crate) choices: Vec<Choice>,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Its text, a token a piece.
    pub(crate) text: Vec<String>,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) finish: Finish,
}

/// The call of a tool.
#[derive(Debug)]
pub(crate) struct ToolCall {
    /// Without the prefix that the dialect gives it.
    pub(crate) id: String,
    pub(crate) name: String,
    /// Its arguments as JSON, a token a piece.
    pub(crate) arguments: Vec<String>,
}

/// Why an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    Length,
    Tools,
}

/// What the call of a tool costs beside its arguments.
const CALL_TOKENS: u64 = 8;

impl Ask {
    /// The reply, drawn, with so many tokens of prose.
    pub(crate) fn reply(&self, dice: &Dice, text_tokens: &RangeInclusive<u64>) -> Reply {
        let limit = self.output_tokens_max.unwrap_or(u64::MAX);
        let mut thinking = dice.of("thoughts");
        let thoughts = self
            .reasoning_tokens_max
            .map_or(0, |most| thinking.between(24, 320).min(most).min(limit));
        let thoughts = prose(&mut thinking, thoughts);
        let left = limit - count(&thoughts);
        let choices = (0..self.choices.clamp(1, 128))
            .map(|at| self.choice(&dice.of(&format!("choice {at}")), left, text_tokens))
            .collect();
        Reply { thoughts, choices }
    }

    fn choice(&self, dice: &Dice, mut left: u64, text_tokens: &RangeInclusive<u64>) -> Choice {
        let mut calls = self.calls(&mut dice.of("calls"));
        if !calls.is_empty() {
            let mut is_cut = false;
            calls.retain_mut(|call| {
                let is_kept = left > CALL_TOKENS;
                left = left.saturating_sub(CALL_TOKENS);
                is_cut |= !is_kept || cut(&mut call.arguments, left);
                left -= count(&call.arguments).min(left);
                is_kept
            });
            let finish = if is_cut { Finish::Length } else { Finish::Tools };
            return Choice { text: Vec::new(), calls, finish };
        }
        let mut dice = dice.of("text");
        let mut text = match &self.format {
            Format::Prose => {
                let length = dice.between(*text_tokens.start(), *text_tokens.end());
                prose(&mut dice, length)
            }
            Format::Json => pieces(&json!({"answer": prose(&mut dice, 12).concat()}).to_string()),
            Format::Schema(schema) => pieces(&value_of(schema, &mut dice).to_string()),
        };
        let finish = if cut(&mut text, left) { Finish::Length } else { Finish::Stop };
        Choice { text, calls, finish }
    }

    /// One tool; two in one turn now and then, where there are several.
    fn calls(&self, dice: &mut Dice) -> Vec<ToolCall> {
        let call = |tool: &Tool, dice: &mut Dice| ToolCall {
            id: dice.id(""),
            name: tool.name.clone(),
            arguments: pieces(&value_of(&tool.schema, dice).to_string()),
        };
        match &self.calling {
            Calling::Never => Vec::new(),
            Calling::Only(name) => {
                let tool = self.tools.iter().find(|tool| tool.name == *name);
                tool.map(|tool| call(tool, dice)).into_iter().collect()
            }
            Calling::Any => {
                let most = count(&self.tools).min(2);
                let wanted = if dice.below(4) == 0 { most } else { most.min(1) };
                let calls = (0..wanted).filter_map(|_| {
                    let tool = dice.pick(&self.tools)?;
                    Some(call(tool, dice))
                });
                calls.collect()
            }
        }
    }
}

/// Cuts to so many pieces, and says whether any was cut off.
fn cut(pieces: &mut Vec<String>, most: u64) -> bool {
    let is_cut = count(pieces) > most;
    pieces.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    is_cut
}

impl Reply {
    /// The tokens that were written, reasoning included.
    pub(crate) fn tokens(&self) -> u64 {
        self.reasoning_tokens() + self.choices.iter().map(Choice::tokens).sum::<u64>()
    }

    pub(crate) fn reasoning_tokens(&self) -> u64 {
        count(&self.thoughts)
    }

    /// The first answer, for dialects that give one.
    pub(crate) fn into_first(self) -> (Vec<String>, Choice) {
        let empty = || Choice { text: Vec::new(), calls: Vec::new(), finish: Finish::Stop };
        (self.thoughts, self.choices.into_iter().next().unwrap_or_else(empty))
    }
}

impl Choice {
    pub(crate) fn tokens(&self) -> u64 {
        let calls = self.calls.iter().map(|call| CALL_TOKENS + count(&call.arguments));
        count(&self.text) + calls.sum::<u64>()
    }
}

impl ToolCall {
    /// The arguments as the value that they are, where they were not cut.
    pub(crate) fn input(&self) -> Value {
        serde_json::from_str(&self.arguments.concat()).unwrap_or_else(|_| json!({}))
    }
}

/// Both sides of a call in tokens, and its searches: what usage objects are written from.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sides {
    /// All of the prompt, caches included.
    pub(crate) prompt: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write_5m: u64,
    pub(crate) cache_write_1h: u64,
    /// All of the answer, reasoning included.
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
    pub(crate) searches: u64,
}

impl Sides {
    /// The prompt without what was read from a cache or written to one.
    pub(crate) const fn fresh(&self) -> u64 {
        self.prompt - self.cache_read - self.cache_write_5m - self.cache_write_1h
    }

    /// The sides of a call whose prompt may be in a cache: then half of it or more was.
    pub(crate) fn cached(prompt: u64, reply: &Reply, share: Share, dice: &Dice) -> Self {
        let mut dice = dice.of("cache");
        let cache_read =
            if share.falls(&mut dice) { prompt * dice.between(50, 90) / 100 } else { 0 };
        let (output, reasoning) = (reply.tokens(), reply.reasoning_tokens());
        Self { prompt, cache_read, output, reasoning, ..Self::default() }
    }

    /// The meters.
    pub(crate) fn usage(&self) -> Usage {
        usage(&[
            (Meter::Input, self.fresh()),
            (Meter::CacheRead, self.cache_read),
            (Meter::CacheWrite5m, self.cache_write_5m),
            (Meter::CacheWrite1h, self.cache_write_1h),
            (Meter::Output, self.output - self.reasoning),
            (Meter::Reasoning, self.reasoning),
            (Meter::WebSearch, self.searches),
        ])
    }
}

/// The usage of these meters.
pub(crate) fn usage(meters: &[(Meter, u64)]) -> Usage {
    let mut usage = Usage::default();
    for &(meter, units) in meters {
        // A whole number of 64 bits fits.
        let _ = usage.add(meter, Quantity::whole(units));
    }
    usage
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(output_tokens_max: Option<u64>) -> Ask {
        Ask { output_tokens_max, ..Ask::default() }
    }

    #[test]
    fn a_limit_cuts_the_same_answer() {
        let dice = Dice::new(5);
        let whole = ask(None).reply(&dice, &(12..=96));
        assert_eq!(whole.choices[0].finish, Finish::Stop);
        for most in [0, 1, 11, 1000] {
            let cut = ask(Some(most)).reply(&dice, &(12..=96));
            let expected: Vec<_> =
                whole.choices[0].text.iter().take(usize::try_from(most).unwrap()).collect();
            assert_eq!(cut.choices[0].text.iter().collect::<Vec<_>>(), expected);
            let finish = if most < 12 { Finish::Length } else { Finish::Stop };
            assert_eq!(cut.choices[0].finish, finish, "{most}");
            assert!(cut.tokens() <= most);
        }
    }

    #[test]
    fn no_reply_is_beyond_its_limit() {
        let schema = json!({"type":"object","properties":{"city":{"type":"string"}}});
        for seed in 0..200 {
            let limit = seed % 40;
            let tools =
                ["a", "b"].map(|name| Tool { name: name.to_owned(), schema: schema.clone() });
            let ask = Ask {
                tools: tools.into(),
                calling: Calling::Any,
                reasoning_tokens_max: (seed % 3 == 0).then_some(12),
                ..ask(Some(limit))
            };
            let reply = ask.reply(&Dice::new(seed), &(12..=96));
            assert!(reply.tokens() <= limit, "{seed}: {reply:?}");
        }
    }

    #[test]
    fn tools_are_called_as_they_are_asked_for() {
        let schema = json!({"type":"object","properties":{"city":{"type":"string"}}});
        let tool = |name: &str| Tool { name: name.to_owned(), schema: schema.clone() };
        for (calling, expected) in [
            (Calling::Never, &[][..]),
            (Calling::Only("b".to_owned()), &["b"]),
            (Calling::Only("c".to_owned()), &[]),
        ] {
            let ask = Ask { tools: vec![tool("a"), tool("b")], calling, ..Ask::default() };
            let reply = ask.reply(&Dice::new(1), &(12..=96));
            let called: Vec<_> =
                reply.choices[0].calls.iter().map(|call| call.name.as_str()).collect();
            assert_eq!(called, expected);
            assert!(reply.choices[0].calls.iter().all(|call| call.input()["city"].is_string()));
        }
    }
}
