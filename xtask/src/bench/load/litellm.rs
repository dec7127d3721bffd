//! The proxy of LiteLLM: what a call takes in the tool that most know.

use std::fs;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};

use super::calls;
use super::http::Ask;
use super::process::{self, Running};
use super::stand::{Route, Stand, Tools};
use super::table::Row;
use super::throughput::throughputs;
use crate::step::root;
use crate::venv::Venv;

const VENV: Venv = Venv { name: "litellm", minor_min: 10 };

/// How many connections call at once, for how long, and in how many rounds.
const CONNECTIONS: usize = 8;
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;
/// How long it may take to come up.
const STARTED_WITHIN: Duration = Duration::from_secs(120);

/// How many times more calls Centime makes in a second of the processor's time.
const TARGET: f64 = 500.0;

/// Measures a call of it beside one of Centime.
pub(super) fn rows(tools: &Tools) -> Result<Vec<Row>> {
    let stand = Stand::up(tools, "litellm", &["--text-tokens", "24"])?;
    let litellm = start(tools, &stand)?;
    let call = |route: &Route| {
        calls::closed_loop(route.address, &Ask::chat(&route.key, false), CONNECTIONS, ROUND)
    };
    let [nginx, centime, litellm] =
        throughputs([&stand.nginx, &stand.centime, &litellm], ROUNDS, call)?;
    let times = litellm.cpu_us / centime.cpu_us;
    Ok(vec![
        Row::ratio("CPU of a unary call, few at once", [nginx.cpu_us, centime.cpu_us], "µs", None),
        Row::times("CPU of a unary call through LiteLLM's proxy", litellm.cpu_us, times, TARGET),
    ])
}

fn start(tools: &Tools, stand: &Stand) -> Result<Route> {
    let python = VENV.ready(&root()?)?;
    let folder = tools.folder("litellm-proxy")?;
    let settings = folder.join("config.yaml");
    let provider = stand.provider.address;
    fs::write(
        &settings,
        format!(
            "model_list:\n  - model_name: gpt-4o-mini\n    litellm_params:\n      \
             model: openai/gpt-4o-mini\n      api_base: http://{provider}/v1\n      api_key: k\n"
        ),
    )?;
    // It cannot say which port it took: this one was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut command = process::proxy(&python);
    command
        .arg(python.with_file_name("litellm"))
        .arg("--config")
        .arg(&settings)
        .args(["--host", "127.0.0.1", "--num_workers", "1", "--telemetry", "False", "--port"])
        .arg(address.port().to_string())
        // It would fetch a list of prices from the network.
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        // As open as the others: it is on the loopback for a minute.
        .env("LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY", "true")
        .current_dir(&folder)
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join("stderr.log"))?);
    let mut running = Running::new(command.spawn().context("cannot start LiteLLM's proxy")?);
    running.listens(address, STARTED_WITHIN)?;
    Ok(Route { address, running, key: "none".to_owned() })
}
