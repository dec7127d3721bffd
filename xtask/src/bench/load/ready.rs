//! How soon the gateway takes calls.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::centime;
use super::http::{Ask, Connection};
use super::process::us;
use super::stand::{Tools, provider};
use super::table::{Row, Target, median};

const STARTS: usize = 11;

/// From the start of the process to the answer that it is ready, with a ledger that was there before.
pub(super) fn rows(tools: &Tools) -> Result<Vec<Row>> {
    let provider = provider(&tools.simulate, &[])?;
    let home = tools.folder("ready")?;
    let mut first = None;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let begun = Instant::now();
        let route = centime::start(&tools.centime, &home, provider.address, "ck-none")?;
        let mut connection = Connection::to(route.address)?;
        connection.send(&Ask::health("/readyz"))?;
        connection.answer()?;
        times.push(milliseconds(begun.elapsed()));
        first.get_or_insert(milliseconds(begun.elapsed()));
    }
    let target = Some(Target::AtMost(100.0));
    let first = first.unwrap_or_default();
    Ok(vec![
        Row::alone("ready to serve, with a new ledger", None, first, "ms", target),
        Row::alone("ready to serve, with the ledger of before", None, median(times), "ms", target),
    ])
}

fn milliseconds(time: Duration) -> f64 {
    us(time) / 1000.0
}
