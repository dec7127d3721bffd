//! A picture of what each model cost, as a PNG.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use centime::charts::{Bar, Bars, Chart, Figure, Size};
use centime::{Analyzer, Ledger};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut ledger = Ledger::open(&folder.path().join("centime.db"))?;
    for (model, output) in
        [("gpt-5", 900_000), ("claude-sonnet-4-5", 300_000), ("gpt-5-mini", 2_000_000)]
    {
        let event = json!({"model": model, "meters": {"output": output}});
        ledger.record(&event.to_string(), "2026-11-24T12:00:00Z".parse()?)?;
    }

    let groups = Analyzer::of(&ledger).by_model()?.groups;
    let bar = |group: &centime::Group| Bar {
        name: group.key[0].clone().unwrap_or_default(),
        amount: group.sums.cost,
        gap: Default::default(),
    };
    let chart = Chart {
        title: "LLM cost by model".to_owned(),
        subtitle: "24 November 2026 (UTC)".to_owned(),
        notes: Vec::new(),
        figure: Figure::Bars(Bars { bars: groups.iter().map(bar).collect(), limit: 20 }),
    };
    let png = chart.draw(Size::default()).png()?;
    let path = folder.path().join("models.png");
    std::fs::write(&path, &png)?;

    println!("drawn into {}", path.display());
    println!("{}", json!({"bars": groups.len(), "bytes": png.len()}));
    Ok(())
}
