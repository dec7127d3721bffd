//! Centime's own price format: plain text that a person reviews, a difference shows well, and a
//! program searches without reading it whole.
//!
//! ```text
//! # comments and blank lines anywhere
//! provider openai
//! maker gpt- o1 o3                         bare names that start so mean this provider; `maker` alone:
//!                                          all names that it has
//! also azure_openai                        another name of the provider
//!
//! alias gpt-4-turbo-latest gpt-4-turbo
//!
//! model gpt-4-turbo chat input_max=128000 output_max=4096 until=2027-01-01
//!  from 2023-11-06 exact OpenAI DevDay
//!   input 10/1M
//!   input 5/1M tier=batch
//!   output 30/1M above=128000 derived
//!   output 15/1M hours=16:30-00:30;00:00-24:00/sa-su
//!   uplift 1.1 region=eu
//! ```
//!
//! The lines of a model are indented, `alias` and `model` lines are sorted by name, so that a block
//! is found by binary search over the text. A rate is in US dollars for one unit, or for `/1K` or
//! `/1M` of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::card::{Certainty, Limits, Model, RateCard, RateRule, ServiceTier, Uplift};
use crate::meter::Meter;
use crate::money::Rate;
use crate::time::Timestamp;

/// Why a text is not in the price format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FormatError {
    /// The line, counted from 1 where the parsed text starts.
    pub line: usize,
    /// What is wrong and how to write it.
    pub what: String,
}

/// One entry of a provider's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Another name of a model.
    Alias {
        /// The name.
        name: String,
        /// The model it stands for.
        target: String,
    },
    /// A model with its cards.
    Model(Model),
}

/// What a provider's file says before its models.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The provider's name.
    pub provider: String,
    /// The starts of the names of its own models: such a bare name means this provider. An empty
    /// start is that of every name; no start at all, it makes none.
    pub makes: Vec<String>,
    /// Other names of the provider.
    pub also: Vec<String>,
}

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    /// What stands before the models.
    pub header: Header,
    /// The models and aliases, sorted by name.
    pub blocks: Vec<Block>,
}

impl Header {
    /// Whether a bare name means this provider rather than one that sells others' models.
    #[must_use]
    pub fn is_maker_of(&self, model: &str) -> bool {
        self.makes.iter().any(|start| model.starts_with(start.as_str()))
    }

    /// Whether a name is the provider's, or another one it goes by; case, and which of `-`, `_`, `.`
    /// and blanks parts its words, do not matter.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        same_words(&self.provider, name) || self.also.iter().any(|also| same_words(also, name))
    }
}

fn same_words(left: &str, right: &str) -> bool {
    let fold = |byte: u8| match byte {
        b'-' | b'.' | b' ' => b'_',
        _ => byte.to_ascii_lowercase(),
    };
    left.len() == right.len() && left.bytes().map(fold).eq(right.bytes().map(fold))
}

impl Block {
    /// The name it is found by.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Alias { name, .. } => name,
            Self::Model(model) => &model.name,
        }
    }
}

/// Reads a whole file.
///
/// # Errors
/// Names the first line that is not in the format.
pub fn parse_file(text: &str) -> Result<File, FormatError> {
    let mut file = File { header: parse_header(text)?, blocks: Vec::new() };
    let mut lines = Lines::new(text);
    let mut names = BTreeMap::new();
    let mut targets = Vec::new();
    while let Some((number, line)) = lines.peek() {
        let error = |what: String| Err(FormatError { line: number, what });
        if is_header_line(line) {
            if !file.blocks.is_empty() {
                return error(format!(
                    "`{line}` must stand before the models; a further provider needs a file of its own"
                ));
            }
            lines.next();
            continue;
        }
        let block = parse_block(&mut lines)?;
        if let Some(before) = names.insert(block.name().to_owned(), number) {
            return error(format!("`{}` is on line {before} already", block.name()));
        }
        if let Block::Alias { target, .. } = &block {
            targets.push((number, target.clone()));
        }
        file.blocks.push(block);
    }
    for (line, target) in targets {
        if !names.contains_key(&target) {
            return Err(FormatError { line, what: format!("there is no model `{target}`") });
        }
    }
    Ok(file)
}

