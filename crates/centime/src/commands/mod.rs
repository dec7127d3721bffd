//! The commands, one file each.

pub(crate) mod alerts;
pub(crate) mod backup;
pub(crate) mod budget;
pub(crate) mod chart;
pub(crate) mod choose;
pub(crate) mod config;
pub(crate) mod db;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod entries;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod feedback;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod plan;
pub(crate) mod price;
pub(crate) mod prices;
pub(crate) mod report;
pub(crate) mod reprice;
pub(crate) mod resolve;
pub(crate) mod serve;
pub(crate) mod user;
pub(crate) mod verify;

mod charge;
mod conditions;
mod named;
mod names;
mod options;
mod price_events;
mod quote;
#[cfg(test)]
mod samples;
mod times;

use crate::app::App;
use crate::cli::{Cli, Command};
use crate::failure::Outcome;

/// Runs the command that was chosen.
pub(crate) fn run(cli: Cli) -> Outcome {
    if let Command::Doctor(args) = &cli.command {
        // It looks at the configuration before anything relies on it.
        return doctor::run(cli.global, args);
    }
    let app = App::new(cli.global)?;
    match cli.command {
        Command::Serve(args) => serve::run(&app, &args),
        Command::Demo(args) => demo::run(&app, &args),
        Command::Doctor(_) => Ok(()),
        Command::Price(args) => price::run(&app, &args),
        Command::Choose(args) => choose::run(&app, &args),
        Command::Prices(args) => prices::run(&app, &args),
        Command::Import(args) => import::run(&app, &args),
        Command::Report(args) => report::run(&app, &args),
        Command::Chart(args) => chart::run(&app, &args),
        Command::Entries(args) => entries::run(&app, &args),
        Command::Explain(args) => explain::run(&app, &args),
        Command::Feedback(args) => feedback::run(&app, &args),
        Command::Budget(args) => budget::run(&app, &args),
        Command::Plan(args) => plan::run(&app, &args),
        Command::User(args) => user::run(&app, &args),
        Command::Key(args) => key::run(&app, &args),
        Command::Alerts(args) => alerts::run(&app, &args),
        Command::Export(args) => export::run(&app, &args),
        Command::Resolve(args) => resolve::run(&app, &args),
        Command::Reprice(args) => reprice::run(&app, &args),
        Command::Backup(args) => backup::run(&app, &args),
        Command::Db(args) => db::run(&app, &args),
        Command::Config(args) => config::run(&app, &args),
        Command::Verify(args) => verify::run(&app, &args),
    }
}
