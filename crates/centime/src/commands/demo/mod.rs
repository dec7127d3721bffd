//! `centime demo`: the gateway over a simulated provider and a month of history.

mod banner;
mod history;
mod simulated;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use centime_engine::ingest::{ChargePolicy, Ingest};
use centime_engine::settings::{Provider, Secret, Settings};
use centime_ledger::Entries as _;
use centime_providers::known::{self, Wire};

use super::serve::serve;
use crate::app::{App, key_names};
use crate::failure::{Failure, Outcome};

/// Look around in one command: the gateway over a provider that is simulated, with a month of
/// history.
///
/// Nothing leaves this machine and nothing costs money. The ledger is in a folder of its own, which is
/// removed at the end, unless `--db` names another.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime demo
  centime demo --listen 127.0.0.1:8080 --seed 7 --db demo.db")]
pub(crate) struct Args {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4000")]
    pub listen: SocketAddr,

    /// Another month, and other answers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let folder = tempfile::Builder::new()
        .prefix("centime-demo-")
        .tempdir()
        .map_err(|error| Failure::Environment(format!("cannot make a folder: {error}")))?;
    let app = match app.is_database_named() {
        true => app.clone(),
        false => app.with_database(&folder.path().join("centime.db")),
    };
    let events = write_history(&app, args.seed)?;
    let provider = simulated::start(args.seed)?;
    let settings = settings(&app, args, &provider)?;
    serve(&app, &settings, |app, _, address| banner::print(app, address, events))
}

/// Writes the month; a ledger that has it already stays as it is.
fn write_history(app: &App, seed: u64) -> Result<usize, Failure> {
    let events = history::events(app.now, seed);
    let mut ledger = app.ledger_for_writing()?;
    let (mut pricer, names) = (app.pricer()?, key_names(&mut ledger)?);
    let mut ingest = Ingest::new(&mut pricer, "demo", ChargePolicy::Ours, names);
    let count = events.len();
    let entry = |event| ingest.entry(event, &[], app.now);
    let entries = events.into_iter().map(entry).collect::<Result<Vec<_>, _>>();
    let entries = entries.map_err(|error| Failure::Environment(error.to_string()))?;
    ledger.append(&entries)?;
    Ok(count)
}

/// The settings of the configuration, with the simulated provider in the place of the real ones.
fn settings(app: &App, args: &Args, provider: &str) -> Result<Settings, Failure> {
    let simulated = |wire: Wire, path: &str| Provider {
        wire,
        base_url: format!("{provider}{path}"),
        api_key: Some(Secret::new("sk-demo".to_owned())),
        credential: wire.credential(),
        asks_usage: wire == Wire::OpenAi,
        headers: Vec::new(),
    };
    let providers: BTreeMap<String, Provider> = known::all()
        .iter()
        .filter(|known| known.wire != Wire::Bedrock)
        .map(|known| {
            let path = if known.wire == Wire::OpenAi { "/v1" } else { "" };
            (known.name.to_owned(), simulated(known.wire, path))
        })
        .collect();
    Ok(Settings { listen: args.listen, providers, ..app.config.gateway()?.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let app = App::of_test(&folder.path().join("demo.db"));
        let written = write_history(&app, 1).unwrap();
        assert_eq!(write_history(&app, 1).unwrap(), written);
        let ledger = app.ledger().unwrap();
        let found = centime_ledger::Verify::verify(&ledger, &mut |_| {}).unwrap();
        assert_eq!((found.entries, found.differences.len()), (u64::try_from(written).unwrap(), 0));
        assert_ne!(found.total, centime_core::money::TotalPicoUsd::ZERO);
    }
}
