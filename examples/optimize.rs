//! The model for a task within a budget, and why.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use centime::choice::Ask;
use centime::{Optimizer, PriceBook};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let optimizer = Optimizer::of(&PriceBook::embedded()?)?;
    let now = "2026-11-24T12:00:00Z".parse()?;
    let mut last = None;
    for task in [
        "Translate `good morning` into French.",
        "Analyze this contract for critical risks and explain each of them in depth.",
    ] {
        let ask = Ask {
            budget: Some("0.05".parse()?),
            output_tokens_max: Some(2000),
            ..Ask::new(task, now)
        };
        let choice = optimizer.choose(&ask)?;
        println!("{task}\n  {}: {}", choice.chosen.model, choice.reason);
        last = Some(choice);
    }
    let choice = last.ok_or("there is no task")?;
    println!(
        "{}",
        json!({"model": choice.chosen.model, "estimated_cost": choice.chosen.estimated_cost.to_string(),
               "candidates": choice.candidates.len()})
    );
    Ok(())
}
