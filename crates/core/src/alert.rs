//! What somebody should know of: a limit that was reached, usage that has no price.

use std::fmt;
use std::str::FromStr;

use crate::money::TotalPicoUsd;
use crate::time::Timestamp;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know: half of a budget is spent.
    Info,
    /// Somebody should look: most of a budget is spent, or usage has no price.
    Warning,
    /// A limit was reached.
    Critical,
}

/// A text that names no severity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no severity: write `info`, `warning` or `critical`")]
pub struct UnknownSeverity(pub String);

/// What somebody should know of, once a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// What it is about: `daily_limit`, `user_limit`, `budget`, `unpriced`, …
    pub rule: Box<str>,
    /// How much it matters.
    pub severity: Severity,
    /// Whose it is: `all`, or the name of a user, a model, a budget.
    pub subject: Box<str>,
    /// How much there is.
    pub amount: TotalPicoUsd,
    /// From which amount on it is told of.
    pub limit: TotalPicoUsd,
    /// Since when it is counted; `None`: from the beginning.
    pub since: Option<Timestamp>,
    /// Tells the windows of a rule and a subject from one another: it is told of once in each.
    pub window: i64,
    /// Tells the steps of one window from one another: how many hundredths of the limit were reached.
    pub step: u8,
    /// All of it in a sentence, with what to do.
    pub message: String,
}

impl Severity {
    /// The word for it.
    ///
    /// ```
    /// use centime_core::alert::Severity;
    ///
    /// assert_eq!("warning".parse(), Ok(Severity::Warning));
    /// assert_eq!(Severity::Warning.word(), "warning");
    /// ```
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, UnknownSeverity> {
        let all = [Self::Info, Self::Warning, Self::Critical];
        let unknown = || UnknownSeverity(text.chars().take(60).collect());
        all.into_iter().find(|severity| severity.word() == text).ok_or_else(unknown)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}
