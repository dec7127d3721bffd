//! A table of another program's SQLite file, read row by row and never written.
//!
//! Its program may be writing the file meanwhile: no lock is held from one page of rows to the next.
//! Whatever stands in the file is data from outside; no cell is read that is longer than a bound.

mod connect;
mod row;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Error, ErrorCode, OptionalExtension};

use crate::sqlite::APPLICATION_ID;
use connect::Opened;

pub use row::{Cell, ForeignRow};

/// How every SQLite file begins.
pub const MAGIC: &[u8] = b"SQLite format 3\0";

/// The longest cell that is read, in bytes.
pub const CELL_BYTES_MAX: usize = 1 << 16;

/// How many rows are read at once, and how many bytes they may have.
const PAGE_ROWS: usize = 512;
const PAGE_BYTES: usize = 1 << 20;

/// How many tables of a file are named where the one that is meant is not there.
const NAMED_MAX: usize = 10;

/// Why a table of a foreign file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForeignError {
    /// The file itself is no SQLite file: it may be packed.
    #[error("it is no SQLite database as it stands")]
    NotSqlite,
    /// It is a ledger of Centime.
    #[error("it is a ledger of Centime")]
    Ledger,
    /// There is no such table.
    #[error("it has no table `{table}`")]
    NoTable {
        /// The name that was looked for.
        table: String,
        /// Some of those that there are.
        tables: Vec<String>,
    },
    /// What has the name is no table whose rows have numbers.
    #[error("`{table}` is {what}")]
    NoRows {
        /// The name.
        table: String,
        /// What it is.
        what: &'static str,
    },
    /// The file cannot be opened for reading.
    #[error("it cannot be opened: {0}")]
    Open(String),
    /// What the file holds makes no sense.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Another program keeps it locked.
    #[error("it is locked by another program")]
    Locked,
    /// A transaction of its program was cut off, and reading alone does not undo it.
    #[error("the last writer of it was cut off in the middle of a transaction")]
    HalfWritten,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<Error> for ForeignError {
    fn from(error: Error) -> Self {
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(reason),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::ReadOnly) => Self::HalfWritten,
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::Open(reason),
            _ => Self::Other(reason),
        }
    }
}

/// A table of another program's SQLite file.
///
/// ```
/// use centime_ledger::foreign::{Cell, ForeignTable};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("costs.db");
/// let db = rusqlite::Connection::open(&path)?;
/// db.execute_batch("CREATE TABLE costs (id INTEGER PRIMARY KEY, cost_usd REAL);
///                   INSERT INTO costs VALUES (7, 0.0123)")?;
///
/// let mut table = ForeignTable::open(&path, "costs")?;
/// assert_eq!(table.columns(), ["id", "cost_usd"]);
/// let row = table.next_row()?.unwrap();
/// assert_eq!(row.cells, [Cell::Whole(7), Cell::Real("0.0123".to_owned())]);
/// assert_eq!(table.next_row()?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ForeignTable {
    path: PathBuf,
    opened: Opened,
    /// Its name, as the file writes it.
    name: String,
    /// The name that its row ids go by.
    row_id: &'static str,
    columns: Vec<String>,
    /// Asks for the rows from a row id on.
    question: String,
    /// The first and the last row id, as the table was opened.
    span: (i64, i64),
    /// The row id from which on the next page is read; `None` at the end.
    next: Option<i64>,
    page: VecDeque<ForeignRow>,
}

impl ForeignTable {
    /// Opens a table of a file, for reading alone.
    ///
    /// # Errors
    /// When the file cannot be read, is a ledger, or has no such table.
    pub fn open(path: &Path, table: &str) -> Result<Self, ForeignError> {
        let opened = Opened::new(path)?;
        let db = &opened.db;
        let application: i32 = db.query_row("PRAGMA application_id", (), |row| row.get(0))?;
        if application == APPLICATION_ID {
            return Err(ForeignError::Ledger);
        }
        let name = name_of(db, table)?;
        let columns: Vec<String> = {
            let all = db.prepare(&format!("SELECT * FROM {} LIMIT 0", quoted(&name)))?;
            all.column_names().map(str::to_owned).collect()
        };
        // A column of one of these names hides the row id itself.
        let is_free = |id: &&str| !columns.iter().any(|column| column.eq_ignore_ascii_case(id));
        let no_rows = |what| ForeignError::NoRows { table: table.to_owned(), what };
        let row_id = ["rowid", "_rowid_", "oid"].into_iter().find(is_free);
        let row_id = row_id.ok_or_else(|| no_rows("a table whose columns hide its row ids"))?;
        let question = question(&name, row_id, &columns);
        if db.prepare(&question).is_err() {
            return Err(no_rows("a table without row ids"));
        }
        let span = format!("SELECT min({row_id}), max({row_id}) FROM {}", quoted(&name));
        let span: (Option<i64>, Option<i64>) =
            db.query_row(&span, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self {
            path: path.to_owned(),
            name,
            row_id,
            columns,
            question,
            span: (span.0.unwrap_or_default(), span.1.unwrap_or_default()),
            next: Some(i64::MIN),
            page: VecDeque::new(),
            opened,
        })
    }

