//! `centime budget`: who may spend how much.

mod check;
mod set;
mod show;

use std::path::{Path, PathBuf};

use centime_budgets::Bank;
use centime_core::money::PicoUsd;
use centime_engine::accounts::{Follower, payer_of};
use centime_engine::journal;
use centime_ledger::memory::MemoryLedger;
use centime_ledger::{Ledger, RuleChange, Rules as _};
use std::sync::Arc;

use crate::app::App;
use crate::failure::{Failure, Outcome};

/// Budgets: how much may be spent, by whom, over what time
///
/// A call is admitted only where what it may cost fits into what is left of every budget that it
/// touches; otherwise it is refused with 402, or its output limit is lowered to what there is. What is
/// set here takes effect in a running gateway within a second. Budgets may stand in `centime.toml` too.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime budget set company --limit 500 --window month
  centime budget set per-user --limit 10 --window day --scope user
  centime budget show
  centime budget check --user alice --plan free")]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
enum Command {
    Set(set::Args),
    List(show::ListArgs),
    Show(show::Args),
    Rm(set::RemoveArgs),
    Check(check::Args),
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    match &args.command {
        Command::Set(args) => set::run(app, args),
        Command::List(args) => show::list(app, args),
        Command::Show(args) => show::run(app, args),
        Command::Rm(args) => set::remove(app, args),
        Command::Check(args) => check::run(app, args),
    }
}

/// An amount of US dollars on the command line.
pub(super) fn amount(text: &str) -> Result<PicoUsd, String> {
    match text.trim_start_matches('$').parse::<PicoUsd>() {
        Ok(amount) if amount < PicoUsd::ZERO => Err(format!("`{text}` is below zero")),
        Ok(amount) => Ok(amount),
        Err(error) => Err(error.to_string()),
    }
}

/// A name on the command line.
pub(super) fn name(text: &str) -> Result<String, String> {
    centime_core::budget::check_name(text).map_err(|error| error.to_string())?;
    Ok(text.to_owned())
}

/// The rules in force.
pub(crate) fn rules(app: &App) -> Result<centime_budgets::Rules, Failure> {
    let set = reader(app)?.rules()?;
    Ok(centime_engine::accounts::rules_of(&app.config.rules, &set))
}

/// The ledger, to be read; one that is not there yet is an empty one.
pub(crate) fn reader(app: &App) -> Result<Box<dyn Ledger>, Failure> {
    let path = app.database_path()?;
    if std::fs::exists(path).is_ok_and(|exists| !exists) && crate::app::parent_of(path).is_dir() {
        return Ok(Box::new(MemoryLedger::default()));
    }
    Ok(Box::new(app.ledger()?))
}

/// Makes a change in the ledger; whether there was anything to change.
pub(super) fn change(app: &App, change: &RuleChange) -> Result<bool, Failure> {
    Ok(app.ledger_for_writing()?.change_rules(change)?)
}

/// Every budget as it stands now: from the ledger, and from the journal of a gateway that runs.
pub(crate) fn bank(app: &App, rules: &centime_budgets::Rules) -> Result<Bank, Failure> {
    // The journal goes first: what leaves it meanwhile is in the ledger then.
    let calls = journal::peek(&journal_of(app.database_path()?));
    let ledger = reader(app)?;
    let bank = Bank::new(app.zone.clone());
    // What the ledger has and what it lacks must be of one moment: entries arrive meanwhile.
    ledger.at_one_moment(&mut || {
        Follower::new(app.zone.clone()).begin(&bank, &*ledger, rules, app.now)?;
        for entry in &calls.ended {
            if ledger.entry(entry.uid)?.is_none() {
                bank.tell(entry.uid, &payer_of(entry), entry.at, entry.charge);
            }
        }
        for entry in &calls.open {
            if ledger.entry(entry.uid)?.is_none() {
                let held = entry.held.unwrap_or_default();
                bank.doubtful(entry.uid, &Arc::new(payer_of(entry)), entry.at, held);
            }
        }
        Ok(())
    })?;
    Ok(bank)
}

fn journal_of(ledger: &Path) -> PathBuf {
    let mut path = ledger.as_os_str().to_owned();
    path.push(".calls");
    path.into()
}
