//! What the API needs of the ledger.

use std::sync::Arc;

use centime_budgets::{Bank, Rules};
use centime_core::entry::Entry;
use centime_core::key::Key;
use centime_core::price::PriceBook;
use centime_core::time::Timestamp;
use centime_engine::KeyNames;
use centime_engine::call::Keyring;
use centime_ledger::{Appended, KeyAdded, Ledger, LedgerError, RuleChange};
use jiff::tz::TimeZone;

/// The ledger of a gateway, and what events are priced by. It may be asked from any thread that may
/// wait, and waits.
pub trait Store: Send + Sync + 'static {
    /// Writes entries, and answers for each once all are committed.
    ///
    /// # Errors
    /// When the ledger failed; then none is in.
    fn append(&self, entries: &[Entry]) -> Result<Vec<Appended>, LedgerError>;

    /// Whether entries can be written now.
    ///
    /// # Errors
    /// Why they cannot.
    fn check_writable(&self) -> Result<(), LedgerError>;

    /// The ledger to be read, by a connection of its own. Whatever is asked of it, nothing that is
    /// written waits for it.
    ///
    /// # Errors
    /// When it cannot be opened.
    fn reader(&self) -> Result<Box<dyn Ledger>, LedgerError>;

    /// The budgets, and what is left of them.
    fn bank(&self) -> Arc<Bank>;

    /// How keys are named.
    fn key_names(&self) -> KeyNames;

    /// The keys now in force.
    fn keyring(&self) -> &Keyring;

    /// Adds a key to the ledger, which is in force then.
    ///
    /// # Errors
    /// When the ledger failed; then it was not added.
    fn add_key(&self, key: &Key) -> Result<KeyAdded, LedgerError>;

    /// Changes a key of the ledger, which is so in force then; `false` where there is none of its id.
    ///
    /// # Errors
    /// When the ledger failed; then it was not changed.
    fn change_key(&self, key: &Key) -> Result<bool, LedgerError>;

    /// Who may spend what as the configuration says it, which nothing in the ledger overrules.
    fn configured(&self) -> &Rules;

    /// Changes who may spend what in the ledger; it takes effect within a second. `false` where there was
    /// nothing to change.
    ///
    /// # Errors
    /// When the ledger failed; then it was not changed.
    fn change_rules(&self, change: &RuleChange) -> Result<bool, LedgerError>;

    /// 256 random bits.
    ///
    /// # Errors
    /// When the system has none; why.
    fn random_bits(&self) -> Result<[u8; 32], String>;

    /// The prices now in force.
    fn book(&self) -> Arc<PriceBook>;

    /// The moment.
    fn now(&self) -> Timestamp;

    /// Whose clocks times without a zone are on.
    fn zone(&self) -> TimeZone;

    /// The name of that zone.
    fn zone_name(&self) -> &str;
}
