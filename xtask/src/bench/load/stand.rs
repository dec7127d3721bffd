//! What stands for a measurement: a simulated provider, and before it nginx and Centime.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};

use super::process::{self, Running};
use super::{centime, nginx};
use crate::step::{binary, cargo, do_it, root};

/// The programs, and where they keep what they write.
pub(super) struct Tools {
    pub(super) centime: PathBuf,
    pub(super) simulate: PathBuf,
    pub(super) nginx: PathBuf,
    folder: PathBuf,
}

impl Tools {
    /// Builds and finds them.
    ///
    /// # Errors
    /// When one does not build, or nginx cannot be had.
    pub(super) fn ready() -> Result<Self> {
        let nginx = nginx::ready()?;
        let centime = binary("dist")?;
        let build = ["build", "--quiet", "--locked", "--profile", "dist"];
        do_it(cargo()?.args(build).args([
            "--package",
            "centime-testkit",
            "--example",
            "simulate",
        ]))?;
        let simulate = centime.with_file_name("examples").join("simulate");
        Ok(Self { centime, simulate, nginx, folder: root()?.join("target/load") })
    }

    /// An empty folder.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// A program that takes calls.
pub(super) struct Route {
    pub(super) address: SocketAddr,
    pub(super) running: Running,
    /// What clients call it with.
    pub(super) key: String,
}

/// A provider and those that stand before it.
pub(super) struct Stand {
    pub(super) nginx: Route,
    pub(super) centime: Route,
    pub(super) provider: Route,
}

impl Stand {
    /// Starts them all, over a provider that goes at the pace that these flags say.
    pub(super) fn up(tools: &Tools, name: &str, pace: &[&str]) -> Result<Self> {
        let provider = provider(&tools.simulate, pace)?;
        let nginx =
            nginx::start(tools, &tools.folder(&format!("{name}-nginx"))?, provider.address)?;
        let home = tools.folder(&format!("{name}-centime"))?;
        let centime = centime::start(&tools.centime, &home, provider.address, "ck-none")?;
        Ok(Self { nginx, centime, provider })
    }

    /// Those that are measured against each other.
    pub(super) fn proxies(&self) -> [&Route; 2] {
        [&self.nginx, &self.centime]
    }
}

/// Starts a simulated provider that sends answers made once.
pub(super) fn provider(simulate: &Path, pace: &[&str]) -> Result<Route> {
    let mut command = process::load(simulate);
    command.arg("--canned").args(pace).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start the simulated provider")?;
    let out = child.stdout.take().context("it has no output")?;
    let running = Running::new(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let address = line.trim().trim_start_matches("http://").parse();
    let address = address.with_context(|| format!("`{line}` is no address"))?;
    Ok(Route { address, running, key: String::new() })
}
