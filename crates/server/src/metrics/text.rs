//! The figures in [Prometheus' text format], version 0.0.4.
//!
//! [Prometheus' text format]: https://prometheus.io/docs/instrumenting/exposition_formats/

use std::fmt::{self, Display, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use centime_core::money::TotalPicoUsd;

use super::overhead::{BOUNDS_US, Overheads};
use super::{Cells, Metrics, STATUSES};

impl Metrics {
    /// All figures, as Prometheus reads them.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(4096);
        // Writing to a text cannot fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let workers = self.lock().clone();
        let sum = |of: fn(&Cells) -> &AtomicU64| -> u64 {
            workers.iter().map(|cells| of(cells).load(Relaxed)).sum()
        };
        head(out, "centime_calls_total", "counter", "Calls that ended, by status.")?;
        for (index, status) in STATUSES.iter().enumerate() {
            let calls: u64 = workers.iter().map(|cells| cells.calls[index].load(Relaxed)).sum();
            writeln!(out, "centime_calls_total{{status=\"{status}\"}} {calls}")?;
        }
        let (name, help) = ("centime_calls_refused_total", "Calls that were not made.");
        single(out, name, "counter", help, sum(|cells| &cells.refused))?;
        head(out, "centime_tokens_total", "counter", "Tokens of calls that ended.")?;
        for (side, tokens) in [
            ("input", sum(|cells| &cells.input_tokens)),
            ("output", sum(|cells| &cells.output_tokens)),
        ] {
            writeln!(out, "centime_tokens_total{{side=\"{side}\"}} {tokens}")?;
        }
        let spend: TotalPicoUsd = workers.iter().map(|cells| cells.spend.total()).sum();
        single(
            out,
            "centime_spend_usd_total",
            "counter",
            "What calls cost, in US dollars.",
            spend,
        )?;
        let mut overheads = Overheads::default();
        workers.iter().for_each(|cells| cells.overhead.add_to(&mut overheads));
        write_overheads(out, &overheads)?;
        let (name, help) = ("centime_ledger_queue_entries", "Entries that wait to be written.");
        single(out, name, "gauge", help, self.queue_entries.load(Relaxed))?;
        let (name, help) = ("centime_journal_bytes", "Bytes that the ledger has not taken over.");
        single(out, name, "gauge", help, self.journal_bytes.load(Relaxed))
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn single(
    out: &mut String,
    name: &str,
    kind: &str,
    help: &str,
    value: impl Display,
) -> fmt::Result {
    head(out, name, kind, help)?;
    writeln!(out, "{name} {value}")
}

fn write_overheads(out: &mut String, overheads: &Overheads) -> fmt::Result {
    const NAME: &str = "centime_overhead_seconds";
    head(out, NAME, "histogram", "Time that calls spent here, and not with their provider.")?;
    for (bound, at_most) in BOUNDS_US.iter().zip(overheads.at_most) {
        writeln!(out, "{NAME}_bucket{{le=\"{}\"}} {at_most}", seconds(*bound))?;
    }
    writeln!(out, "{NAME}_bucket{{le=\"+Inf\"}} {}", overheads.count)?;
    writeln!(out, "{NAME}_sum {}", seconds(overheads.sum_us))?;
    writeln!(out, "{NAME}_count {}", overheads.count)
}

/// Microseconds in seconds, as a decimal without needless zeros.
fn seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Ended;
    use centime_core::entry::Status;
    use centime_core::money::PicoUsd;
    use std::time::Duration;

    #[test]
    fn workers_are_added_up() {
        let metrics = Metrics::default();
        for (worker, status) in [(0, Status::Ok), (1, Status::InDoubt), (2, Status::Ok)] {
            let counters = metrics.worker();
            let charge = PicoUsd::from_pico(1_500_000_000_000 + worker);
            counters.ended(&Ended { status, input_tokens: 10, output_tokens: 3, charge });
            counters.took(Duration::from_micros(150));
            counters.took(Duration::from_secs(2));
            counters.refused();
        }
        metrics.set_queue_entries(7);
        metrics.set_journal_bytes(4096);
        let text = metrics.text();
        for line in [
            "centime_calls_total{status=\"ok\"} 2",
            "centime_calls_total{status=\"error\"} 0",
            "centime_calls_total{status=\"in_doubt\"} 1",
            "centime_calls_refused_total 3",
            "centime_tokens_total{side=\"input\"} 30",
            "centime_tokens_total{side=\"output\"} 9",
            "centime_spend_usd_total 4.500000000003",
            "centime_overhead_seconds_bucket{le=\"0.0001\"} 0",
            "centime_overhead_seconds_bucket{le=\"0.0002\"} 3",
            "centime_overhead_seconds_bucket{le=\"1\"} 3",
            "centime_overhead_seconds_bucket{le=\"+Inf\"} 6",
            "centime_overhead_seconds_sum 6.00045",
            "centime_overhead_seconds_count 6",
            "centime_ledger_queue_entries 7",
            "centime_journal_bytes 4096",
            "# TYPE centime_overhead_seconds histogram",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn every_figure_is_told_once_and_has_its_kind() {
        let text = Metrics::default().text();
        let mut seen = std::collections::BTreeSet::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(seen.insert(name) && value == "0", "{line}");
            let family = name.split('{').next().unwrap();
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| family.strip_suffix(end))
                .unwrap_or(family);
            assert!(text.contains(&format!("# TYPE {family} ")), "{line}");
        }
    }

    #[test]
    fn seconds_have_no_needless_zeros() {
        for (us, expected) in [(0, "0"), (50, "0.00005"), (1_000_000, "1"), (10_500_000, "10.5")] {
            assert_eq!(seconds(us), expected);
        }
    }
}
