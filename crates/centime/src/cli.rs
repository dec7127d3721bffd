//! The command line: its tree, and what is global to it.

use std::path::PathBuf;

use clap::builder::{EnumValueParser, TypedValueParser as _};
use clap::{Parser, Subcommand, ValueEnum};

use crate::commands::{
    alerts, backup, budget, chart, choose, config, db, demo, doctor, entries, explain, export,
    feedback, import, key, plan, price, prices, report, reprice, resolve, serve, user, verify,
};

/// The cost ledger for LLM traffic: what every call cost, exactly, and who it was for.
#[derive(Debug, Parser)]
#[command(name = "centime", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Examples:
  centime price gpt-4o claude-sonnet-4-5 --input 100000 --output 5000
  centime import events.jsonl
  centime report models --since 30d

Exit codes: 0 done, 1 the answer is no, 2 bad usage or input, 3 the environment failed.")]
pub(crate) struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,

    /// What is global.
    #[command(flatten)]
    pub global: Global,
}

/// Flags that every command takes.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The configuration; `centime.toml` in this folder if there is one
    #[arg(long, global = true, env = "CENTIME_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The ledger: a SQLite file; `centime.db` by default
    #[arg(long, global = true, env = "CENTIME_DB", value_name = "URL")]
    pub db: Option<String>,

    /// Price from this file alone instead of the embedded price book
    #[arg(long, global = true, value_name = "FILE")]
    pub prices: Option<PathBuf>,

    /// Whose clocks times without a zone, days and hours are read from; UTC by default
    #[arg(long, global = true, value_name = "ZONE")]
    pub tz: Option<String>,

    /// How to print what is listed
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "table",
        value_parser = EnumValueParser::<Format>::new().map(Shape::Answer)
    )]
    pub format: Shape,
}

/// What `--format` says: how an answer is printed, or, where a command writes a file, which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An answer on standard output.
    Answer(Format),
    /// A file of other tools.
    File(export::FileFormat),
}

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: colours and borders on a terminal, plain columns in a pipe
    Table,
    /// For programs: one JSON document
    Json,
    /// For spreadsheets
    Csv,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(serve::Args),
    Demo(demo::Args),
    Price(price::Args),
    Choose(choose::Args),
    Prices(prices::Args),
    Import(import::Args),
    Report(report::Args),
    Chart(chart::Args),
    Entries(entries::Args),
    Explain(explain::Args),
    Feedback(feedback::Args),
    Budget(budget::Args),
    Plan(plan::Args),
    User(user::Args),
    Key(key::Args),
    Alerts(alerts::Args),
    Export(export::Args),
    Verify(verify::Args),
    Reprice(reprice::Args),
    Resolve(resolve::Args),
    Backup(backup::Args),
    Db(db::Args),
    Config(config::Args),
    Doctor(doctor::Args),
}
