//! Recording a call with who and what it was for: a usage event with the provider's own answer.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use centime::Ledger;
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut ledger = Ledger::open(&folder.path().join("centime.db"))?;

    // What the provider answered, and what you know of the call.
    let event = json!({
        "model": "gpt-5-mini",
        "usage": {"prompt_tokens": 1200, "completion_tokens": 340,
                  "prompt_tokens_details": {"cached_tokens": 1000}},
        "user": "alice", "team": "search", "tags": {"app": "bot"},
        "metadata": {"ticket": 4711},
    });
    let entry = ledger.record(&event.to_string(), "2026-11-24T12:00:00Z".parse()?)?;

    for line in &entry.lines {
        println!(
            "{:>8} x {:<10} = {} USD",
            line.quantity,
            line.meter.to_string(),
            line.amount.unwrap_or_default()
        );
    }
    println!("{}", json!({"entry": entry.uid.to_string(), "cost": entry.charge.to_string()}));
    Ok(())
}