/// The blocks of a file's text, each read when it is its turn.
pub fn blocks(text: &str) -> impl Iterator<Item = Result<Block, FormatError>> {
    let mut lines = Lines::new(text);
    std::iter::from_fn(move || {
        while lines.peek().is_some_and(|(_, line)| is_header_line(line)) {
            lines.next();
        }
        lines.peek()?;
        Some(parse_block(&mut lines))
    })
}

/// Reads what stands before the models.
///
/// # Errors
/// When the file does not name its provider.
pub fn parse_header(text: &str) -> Result<Header, FormatError> {
    let mut header = Header::default();
    for (_, line) in Lines::new(text).take_while(|(_, line)| is_header_line(line)) {
        match line.split_once(' ') {
            Some(("provider", name)) => header.provider = name.trim().to_owned(),
            Some(("also", names)) => {
                header.also.extend(names.split_whitespace().map(str::to_owned));
            }
            Some(("maker", starts)) => {
                header.makes.extend(starts.split_whitespace().map(str::to_owned));
            }
            _ => header.makes.push(String::new()),
        }
    }
    if header.provider.is_empty() {
        let what = "the file must start with `provider NAME`".to_owned();
        return Err(FormatError { line: 1, what });
    }
    Ok(header)
}

fn is_header_line(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default();
    matches!(word, "provider" | "maker" | "also")
}

/// Finds the block of `name` in a file's text by binary search and reads it alone.
///
/// # Errors
/// When the block is there and is not in the format.
pub fn find_block(text: &str, name: &str) -> Option<Result<Block, FormatError>> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        // The block that holds the middle, or the first one after it.
        let Some(start) = block_start_before(text, middle, low) else {
            match block_start_after(text, middle, high) {
                Some(start) if start < high => low = start,
                _ => return None,
            }
            // Between `low` and the first block lay only lines of no block.
            if block_name(&text[low..]).is_some_and(|found| found > name) {
                return None;
            }
            continue;
        };
        match block_name(&text[start..])?.cmp(name) {
            std::cmp::Ordering::Equal => return Some(parse_block(&mut Lines::new(&text[start..]))),
            std::cmp::Ordering::Less => low = block_start_after(text, start, high)?,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

/// All names in a file's text, in order, without reading the blocks.
pub fn block_names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(block_name)
}

fn block_name(text: &str) -> Option<&str> {
    let line = text.lines().next()?;
    let rest = line.strip_prefix("model ").or_else(|| line.strip_prefix("alias "))?;
    rest.split(' ').next()
}

fn is_block_start(line: &str) -> bool {
    line.starts_with("model ") || line.starts_with("alias ")
}

/// The start of the last block that starts at or before `at`, not before `low`.
fn block_start_before(text: &str, at: usize, low: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = at;
    loop {
        let start =
            bytes[low..end].iter().rposition(|&byte| byte == b'\n').map_or(low, |p| low + p + 1);
        if text.get(start..).is_some_and(is_block_start) {
            return Some(start);
        }
        if start <= low {
            return None;
        }
        end = start - 1;
    }
}

/// The start of the first block after the line that holds `at`.
fn block_start_after(text: &str, at: usize, high: usize) -> Option<usize> {
    let mut start = at;
    loop {
        start += text.as_bytes()[start..high].iter().position(|&byte| byte == b'\n')? + 1;
        if start >= high {
            return None;
        }
        if is_block_start(&text[start..]) {
            return Some(start);
        }
    }
}

/// Lines with their numbers, comments and blank ones passed over.
struct Lines<'a> {
    inner: std::iter::Peekable<std::iter::Enumerate<std::str::Lines<'a>>>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { inner: text.lines().enumerate().peekable() }
    }

    fn peek(&mut self) -> Option<(usize, &'a str)> {
        while let Some(&(index, line)) = self.inner.peek() {
            if !line.trim().is_empty() && !line.starts_with('#') {
                return Some((index + 1, line));
            }
            self.inner.next();
        }
        None
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.peek();
        self.inner.next();
        line
    }
}

