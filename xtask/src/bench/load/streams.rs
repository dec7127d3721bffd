//! Streams: at the pace of a model, as fast as they come, and many at once.

use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::calls;
use super::http::{Ask, Connection};
use super::stand::{Route, Stand, Tools};
use super::table::{Row, Target, median};
use super::throughput::throughputs;

/// How long each is measured in a round, and how many rounds there are; each measures all, in turn.
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 5;

/// 50 events, 4 ms apart.
const PACED: &[&str] = &["--text-tokens", "50", "--tokens-per-second", "250"];
const PACED_AT_ONCE: usize = 128;

/// 500 events as fast as they are taken.
const BURST: &[&str] = &["--text-tokens", "500"];
const BURSTS_AT_ONCE: usize = 16;

/// An event every 50 ms, for 20 seconds: long enough that all have begun before the first ends.
const SLOW: &[&str] = &["--text-tokens", "400", "--tokens-per-second", "20"];
const SLOW_AT_ONCE: usize = 1000;

/// What the processor spends on streams that come at a pace.
pub(super) fn paced(tools: &Tools) -> Result<Vec<Row>> {
    let stand = Stand::up(tools, "paced", PACED)?;
    let call = |route: &Route| {
        calls::streams(route.address, &Ask::chat(&route.key, true), PACED_AT_ONCE, ROUND)
    };
    let [nginx, centime] = throughputs(stand.proxies(), ROUNDS, call)?;
    let name = "CPU of a paced stream (50 events 4 ms apart, 128 at once)";
    Ok(vec![Row::ratio(name, [nginx.cpu_us, centime.cpu_us], "µs", Some(Target::AtMost(1.4)))])
}

/// How many streams there are in a second where their events come at once.
pub(super) fn bursts(tools: &Tools) -> Result<Vec<Row>> {
    let stand = Stand::up(tools, "bursts", BURST)?;
    let call = |route: &Route| {
        calls::closed_loop(route.address, &Ask::chat(&route.key, true), BURSTS_AT_ONCE, ROUND)
    };
    let [nginx, centime] = throughputs(stand.proxies(), ROUNDS, call)?;
    let (of_streams, of_cpu) =
        ([nginx.per_second, centime.per_second], [nginx.cpu_us, centime.cpu_us]);
    let name = "bursts (streams of 500 events at once)";
    Ok(vec![
        Row::ratio(name, of_streams, "/s", Some(Target::AtLeast(0.5))),
        Row::ratio("CPU of a burst", of_cpu, "µs", None),
    ])
}

/// What many streams at once occupy.
pub(super) fn memory(tools: &Tools) -> Result<Vec<Row>> {
    let stand = Stand::up(tools, "memory", SLOW)?;
    let mut figures = Vec::new();
    for route in stand.proxies() {
        figures.push((route.running.resident_mib()?, resident_in_streams(route)?));
    }
    let [nginx, centime] = figures[..] else { return Ok(Vec::new()) };
    Ok(vec![
        Row::alone("memory at rest", Some(nginx.0), centime.0, "MiB", None),
        Row::alone(
            "memory at 1,000 streams at once",
            Some(nginx.1),
            centime.1,
            "MiB",
            Some(Target::AtMost(60.0)),
        ),
    ])
}

fn resident_in_streams(route: &Route) -> Result<f64> {
    let ask = Ask::chat(&route.key, true);
    let mut streams = Vec::with_capacity(SLOW_AT_ONCE);
    for _ in 0..SLOW_AT_ONCE {
        let mut stream = Connection::to(route.address)?;
        stream.send(&ask)?;
        streams.push(stream);
    }
    for stream in &mut streams {
        stream.first_chunk()?;
    }
    let mut samples = Vec::new();
    for _ in 0..10 {
        thread::sleep(Duration::from_millis(300));
        samples.push(route.running.resident_mib()?);
    }
    for stream in &mut streams {
        // Had one ended, there would not have been so many at once.
        ensure!(stream.chunk()? > 0, "a stream ended too early");
    }
    Ok(median(samples))
}
