//! The gateway under load, beside nginx as a plain reverse proxy and before the same simulated provider.
//!
//! What is measured has one core for itself; whatever calls it and answers it shares another. Figures of
//! one run are compared with each other only: throughput tells as much of the machine as of the gateway,
//! processor time and ratios tell less of it.

mod calls;
mod centime;
mod http;
mod litellm;
mod nginx;
mod process;
mod ready;
mod stand;
mod streams;
mod table;
mod throughput;
mod unary;

use anyhow::Result;

use stand::Tools;
use table::Row;

/// A measurement.
type Measure = fn(&Tools) -> Result<Vec<Row>>;

/// What is measured, in the order of the table.
const MEASURES: &[(&str, Measure)] = &[
    ("unary calls", unary::rows),
    ("paced streams", streams::paced),
    ("bursts", streams::bursts),
    ("memory", streams::memory),
    ("readiness", ready::rows),
];

/// Measures all whose name contains `filter`, and LiteLLM's proxy too where it is asked for.
///
/// # Errors
/// When a program is not to be had, or a call was not answered well.
pub(super) fn run(filter: Option<&str>, has_litellm: bool) -> Result<()> {
    let tools = Tools::ready()?;
    process::pin_this()?;
    let mut rows = Vec::new();
    for (name, measure) in MEASURES {
        if filter.is_none_or(|filter| name.contains(filter)) {
            eprintln!("  {name} …");
            rows.extend(measure(&tools)?);
        }
    }
    if has_litellm {
        eprintln!("  LiteLLM …");
        rows.extend(litellm::rows(&tools)?);
    }
    table::print(&rows);
    Ok(())
}