fn parse_block(lines: &mut Lines<'_>) -> Result<Block, FormatError> {
    let Some((number, line)) = lines.next() else {
        return Err(FormatError { line: 0, what: "there is no block here".to_owned() });
    };
    let error = |what: &str| FormatError { line: number, what: format!("{what}: `{line}`") };
    let mut words = line.split_whitespace();
    let block = match (words.next(), words.next(), words.next()) {
        (Some("alias"), Some(name), Some(target)) => {
            return Ok(Block::Alias { name: name.to_owned(), target: target.to_owned() });
        }
        (Some("model"), Some(name), Some(mode)) => (name, mode),
        _ => return Err(error("expected `model NAME MODE …` or `alias NAME TARGET`")),
    };
    let mut model = Model {
        name: block.0.to_owned(),
        mode: block.1.to_owned(),
        limits: Limits::default(),
        until: None,
        cards: Vec::new(),
    };
    for word in words {
        let tokens = |text: &str| text.parse().map_err(|_| error("a limit is a whole number"));
        match word.split_once('=') {
            Some(("input_max", value)) => model.limits.input_tokens_max = Some(tokens(value)?),
            Some(("output_max", value)) => model.limits.output_tokens_max = Some(tokens(value)?),
            Some(("until", value)) => {
                model.until = Some(value.parse().map_err(|_| error("`until` is a date"))?);
            }
            _ => return Err(error("expected `input_max=`, `output_max=` or `until=`")),
        }
    }
    while let Some((_, line)) = lines.peek().filter(|(_, line)| line.starts_with(' ')) {
        let (number, _) = lines.next().unwrap_or_default();
        if let Some(rest) = line.trim_start().strip_prefix("from ") {
            model.cards.push(parse_card(number, rest, lines)?);
        } else {
            let what = format!("expected ` from DATE exact|observed SOURCE`: `{line}`");
            return Err(FormatError { line: number, what });
        }
    }
    model.cards.sort_by_key(|card| card.from);
    Ok(Block::Model(model))
}

fn parse_card(number: usize, rest: &str, lines: &mut Lines<'_>) -> Result<RateCard, FormatError> {
    let error = |what: &str| FormatError { line: number, what: format!("{what}: `from {rest}`") };
    let mut words = rest.splitn(3, ' ');
    let from: Option<Timestamp> = words.next().and_then(|word| word.parse().ok());
    let from = from.ok_or_else(|| error("a card starts with `from DATE`"))?;
    let certainty = words.next().and_then(|word| word.parse::<Certainty>().ok());
    let certainty =
        certainty.ok_or_else(|| error("after the date stands `exact` or `observed`"))?;
    let source = words.next().unwrap_or_default().to_owned();
    let mut rules = Vec::new();
    let mut uplifts = Vec::new();
    while let Some((_, line)) = lines.peek().filter(|(_, line)| is_rule_line(line)) {
        let (number, _) = lines.next().unwrap_or_default();
        let error = |what| FormatError { line: number, what };
        match line.trim_start().strip_prefix("uplift ") {
            Some(rest) => uplifts.push(parse_uplift(rest).map_err(error)?),
            None => {
                let rule = parse_rule(line.trim_start()).map_err(error)?;
                if rules.iter().any(|other: &RateRule| other.case() == rule.case()) {
                    return Err(error(format!(
                        "`{}` has a rate for this case already",
                        rule.meter
                    )));
                }
                rules.push(rule);
            }
        }
    }
    Ok(RateCard::new(from, certainty, source, rules).with_uplifts(uplifts))
}

fn is_rule_line(line: &str) -> bool {
    line.starts_with(' ') && !line.trim_start().starts_with("from ")
}

