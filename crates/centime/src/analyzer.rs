//! What was spent, on what, by whom, as a program asks it.

use centime_core::time::Timestamp;
use centime_insight::{Analysis, Efficiency, Order, Question};
use centime_ledger::{Dimension, EntryFilter, GroupKey, LedgerError, Sums, Window};
use jiff::tz::TimeZone;

use crate::ledger::Ledger;

/// Asks a ledger what was spent in a window; without bounds, in all.
///
/// ```
/// use centime::{Analyzer, Ledger};
///
/// # let folder = tempfile::tempdir()?;
/// let mut ledger = Ledger::open(&folder.path().join("centime.db"))?;
/// let now = "2026-11-24T12:00:00Z".parse()?;
/// let event = r#"{"model": "gpt-5", "user": "alice", "meters": {"input": 1000, "output": 100}}"#;
/// ledger.record(event, now)?;
///
/// let analyzer = Analyzer::of(&ledger).since("2026-11-01T00:00:00Z".parse()?);
/// assert_eq!(analyzer.total()?.cost.to_string(), "0.00225");
/// assert_eq!(analyzer.by_user()?.groups[0].key, [Some("alice".to_owned())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Analyzer<'l> {
    ledger: &'l Ledger,
    window: Window,
    zone: TimeZone,
}

impl<'l> Analyzer<'l> {
    /// Over a whole ledger, in the days of UTC.
    #[must_use]
    pub fn of(ledger: &'l Ledger) -> Self {
        Self { ledger, window: Window::default(), zone: TimeZone::UTC }
    }

    /// From this moment on.
    #[must_use]
    pub fn since(mut self, since: Timestamp) -> Self {
        self.window.since = Some(since);
        self
    }

    /// Up to this moment, which is not in it any more.
    #[must_use]
    pub fn until(mut self, until: Timestamp) -> Self {
        self.window.until = Some(until);
        self
    }

    /// In the days of a zone.
    #[must_use]
    pub fn in_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// All together.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn total(&self) -> Result<Sums, LedgerError> {
        self.by(Vec::new(), Order::Cost).map(|analysis| analysis.total)
    }

    /// By model, the most expensive first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn by_model(&self) -> Result<Analysis, LedgerError> {
        self.by(vec![GroupKey::Dimension(Dimension::Model)], Order::Cost)
    }

    /// By user, the most expensive first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn by_user(&self) -> Result<Analysis, LedgerError> {
        self.by(vec![GroupKey::Dimension(Dimension::User)], Order::Cost)
    }

    /// By day, the earliest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn daily(&self) -> Result<Analysis, LedgerError> {
        self.by(vec![GroupKey::Date], Order::Key)
    }

    /// What was had for the money.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn efficiency(&self) -> Result<Efficiency, LedgerError> {
        Ok(Efficiency::of(&self.total()?))
    }

    /// By anything, in an order.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn by(&self, by: Vec<GroupKey>, order: Order) -> Result<Analysis, LedgerError> {
        let filter = EntryFilter { window: self.window, ..EntryFilter::default() };
        let zone = self.zone.clone();
        self.ledger.analyse(&Question { filter, by, zone, order, limit: None })
    }
}
