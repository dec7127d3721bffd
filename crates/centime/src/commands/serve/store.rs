//! The ledger as the API uses it.

use std::path::PathBuf;
use std::sync::Arc;

use centime_budgets::{Bank, Rules};
use centime_core::entry::Entry;
use centime_core::key::Key;
use centime_core::price::PriceBook;
use centime_core::time::Timestamp;
use centime_engine::KeyNames;
use centime_engine::call::{House, Keyring};
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::writer::{Writer, WriterError};
use centime_ledger::{Appended, KeyAdded, Keys as _, Ledger, LedgerError, RuleChange, Rules as _};
use centime_server::Store;
use jiff::tz::TimeZone;

use crate::app::random_bits;

/// The ledger of a gateway.
pub(super) struct GatewayStore {
    pub(super) house: Arc<House>,
    pub(super) writer: Writer,
    /// Who may spend what, as the configuration says it.
    pub(super) configured: Rules,
    /// Where the ledger is.
    pub(super) path: PathBuf,
    pub(super) zone: TimeZone,
    pub(super) zone_name: String,
}

impl Store for GatewayStore {
    fn append(&self, entries: &[Entry]) -> Result<Vec<Appended>, LedgerError> {
        self.writer.append(entries.to_vec()).map_err(|error| self.named(error))
    }

    fn check_writable(&self) -> Result<(), LedgerError> {
        self.writer.append(Vec::new()).map(drop).map_err(|error| self.named(error))
    }

    fn reader(&self) -> Result<Box<dyn Ledger>, LedgerError> {
        Ok(Box::new(SqliteLedger::open(&self.path, OpenMode::Read)?))
    }

    fn bank(&self) -> Arc<Bank> {
        Arc::clone(&self.house.bank)
    }

    fn key_names(&self) -> KeyNames {
        self.house.key_names.clone()
    }

    fn keyring(&self) -> &Keyring {
        &self.house.keyring
    }

    fn add_key(&self, key: &Key) -> Result<KeyAdded, LedgerError> {
        self.with_keys(|ledger| ledger.add_key(key))
    }

    fn change_key(&self, key: &Key) -> Result<bool, LedgerError> {
        self.with_keys(|ledger| ledger.change_key(key))
    }

    fn configured(&self) -> &Rules {
        &self.configured
    }

    fn change_rules(&self, change: &RuleChange) -> Result<bool, LedgerError> {
        SqliteLedger::open(&self.path, OpenMode::Write)?.change_rules(change)
    }

    fn random_bits(&self) -> Result<[u8; 32], String> {
        random_bits().map_err(|failure| failure.message().to_owned())
    }

    fn book(&self) -> Arc<PriceBook> {
        self.house.books.current()
    }

    fn now(&self) -> Timestamp {
        (self.house.clock)()
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone()
    }

    fn zone_name(&self) -> &str {
        &self.zone_name
    }
}

impl GatewayStore {
    /// Changes keys, and puts what there is then in force.
    fn with_keys<T>(
        &self,
        change: impl FnOnce(&mut SqliteLedger) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let mut ledger = SqliteLedger::open(&self.path, OpenMode::Write)?;
        let changed = change(&mut ledger)?;
        self.house.keyring.replace(ledger.keys()?);
        Ok(changed)
    }

    fn named(&self, error: WriterError) -> LedgerError {
        match error {
            WriterError::Ledger(error) => error,
            other => LedgerError::Other { path: self.path.clone(), reason: other.to_string() },
        }
    }
}
