//! The command line of Centime.

#![allow(
    clippy::disallowed_methods,
    reason = "the outermost edge: the one place that reads the clock and the environment"
)]

mod app;
mod cli;
mod commands;
mod config;
mod digest;
mod draft;
mod failure;
mod fetch;
mod input;
mod output;
mod own_prices;
mod pipeline;
mod post;
mod rates;

use std::process::ExitCode;

use clap::Parser;

/// Events and calls are many small texts: this takes and frees them in a tenth less time over all.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
