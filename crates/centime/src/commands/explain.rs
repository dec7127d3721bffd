//! `centime explain`: one entry's charge, line by line.

use centime_answers::explain::{Explanation, State};
use centime_core::entry::{Entry, PricingStatus, Status};
use centime_core::price::Certainty;
use centime_core::rating::Charge;

use super::named;
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Table, print_json, print_line, visible};

/// One entry's charge line by line, with the rates and where they come from
///
/// Where it was adjusted, repriced or settled, both are shown: what it cost first, and what it costs with
/// its adjustments.
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
    let entry = named::entry(&ledger, &args.id)?;
    let found = Explanation::of(&ledger, entry)?;
    match app.format {
        Format::Json => print_json(&found),
        Format::Csv => spreadsheet(&found.present.charge).print_csv(),
        Format::Table => {
            print(&found.first, &found.present, &found.adjustments)?;
            match found.score {
                Some(score) => print_line(format_args!("score {score} of 1")),
                None => Ok(()),
            }
        }
    }
}

/// What an entry costs, in figures.
fn total(state: &State) -> String {
    match state.entry.pricing_status {
        PricingStatus::Unpriced => "unpriced".to_owned(),
        _ => state.entry.charge.to_string(),
    }
}

/// What people read.
fn lines_table(charge: &Charge) -> Table {
    use Align::{Left, Right};
    let mut table =
        Table::new([("meter", Left), ("quantity", Right), ("rate", Right), ("amount", Right)]);
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

/// What spreadsheets read: the fields of a line in JSON; what has no rate has no amount.
fn spreadsheet(charge: &Charge) -> Table {
    let columns = ["meter", "quantity", "rate", "amount", "rate_of", "derived"];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for line in &charge.lines {
        table.row(vec![
            line.meter.to_string(),
            line.quantity.to_string(),
            line.rate.to_string(),
            line.amount.to_string(),
            line.rate_of.to_string(),
            line.derived.to_string(),
        ]);
    }
    for (meter, quantity) in &charge.missing {
        let known = [meter.to_string(), quantity.to_string()];
        table.row(known.into_iter().chain(vec![String::new(); 4]).collect());
    }
    table
}

fn print(first: &State, present: &State, adjustments: &[Entry]) -> Outcome {
    let bold = anstyle::Style::new().bold();
    let entry = &first.entry;
    let provider = entry.provider.as_deref().unwrap_or("unknown provider");
    print_line(format_args!(
        "{bold}{}{bold:#}  {} at {}, {}",
        visible(&entry.id()),
        visible(&entry.model),
        visible(provider),
        entry.at
    ))?;
    if let Some(adjusted) = entry.adjusts {
        print_line(format_args!("an adjustment of {adjusted}: the differences it makes"))?;
    }
    if entry.status == Status::InDoubt {
        let id = entry.id();
        print_line(match adjustments.iter().any(|adjustment| adjustment.moves.in_doubt < 0) {
            true => "its outcome was in doubt, and is settled".to_owned(),
            false => format!(
                "its outcome is in doubt; settle it with `centime resolve {}`",
                visible(&id)
            ),
        })?;
    }
    print_state(first)?;
    if let Some(reported) = entry.reported_cost {
        print_line(format_args!("the source reported a cost of {reported}"))?;
    }
    if adjustments.is_empty() {
        return Ok(());
    }
    for adjustment in adjustments {
        print_line(format_args!(
            "adjusted by {} on {}: {}",
            adjustment.charge,
            adjustment.recorded_at,
            visible(&adjustment.id())
        ))?;
    }
    print_line(format_args!("\n{bold}with its adjustments{bold:#}"))?;
    print_state(present)
}

/// The lines with their total, and where the rates come from.
fn print_state(state: &State) -> Outcome {
    let mut table = lines_table(&state.charge);
    table.footer(vec!["total".to_owned(), String::new(), String::new(), total(state)]);
    table.print()?;
    let entry = &state.entry;
    let Some(card) = &entry.card else {
        return print_line("there is no rate card for it: its cost is not known");
    };
    if entry.is_charged_flat() {
        return print_line(format_args!("a charge as such: {}", visible(&card.source)));
    }
    let from = card.from.to_string();
    let date = from.split('T').next().unwrap_or_default();
    let since = match card.certainty {
        Certainty::Exact => "in force since",
        Certainty::Observed => "first seen",
    };
    let assumed = if entry.price_assumed { ", assumed for this date" } else { "" };
    let version = entry.price_version.as_deref().unwrap_or("none");
    print_line(format_args!(
        "rates of {}/{} ({}), {since} {date}{assumed}; source: {}; price version {}",
        visible(&card.provider),
        visible(&card.model),
        card.tier,
        visible(&card.source),
        visible(version),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::samples::{entry, entry_of, unpriced};

    #[test]
    fn the_document_is_json_whatever_the_metadata() {
        let explained = |entry: &Entry, adjustments: Vec<Entry>| {
            let state = || State::of(entry.clone());
            Explanation { first: state(), present: state(), adjustments, score: None }
        };
        for entry in [entry(), unpriced()] {
            let explained = explained(&entry, vec![entry.clone()]);
            let text = serde_json::to_string(&explained).unwrap();
            let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(json["id"], entry.id());
            assert_eq!(json["adjustments"][0]["id"], entry.id());
            assert_eq!(json["metadata"].is_null(), entry.attribution.metadata.is_none());
            let lines = explained.first.charge.lines.len();
            assert_eq!(json["lines"].as_array().unwrap().len(), lines);
            assert_eq!(json["present"]["cost"], json["cost"]);
            assert_eq!(json["card"].is_null(), entry.card.is_none());
        }
        let text = serde_json::to_string(&explained(&entry(), Vec::new())).unwrap();
        assert!(
            text.contains(r#""metadata":{"a":{"b":[1,{}]}},"lines":[{"meter":"input""#),
            "{text}"
        );
    }

    #[test]
    fn a_spreadsheet_has_figures_and_no_words() {
        let entry =
            entry_of(r#"{"model":"big","meters":{"input":4000,"reasoning":10,"images":2}}"#);
        let csv = spreadsheet(&State::of(entry).charge).csv();
        assert_eq!(
            csv,
            "meter,quantity,rate,amount,rate_of,derived\n\
             input,4000,0.000001,0.004,input,false\n\
             reasoning,10,0.000071,0.00071,output,false\n\
             images,2,,,,\n"
        );
    }
}
