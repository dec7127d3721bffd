//! A plan's budget: whether a user may spend more this month.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use centime::{BudgetManager, Ledger};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("centime.db");
    let now = "2026-11-24T12:00:00Z".parse()?;

    let mut budgets = BudgetManager::open(&path)?;
    budgets.give_plan("alice", Some("free"))?; // 1 US dollar a month

    let mut ledger = Ledger::open(&path)?;
    let event = json!({"user": "alice", "model": "gpt-5", "meters": {"output": 80_000}});
    ledger.record(&event.to_string(), now)?;

    for plan in ["free", "basic", "pro", "enterprise"] {
        let checked = budgets.check("alice", Some(plan), now)?;
        let left =
            checked.remaining.map_or("no limit".to_owned(), |left| format!("{left} USD left"));
        println!("{plan:<10} {left}");
    }
    let checked = budgets.check("alice", None, now)?;
    println!(
        "{}",
        json!({"within_budget": checked.is_within, "spent": checked.spent.to_string(),
               "resets_at": checked.resets_at.map(|at| at.to_string())})
    );
    Ok(())
}
