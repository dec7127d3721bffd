//! `cargo xtask bench`: the benches of the workspace, built as what is shipped is built, and Centime
//! beside others that do the same.

mod load;
mod peers;

use anyhow::Result;
use clap::Parser;

use crate::Chore;
use crate::step::{Step, run_all};

/// Where measured figures are written down.
const FIGURES: &str = "benches/README.md";

/// Measure: run the benches of the workspace, built as what is shipped
#[derive(Parser)]
#[command(name = "bench")]
pub(crate) struct Bench {
    /// Only benches whose name contains this
    filter: Option<String>,

    /// Instead, time Centime beside its peers on the same data and print the ratios
    #[arg(long, conflicts_with = "filter")]
    peers: bool,

    /// Instead, put load on the gateway beside nginx, and print the figures with their ratios
    #[arg(long, conflicts_with = "peers")]
    load: bool,

    /// With `--load`, the proxy of LiteLLM too: installed from PyPI at the first run, some 300 MB
    #[arg(long, requires = "load")]
    litellm: bool,
}

impl Chore for Bench {
    fn run(self) -> Result<()> {
        if self.peers {
            return peers::run();
        }
        if self.load {
            return load::run(self.filter.as_deref(), self.litellm);
        }
        // `--bench *` leaves out the unit tests, which cargo counts among the benches.
        let mut arguments =
            vec!["bench", "--workspace", "--profile", "dist", "--locked", "--bench", "*"];
        if let Some(filter) = &self.filter {
            arguments.extend(["--", filter]);
        }
        run_all(vec![Step::cargo("benches", &arguments)?])?;
        eprintln!("\nthe figures, with the machine they were measured on, go into {FIGURES}");
        Ok(())
    }
}
