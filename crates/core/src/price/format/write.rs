//! Writing the format.

use std::fmt::Write as _;

use super::{Block, File};
use crate::money::Rate;
use crate::price::card::Model;
use crate::price::rule::RateRule;
use crate::price::tier::ServiceTier;
use crate::time::Timestamp;

/// Writes a whole file, so that [`super::parse_file`] reads the same.
#[must_use]
pub fn write_file(file: &File, comment: &str) -> String {
    let mut out = String::new();
    for line in comment.lines() {
        let _ = writeln!(out, "# {line}");
    }
    let _ = writeln!(out, "provider {}", file.header.provider);
    // An empty start has a line of its own: between others it would be two blanks.
    for makes in file.header.makes.chunk_by(|one, next| !one.is_empty() && !next.is_empty()) {
        let _ = writeln!(out, "{}", format!("maker {}", makes.join(" ")).trim_end());
    }
    if !file.header.also.is_empty() {
        let _ = writeln!(out, "also {}", file.header.also.join(" "));
    }
    for block in &file.blocks {
        out.push('\n');
        match block {
            Block::Alias { name, target, options } if options.is_empty() => {
                let _ = writeln!(out, "alias {name} {target}");
            }
            Block::Alias { name, target, options } => {
                let _ = writeln!(out, "alias {name} {target} {options}");
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
            if !rule.options.is_empty() {
                let _ = write!(out, " {}", rule.options);
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
