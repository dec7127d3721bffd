//! How much there is in a second, and what one of it takes, of several that are measured in turn.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::calls::Answered;
use super::process::us;
use super::stand::Route;
use super::table::median;

/// What was measured of one of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Throughput {
    pub(super) per_second: f64,
    /// The processor time of one call, in microseconds.
    pub(super) cpu_us: f64,
}

/// Measures each in turn, round after round: the median of the rounds. A first round warms all up.
pub(super) fn throughputs<const N: usize>(
    routes: [&Route; N],
    rounds: usize,
    call: impl Fn(&Route) -> Result<Answered>,
) -> Result<[Throughput; N]> {
    let mut measured = [const { (Vec::new(), Vec::new()) }; N];
    for round in 0..=rounds {
        for (route, (per_second, cpu_us)) in routes.into_iter().zip(&mut measured) {
            let (before, begun) = (route.running.cpu()?, Instant::now());
            let answered = call(route)?;
            let (took, cpu) = (begun.elapsed(), route.running.cpu()?.saturating_sub(before));
            ensure!(answered.calls > 0 && took >= answered.took, "no call was answered");
            if round > 0 {
                per_second.push(f64::from(answered.calls) / answered.took.as_secs_f64());
                cpu_us.push(us(cpu) / f64::from(answered.calls));
            }
        }
    }
    Ok(measured.map(|(per_second, cpu_us)| Throughput {
        per_second: median(per_second),
        cpu_us: median(cpu_us),
    }))
}
