//! What commands share: the moment, the zone, the ledger and the price book.

use std::path::{Path, PathBuf};

use centime_core::price::PriceBook;
use centime_core::time::Timestamp;
use centime_engine::Pricer;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use jiff::tz::TimeZone;

use crate::cli::{Format, Global};
use crate::config::Config;
use crate::failure::Failure;

/// The ledger when nobody says otherwise.
const DEFAULT_DATABASE: &str = "centime.db";

/// What a command is given.
pub(crate) struct App {
    /// When the command was started.
    pub now: Timestamp,
    /// Whose clocks times without a zone are read from.
    pub zone: TimeZone,
    /// The name of that zone.
    pub zone_name: String,
    /// How to print.
    pub format: Format,
    database: String,
    prices: Option<PathBuf>,
}

impl App {
    /// From flags, the environment and the configuration.
    pub(crate) fn new(global: Global) -> Result<Self, Failure> {
        let config = Config::read(global.config.as_deref())?;
        let zone_name = global.tz.or(config.timezone).unwrap_or_else(|| "UTC".to_owned());
        let zone = TimeZone::get(&zone_name).map_err(|_| {
            Failure::Usage(format!(
                "`{zone_name}` is no time zone; write a name such as `Europe/Paris` or `UTC`"
            ))
        })?;
        let database = global.db.or(config.database);
        Ok(Self {
            now: Timestamp::from_micros(jiff::Timestamp::now().as_microsecond()),
            zone,
            zone_name,
            format: global.format,
            database: database.unwrap_or_else(|| DEFAULT_DATABASE.to_owned()),
            prices: global.prices,
        })
    }

    /// The ledger, to be read.
    pub(crate) fn ledger(&self) -> Result<SqliteLedger, Failure> {
        Ok(SqliteLedger::open(self.database_path()?, OpenMode::Read)?)
    }

    /// The ledger, to be written; it is made where there is none.
    pub(crate) fn ledger_for_writing(&self) -> Result<SqliteLedger, Failure> {
        Ok(SqliteLedger::open(self.database_path()?, OpenMode::Write)?)
    }

    fn database_path(&self) -> Result<&Path, Failure> {
        let path = self.database.strip_prefix("sqlite://").unwrap_or(&self.database);
        match path.split_once("://") {
            None => Ok(Path::new(path)),
            Some((scheme, _)) => Err(Failure::Usage(format!(
                "this build keeps its ledger in a SQLite file, and `--db {scheme}://…` is none; \
                 give the path of a file"
            ))),
        }
    }

    /// A pricer over the embedded book, or over the file given with `--prices`.
    pub(crate) fn pricer(&self) -> Result<Pricer, Failure> {
        self.price_book().map(Pricer::new)
    }

    fn price_book(&self) -> Result<PriceBook, Failure> {
        let Some(path) = &self.prices else {
            return centime_prices::embedded().map_err(|error| {
                Failure::Environment(format!("the embedded price book is damaged: {error}"))
            });
        };
        let text = crate::input::read_whole(path)?;
        let imported = centime_prices::read(&text)
            .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        for rule in &imported.unexpressed {
            crate::output::note(&format!(
                "{}: not understood, and left out: {rule}",
                path.display()
            ));
        }
        Ok(imported.book)
    }

    /// A bound of a window, as a person typed it.
    pub(crate) fn bound(&self, flag: &str, text: &str) -> Result<Timestamp, Failure> {
        Timestamp::parse_bound(text, &self.zone, self.now)
            .map_err(|error| Failure::Usage(format!("{flag}: {error}")))
    }
}
