//! `centime serve`: the gateway.

mod banner;
mod gateway;
mod housekeeping;
mod recorder;
mod store;
mod watching;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use centime_budgets::Bank;
use centime_engine::accounts::{missing_plan, rules_of};
use centime_engine::call::{Books, Directory, House, Keyring, Limits};
use centime_engine::journal::{self, Durability, Journal};
use centime_engine::settings::{self, Settings};
use centime_ledger::sqlite::SqliteLedger;
use centime_ledger::writer::{Bounds, WriterThread};
use centime_ledger::{Keys as _, Rules as _};
use centime_server::{AdminKey, Api, Front, Log, Metrics, ServeError, Server};

use crate::app::{App, key_names, now};
use crate::failure::{Failure, Outcome};
use crate::output::note;
use gateway::{Counting, Gateway};
use housekeeping::Housekeeping;
use recorder::JournalRecorder;
use store::GatewayStore;
use watching::{Signs, Watching};

/// For how long the entries of calls gather before they are written together: a fraction of the second
/// within which they are to be seen.
const GATHER: Duration = Duration::from_millis(30);

/// The gateway: applications keep their SDK and change the base URL.
///
/// Every call is forwarded to its provider without being held up, measured, priced and written to
/// the ledger. Each provider whose key is in the environment is on (`OPENAI_API_KEY`,
/// `ANTHROPIC_API_KEY`, `GEMINI_API_KEY`, …); others are set in the configuration.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  OPENAI_API_KEY=sk-… centime serve
  centime serve --listen 127.0.0.1:8080 --db team.db
  OPENAI_BASE_URL=http://127.0.0.1:4000/v1 python app.py

The first Ctrl-C lets the calls in flight end, the second does not; neither loses a record.")]
pub(crate) struct Args {
    /// Where to listen; `listen` of the configuration, or 127.0.0.1:4000
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
}

pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    match args.listen {
        Some(listen) => serve(app, app.config.listening_at(listen)?.gateway()?, banner::print),
        None => serve(app, app.config.gateway()?, banner::print),
    }
}

/// Serves until it is told to stop. `ready` is told the address, once there is something to connect
/// to.
pub(super) fn serve(
    app: &App,
    settings: &Settings,
    ready: impl FnOnce(&App, &Settings, SocketAddr),
) -> Outcome {
    let log = Arc::new(Log::new(std::io::stderr(), now));
    let server =
        Server::bind(front(settings, Arc::clone(&log))).map_err(|error| failure(&error))?;
    let address = server.address();
    let settings = &Settings { listen: address, ..settings.clone() };
    let (directory, left_out) =
        Directory::of(settings).map_err(|error| Failure::Usage(error.to_string()))?;
    for provider in left_out {
        note(&format!("`{provider}` speaks what the gateway does not understand yet: left out"));
    }
    let mut ledger = app.ledger_for_writing()?;
    let path = ledger.path().to_owned();
    let rules = rules_of(&app.config.rules, &ledger.rules()?);
    if let Some((member, plan)) = missing_plan(&rules) {
        return Err(Failure::Usage(format!(
            "`{member}` has the plan `{plan}`, which there is not; `centime plan list` shows them"
        )));
    }
    let key_names = key_names(&mut ledger)?;
    // The revision first: a key that is made meanwhile is read once more.
    let keys_revision = ledger.keys_revision()?;
    let is_local = address.ip().to_canonical().is_loopback();
    let keys = ledger.keys()?;
    if keys.is_empty() && !is_local {
        note("nobody can call yet: `centime key create` makes the first key");
    }
    let keyring = Arc::new(Keyring::new(is_local, keys));
    let journal = open_journal(&path, settings, &mut ledger)?;
    let bounds = Bounds { gather: GATHER, ..Bounds::default() };
    let writer = WriterThread::start(ledger, bounds).map_err(|error| no_thread(&error))?;
    let metrics = Arc::new(Metrics::default());
    let recorder = JournalRecorder::new(
        journal,
        writer.writer().clone(),
        durability(settings),
        settings.ledger_failure,
        Arc::clone(&log),
    );
    let signs = Arc::new(Signs::default());
    let house = Arc::new(House {
        bank: Arc::new(Bank::new(app.zone.clone())),
        directory,
        limits: Limits::of(settings, is_local),
        qualities: app.qualities()?,
        books: Books::new(Arc::new(app.price_book()?)),
        recorder: Arc::new(recorder.clone()),
        observer: Arc::new(Counting::new(
            &metrics,
            Arc::clone(&keyring),
            Arc::clone(&log),
            Arc::clone(&signs),
        )),
        key_names,
        keyring,
        clock: now,
    });
    let store = GatewayStore {
        house: Arc::clone(&house),
        writer: writer.writer().clone(),
        configured: app.config.rules.clone(),
        path,
        zone: app.zone.clone(),
        zone_name: app.zone_name.clone(),
    };
    let admin_key = settings.admin_key.as_ref().map(|key| AdminKey::new(key.expose()));
    let (store, figures) = (Arc::new(store), Arc::clone(&metrics));
    let api = Api::new(store, figures, Arc::clone(&log), admin_key, settings.max_body)
        .map_err(|error| no_thread(&error))?;
    let housekeeping =
        Housekeeping::start(app, &house, recorder, metrics, keys_revision, Arc::clone(&signs))?;
    let watching = Watching::start(app, &house.bank, signs, &log)?;
    ready(app, settings, address);
    let served = server.run(|_| Gateway::new(&house, &api)).map_err(|error| failure(&error));
    drop(watching);
    housekeeping.stop();
    writer.finish().map_err(|error| Failure::Environment(error.to_string()))?;
    served
}

/// Opens the journal beside the ledger; what an earlier process left in it goes into the ledger.
fn open_journal(
    ledger_path: &Path,
    settings: &Settings,
    ledger: &mut SqliteLedger,
) -> Result<Journal, Failure> {
    let mut path = ledger_path.as_os_str().to_owned();
    path.push(".calls");
    let how = journal::Settings {
        durability: durability(settings),
        flush_every: settings.journal_sync,
        ..journal::Settings::default()
    };
    let (journal, recovered) = Journal::open(Path::new(&path), how, ledger, now())
        .map_err(|error| Failure::Environment(error.to_string()))?;
    if recovered.in_doubt > 0 {
        note(&format!(
            "{} calls were in flight when the gateway last ended, and are in doubt: see \
             `centime entries --where status=in_doubt`",
            recovered.in_doubt
        ));
    }
    Ok(journal)
}

fn durability(settings: &Settings) -> Durability {
    match settings.durability {
        settings::Durability::Process => Durability::Process,
        settings::Durability::Power => Durability::Power,
    }
}

fn no_thread(error: &std::io::Error) -> Failure {
    Failure::Environment(format!("cannot start a thread: {error}"))
}

fn front(settings: &Settings, log: Arc<Log>) -> Front {
    Front {
        allowed_hosts: settings.allowed_hosts.clone(),
        cors_origins: settings.cors_origins.clone(),
        admin_key: settings.admin_key.as_ref().map(|key| AdminKey::new(key.expose())),
        log,
        ..Front::new(settings.listen)
    }
}

fn failure(error: &ServeError) -> Failure {
    match error {
        ServeError::Exposed { .. } | ServeError::Setting(_) => Failure::Usage(error.to_string()),
        _ => Failure::Environment(error.to_string()),
    }
}
