//! `centime alerts list`: what was raised, and how far its messages are.

use centime_answers::alerts::{FIELDS, ShownRaised};
use centime_core::alert::Alert;
use centime_ledger::{Alerts as _, Raised};

use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Table, counted, dollars, hint, note, print_json};

/// The most that are shown where nobody says.
const USUAL: usize = 50;

/// The alerts that were raised, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime alerts list
  centime alerts list --limit 500 --format csv")]
pub(super) struct Args {
    /// The most alerts to show
    #[arg(long, value_name = "N", default_value_t = USUAL)]
    limit: usize,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let ledger = app.ledger()?;
    let raised = ledger.raised(args.limit)?;
    match app.format {
        Format::Json => return print_json(&raised.iter().map(ShownRaised).collect::<Vec<_>>()),
        Format::Csv => {
            let columns = ["at"].into_iter().chain(FIELDS.iter().map(|field| field.name));
            let mut table = Table::new(columns.map(|name| (name, Align::Left)));
            for Raised { alert, at } in &raised {
                let cells = FIELDS.iter().map(|field| (field.of)(alert).cell());
                table.row([at.to_string()].into_iter().chain(cells).collect());
            }
            return table.print_csv();
        }
        Format::Table if raised.is_empty() => {
            hint("No alert was raised yet; `centime alerts check` says which limits are reached.");
        }
        Format::Table => {
            let columns = [
                ("at", Align::Left),
                ("severity", Align::Left),
                ("rule", Align::Left),
                ("subject", Align::Left),
                ("amount", Align::Right),
                ("limit", Align::Right),
            ];
            let mut table = Table::new(columns);
            for Raised { alert, at } in &raised {
                let at = at.in_zone(&app.zone).strftime("%Y-%m-%d %H:%M:%S").to_string();
                table.row([at].into_iter().chain(cells(alert)).collect());
            }
            table.print()?;
        }
    }
    for (name, _) in &app.config.alerts.channels {
        let state = ledger.channel_state(name)?;
        let messages = |count: u64| counted(count.into(), ["message", "messages"]);
        let why = state.last_error.map(|why| format!(": {why}")).unwrap_or_default();
        if state.waiting > 0 {
            note(&format!("{} to `{name}` wait to be sent{why}", messages(state.waiting)));
        } else if state.given_up > 0 {
            note(&format!("{} to `{name}` were given up{why}", messages(state.given_up)));
        }
    }
    Ok(())
}

/// An alert in a table.
pub(super) fn cells(alert: &Alert) -> Vec<String> {
    vec![
        alert.severity.to_string(),
        alert.rule.to_string(),
        alert.subject.to_string(),
        dollars(alert.amount),
        dollars(alert.limit),
    ]
}
