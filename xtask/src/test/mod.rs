//! `cargo xtask test`: brings up what tests need, then runs all of them.

mod needs;

use std::process::Stdio;

use anyhow::{Result, bail};
use clap::Parser;

use crate::Chore;
use crate::step::{Step, cargo, run_all};
use needs::Met;

/// Bring up what the tests need and run all of them, doc tests included
///
/// Uses cargo-nextest where it is installed and plain `cargo test` elsewhere; fuzzes every target for
/// a moment. What the tests need and this machine lacks is named, and is a failure under `CI=true`.
#[derive(Parser)]
#[command(name = "test")]
pub(crate) struct Test {}

impl Chore for Test {
    fn run(self) -> Result<()> {
        let Met { skipped, chores } = needs::bring_up();
        let mut steps = vec![
            Step::cargo("tests", runner()?)?,
            Step::cargo(
                "doc tests",
                &["test", "--workspace", "--doc", "--locked", "--no-fail-fast"],
            )?,
        ];
        for chore in chores {
            steps.push(Step::cargo(chore[0], &[&["xtask"], chore].concat())?);
        }
        let result = run_all(steps);
        for skip in &skipped {
            eprintln!(" skipped  {skip}");
        }
        result?;
        if !skipped.is_empty() && needs::must_be_complete() {
            bail!("{} of the tests' needs skipped under CI", skipped.len());
        }
        Ok(())
    }
}

/// The arguments of the best test runner there is.
fn runner() -> Result<&'static [&'static str]> {
    let nextest = cargo()?
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    Ok(if nextest.is_ok_and(|status| status.success()) {
        &["nextest", "run", "--workspace", "--locked"]
    } else {
        &["test", "--workspace", "--lib", "--bins", "--tests", "--locked", "--no-fail-fast"]
    })
}
