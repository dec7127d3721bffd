//! The simulated provider, in a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};

use crate::step::cargo;

/// A simulated provider; dropped, it ends.
pub(super) struct Provider {
    process: Child,
    pub(super) base_url: String,
}

impl Provider {
    pub(super) fn start() -> Result<Self> {
        let example = ["run", "--quiet", "--locked", "--package", "centime-testkit", "--example"];
        let mut process = cargo()?
            .args(example)
            .arg("simulate")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the simulated provider")?;
        let said = process.stdout.take().context("the provider has no output")?;
        let mut base_url = String::new();
        BufReader::new(said).read_line(&mut base_url)?;
        let provider = Self { process, base_url: base_url.trim().to_owned() };
        ensure!(!provider.base_url.is_empty(), "the simulated provider did not start");
        Ok(provider)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // The end of its input is its end.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
