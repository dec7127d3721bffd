//! `centime key list`.

use centime_answers::keys::Shown;
use centime_core::key::{Key, KeyState};
use centime_core::time::Timestamp;
use centime_ledger::Keys as _;

use super::shown;
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Table, hint, print_json};

/// List the keys, without their secrets, which nobody has but their holders
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime key list
  centime key list --format json")]
pub(crate) struct Args {}

/// Runs the command.
pub(super) fn run(app: &App, _: &Args) -> Outcome {
    let keys = app.ledger()?.keys()?;
    let listed = || keys.iter().map(|key| Shown::listed(key, app.now));
    match app.format {
        Format::Json => print_json(&listed().collect::<Vec<_>>()),
        Format::Csv => {
            let mut table = shown::spreadsheet("state");
            for key in &keys {
                table.row(shown::cells(key, key.state_at(app.now).as_str()));
            }
            table.print_csv()
        }
        Format::Table if keys.is_empty() => {
            hint("There is no key yet; `centime key create --name NAME` makes one.");
            Ok(())
        }
        Format::Table => {
            let columns = ["id", "name", "role", "state", "for", "limits"];
            let mut table = Table::new(columns.map(|name| (name, Align::Left)));
            for key in &keys {
                table.row(vec![
                    key.id.clone(),
                    key.name.clone().unwrap_or_default(),
                    key.role.to_string(),
                    state(key, app.now),
                    shown::bound(key),
                    shown::limits(key),
                ]);
            }
            table.print()
        }
    }
}

/// The state, and until when or since when.
fn state(key: &Key, now: Timestamp) -> String {
    let state = key.state_at(now);
    let word = state.as_str();
    match (state, key.expires_at, key.revoked_at) {
        (KeyState::Active, Some(end), _) => format!("{word} until {end}"),
        (KeyState::Expired, Some(at), _) | (KeyState::Revoked, _, Some(at)) => {
            format!("{word} {at}")
        }
        _ => word.to_owned(),
    }
}