fn parse_rule(line: &str) -> Result<RateRule, String> {
    let mut words = line.split_whitespace();
    let meter = words.next().unwrap_or_default();
    let meter: Meter = meter.parse().map_err(|error| format!("{error}"))?;
    let rate = parse_rate(words.next().unwrap_or_default())?;
    let mut rule = RateRule::standard(meter, rate);
    for word in words {
        match word.split_once('=') {
            Some(("tier", name)) => {
                rule.tier = ServiceTier::named(name).ok_or_else(|| format!("no tier `{name}`"))?;
            }
            Some(("above", tokens)) => {
                let tokens = tokens.parse();
                rule.above_input_tokens =
                    tokens.map_err(|_| format!("not a threshold: `{word}`"))?;
            }
            Some(("hours", hours)) => {
                rule.hours = Some(hours.parse().map_err(|error| format!("{error}"))?);
            }
            None if word == "derived" => rule.derived = true,
            _ => return Err(format!("not a condition: `{word}`")),
        }
    }
    Ok(rule)
}

/// Reads `1.1 region=eu`.
fn parse_uplift(text: &str) -> Result<Uplift, String> {
    let parts = text.split_once(" region=").filter(|(_, region)| !region.is_empty());
    let (factor, region) =
        parts.ok_or_else(|| format!("expected `uplift 1.1 region=eu`: `{text}`"))?;
    let factor = factor.trim().parse().map_err(|error| format!("{error}"))?;
    Ok(Uplift { region: region.trim().to_ascii_lowercase(), factor })
}

/// Reads `2.5/1M`, `0.002/1K` or `0.01`.
///
/// # Errors
/// Says what is no rate.
pub fn parse_rate(text: &str) -> Result<Rate, String> {
    let (amount, units) = match text.split_once('/') {
        Some((amount, "1M")) => (amount, 1_000_000),
        Some((amount, "1K")) => (amount, 1000),
        Some((amount, "1")) => (amount, 1),
        Some((_, unit)) => return Err(format!("`/{unit}` is none of `/1M`, `/1K` and `/1`")),
        None => (text, 1),
    };
    Rate::per(amount, units).map_err(|error| error.to_string())
}

/// Writes a whole file, so that [`parse_file`] reads the same.
#[must_use]
pub fn write_file(file: &File, comment: &str) -> String {
    let mut out = String::new();
    for line in comment.lines() {
        let _ = writeln!(out, "# {line}");
    }
    let _ = writeln!(out, "provider {}", file.header.provider);
    if !file.header.makes.is_empty() {
        let _ = writeln!(out, "{}", format!("maker {}", file.header.makes.join(" ")).trim_end());
    }
    if !file.header.also.is_empty() {
        let _ = writeln!(out, "also {}", file.header.also.join(" "));
    }
    for block in &file.blocks {
        out.push('\n');
        match block {
            Block::Alias { name, target } => {
                let _ = writeln!(out, "alias {name} {target}");
            }
            Block::Model(model) => write_model(&mut out, model),
        }
    }
    out
}

fn write_model(out: &mut String, model: &Model) {
    let _ = write!(out, "model {} {}", model.name, model.mode);
    if let Some(tokens) = model.limits.input_tokens_max {
        let _ = write!(out, " input_max={tokens}");
    }
    if let Some(tokens) = model.limits.output_tokens_max {
        let _ = write!(out, " output_max={tokens}");
    }
    if let Some(until) = model.until {
        let _ = write!(out, " until={}", date(until));
    }
    out.push('\n');
    for card in &model.cards {
        let _ =
            writeln!(out, " from {} {} {}", date(card.from), card.certainty.name(), card.source);
        for rule in card.rules() {
            let _ = write!(out, "  {} {}", rule.meter, written_rate(rule));
            if rule.tier != ServiceTier::Standard {
                let _ = write!(out, " tier={}", rule.tier);
            }
            if rule.above_input_tokens > 0 {
                let _ = write!(out, " above={}", rule.above_input_tokens);
            }
            if let Some(hours) = &rule.hours {
                let _ = write!(out, " hours={hours}");
            }
            out.push_str(if rule.derived { " derived\n" } else { "\n" });
        }
        for uplift in &card.uplifts {
            let _ = writeln!(out, "  uplift {} region={}", uplift.factor, uplift.region);
        }
    }
}

/// The rate as people know it: tokens by the million.
fn written_rate(rule: &RateRule) -> String {
    const MILLION: u128 = 1_000_000;
    match rule.rate.scaled().checked_mul(MILLION) {
        Some(scaled) if rule.meter.is_token() && scaled > 0 => {
            format!("{}/1M", Rate::from_scaled(scaled))
        }
        _ => rule.rate.to_string(),
    }
}

