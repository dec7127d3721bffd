//! `centime doctor`: looks at what usually goes wrong, and says what to do.

mod entries;
mod file;
mod place;
mod words;

use serde::Serialize;

use crate::app::App;
use crate::cli::{Format, Global, Shape};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Table, counted, print_json, print_line, visible};

/// Look at what usually goes wrong, and say what to do about it
///
/// A line a check: `ok`, `warn` (works, and wants attention), `fail` (does not work) or `blind` (could not be
/// looked at). Looks at the configuration, the ledger's file and disk, its last entry, the clock, the
/// prices, what is unpriced or in doubt, the providers' keys in the environment (names alone), and files
/// left over. Reads the whole ledger once, changes nothing, and asks no network.
///
/// Exits 0 when nothing fails, 1 when something does, and 3 when something could not be looked at.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime doctor
  centime doctor --format json --db /var/lib/centime/centime.db")]
pub(crate) struct Args {}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// As it should be.
    Ok,
    /// It works, and wants attention.
    Warn,
    /// It does not work.
    Fail,
    /// It could not be looked at.
    Blind,
}

/// What a look at something found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    check: &'static str,
    state: State,
    found: String,
    remedy: Option<String>,
}

impl Check {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), remedy: None }
    }

    fn warn(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Warn, remedy: Some(remedy.into()), ..Self::ok(check, found) }
    }

    fn fail(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Fail, ..Self::warn(check, found, remedy) }
    }

    /// What kept us from looking; the message has the remedy.
    fn blind(check: &'static str, found: impl Into<String>) -> Self {
        Self { state: State::Blind, ..Self::ok(check, found) }
    }
}

/// Runs the command.
pub(crate) fn run(global: Global, _: &Args) -> Outcome {
    let format = match global.format {
        Shape::Answer(format) => format,
        Shape::File(_) => Format::Table,
    };
    let (configuration, app) = configured(global);
    let mut checks = vec![configuration];
    if let Some(app) = &app {
        checks.extend(file::checks(app));
        checks.extend(entries::checks(app));
        checks.push(place::prices(app));
        checks.push(place::keys());
    }
    print(format, &checks)?;
    let number = |state| checks.iter().filter(|check| check.state == state).count();
    let are = |number: usize, words: [&str; 2]| {
        counted(i128::try_from(number).unwrap_or(i128::MAX), words)
    };
    match (number(State::Blind), number(State::Fail)) {
        (0, 0) => Ok(()),
        (0, failed) => Err(Failure::No(are(failed, ["check fails", "checks fail"]))),
        (blind, _) => {
            let what = are(blind, ["thing", "things"]);
            Err(Failure::Environment(format!("{what} could not be looked at")))
        }
    }
}

/// Looks at the configuration. Where it is of no use, the rest is looked at without it.
fn configured(global: Global) -> (Check, Option<App>) {
    const NAME: &str = "configuration";
    let file = Config::file_named(global.config.as_deref());
    let without = Global { tz: None, ..global.clone() };
    let read = Config::read(global.config.as_deref()).and_then(|config| App::with(global, config));
    match read {
        Ok(app) => {
            let found = match file {
                Some(file) => format!("`{}` is read", file.display()),
                None => "there is no `centime.toml` here, and none is needed".to_owned(),
            };
            (Check::ok(NAME, found), Some(app))
        }
        Err(failure) => {
            let remedy =
                "mend it (docs/configuration.md has the keys); the rest is looked at without it";
            let check = Check::fail(NAME, failure.message(), remedy);
            let config = Config::without_file().ok();
            (check, config.and_then(|config| App::with(without, config).ok()))
        }
    }
}

fn print(format: Format, checks: &[Check]) -> Outcome {
    match format {
        Format::Json => {
            #[derive(Serialize)]
            struct Document<'a> {
                ok: bool,
                checks: &'a [Check],
            }
            let is_good = |check: &Check| matches!(check.state, State::Ok | State::Warn);
            print_json(&Document { ok: checks.iter().all(is_good), checks })
        }
        Format::Csv => {
            let columns = ["check", "state", "found", "remedy"];
            let mut table = Table::new(columns.map(|name| (name, Align::Left)));
            for check in checks {
                let remedy = check.remedy.clone().unwrap_or_default();
                let state = word(check.state).to_owned();
                table.row(vec![check.check.to_owned(), state, check.found.clone(), remedy]);
            }
            table.print_csv()
        }
        Format::Table => checks.iter().try_for_each(|check| {
            let colour = match check.state {
                State::Ok => anstyle::AnsiColor::Green,
                State::Warn => anstyle::AnsiColor::Yellow,
                State::Fail | State::Blind => anstyle::AnsiColor::Red,
            };
            let style = colour.on_default().bold();
            let remedy = check.remedy.as_ref().map(|remedy| format!("; {remedy}"));
            let line = format!("{}{}", check.found, remedy.unwrap_or_default());
            print_line(format_args!(
                "{style}{:<5}{style:#} {:<13} {}",
                word(check.state),
                check.check,
                visible(&line)
            ))
        }),
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Fail => "fail",
        State::Blind => "blind",
    }
}
