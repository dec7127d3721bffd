//! `centime resolve`: settling what is in doubt.

use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_engine::resolve::{ResolveError, Resolved, resolve};
use serde::Serialize;

use super::named;
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Decimal, Table, dollars, print_json, print_line, visible};

/// Settle an entry whose outcome is in doubt, by an adjustment
///
/// A crash or a lost connection leaves a call `in_doubt`: it may have been charged for, or not. Once you
/// know, say what it cost. The entry stays as it is; the adjustment leads to the true charge, and the
/// call counts no more as in doubt. An entry is settled once and for good: the same again is fine,
/// another figure is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime entries --where status=in_doubt
  centime resolve req-1 --cost 0.0125
  centime resolve req-1 --void")]
pub(crate) struct Args {
    /// The id of the entry: its own, or the 32 digits that `centime entries` shows
    #[arg(value_name = "ENTRY_ID")]
    id: String,

    #[command(flatten)]
    figure: Figure,
}

/// What it cost.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Figure {
    /// What it did cost, in US dollars, all its requests together
    #[arg(long, value_name = "USD", value_parser = charge, allow_negative_numbers = true)]
    cost: Option<PicoUsd>,

    /// It was not charged for: it cost nothing
    #[arg(long)]
    void: bool,
}

fn charge(text: &str) -> Result<PicoUsd, String> {
    match text.parse::<PicoUsd>() {
        Ok(charge) if charge < PicoUsd::ZERO => Err(format!("`{text}` is negative")),
        Ok(charge) => Ok(charge),
        Err(error) => Err(error.to_string()),
    }
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let (charge, source) = match args.figure.cost {
        Some(cost) => (cost, "settled by `centime resolve`"),
        None => (PicoUsd::ZERO, "voided by `centime resolve`"),
    };
    // A ledger that is not there is not made, and a mistake touches none.
    let attempt = named::attempt(&app.ledger()?, &args.id)?;
    let resolved = resolve(&mut app.ledger_for_writing()?, &attempt, charge, source, app.now);
    let resolved = resolved.map_err(|error| match error {
        ResolveError::Ledger(error) => error.into(),
        ResolveError::Contended => Failure::Environment(format!("`{}`: {error}", args.id)),
        error => Failure::Usage(format!("`{}` cannot be settled: {error}", args.id)),
    })?;
    let (adjustment, before) = match resolved {
        Resolved::New { adjustment, before } => (Some(adjustment.uid.to_string()), Some(before)),
        Resolved::Known => (None, None),
    };
    let (entry, is_new) = (attempt.uid.to_string(), adjustment.is_some());
    match app.format {
        Format::Json => {
            #[derive(Serialize)]
            struct Settled {
                entry: String,
                cost: Decimal<PicoUsd>,
                new: bool,
                adjustment: Option<String>,
                before: Option<Decimal<TotalPicoUsd>>,
            }
            let (cost, before) = (Decimal(charge), before.map(Decimal));
            print_json(&Settled { entry, cost, new: is_new, adjustment, before })
        }
        Format::Csv => {
            let columns = ["entry", "cost", "new", "adjustment", "before"];
            let mut table = Table::new(columns.map(|name| (name, Align::Left)));
            table.row(vec![
                entry,
                charge.to_string(),
                is_new.to_string(),
                adjustment.unwrap_or_default(),
                before.map(|before| before.to_string()).unwrap_or_default(),
            ]);
            table.print_csv()
        }
        Format::Table => {
            let id = attempt.id();
            let (id, charge) = (visible(&id), dollars(charge.into()));
            match before {
                Some(before) => {
                    let before = dollars(before);
                    print_line(format_args!("`{id}` is settled at {charge}; it was {before}"))
                }
                None => print_line(format_args!("`{id}` is settled at {charge} already")),
            }
        }
    }
}
