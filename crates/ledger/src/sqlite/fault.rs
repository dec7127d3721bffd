//! What SQLite and the rows report, and what it means to whoever asked.

use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use crate::error::LedgerError;

/// A failure that does not know its file yet.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database could not do it.
    Sqlite(Error),
    /// The database answered, and what it holds makes no sense.
    Damaged(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..) => Self::Damaged(error.to_string()),
            error => Self::Sqlite(error),
        }
    }
}

impl Fault {
    /// The same, said of a file.
    pub(super) fn in_file(self, path: &Path) -> LedgerError {
        let path = path.to_owned();
        let error = match self {
            Self::Damaged(reason) => return LedgerError::Damaged { path, reason },
            Self::Sqlite(error) => error,
        };
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                LedgerError::Open { path, reason }
            }
            Some(ErrorCode::ReadOnly) => LedgerError::ReadOnly { path },
            Some(ErrorCode::DiskFull) => LedgerError::Full { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                LedgerError::Locked { path }
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                LedgerError::Damaged { path, reason }
            }
            // On a full disk the shared index of the WAL is often the first that cannot grow.
            Some(ErrorCode::SystemIoFailure) if is_shm_too_small(&error) => {
                LedgerError::Full { path }
            }
            _ => LedgerError::Other { path, reason },
        }
    }

    /// Whether a file could not be opened at all.
    pub(super) fn is_cannot_open(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen))
    }

    /// Whether another connection was in the way.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
    }
}

fn is_shm_too_small(error: &Error) -> bool {
    let extended = error.sqlite_error().map(|error| error.extended_code);
    extended == Some(ffi::SQLITE_IOERR_SHMSIZE)
}
