//! `centime key`: who may call the gateway, as whom, and what.

mod change;
mod create;
mod list;

mod shown;
mod span;

use centime_core::key::Key;
use centime_ledger::Keys as _;
use clap::Subcommand;

use crate::app::{App, random_bits};
use crate::failure::{Failure, Outcome};

/// Keys of the gateway: who may call it, as whom, which models, how often and until when
///
/// On a loopback address everybody is let in until the first key is made. From then on a key is needed, and a running
/// server knows of every change within a second.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime key create --name search-bot --team search --user alice
  centime key create --name trial --model 'gpt-4o*' --requests-per-minute 60 --expires 30d
  centime key list
  centime key rotate search-bot --grace 1h
  centime key revoke key_1a2b3c4d")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::Args),
    List(list::Args),
    Rotate(change::RotateArgs),
    Revoke(change::RevokeArgs),
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    match &args.command {
        Command::Create(args) => create::run(app, args),
        Command::List(args) => list::run(app, args),
        Command::Rotate(args) => change::rotate(app, args),
        Command::Revoke(args) => change::revoke(app, args),
    }
}

/// A new secret, which is printed once and kept nowhere.
fn new_secret() -> Result<String, Failure> {
    Ok(centime_core::key::secret(&random_bits()?))
}

/// The key of an id, or of a name: then the one that was not revoked, or the last that was.
fn named(app: &App, id: &str) -> Result<Key, Failure> {
    let keys = app.ledger()?.keys()?;
    if let Some(key) = keys.iter().find(|key| key.id == id) {
        return Ok(key.clone());
    }
    let of_name = || keys.iter().rev().filter(|key| key.name.as_deref() == Some(id));
    let found = of_name().find(|key| key.revoked_at.is_none()).or_else(|| of_name().next());
    found.cloned().ok_or_else(|| {
        Failure::Usage(format!("there is no key `{id}`; `centime key list` lists them"))
    })
}
