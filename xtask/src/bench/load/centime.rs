//! The gateway, with its ledger, as it is installed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use super::process::{self, Running};
use super::stand::Route;

/// Four budgets, all of which the calls touch, and none of which they use up.
const BUDGETS: &str = r#"
[budgets.company]
limit = "1000000"
[budgets.each-user]
scope = "user"
limit = "100000"
window = "day"
[budgets.search]
scope = "team:search"
limit = "100000"
[budgets.bots]
scope = "tag:app=bot"
limit = "100000"
window = "total"
"#;

/// Starts it before a provider, in a folder that keeps its ledger, and waits until it says that it takes
/// calls.
pub(super) fn start(program: &Path, home: &Path, provider: SocketAddr, key: &str) -> Result<Route> {
    let mut command = process::proxy(program);
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(home)
        .env("OPENAI_API_KEY", "k")
        .env("OPENAI_BASE_URL", format!("http://{provider}/v1"))
        .stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start the gateway")?;
    let said = child.stderr.take().context("it has no log")?;
    let running = Running::new(child);
    let mut lines = BufReader::new(said).lines();
    for line in &mut lines {
        let event: serde_json::Value = serde_json::from_str(&line?).unwrap_or_default();
        if event["event"] == "started" {
            let address = event["address"].as_str().context("it has no address")?.parse()?;
            thread::spawn(move || lines.for_each(drop));
            return Ok(Route { address, running, key: key.to_owned() });
        }
    }
    bail!("the gateway did not start")
}

/// Starts one with four budgets, that is called with a key.
pub(super) fn start_limited(program: &Path, home: &Path, provider: SocketAddr) -> Result<Route> {
    fs::write(home.join("centime.toml"), BUDGETS)?;
    let create = ["key", "create", "--name", "load", "--format", "json"];
    let made = Command::new(program).args(create).current_dir(home).output()?;
    let made: serde_json::Value = serde_json::from_slice(&made.stdout)?;
    start(program, home, provider, made["key"].as_str().context("no key was made")?)
}