    /// The names of its columns, in their order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Reads these of its columns alone, by their names in capitals or not; the others are never looked
    /// at.
    pub fn select(&mut self, wanted: &[&str]) {
        let is_wanted =
            |column: &String| wanted.iter().any(|name| column.eq_ignore_ascii_case(name));
        self.columns.retain(is_wanted);
        self.question = question(&self.name, self.row_id, &self.columns);
    }

    /// How much of the file was read, were it `whole` long: as row ids go.
    #[must_use]
    pub fn read_of(&self, whole: u64) -> u64 {
        let (first, last) = (i128::from(self.span.0), i128::from(self.span.1));
        let all = (last - first + 1).max(1);
        let read = self.next.map_or(all, |next| (i128::from(next) - first).clamp(0, all));
        u64::try_from(i128::from(whole) * read / all).unwrap_or(whole)
    }

    /// The next row, in the order of row ids; `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn next_row(&mut self) -> Result<Option<ForeignRow>, ForeignError> {
        if self.page.is_empty()
            && let Some(from) = self.next
        {
            self.read_page(from)?;
        }
        Ok(self.page.pop_front())
    }

    fn read_page(&mut self, from: i64) -> Result<(), ForeignError> {
        loop {
            let read = row::page(&self.opened.db, &self.question, from, self.columns.len());
            // What was read as nobody's file while somebody wrote it may be anything.
            if self.opened.was_taken_for_idle_wrongly(&self.path) {
                self.opened = Opened::new(&self.path)?;
                continue;
            }
            let (page, is_last) = read?;
            let last = page.back().map(|row| row.row_id);
            self.next = last.filter(|_| !is_last).and_then(|last| last.checked_add(1));
            self.page = page;
            return Ok(());
        }
    }
}

/// The name of a table as the file writes it.
fn name_of(db: &Connection, table: &str) -> Result<String, ForeignError> {
    let found = db
        .query_row(
            "SELECT name, type, rootpage FROM sqlite_schema \
             WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE",
            [table],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)),
        )
        .optional()?;
    let no_rows = |what| ForeignError::NoRows { table: table.to_owned(), what };
    match found {
        None => Err(ForeignError::NoTable { table: table.to_owned(), tables: tables(db)? }),
        Some((_, kind, _)) if kind == "view" => Err(no_rows("a view")),
        // Code of its program would run for each row.
        Some((_, _, 0)) => Err(no_rows("a virtual table")),
        Some((name, _, _)) => Ok(name),
    }
}

/// Some of the tables of a file.
fn tables(db: &Connection) -> Result<Vec<String>, ForeignError> {
    let mut names = db.prepare(
        "SELECT substr(name, 1, 60) FROM sqlite_schema \
         WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name LIMIT ?1",
    )?;
    let names = names.query_map([i64::try_from(NAMED_MAX).unwrap_or(1)], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// For each column its value, nothing in place of one that is too long, and its length: SQLite knows
/// that without reading it.
fn question(table: &str, row_id: &str, columns: &[String]) -> String {
    let cells = columns.iter().map(|column| {
        let column = quoted(column);
        format!(
            ", CASE WHEN octet_length({column}) <= {CELL_BYTES_MAX} THEN {column} END, \
             octet_length({column})"
        )
    });
    format!(
        "SELECT {row_id}{} FROM {} WHERE {row_id} >= ?1 ORDER BY {row_id}",
        cells.collect::<String>(),
        quoted(table)
    )
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
