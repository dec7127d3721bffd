//! Rows as SQLite keeps them: any cell may be of any type.

use std::collections::VecDeque;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{ForeignError, PAGE_BYTES, PAGE_ROWS};

/// A row of a foreign table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRow {
    /// SQLite's own number of the row.
    pub row_id: i64,
    /// Its cells, in the order of the columns.
    pub cells: Vec<Cell>,
}

/// What stands in a cell, whatever its column was declared as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Whole(i64),
    /// A binary fraction, as the shortest decimal that means it: what somebody wrote, `0.0123`.
    Real(String),
    /// A text.
    Text(String),
    /// Bytes that are no text, or no UTF-8; so many of them.
    Bytes(usize),
    /// What is longer than is read, in bytes.
    TooLong(i64),
}

/// Rows from a row id on, and whether they are the last.
pub(super) fn page(
    db: &Connection,
    question: &str,
    from: i64,
    columns: usize,
) -> Result<(VecDeque<ForeignRow>, bool), ForeignError> {
    let mut statement = db.prepare_cached(question)?;
    let mut rows = statement.query([from])?;
    let mut page = VecDeque::new();
    let mut bytes = 0;
    while page.len() < PAGE_ROWS && bytes < PAGE_BYTES {
        let Some(row) = rows.next()? else { return Ok((page, true)) };
        let row_id = row.get(0)?;
        let mut cells = Vec::with_capacity(columns);
        for column in 0..columns {
            let value = row.get_ref(1 + 2 * column)?;
            let length: Option<i64> = row.get(2 + 2 * column)?;
            bytes += value.as_bytes_or_null().ok().flatten().map_or(8, <[u8]>::len);
            cells.push(cell(value, length));
        }
        page.push_back(ForeignRow { row_id, cells });
    }
    Ok((page, false))
}

fn cell(value: ValueRef<'_>, length: Option<i64>) -> Cell {
    match value {
        ValueRef::Null => length.map_or(Cell::Null, Cell::TooLong),
        ValueRef::Integer(whole) => Cell::Whole(whole),
        // Written without an exponent, and with the fewest digits that lead back to the same bits.
        // A zero has no sign.
        ValueRef::Real(0.0) => Cell::Real("0".to_owned()),
        ValueRef::Real(real) => Cell::Real(real.to_string()),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Cell::Text(text.to_owned()),
            Err(_) => Cell::Bytes(bytes.len()),
        },
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.len()),
    }
}
