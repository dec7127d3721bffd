//! What was spent: in all, by model, by user, and by day.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use centime::{Analyzer, Ledger};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut ledger = Ledger::open(&folder.path().join("centime.db"))?;
    for (day, user, model, output) in [
        ("2026-11-22", "alice", "gpt-5", 12_000),
        ("2026-11-23", "bob", "gpt-5-mini", 90_000),
        ("2026-11-24", "alice", "claude-haiku-4-5", 30_000),
    ] {
        let event = json!({"at": day, "user": user, "model": model, "meters": {"output": output}});
        ledger.record(&event.to_string(), "2026-11-24T12:00:00Z".parse()?)?;
    }

    let analyzer = Analyzer::of(&ledger).since("2026-11-01T00:00:00Z".parse()?);
    for (title, analysis) in [
        ("by model", analyzer.by_model()?),
        ("by user", analyzer.by_user()?),
        ("by day", analyzer.daily()?),
    ] {
        println!("{title}");
        for group in &analysis.groups {
            println!("  {:<20} {} USD", group.key[0].as_deref().unwrap_or("-"), group.sums.cost);
        }
    }
    let (total, efficiency) = (analyzer.total()?, analyzer.efficiency()?);
    let a_request = efficiency.cost_per_request.map(|cost| cost.to_string());
    println!(
        "{}",
        json!({"cost": total.cost.to_string(), "requests": total.requests, "a_request": a_request})
    );
    Ok(())
}
