//! Reading the format, line by line.

use std::collections::BTreeMap;

use super::{Block, File, FormatError, Header};
use crate::meter::Meter;
use crate::money::Rate;
use crate::price::card::{Certainty, Limits, Model, RateCard};
use crate::price::options::{OptionError, Options};
use crate::price::rule::{RateRule, Uplift};
use crate::price::tier::ServiceTier;
use crate::time::Timestamp;

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
            _ if line == "maker" => header.makes.push(String::new()),
            _ => {}
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
            let mut options = Options::default();
            for word in words {
                add_option(&mut options, word)
                    .map_err(|what| FormatError { line: number, what })?;
            }
            return Ok(Block::Alias { name: name.to_owned(), target: target.to_owned(), options });
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
    let source = words.next().unwrap_or_default().trim().to_owned();
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
            _ => add_option(&mut rule.options, word)?,
        }
    }
    Ok(rule)
}

/// Reads `size=1024x1024`.
fn add_option(options: &mut Options, word: &str) -> Result<(), String> {
    options.add(word).map_err(|error| match error {
        OptionError::Unknown(_) => format!("not a condition: `{word}`"),
        known => known.to_string(),
    })
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

/// Reads the block that a text starts with.
pub(super) fn parse_block_at(text: &str) -> Result<Block, FormatError> {
    parse_block(&mut Lines::new(text))
}
