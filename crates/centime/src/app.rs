//! What commands share: the moment, the zone, the ledger and the price book.

use std::path::{Path, PathBuf};

use centime_answers::{Asking, Spelling};
use centime_choice::Qualities;
use centime_core::price::PriceBook;
use centime_core::time::Timestamp;
use centime_engine::{KeyNames, Pricer};
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{PriceRevision, Prices, Secrets};
use centime_prices::Imported;
use centime_watch::Channel;
use jiff::tz::TimeZone;

use crate::cli::{Format, Global, Shape};
use crate::config::{Config, Origin};
use crate::failure::Failure;
use crate::own_prices;

/// The ledger when nobody says otherwise.
const DEFAULT_DATABASE: &str = "centime.db";

/// Whose clocks when nobody says otherwise.
const DEFAULT_ZONE: &str = "UTC";

/// What the clock says.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// How a ledger names keys: under its own secret, which is drawn when it is first needed.
///
/// # Errors
/// When the system has no random bits, or the ledger cannot be written.
pub(crate) fn key_names(ledger: &mut impl Secrets) -> Result<KeyNames, Failure> {
    Ok(KeyNames::under(&ledger.naming_secret(&random_bits()?)?))
}

/// 256 random bits of the system.
///
/// # Errors
/// When it has none.
pub(crate) fn random_bits() -> Result<[u8; 32], Failure> {
    let mut fresh = [0; 32];
    getrandom::fill(&mut fresh)
        .map_err(|error| Failure::Environment(format!("no random bits: {error}")))?;
    Ok(fresh)
}

/// The folder of a file.
pub(crate) fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// What is said of the rules of a price file that no rate card can express.
fn left_out(rules: usize, path: &Path) -> String {
    let path = path.display();
    match rules {
        1 => format!("1 rule of `{path}` is not understood and left out"),
        _ => format!("{rules} rules of `{path}` are not understood and left out"),
    }
}

/// Whether a flag or the environment says where the ledger is.
fn origin_of_database(said: &str) -> Origin {
    const VARIABLE: &str = "CENTIME_DB";
    match std::env::var(VARIABLE) {
        Ok(value) if value == said => Origin::Environment(VARIABLE.to_owned()),
        _ => Origin::Flag("--db"),
    }
}

/// What a command is given.
#[derive(Clone)]
pub(crate) struct App {
    /// When the command was started.
    pub now: Timestamp,
    /// Whose clocks times without a zone are read from.
    pub zone: TimeZone,
    /// The name of that zone.
    pub zone_name: String,
    /// How to print.
    pub format: Format,
    /// The price file that stands in for the embedded book.
    pub prices: Option<PathBuf>,
    /// What the file and the environment say.
    pub config: Config,
    database: String,
}

impl App {
    /// From flags, the environment and the configuration.
    pub(crate) fn new(global: Global) -> Result<Self, Failure> {
        let config = Config::read(global.config.as_deref())?;
        Self::with(global, config)
    }

    /// The same, from a configuration that was read.
    pub(crate) fn with(global: Global, mut config: Config) -> Result<Self, Failure> {
        let said = config.ledger.clone();
        let overruled = global.tz.is_some().then_some(Origin::Flag("--tz"));
        let zone_name = global.tz.or(said.timezone).unwrap_or_else(|| DEFAULT_ZONE.to_owned());
        config.overrule("timezone", &zone_name, overruled);
        let overruled = global.db.as_deref().map(origin_of_database);
        let database = global.db.or(said.database).unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
        config.overrule("database", &database, overruled);
        let zone = TimeZone::get(&zone_name).map_err(|_| {
            Failure::Usage(format!(
                "`{zone_name}` is no time zone; write a name such as `Europe/Paris` or `UTC`"
            ))
        })?;
        Ok(Self {
            now: now(),
            zone,
            zone_name,
            format: match global.format {
                Shape::Answer(format) => format,
                Shape::File(_) => Format::Table,
            },
            database,
            prices: global.prices,
            config,
        })
    }

    /// The ledger, to be read.
    pub(crate) fn ledger(&self) -> Result<SqliteLedger, Failure> {
        let path = self.database_path()?;
        if std::fs::exists(path).is_ok_and(|exists| !exists) && parent_of(path).is_dir() {
            return Err(Failure::Environment(format!(
                "there is no ledger `{}` yet; `centime import FILE` makes it, or name another with \
                 `--db FILE`",
                path.display()
            )));
        }
        Ok(SqliteLedger::open(path, OpenMode::Read)?)
    }

    /// The ledger, to be written; it is made where there is none.
    pub(crate) fn ledger_for_writing(&self) -> Result<SqliteLedger, Failure> {
        let mut ledger = SqliteLedger::open(self.database_path()?, OpenMode::Write)?;
        ledger.declare_tags(&self.config.ledger.tags)?;
        Ok(ledger)
    }

    /// Whether anybody named the ledger.
    pub(crate) fn is_database_named(&self) -> bool {
        self.database != DEFAULT_DATABASE
    }

    /// The same over another ledger.
    pub(crate) fn with_database(&self, path: &Path) -> Self {
        Self { database: path.display().to_string(), ..self.clone() }
    }

