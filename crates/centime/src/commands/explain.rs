//! `centime explain`: one entry's charge, line by line.

use centime_core::adjusted::Adjusted;
use centime_core::entry::{Entry, PricingStatus, Status};
use centime_core::price::Certainty;
use centime_core::rating::Charge;
use centime_core::score::Score;
use centime_ledger::{Entries, Feedback};
use serde::Serialize;

use super::charge::Line;
use super::entries::Document;
use super::named;
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Decimal, Table, Value, print_json, print_line, visible};

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
    let adjustments = ledger.adjustments(entry.uid)?;
    let score = ledger.score(entry.uid)?;
    let present = State::of(Adjusted::new(&entry, &adjustments).present());
    let first = State::of(entry);
    match app.format {
        Format::Json => {
            let explained = Explained::new(&first, &present, &adjustments);
            print_json(&Explained { score: score.map(Decimal), ..explained })
        }
        Format::Csv => spreadsheet(&present.charge).print_csv(),
        Format::Table => {
            print(&first, &present, &adjustments)?;
            match score {
                Some(score) => print_line(format_args!("score {score} of 1")),
                None => Ok(()),
            }
        }
    }
}

/// The whole answer as JSON: the entry's own fields, where its charge comes from, and what its
/// adjustments made of it.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    entry: Document<'a>,
    lines: Vec<Line<'a>>,
    card: Option<Card<'a>>,
    adjustments: Vec<Document<'a>>,
    present: Present<'a>,
    score: Option<Decimal<Score>>,
}

/// What an entry costs with its adjustments.
#[derive(Serialize)]
struct Present<'a> {
    pricing_status: &'a str,
    cost: Value<'a>,
    price_version: Option<&'a str>,
    lines: Vec<Line<'a>>,
    card: Option<Card<'a>>,
}

/// The rate card that was applied.
#[derive(Serialize)]
struct Card<'a> {
    provider: &'a str,
    model: &'a str,
    from: String,
    certainty: &'a str,
    source: &'a str,
    tier: &'a str,
}

impl<'a> Card<'a> {
    fn of(entry: &'a Entry) -> Option<Self> {
        entry.card.as_deref().map(|card| Self {
            provider: &card.provider,
            model: &card.model,
            from: card.from.to_string(),
            certainty: card.certainty.name(),
            source: &card.source,
            tier: card.tier.name(),
        })
    }
}

/// An entry as it was made or as it is now, and its charge.
struct State {
    entry: Entry,
    charge: Charge,
}

impl State {
    fn of(entry: Entry) -> Self {
        Self { charge: itemised(&entry), entry }
    }

    fn lines(&self) -> Vec<Line<'_>> {
        self.charge.lines.iter().map(Line).collect()
    }

    fn total(&self) -> String {
        match self.entry.pricing_status {
            PricingStatus::Unpriced => "unpriced".to_owned(),
            _ => self.entry.charge.to_string(),
        }
    }
}

impl<'a> Explained<'a> {
    fn new(first: &'a State, present: &'a State, adjustments: &'a [Entry]) -> Self {
        let is_known = present.entry.pricing_status != PricingStatus::Unpriced;
        Self {
            entry: Document(&first.entry),
            lines: first.lines(),
            card: Card::of(&first.entry),
            adjustments: adjustments.iter().map(Document).collect(),
            present: Present {
                pricing_status: present.entry.pricing_status.name(),
                cost: Value::optional_number(is_known.then_some(present.entry.charge)),
                price_version: present.entry.price_version.as_deref(),
                lines: present.lines(),
                card: Card::of(&present.entry),
            },
            score: None,
        }
    }
}

fn itemised(entry: &Entry) -> Charge {
    entry.itemised().unwrap_or_else(|| Charge {
        missing: entry.lines.iter().map(|line| (line.meter, line.quantity)).collect(),
        ..Charge::default()
    })
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
    table.footer(vec!["total".to_owned(), String::new(), String::new(), state.total()]);
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
        for (entry, adjusted) in [(entry(), entry()), (unpriced(), unpriced())] {
            let (first, adjustments) = (State::of(entry.clone()), [adjusted]);
            let explained = Explained::new(&first, &first, &adjustments);
            let text = serde_json::to_string(&explained).unwrap();
            let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(json["id"], entry.id());
            assert_eq!(json["adjustments"][0]["id"], entry.id());
            assert_eq!(json["metadata"].is_null(), entry.attribution.metadata.is_none());
            assert_eq!(json["lines"].as_array().unwrap().len(), first.charge.lines.len());
            assert_eq!(json["present"]["cost"], json["cost"]);
            assert_eq!(json["card"].is_null(), entry.card.is_none());
        }
        let first = State::of(entry());
        let text = serde_json::to_string(&Explained::new(&first, &first, &[])).unwrap();
        assert!(
            text.contains(r#""metadata":{"a":{"b":[1,{}]}},"lines":[{"meter":"input""#),
            "{text}"
        );
    }

    #[test]
    fn a_spreadsheet_has_figures_and_no_words() {
        let entry =
            entry_of(r#"{"model":"big","meters":{"input":4000,"reasoning":10,"images":2}}"#);
        let csv = spreadsheet(&itemised(&entry)).csv();
        assert_eq!(
            csv,
            "meter,quantity,rate,amount,rate_of,derived\n\
             input,4000,0.000001,0.004,input,false\n\
             reasoning,10,0.000071,0.00071,output,false\n\
             images,2,,,,\n"
        );
    }
}
