//! The chores of this repository: `cargo xtask --help` lists them.
//!
//! A chore is a file of its own with its flags and [`Chore::run`], and a line in [`CHORES`].

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to the person who started it"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "the outermost edge: chores read the environment and time their steps"
)]

mod node;
mod step;
mod venv;

mod bench;
mod exports;
mod fuzz;
mod lint;
mod parity;
mod prices;
mod sdks;
mod simulate;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgMatches, Command, Parser};

/// Every chore, in the order of `cargo xtask --help`.
const CHORES: &[Listed] = &[
    listed::<test::Test>(),
    listed::<lint::Lint>(),
    listed::<tidy::Tidy>(),
    listed::<fuzz::Fuzz>(),
    listed::<bench::Bench>(),
    listed::<prices::Prices>(),
    listed::<parity::Parity>(),
    listed::<exports::Exports>(),
    listed::<sdks::Sdks>(),
    listed::<simulate::Simulate>(),
];

/// A chore: its flags are its fields, and its doc comment is its help.
trait Chore: Parser {
    /// Does it. What failed was printed as it failed; the error is the last word.
    fn run(self) -> Result<()>;
}

/// A chore as the command line sees it.
struct Listed {
    command: fn() -> Command,
    run: fn(&ArgMatches) -> Result<()>,
}

const fn listed<C: Chore>() -> Listed {
    Listed { command: C::command, run: |matches| C::from_arg_matches(matches)?.run() }
}

fn main() -> ExitCode {
    let matches = command_line().get_matches();
    let chosen = matches.subcommand().and_then(|(name, matches)| {
        let chore = CHORES.iter().find(|chore| (chore.command)().get_name() == name)?;
        Some((chore, matches))
    });
    let result = match chosen {
        Some((chore, matches)) => (chore.run)(matches),
        None => Ok(()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command_line() -> Command {
    Command::new("xtask")
        .bin_name("cargo xtask")
        .about("The chores of this repository")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(CHORES.iter().map(|chore| (chore.command)()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        command_line().debug_assert();
    }
}
