//! What somebody should know of, as a program asks it.

use centime_budgets::{Bank, Rules};
use centime_core::alert::Alert;
use centime_core::time::Timestamp;
use centime_engine::accounts::{Follower, rules_of};
use centime_ledger::{LedgerError, Rules as _};
use centime_watch::{Thresholds, reached};
use jiff::tz::TimeZone;

use crate::ledger::Ledger;

/// Holds what a ledger says against thresholds and budgets.
///
/// ```
/// use centime::{Ledger, Monitor, Thresholds};
///
/// # let folder = tempfile::tempdir()?;
/// let mut ledger = Ledger::open(&folder.path().join("centime.db"))?;
/// let now = "2026-11-24T12:00:00Z".parse()?;
/// let event = r#"{"model": "gpt-5", "user": "alice", "meters": {"output": 2000000}}"#;
/// ledger.record(event, now)?;
///
/// // 10 US dollars a day and user, where nobody says otherwise.
/// let alerts = Monitor::of(&ledger, Thresholds::default()).check(now)?;
/// assert_eq!((&*alerts[0].rule, &*alerts[0].subject), ("user_limit", "alice"));
/// assert_eq!(alerts[0].amount.to_string(), "20");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Monitor<'l> {
    ledger: &'l Ledger,
    thresholds: Thresholds,
    zone: TimeZone,
}

impl<'l> Monitor<'l> {
    /// Over a ledger, in the days of UTC.
    #[must_use]
    pub const fn of(ledger: &'l Ledger, thresholds: Thresholds) -> Self {
        Self { ledger, thresholds, zone: TimeZone::UTC }
    }

    /// In the days of a zone.
    #[must_use]
    pub fn in_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// Every limit that is reached at a moment: of the day that it is in, and of the budgets of the ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn check(&self, now: Timestamp) -> Result<Vec<Alert>, LedgerError> {
        let Self { thresholds, zone, .. } = self;
        let ledger = self.ledger.store();
        let watched = Rules {
            watches: thresholds.watches(),
            warn_percents: thresholds.budget_percents.clone(),
            ..Rules::default()
        };
        let rules = rules_of(&watched, &ledger.rules()?);
        let bank = Bank::new(zone.clone());
        Follower::new(zone.clone()).begin(&bank, ledger, &rules, now)?;
        reached(&bank, ledger, thresholds, now, zone)
    }
}
