//! `centime explain`: one entry's charge, line by line.

use std::io::{BufWriter, Write, stdout};

use centime_core::entry::{Entry, PricingStatus};
use centime_core::price::Certainty;
use centime_core::rating::Charge;
use centime_ledger::Entries;

use super::charge::write_lines;
use super::entries;
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Table, escape};

/// One entry's charge line by line, with the rates and where they come from
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  centime explain req-1")]
pub(crate) struct Args {
    /// The id of the entry: its own, or the 32 digits that `centime entries` shows
    #[arg(value_name = "ENTRY_ID")]
    id: String,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let ledger = app.ledger()?;
    let mut found = ledger.entries_named(&args.id)?;
    let entry = match (found.pop(), found.as_slice()) {
        (None, _) => {
            let message = format!("there is no entry `{}`; `centime entries` lists them", args.id);
            return Err(Failure::Usage(message));
        }
        (Some(entry), []) => entry,
        (Some(last), others) => {
            let name = |entry: &Entry| format!("`{}` (from {})", entry.uid, entry.source);
            let names: Vec<String> = others.iter().chain([&last]).map(name).collect();
            let message =
                format!("`{}` is in several sources; say which: {}", args.id, names.join(", "));
            return Err(Failure::Usage(message));
        }
    };
    let adjustments = ledger.adjustments(entry.uid)?;
    match app.format {
        Format::Json => print_json(&entry, &adjustments),
        Format::Csv => lines_table(&entry).print_csv(),
        Format::Table => print(&entry, &adjustments),
    }
}

fn print_json(entry: &Entry, adjustments: &[Entry]) -> Outcome {
    let mut out = BufWriter::new(stdout().lock());
    let document = |entry: &Entry| {
        serde_json::to_string(&entries::Document(entry))
            .map_err(|error| Failure::Environment(error.to_string()))
    };
    let text = document(entry)?;
    write!(out, "{},\"lines\":", text.trim_end_matches('}'))?;
    write_lines(&mut out, &itemised(entry).lines)?;
    out.write_all(b",\"card\":")?;
    match &entry.card {
        None => out.write_all(b"null")?,
        Some(card) => write!(
            out,
            "{{\"provider\":{},\"model\":{},\"from\":\"{}\",\"certainty\":\"{}\",\"source\":{},\
             \"tier\":\"{}\"}}",
            escape(&card.provider),
            escape(&card.model),
            card.from,
            card.certainty.name(),
            escape(&card.source),
            card.tier,
        )?,
    }
    out.write_all(b",\"adjustments\":[")?;
    for (index, adjustment) in adjustments.iter().enumerate() {
        out.write_all(if index > 0 { b"," } else { b"" })?;
        out.write_all(document(adjustment)?.as_bytes())?;
    }
    out.write_all(b"]}\n")?;
    Ok(out.flush()?)
}

fn itemised(entry: &Entry) -> Charge {
    entry.itemised().unwrap_or_else(|| Charge {
        missing: entry.lines.iter().map(|line| (line.meter, line.quantity)).collect(),
        ..Charge::default()
    })
}

fn lines_table(entry: &Entry) -> Table {
    use Align::{Left, Right};
    let mut table =
        Table::new([("meter", Left), ("quantity", Right), ("rate", Right), ("amount", Right)]);
    let charge = itemised(entry);
    for line in &charge.lines {
        let rate = match line.rate_of {
            of if of == line.meter => line.rate.to_string(),
            of => format!("{} (as {of})", line.rate),
        };
        let cells =
            [line.meter.to_string(), line.quantity.to_string(), rate, line.amount.to_string()];
        table.row(cells.to_vec());
    }
    for (meter, quantity) in &charge.missing {
        table.row(vec![
            meter.to_string(),
            quantity.to_string(),
            "no rate".to_owned(),
            String::new(),
        ]);
    }
    table
}

fn print(entry: &Entry, adjustments: &[Entry]) -> Outcome {
    let bold = anstyle::Style::new().bold();
    let provider = entry.provider.as_deref().unwrap_or("unknown provider");
    anstream::println!("{bold}{}{bold:#}  {} at {provider}, {}", entry.id(), entry.model, entry.at);
    let mut table = lines_table(entry);
    let total = match entry.pricing_status {
        PricingStatus::Unpriced => "unpriced".to_owned(),
        _ => entry.charge.to_string(),
    };
    table.footer(vec!["total".to_owned(), String::new(), String::new(), total]);
    table.print()?;
    match &entry.card {
        None => anstream::println!("there is no rate card for it: its cost is not known"),
        Some(card) => {
            let from = card.from.to_string();
            let date = from.split('T').next().unwrap_or_default();
            let since = match card.certainty {
                Certainty::Exact => "in force since",
                Certainty::Observed => "first seen",
            };
            let assumed = if entry.price_assumed { ", assumed for this date" } else { "" };
            let version = entry.price_version.as_deref().unwrap_or("none");
            anstream::println!(
                "rates of {}/{} ({}), {since} {date}{assumed}; source: {}; price version {version}",
                card.provider,
                card.model,
                card.tier,
                card.source,
            );
        }
    }
    if let Some(reported) = entry.reported_cost {
        anstream::println!("the source reported a cost of {reported}");
    }
    for adjustment in adjustments {
        anstream::println!(
            "adjusted by {} on {}: {}",
            adjustment.charge,
            adjustment.recorded_at,
            adjustment.id()
        );
    }
    Ok(())
}
