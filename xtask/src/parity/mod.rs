//! `cargo xtask parity`: prices what LiteLLM and genai-prices price, with their functions and with
//! Centime, from their own data, and compares.
//!
//! The drawing, the peers and the comparison are in `tests/parity`, in the peers' own language.
//! Here is what runs them: the order of the steps.

mod run;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;

use crate::Chore;
use crate::step::root;
use crate::venv::Venv;

/// The environment of the peers.
const PEERS: Venv = Venv { name: "parity", minor_min: 11 };

/// Compare Centime's charges with those of LiteLLM and genai-prices, over all of their own data
///
/// Installs both, pinned, from PyPI into target/venv-parity at the first run. Writes
/// tests/parity/REPORT.md, and fails where Centime is wrong too often or a disagreement has no class.
#[derive(Parser)]
#[command(name = "parity")]
pub(crate) struct Parity {
    /// Write nothing: the report must be the one that is there
    #[arg(long)]
    check: bool,
}

impl Chore for Parity {
    fn run(self) -> Result<()> {
        let root = root()?;
        let python = peers(&root)?;
        run::compare(&root, &python, self.check)
    }
}

/// The interpreter of an environment with the peers, installed where they are not yet.
///
/// # Errors
/// When there is no Python, or PyPI does not answer.
pub(crate) fn peers(root: &Path) -> Result<PathBuf> {
    PEERS.ready(root)
}

/// Installs the peers; the error says why that cannot be.
pub(crate) fn bring_up() -> Result<(), String> {
    root().and_then(|root| peers(&root)).map(drop).map_err(|error| {
        format!("{error:#}; install Python 3.11 with `venv`, and let it reach PyPI")
    })
}
