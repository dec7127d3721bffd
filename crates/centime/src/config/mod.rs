//! The configuration: what the file says, what the environment says, and what holds otherwise.
//!
//! Flags beat the environment, which beats the file; relative paths in the file are the file's.

mod reader;
mod setting;
mod url;

mod alerts;
mod budgets;
mod gateway;
mod ledger;
mod models;
mod providers;
mod quality;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use centime_budgets::Rules;
use centime_engine::settings::Settings;

use crate::failure::Failure;
use crate::output::Value;
use alerts::Alerts;
use ledger::Ledger;
use reader::{Environment, Reader, Wrong};

pub(crate) use models::OwnPrice;
pub(crate) use quality::OwnQuality;
pub(crate) use reader::{Origin, Row};

/// The file that is read when none is named and it is there.
const DEFAULT_FILE: &str = "centime.toml";

/// The configuration in force, flags apart.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The file it was read from, if there is one.
    pub file: Option<PathBuf>,
    /// Where entries are kept.
    pub ledger: Ledger,
    /// What models cost, whatever the price book says.
    pub prices: Vec<OwnPrice>,
    /// How good models are, whatever is known of them.
    pub qualities: Vec<OwnQuality>,
    /// Who may spend what.
    pub rules: Rules,
    /// What is watched, and who is told.
    pub alerts: Alerts,
    /// Every setting, with where it came from.
    pub rows: Vec<Row>,
    gateway: Settings,
    /// Why the gateway cannot start.
    wrong: Vec<Wrong>,
}

impl Config {
    /// Reads the file that was named, or `centime.toml` where there is one, and the environment.
    pub(crate) fn read(named: Option<&Path>) -> Result<Self, Failure> {
        Self::read_file(Self::file_named(named).as_deref(), None)
    }

    /// The same for a gateway that listens elsewhere than the file says: what leads to the gateway
    /// itself depends on that.
    pub(crate) fn listening_at(&self, listen: SocketAddr) -> Result<Self, Failure> {
        Self::read_file(self.file.as_deref(), Some(listen))
    }

    fn read_file(file: Option<&Path>, listen: Option<SocketAddr>) -> Result<Self, Failure> {
        let text = file.map_or(Ok(String::new()), std::fs::read_to_string);
        let text = text.map_err(|error| {
            let path = file.unwrap_or(Path::new(DEFAULT_FILE)).display();
            Failure::Usage(format!("cannot read the configuration `{path}`: {error}"))
        })?;
        Self::parse(&text, file, &|name| std::env::var(name).ok(), listen)
            .map_err(|wrong| located(file, &wrong))
    }

    /// The file that is read, where there is one.
    pub(crate) fn file_named(named: Option<&Path>) -> Option<PathBuf> {
        match named {
            Some(path) => Some(path.to_owned()),
            None => Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()),
        }
    }

    /// What the environment says alone, as if there were no file.
    pub(crate) fn without_file() -> Result<Self, Failure> {
        let environment = |name: &str| std::env::var(name).ok();
        Self::parse("", None, &environment, None).map_err(|wrong| located(None, &wrong))
    }

    fn parse(
        text: &str,
        file: Option<&Path>,
        environment: &Environment<'_>,
        listen: Option<SocketAddr>,
    ) -> Result<Self, Wrong> {
        let reader = Reader::new(text, environment);
        let (mut ledger, models, qualities, rules, alerts, gateway) = reader.read(|root| {
            let ledger = ledger::read(root)?;
            let models = models::read(root)?;
            let qualities = quality::read(root)?;
            let mut rules = budgets::read(root)?;
            let alerts = alerts::read(root)?;
            rules.watches = alerts.thresholds.watches();
            rules.warn_percents.clone_from(&alerts.thresholds.budget_percents);
            // What all commands need must be there; a key that only the gateway needs may be missing
            // where there is no gateway.
            root.fail_now()?;
            let gateway = gateway::read(root, &models, listen)?;
            Ok((ledger, models, qualities, rules, alerts, gateway))
        })?;
        let folder = file.and_then(Path::parent).unwrap_or(Path::new(""));
        ledger.database = ledger.database.map(|database| beside(folder, database));
        let (rows, wrong) = reader.rows();
        let file = file.map(Path::to_owned);
        Ok(Self {
            file,
            ledger,
            prices: models.prices,
            qualities,
            rules,
            alerts,
            rows,
            gateway,
            wrong,
        })
    }

    /// Lists what holds in the end of a setting that flags decide first; no origin is that of the
    /// file or the default.
    pub(crate) fn overrule(&mut self, key: &str, value: &str, origin: Option<Origin>) {
        let listed = self.rows.iter().position(|row| row.key == key);
        let listed = listed.map(|at| self.rows.remove(at).origin);
        let origin = origin.or(listed).unwrap_or(Origin::Default);
        let value = Value::text(value.to_owned());
        self.rows.insert(0, Row { key: key.to_owned(), value, origin });
    }

    /// What the gateway is told.
    pub(crate) fn gateway(&self) -> Result<&Settings, Failure> {
        match self.wrong.first() {
            Some(wrong) => Err(located(self.file.as_deref(), wrong)),
            None => Ok(&self.gateway),
        }
    }

    /// A configuration that nobody wrote, for tests.
    #[cfg(test)]
    pub(crate) fn of_test() -> Self {
        Self::parse("", None, &|_| None, None).unwrap()
    }
}

/// Says in which line of which file something is wrong.
fn located(file: Option<&Path>, wrong: &Wrong) -> Failure {
    let Wrong { line, what } = wrong;
    Failure::Usage(match (file.map(Path::display), line) {
        (Some(file), Some(line)) => format!("{file}:{line}: {what}"),
        _ => what.clone(),
    })
}

/// A relative path in the file is the file's.
fn beside(folder: &Path, database: String) -> String {
    if database.contains("://") {
        return database;
    }
    folder.join(database).display().to_string()
}

#[cfg(test)]
mod tests;
