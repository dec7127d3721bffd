//! `centime alerts check`: every limit that is reached now.

use centime_answers::alerts::{FIELDS, Shown};
use centime_core::alert::Alert;
use centime_ledger::Alerts as _;
use centime_watch::{Notice, reached};

use crate::app::App;
use crate::cli::Format;
use crate::commands::budget;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Table, note, print_json, print_line, say, visible};
use crate::post::{announce, deliver};

/// Every limit that is reached now: exit code 1 where there is one
///
/// All of today's are listed each time it is asked; with `--notify` the channels are told of those of which
/// nobody was told yet today.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime alerts check
  centime alerts check --notify
  centime alerts check --format json | jq '.[].message'")]
pub(super) struct Args {
    /// Tell the channels of the configuration
    #[arg(long)]
    notify: bool,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let bank = budget::bank(app, &budget::rules(app)?)?;
    let (ledger, thresholds) = (budget::reader(app)?, &app.config.alerts.thresholds);
    let alerts = reached(&bank, &*ledger, thresholds, app.now, &app.zone)?;
    if args.notify {
        notify(app, &alerts)?;
    }
    tell(app, &alerts)?;
    if alerts.is_empty() { Ok(()) } else { Err(Failure::No(String::new())) }
}

/// Raises what was not raised yet, and sends what waits.
fn notify(app: &App, alerts: &[Alert]) -> Outcome {
    let channels = &app.config.alerts.channels;
    if channels.is_empty() {
        note(
            "there is no channel to tell: `[alerts.channels.NAME]` in the configuration makes one",
        );
    }
    let mut ledger = app.ledger_for_writing()?;
    let mut messages = |new: &[&Alert]| announce(channels, Notice::Alerts(new), app.now);
    ledger.raise(alerts, app.now, &mut messages)?;
    for (name, channel) in channels {
        let delivered = deliver(&mut ledger, name, channel)?;
        if delivered.messages > 0 {
            say(format_args!("told `{}`: {}", visible(name), delivered.messages));
        }
        if let Some(why) = delivered.why {
            note(&format!(
                "`{name}` was not told: {why}; a running gateway tries again, and so does the next \
                 `centime alerts check --notify`"
            ));
        }
    }
    Ok(())
}

fn tell(app: &App, alerts: &[Alert]) -> Outcome {
    match app.format {
        Format::Json => print_json(&alerts.iter().map(Shown).collect::<Vec<_>>()),
        Format::Csv => {
            let mut table = Table::new(FIELDS.iter().map(|field| (field.name, Align::Left)));
            for alert in alerts {
                table.row(FIELDS.iter().map(|field| (field.of)(alert).cell()).collect());
            }
            table.print_csv()
        }
        Format::Table if alerts.is_empty() => print_line("no limit is reached"),
        Format::Table => {
            let columns = [
                ("severity", Align::Left),
                ("rule", Align::Left),
                ("subject", Align::Left),
                ("amount", Align::Right),
                ("limit", Align::Right),
            ];
            let mut table = Table::new(columns);
            for alert in alerts {
                table.row(super::list::cells(alert));
            }
            table.print()?;
            alerts.iter().for_each(|alert| note(&alert.message));
            Ok(())
        }
    }
}
