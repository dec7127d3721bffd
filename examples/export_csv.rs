//! The ledger as CSV, for spreadsheets.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use centime::{EntryFilter, Ledger, export::Format};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut ledger = Ledger::open(&folder.path().join("centime.db"))?;
    for user in ["alice", "bob"] {
        let event =
            json!({"user": user, "model": "gpt-5-mini", "meters": {"input": 5000, "output": 700}});
        ledger.record(&event.to_string(), "2026-11-24T12:00:00Z".parse()?)?;
    }

    let path = folder.path().join("calls.csv");
    let file = std::fs::File::create(&path)?;
    let exported = ledger.export(&EntryFilter::default(), Format::Csv, Box::new(file))?;

    let csv = std::fs::read_to_string(&path)?;
    print!("{csv}");
    println!("{}", json!({"rows": csv.lines().count() - 1, "cost": exported.total.to_string()}));
    Ok(())
}
