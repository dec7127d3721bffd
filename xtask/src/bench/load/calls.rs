//! Calls: as many as an address answers, or so many a second.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::http::{Ask, Connection};

/// What came of calls in a closed loop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answered {
    pub(super) calls: u32,
    pub(super) took: Duration,
}

/// Calls over so many connections for so long, each again as soon as it is answered.
///
/// One thread goes from one connection to the next: while it reads one answer the others come in. Threads
/// of their own would take more of the core than the calls.
pub(super) fn closed_loop(
    address: SocketAddr,
    ask: &Ask,
    connections: usize,
    time: Duration,
) -> Result<Answered> {
    let connect = |_| Connection::to(address);
    let mut connections = (0..connections).map(connect).collect::<Result<Vec<_>>>()?;
    let (begun, mut calls) = (Instant::now(), 0);
    connections.iter_mut().try_for_each(|connection| connection.send(ask))?;
    while begun.elapsed() < time {
        for connection in &mut connections {
            connection.answer()?;
            calls += 1;
            connection.send(ask)?;
        }
    }
    for connection in &mut connections {
        connection.answer()?;
        calls += 1;
    }
    Ok(Answered { calls, took: begun.elapsed() })
}

/// Streams at once for so long, each begun again as soon as it has ended, each with a thread of its own:
/// what is paced sleeps most of the time.
pub(super) fn streams(
    address: SocketAddr,
    ask: &Ask,
    at_once: usize,
    time: Duration,
) -> Result<Answered> {
    let begun = Instant::now();
    let calls = side_by_side(at_once, |_| {
        let mut connection = Connection::to(address)?;
        let mut calls = 0;
        while begun.elapsed() < time {
            connection.send(ask)?;
            connection.answer()?;
            calls += 1;
        }
        Ok(calls)
    })?;
    Ok(Answered { calls: calls.into_iter().sum(), took: begun.elapsed() })
}

/// How long calls took at a fixed rate, from when each was due: whoever is late makes the next ones late,
/// and that counts.
#[derive(Debug, Default)]
pub(super) struct Latencies {
    /// To the first byte behind the head, and to the end; both in order.
    first_byte: Vec<Duration>,
    whole: Vec<Duration>,
}

impl Latencies {
    pub(super) fn first_byte(&self, per_mille: usize) -> Duration {
        quantile(&self.first_byte, per_mille)
    }

    pub(super) fn whole(&self, per_mille: usize) -> Duration {
        quantile(&self.whole, per_mille)
    }
}

fn quantile(sorted: &[Duration], per_mille: usize) -> Duration {
    sorted
        .get((sorted.len() * per_mille / 1000).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// Calls so many times a second, over connections that take turns.
pub(super) fn fixed_rate(
    address: SocketAddr,
    ask: &Ask,
    connections: u32,
    calls_per_second: u32,
    time: Duration,
) -> Result<Latencies> {
    ensure!(calls_per_second > 0, "no calls are no load");
    let between = Duration::from_secs(1) / calls_per_second;
    // All are connected before the first is due.
    let start = Instant::now() + Duration::from_millis(100);
    let heard = side_by_side(usize::try_from(connections)?, |at| {
        let mut connection = Connection::to(address)?;
        let mut due = start + between * u32::try_from(at)?;
        let mut heard = Vec::new();
        while due < start + time {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            connection.send(ask)?;
            let first_byte = connection.answer()?;
            heard.push((first_byte - due, due.elapsed()));
            due += between * connections;
        }
        Ok(heard)
    })?;
    let (mut first_byte, mut whole): (Vec<_>, Vec<_>) = heard.into_iter().flatten().unzip();
    first_byte.sort_unstable();
    whole.sort_unstable();
    ensure!(!whole.is_empty(), "no call was due");
    Ok(Latencies { first_byte, whole })
}

/// Does something in so many threads, which are told their number.
fn side_by_side<T: Send>(count: usize, each: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let each = &each;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|at| scope.spawn(move || each(at))).collect();
        let joined =
            threads.into_iter().map(|it| it.join().unwrap_or_else(|_| bail!("a caller panicked")));
        joined.collect()
    })
}
