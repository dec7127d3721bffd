//! `cargo xtask lint`: format, lints and documentation, with every warning an error.

use anyhow::Result;
use clap::Parser;

use crate::Chore;
use crate::step::{Step, run_all};

/// Check the format, the lints and the documentation; every warning is an error
#[derive(Parser)]
#[command(name = "lint")]
pub(crate) struct Lint {}

impl Chore for Lint {
    fn run(self) -> Result<()> {
        let format = Step::cargo("format", &["fmt", "--all", "--check"])?;
        let clippy = Step::cargo(
            "clippy",
            &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        )?;
        let mut docs = Step::cargo("docs", &["doc", "--no-deps", "--workspace", "--locked"])?;
        docs.command.env("RUSTDOCFLAGS", "-D warnings");
        run_all(vec![format, clippy, docs])
    }
}
