//! The gateway under load, with keys and budgets against without: the same binary twice, side by side,
//! over the same simulated provider. What is told is their ratio.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::step::{binary, cargo, do_it, root};

/// How many connections call at once.
const CONNECTIONS: usize = 32;
/// How long each is measured in a round.
const ROUND: Duration = Duration::from_secs(3);
/// How many rounds there are; each measures both, in turn.
const ROUNDS: usize = 7;
/// What the kernel counts processor time in.
const TICKS_PER_SECOND: u64 = 100;

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

/// A process that ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What was measured of one of the two.
#[derive(Debug, Clone, Copy, Default)]
struct Measured {
    calls_per_second: f64,
    cpu_us_per_call: f64,
}

struct Gateway {
    running: Running,
    address: SocketAddr,
    key: String,
}

pub(super) fn run() -> Result<()> {
    let centime = binary("dist")?;
    let build = ["build", "--quiet", "--locked", "--profile", "dist"];
    do_it(cargo()?.args(build).args(["--package", "centime-testkit", "--example", "simulate"]))?;
    let simulate = centime.with_file_name("examples").join("simulate");
    let folder = root()?.join("target/load");
    fs::create_dir_all(&folder)?;
    // The gateway has a core of its own, whatever calls it and answers it the other.
    let (provider, address) = provider(&simulate)?;
    let plain = gateway(&centime, &folder.join("plain"), address, false)?;
    let budgeted = gateway(&centime, &folder.join("budgeted"), address, true)?;
    let mut rounds: [Vec<Measured>; 2] = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for (gateway, measured) in [&plain, &budgeted].into_iter().zip(&mut rounds) {
            let of_round = measure(gateway)?;
            // The first warms both up.
            if round > 0 {
                measured.push(of_round);
            }
        }
    }
    drop(provider);
    let [off, on] = rounds.map(|rounds| median(&rounds));
    println!("{:<28} {:>14} {:>18}", "", "calls/s", "CPU µs a call");
    for (name, measured) in [("without keys and budgets", off), ("with a key and four budgets", on)]
    {
        println!(
            "{name:<28} {:>14.0} {:>18.1}",
            measured.calls_per_second, measured.cpu_us_per_call
        );
    }
    println!(
        "{:<28} {:>13.3}× {:>17.3}×",
        "with / without",
        on.calls_per_second / off.calls_per_second,
        on.cpu_us_per_call / off.cpu_us_per_call
    );
    Ok(())
}

fn provider(simulate: &Path) -> Result<(Running, SocketAddr)> {
    let mut command = pinned(simulate, "1");
    command.args(["--text-tokens", "24"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start the simulated provider")?;
    let out = child.stdout.take().context("it has no output")?;
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let address = line.trim().trim_start_matches("http://").parse();
    Ok((running, address.with_context(|| format!("`{line}` is no address"))?))
}

fn pinned(program: &Path, core: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program);
    command
}

fn gateway(centime: &Path, home: &Path, provider: SocketAddr, is_limited: bool) -> Result<Gateway> {
    if home.exists() {
        fs::remove_dir_all(home)?;
    }
    fs::create_dir_all(home)?;
    fs::write(home.join("centime.toml"), if is_limited { BUDGETS } else { "" })?;
    let mut key = "ck-none".to_owned();
    if is_limited {
        let create = ["key", "create", "--name", "load", "--format", "json"];
        let made = Command::new(centime).args(create).current_dir(home).output()?;
        let made: serde_json::Value = serde_json::from_slice(&made.stdout)?;
        key = made["key"].as_str().context("no key was made")?.to_owned();
    }
    let mut command = pinned(centime, "0");
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(home)
        .env("OPENAI_API_KEY", "k")
        .env("OPENAI_BASE_URL", format!("http://{provider}/v1"))
        .stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start the gateway")?;
    let said = child.stderr.take().context("it has no log")?;
    let running = Running(child);
    let mut lines = BufReader::new(said).lines();
    for line in &mut lines {
        let event: serde_json::Value = serde_json::from_str(&line?).unwrap_or_default();
        if event["event"] == "started" {
            let address = event["address"].as_str().context("it has no address")?.parse()?;
            thread::spawn(move || lines.for_each(drop));
            return Ok(Gateway { running, address, key });
        }
    }
    bail!("the gateway did not start")
}

/// Calls in a closed loop for a round.
fn measure(gateway: &Gateway) -> Result<Measured> {
    let body = r#"{"model":"gpt-4o-mini","max_tokens":100,"messages":[{"role":"system","content":"You are a helpful assistant that answers in one sentence."},{"role":"user","content":"How much is the fish at the market by the harbour today?"}]}"#;
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\nx-centime-user: alice\r\nx-centime-team: search\r\n\
         x-centime-tags: app=bot\r\ncontent-length: {}\r\n\r\n{body}",
        gateway.address,
        gateway.key,
        body.len()
    );
    let (calls, ends) = (AtomicU64::new(0), AtomicBool::new(false));
    let before = cpu_ticks(gateway.running.0.id())?;
    let started = Instant::now();
    let results: Vec<Result<()>> = thread::scope(|scope| {
        let call = || -> Result<()> {
            let mut stream = TcpStream::connect(gateway.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            let mut heard = Vec::with_capacity(8 << 10);
            while !ends.load(Ordering::Relaxed) {
                stream.write_all(request.as_bytes())?;
                answer(&mut stream, &mut heard)?;
                calls.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let callers: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(call)).collect();
        thread::sleep(ROUND);
        ends.store(true, Ordering::Relaxed);
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap_or_else(|_| bail!("a caller panicked")))
            .collect()
    });
    results.into_iter().collect::<Result<Vec<()>>>()?;
    let (took, calls) = (started.elapsed(), calls.load(Ordering::Relaxed));
    let ticks = cpu_ticks(gateway.running.0.id())? - before;
    ensure!(calls > 0, "no call was answered");
    let calls = f64::from(u32::try_from(calls)?);
    let cpu_us = f64::from(u32::try_from(ticks * (1_000_000 / TICKS_PER_SECOND))?);
    Ok(Measured { calls_per_second: calls / took.as_secs_f64(), cpu_us_per_call: cpu_us / calls })
}

/// Reads one answer, whose length its head tells, and expects it to be a good one.
fn answer(stream: &mut TcpStream, heard: &mut Vec<u8>) -> Result<()> {
    heard.clear();
    let mut piece = [0; 8 << 10];
    loop {
        let count = stream.read(&mut piece)?;
        ensure!(count > 0, "the gateway closed the connection");
        heard.extend_from_slice(&piece[..count]);
        let Some(head) = heard.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&heard[..head])?;
        ensure!(text.starts_with("HTTP/1.1 200"), "{}", String::from_utf8_lossy(heard));
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.context("an answer without a length")?.parse()?;
        if heard.len() >= head + 4 + length {
            return Ok(());
        }
    }
}

/// The processor time of a process so far.
fn cpu_ticks(pid: u32) -> Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Behind the name, which is in brackets and may have anything in it.
    let (_, rest) = stat.rsplit_once(')').context("no such figures")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    ticks(11).zip(ticks(12)).map(|(user, system)| user + system).context("no such figures")
}

/// The round in the middle, by processor time and by throughput.
fn median(rounds: &[Measured]) -> Measured {
    let of = |figure: fn(&Measured) -> f64| {
        let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or_default()
    };
    Measured {
        calls_per_second: of(|measured| measured.calls_per_second),
        cpu_us_per_call: of(|measured| measured.cpu_us_per_call),
    }
}
