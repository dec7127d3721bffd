//! What SQLite and the rows report, and what it means to whoever asked.

use std::fmt;
use std::path::Path;

use rusqlite::{Error, ErrorCode, Row, ffi};

use crate::error::LedgerError;

/// A failure that does not know its file yet.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database could not do it.
    Sqlite(Error),
    /// A column of a row holds what it cannot: its index, and what is wrong.
    Cell(usize, String),
    /// The database answered, and what it holds makes no sense.
    Damaged(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::FromSqlConversionFailure(column, _, what) => {
                Self::Cell(column, what.to_string())
            }
            Error::IntegralValueOutOfRange(column, value) => {
                Self::Cell(column, format!("cannot be {value}"))
            }
            Error::InvalidColumnType(column, _, kind) => {
                Self::Cell(column, format!("cannot be of type {kind}"))
            }
            Error::Utf8Error(column, what) => Self::Cell(column, what.to_string()),
            error => Self::Sqlite(error),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(error) => error.fmt(out),
            Self::Cell(_, what) | Self::Damaged(what) => out.write_str(what),
        }
    }
}

impl Fault {
    /// The same, with the name of the column.
    pub(super) fn in_row(self, row: &Row<'_>) -> Self {
        match self {
            Self::Cell(column, what) => {
                let name = row.as_ref().column_name(column).unwrap_or("?");
                Self::Damaged(format!("`{name}` {what}"))
            }
            fault => fault,
        }
    }

    /// The same, said of a file.
    pub(super) fn in_file(self, path: &Path) -> LedgerError {
        let (path, reason) = (path.to_owned(), self.to_string());
        if self.is_damage() {
            return LedgerError::Damaged { path, reason };
        }
        match self.code() {
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                LedgerError::Open { path, reason }
            }
            Some(ErrorCode::ReadOnly) => LedgerError::ReadOnly { path },
            Some(ErrorCode::DiskFull) => LedgerError::Full { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                LedgerError::Locked { path }
            }
            Some(
                ErrorCode::ConstraintViolation
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch
                | ErrorCode::ParameterOutOfRange,
            ) => LedgerError::Refused { path, reason },
            // On a full disk the shared index of the WAL is often the first that cannot grow.
            Some(ErrorCode::SystemIoFailure) if self.is_log_index_too_small() => {
                LedgerError::Full { path }
            }
            _ => LedgerError::Other { path, reason },
        }
    }

    /// Whether it is about what the file holds.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Cell(..) | Self::Damaged(_) => true,
            Self::Sqlite(_) => {
                matches!(self.code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
            }
        }
    }

    /// Whether the system did not let SQLite at a file.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
    }

    /// Whether another connection was in the way.
    pub(super) fn is_busy(&self) -> bool {
        self.code() == Some(ErrorCode::DatabaseBusy)
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            Self::Cell(..) | Self::Damaged(_) => None,
        }
    }

    fn is_log_index_too_small(&self) -> bool {
        matches!(self, Self::Sqlite(Error::SqliteFailure(error, _))
            if error.extended_code == ffi::SQLITE_IOERR_SHMSIZE)
    }
}
