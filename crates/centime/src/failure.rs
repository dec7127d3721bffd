//! How a command ends when it does not end well.

use std::io::ErrorKind;
use std::process::ExitCode;

use centime_answers::Wrong;
use centime_ledger::LedgerError;

use crate::output::{say, visible_lines};

/// Why a command did not do what it was asked, by exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The answer is no: a verification failed, a budget is exceeded. Exit code 1.
    No(String),
    /// The command line or the input is wrong. Exit code 2.
    Usage(String),
    /// The database, the network or the disk failed. Exit code 3.
    Environment(String),
    /// Whoever reads our output has left; nobody is there to be told. Exit code 0.
    NobodyListens,
}

impl Failure {
    /// What is told.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::No(message) | Self::Usage(message) | Self::Environment(message) => message,
            Self::NobodyListens => "",
        }
    }

    /// Tells the person, on standard error, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let (message, code) = match self {
            Self::No(message) => (message, 1),
            Self::Usage(message) => (message, 2),
            Self::Environment(message) => (message, 3),
            Self::NobodyListens => return ExitCode::SUCCESS,
        };
        if !message.is_empty() {
            let style = anstyle::AnsiColor::Red.on_default().bold();
            say(format_args!("{style}error:{style:#} {}", visible_lines(&message)));
        }
        ExitCode::from(code)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Environment(error.to_string())
    }
}

impl From<centime::BudgetError> for Failure {
    fn from(error: centime::BudgetError) -> Self {
        match error {
            centime::BudgetError::Ledger(error) => error.into(),
            error @ centime::BudgetError::NoPlan(..) => Self::Usage(error.to_string()),
        }
    }
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        Self::Usage(wrong.message)
    }
}

/// What fails without a name of its own is standard output.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Self::NobodyListens,
            _ => Self::Environment(format!("cannot write to standard output: {error}")),
        }
    }
}

/// What a command answers.
pub(crate) type Outcome = Result<(), Failure>;