/// A date where the moment is a midnight, the whole moment elsewhere.
fn date(at: Timestamp) -> String {
    let text = at.to_string();
    text.strip_suffix("T00:00:00Z").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# a comment
provider openai
maker gpt- o1
also azure_openai oai

alias gpt-4-latest gpt-4

model gpt-3.5-turbo chat input_max=16385 output_max=4096
 from 2023-06-13 exact OpenAI
  input 1.5/1M
  output 2/1M
 from 2024-01-25 exact OpenAI
  input 0.5/1M
  input 0.25/1M tier=batch
  output 1.5/1M above=8000 derived
  output 0.75/1M above=8000 hours=00:00-24:00/sa,su;16:30-00:30
  uplift 1.1 region=eu

model gpt-4 chat until=2026-10-23
 from 2023-03-14 exact OpenAI
  input 30/1M
  output 60/1M
  web_search 0.01

model o1 chat
";

    #[test]
    fn writes_what_it_read() {
        let file = parse_file(TEXT).unwrap();
        assert_eq!(write_file(&file, "a comment"), TEXT);
        assert_eq!(file.header.also, ["azure_openai", "oai"]);
        assert!(file.header.is_maker_of("gpt-4") && !file.header.is_maker_of("llama"));
        assert!(file.header.is_named("Azure-OpenAI") && !file.header.is_named("azure"));
    }

    #[test]
    fn finds_every_block_and_no_other() {
        let file = parse_file(TEXT).unwrap();
        let names: Vec<&str> = block_names(TEXT).collect();
        assert_eq!(names, ["gpt-4-latest", "gpt-3.5-turbo", "gpt-4", "o1"]);
        // The blocks of a real file are sorted; here only the models are.
        let models = &TEXT[TEXT.find("model ").unwrap()..];
        for block in &file.blocks[1..] {
            let found = find_block(models, block.name()).unwrap().unwrap();
            assert_eq!(&found, block);
        }
        for absent in ["", "a", "gpt-3", "gpt-3.5-turbo-16k", "gpt-4-", "o1x", "zzz"] {
            assert_eq!(find_block(models, absent), None, "{absent}");
            assert_eq!(find_block("", absent), None);
            assert_eq!(find_block("provider x\n", absent), None);
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, expected) in [
            ("model a chat\n", "line 1: the file must start with `provider NAME`"),
            (
                "provider p\nmodel a\n",
                "line 2: expected `model NAME MODE …` or `alias NAME TARGET`: `model a`",
            ),
            (
                "provider p\nmodel a chat x=1\n",
                "line 2: expected `input_max=`, `output_max=` or `until=`: `model a chat x=1`",
            ),
            (
                "provider p\nmodel a chat\n from soon exact\n",
                "line 3: a card starts with `from DATE`: `from soon exact`",
            ),
            (
                "provider p\nmodel a chat\n from 2024-01-01 exact x\n  input 1/1G\n",
                "line 4: `/1G` is none of `/1M`, `/1K` and `/1`",
            ),
            (
                "provider p\nmodel a chat\n from 2024-01-01 exact x\n  input -1\n",
                "line 4: `-1` is negative",
            ),
            (
                "provider p\nmodel a chat\n from 2024-01-01 exact x\n  input 1 tier=slow\n",
                "line 4: no tier `slow`",
            ),
            (
                "provider p\nmodel a chat\nprovider q\n",
                "line 3: `provider q` must stand before the models; a further provider needs a \
                 file of its own",
            ),
            ("provider p\nmodel a chat\n\nmodel a chat\n", "line 4: `a` is on line 2 already"),
            ("provider p\nalias b a\n", "line 2: there is no model `a`"),
            (
                "provider p\nmodel a chat\n from 2024-01-01 exact x\n  input 1\n  input 2\n",
                "line 5: `input` has a rate for this case already",
            ),
        ] {
            assert_eq!(parse_file(text).unwrap_err().to_string(), expected);
        }
    }
}