    /// The ledger, as it was named.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// The file of the ledger.
    pub(crate) fn database_path(&self) -> Result<&Path, Failure> {
        let path = self.database.strip_prefix("sqlite://").unwrap_or(&self.database);
        match path.split_once("://") {
            None => Ok(Path::new(path)),
            Some((scheme, _)) => Err(Failure::Usage(format!(
                "this build keeps its ledger in a SQLite file, and `--db {scheme}://…` is none; \
                 give the path of a file"
            ))),
        }
    }

    /// The prices that the ledger keeps. Where there is no ledger yet there are none.
    pub(crate) fn price_revisions(&self) -> Result<Vec<PriceRevision>, Failure> {
        let path = self.database_path()?;
        if !std::fs::metadata(path).is_ok_and(|file| file.len() > 0) {
            return Ok(Vec::new());
        }
        Ok(SqliteLedger::open(path, OpenMode::Read)?.price_revisions()?)
    }

    /// A pricer over the price book.
    pub(crate) fn pricer(&self) -> Result<Pricer, Failure> {
        self.price_book().map(Pricer::new)
    }

    /// The embedded book under the prices that the ledger keeps, and over them those of the
    /// configuration; or the file given with `--prices` alone.
    pub(crate) fn price_book(&self) -> Result<PriceBook, Failure> {
        let Some(path) = &self.prices else {
            let book = revised_book(&self.price_revisions()?)?;
            return own_prices::lay_over(book, &self.config.prices);
        };
        let imported = read_prices(path)?;
        if !imported.unexpressed.is_empty() {
            crate::output::note(&left_out(imported.unexpressed.len(), path));
        }
        Ok(imported.book)
    }

    /// A channel of the configuration.
    pub(crate) fn channel(&self, name: &str) -> Result<&(String, Channel), Failure> {
        let channels = &self.config.alerts.channels;
        channels.iter().find(|(known, _)| known == name).ok_or_else(|| {
            let names: Vec<String> = channels.iter().map(|(name, _)| format!("`{name}`")).collect();
            let known = match names.is_empty() {
                true => "`[alerts.channels.NAME]` in the configuration makes one".to_owned(),
                false => format!("there are {}", names.join(", ")),
            };
            Failure::Usage(format!("there is no channel `{name}`: {known}"))
        })
    }

    /// What is known of models' quality: the tables of the program, under the configuration.
    pub(crate) fn qualities(&self) -> Result<Qualities, Failure> {
        let mut qualities = Qualities::embedded().map_err(|error| {
            Failure::Environment(format!("the embedded qualities are damaged: {error}"))
        })?;
        for own in &self.config.qualities {
            qualities.set(&own.model, own.kind, own.score);
        }
        Ok(qualities)
    }

    /// The second that now is in: the date of prices that hold from now on.
    pub(crate) fn second(&self) -> Timestamp {
        const SECOND_US: i64 = 1_000_000;
        let micros = self.now.micros();
        Timestamp::from_micros(micros - micros.rem_euclid(SECOND_US))
    }

    /// What questions are read with.
    pub(crate) fn asking(&self) -> Asking {
        Asking {
            now: self.now,
            zone: self.zone.clone(),
            zone_name: self.zone_name.clone(),
            spelling: Spelling::Flags,
        }
    }

    /// A moment, as a person typed it.
    pub(crate) fn bound(&self, flag: &str, text: &str) -> Result<Timestamp, Failure> {
        Ok(self.asking().bound(flag, text)?)
    }
}

/// The price book that is part of the program.
pub(crate) fn embedded_book() -> Result<PriceBook, Failure> {
    centime_prices::embedded().map_err(|error| {
        Failure::Environment(format!("the embedded price book is damaged: {error}"))
    })
}

/// The price book that is part of the program, under revisions of a ledger.
pub(crate) fn revised_book(revisions: &[PriceRevision]) -> Result<PriceBook, Failure> {
    let texts = revisions.iter().map(|kept| (kept.number, kept.text.as_str()));
    embedded_book()?.revised(texts).map_err(|error| {
        Failure::Environment(format!(
            "the prices that the ledger keeps are damaged: {error}; `centime verify` names them"
        ))
    })
}

/// A price file of any known kind.
pub(crate) fn read_prices(path: &Path) -> Result<Imported, Failure> {
    let text = crate::input::read_whole(path)?;
    centime_prices::read(&text)
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}

#[cfg(test)]
impl App {
    /// An app over a ledger of a test.
    pub(crate) fn of_test(database: &Path) -> Self {
        Self {
            now: "2026-11-20T12:00:00Z".parse().unwrap(),
            zone: TimeZone::UTC,
            zone_name: "UTC".to_owned(),
            format: Format::Table,
            database: database.display().to_string(),
            prices: None,
            config: Config::of_test(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_that_is_not_there_yet_is_not_a_broken_one() {
        let folder = tempfile::tempdir().unwrap();
        let failure = |name: &str| match App::of_test(&folder.path().join(name)).ledger() {
            Err(Failure::Environment(message)) => message,
            other => panic!("{other:?}"),
        };
        let message = failure("nope.db");
        assert!(message.contains("no ledger") && message.contains("centime import"), "{message}");
        assert!(failure("no/folder.db").contains("cannot open"));
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    }

    #[test]
    fn what_a_price_file_cannot_say_is_one_line() {
        let said = |rules| left_out(rules, Path::new("map.json"));
        assert_eq!(said(1), "1 rule of `map.json` is not understood and left out");
        assert_eq!(said(412), "412 rules of `map.json` are not understood and left out");
    }
}
