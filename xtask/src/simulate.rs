//! `cargo xtask simulate`: what happens to budgets, for as long as one likes.

use anyhow::Result;
use clap::Parser;

use crate::Chore;
use crate::step::{cargo, do_it};

/// Simulate what happens to budgets: each step is held against a model, and a seed that fails replays
#[derive(Debug, Parser)]
#[command(
    name = "simulate",
    after_help = "\
Examples:
  cargo xtask simulate --steps 5000000
  cargo xtask simulate --seed 17 --steps 1"
)]
pub(crate) struct Simulate {
    /// How many steps, at least
    #[arg(long, default_value_t = 3_000_000)]
    steps: u64,

    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Chore for Simulate {
    fn run(self) -> Result<()> {
        let test = ["test", "--release", "--package", "centime-budgets", "--test", "simulation"];
        do_it(
            cargo()?
                .args(test)
                .args(["--", "--nocapture"])
                .env("CENTIME_SIMULATE_STEPS", self.steps.to_string())
                .env("CENTIME_SIMULATE_SEED", self.seed.to_string()),
        )
    }
}
