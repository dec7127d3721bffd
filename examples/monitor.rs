//! Limits a day: who spends too much, and which model has no price.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use centime::{Ledger, Monitor, Thresholds};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut ledger = Ledger::open(&folder.path().join("centime.db"))?;
    let now = "2026-11-24T12:00:00Z".parse()?;
    for event in [
        json!({"user": "alice", "model": "gpt-5", "meters": {"output": 600_000}}),
        json!({"user": "bob", "model": "gpt-5", "meters": {"output": 200_000}}),
        json!({"user": "bob", "model": "released-this-morning", "meters": {"output": 10}}),
    ] {
        ledger.record(&event.to_string(), now)?;
    }

    // 5 US dollars a day and user; the other limits are as they are where nobody says otherwise.
    let mut thresholds = Thresholds::default();
    thresholds.limits.retain(|(scope, _)| scope.to_string() != "user");
    thresholds.limits.push(("user".parse()?, "5".parse()?));
    let alerts = Monitor::of(&ledger, thresholds).check(now)?;

    for alert in &alerts {
        println!("{}: {}", alert.severity, alert.message);
    }
    let rules: Vec<&str> = alerts.iter().map(|alert| &*alert.rule).collect();
    println!("{}", json!({"alerts": alerts.len(), "rules": rules}));
    Ok(())
}
