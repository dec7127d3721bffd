//! Unary calls: how many there are in a second, what one takes, and what it adds to the provider's time.

use std::time::Duration;

use anyhow::Result;

use super::calls::{self, Latencies};
use super::centime;
use super::http::Ask;
use super::process::us;
use super::stand::{Route, Stand, Tools};
use super::table::{Row, Target, median};
use super::throughput::throughputs;

/// How many connections call at once.
const CONNECTIONS: usize = 32;
/// How long each is measured in a round, and how many rounds there are; each measures all, in turn.
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;
/// What is read of the provider: an answer of about 24 words, or as many events at once.
const ANSWER: &[&str] = &["--text-tokens", "24"];

/// How many connections share a fixed rate.
const TAKING_TURNS: u32 = 16;

/// Measures throughput and processor time; then, at half of what Centime can do, what is added to going
/// to the provider directly.
pub(super) fn rows(tools: &Tools) -> Result<Vec<Row>> {
    let stand = Stand::up(tools, "unary", ANSWER)?;
    let home = tools.folder("unary-limited")?;
    let limited = centime::start_limited(&tools.centime, &home, stand.provider.address)?;
    let call = |route: &Route| {
        calls::closed_loop(route.address, &Ask::chat(&route.key, false), CONNECTIONS, ROUND)
    };
    let [nginx, centime, limited] =
        throughputs([&stand.nginx, &stand.centime, &limited], ROUNDS, call)?;
    let of_calls = [nginx.per_second, centime.per_second];
    let of_cpu = |centime| [nginx.cpu_us, centime];
    let mut rows = vec![
        Row::ratio("unary calls", of_calls, "/s", Some(Target::AtLeast(0.6))),
        Row::ratio("CPU of a unary call", of_cpu(centime.cpu_us), "µs", None),
        Row::ratio(
            "CPU of a unary call with a key and four budgets",
            of_cpu(limited.cpu_us),
            "µs",
            None,
        ),
    ];
    let rate = calls_per_second(centime.per_second / 2.0)?;
    rows.extend(added(&stand, rate)?);
    Ok(rows)
}

fn calls_per_second(rate: f64) -> Result<u32> {
    Ok(format!("{rate:.0}").parse()?)
}

/// What nginx and Centime add to the time that the provider takes, at a fixed rate.
fn added(stand: &Stand, rate: u32) -> Result<Vec<Row>> {
    type Figure = fn(&Latencies) -> Duration;
    let figures: [(&str, bool, Figure, f64); 4] = [
        ("added to a unary call, p50", false, |heard| heard.whole(500), 150.0),
        ("added to a unary call, p99", false, |heard| heard.whole(990), 1000.0),
        ("added to the first byte of a stream, p50", true, |heard| heard.first_byte(500), 200.0),
        ("added to the first byte of a stream, p99", true, |heard| heard.first_byte(990), 1000.0),
    ];
    let mut rows = Vec::new();
    for is_stream in [false, true] {
        let routes = [&stand.provider, &stand.nginx, &stand.centime];
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let mut round = Vec::new();
            for route in routes {
                let ask = Ask::chat(&route.key, is_stream);
                round.push(calls::fixed_rate(route.address, &ask, TAKING_TURNS, rate, ROUND)?);
            }
            rounds.push(round);
        }
        for (name, _, figure, most) in figures.iter().filter(|it| it.1 == is_stream) {
            // Within a round, so that what slows the machine for a while slows all three.
            let of = |at: usize| {
                let added = |round: &Vec<Latencies>| us(figure(&round[at])) - us(figure(&round[0]));
                median(rounds.iter().map(added).collect())
            };
            let name = format!("{name}, at {rate} calls/s");
            rows.push(Row::alone(&name, Some(of(1)), of(2), "µs", Some(Target::AtMost(*most))));
        }
    }
    Ok(rows)
}
