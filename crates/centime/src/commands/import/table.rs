//! Tables: CSV with a header, columns mapped to fields.

use std::sync::Arc;

use centime_providers::event::{Constants, Event, event_from_fields};
use jiff::tz::TimeZone;

use super::columns;
use super::map::{Field, mapped};
use super::pairs::Pair;
use super::records::{Found, Place, Problem, Read, Record};
use super::rows::{Row, RowError, Rows};
use crate::failure::Failure;
use crate::input::{Input, Lines, cannot_read};

/// A table that is read row by row.
pub(super) struct Table {
    name: Arc<str>,
    rows: Rows,
    row: Row,
    fields: Vec<Field>,
    unused: Vec<String>,
    columns: usize,
}

/// Parts the fields of a row when a record is hashed and shown: no table has it in a cell.
const UNIT_SEPARATOR: u8 = 0x1f;

impl Table {
    /// Opens a table and finds its columns: those of the map, or, where there is none, those whose
    /// names say what they are. What is a constant needs no column.
    pub(super) fn open(mut input: Input, map: &[Pair], set: &[Pair]) -> Result<Self, Failure> {
        let name: Arc<str> = input.name.into();
        let start = input.reader.fill_buf().map_err(|error| cannot_read(&name, &error))?;
        let delimiter = delimiter_of(start);
        let rows = Rows::new(input.reader, delimiter, Lines::BYTES_MAX);
        let mut rows = rows.map_err(|error| cannot_read(&name, &error))?;
        let mut row = Row::default();
        rows.next_row(&mut row).map_err(|error| ended(&name, &error))?;
        let columns: Vec<String> = row.cells().map(column_name).collect();
        let (fields, unused) = match map {
            [] => columns::by_name(&columns, &|field| set.iter().any(|(name, _)| name == field)),
            _ => mapped(map, &columns).map(|fields| (fields, Vec::new())),
        }
        .map_err(|what| Failure::Usage(format!("{name}: {what}")))?;
        Ok(Self { name, rows, row, fields, unused, columns: columns.len() })
    }

    /// The columns that nobody named and that say nothing of a call.
    pub(super) fn unused(&self) -> &[String] {
        &self.unused
    }

    /// The next row; `None` at the end of the table.
    pub(super) fn next_record(
        &mut self,
        constants: &Constants,
        zone: &TimeZone,
    ) -> Result<Option<Read>, Failure> {
        let is_row = self.rows.next_row(&mut self.row);
        if !is_row.map_err(|error| ended(&self.name, &error))? {
            return Ok(None);
        }
        let record = Record {
            file: Arc::clone(&self.name),
            place: Place::Line(self.row.first_line),
            raw: self.row.cells().collect::<Vec<_>>().join(&UNIT_SEPARATOR),
        };
        Ok(Some(match self.read(constants, zone) {
            Ok(event) => Ok((Found::Event(event), record)),
            Err((id, what)) => Err(Problem { record, id, what }),
        }))
    }

    fn read(
        &self,
        constants: &Constants,
        zone: &TimeZone,
    ) -> Result<Event, (Option<String>, String)> {
        let row = &self.row;
        if row.len() != self.columns {
            return Err((None, wrong_length(row, self.columns)));
        }
        let mut cells = Vec::with_capacity(self.fields.len());
        for Field { name, column } in &self.fields {
            let cell = std::str::from_utf8(row.cell(*column))
                .map_err(|_| (None, format!("`{name}` is not UTF-8")))?;
            cells.push((name.as_str(), cell.trim()));
        }
        event_from_fields(cells, constants, zone)
            .map_err(|error| (error.id.clone(), error.to_string()))
    }
}

/// Why a table ends before its file.
fn ended(name: &str, error: &RowError) -> Failure {
    match error {
        RowError::Read(error) => cannot_read(name, error),
        RowError::TooLong { first_line } => Failure::Usage(format!(
            "{name}:{first_line}: the row is longer than {} MiB; is there a quote that is never \
             closed?",
            Lines::BYTES_MAX >> 20
        )),
    }
}

/// What is said of a row that is no row of the table: often a stray quote took others with it.
fn wrong_length(row: &Row, columns: usize) -> String {
    let what = format!("the row has {} cells and the header {columns}", row.len());
    if row.first_line == row.last_line {
        return what;
    }
    let (first, last) = (row.first_line, row.last_line);
    format!("{what}; it takes up lines {first} to {last}: is there a quote that is never closed?")
}

/// What parts the header's columns: the one of `,`, `;` and tab that stands there most.
fn delimiter_of(start: &[u8]) -> u8 {
    let header = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let times = |delimiter: u8| header.iter().filter(|&&byte| byte == delimiter).count();
    // The last of equals wins, so a comma beats what does not stand there more often.
    [b'\t', b';', b','].into_iter().max_by_key(|&delimiter| times(delimiter)).unwrap_or(b',')
}

fn column_name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn the_delimiter_is_what_the_header_has_most_of() {
        for (start, expected) in [
            (&b"a,b,c\n1;2;3;4"[..], b','),
            (b"a;b;c\n", b';'),
            (b"a\tb\tc", b'\t'),
            (b"alone", b','),
            (b"", b','),
        ] {
            assert_eq!(delimiter_of(start), expected);
        }
    }

    fn open(text: &str) -> Table {
        let reader = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let input = Input { name: "t.csv".to_owned(), bytes: None, reader };
        Table::open(input, &[], &[]).unwrap()
    }

    #[test]
    fn a_stray_quote_is_said_with_the_lines_it_took() {
        let mut table = open("model,input,user\nm,1,a\nm,2,\"b\nm,3,c\nm,4,\"d\nm,5,e\n");
        let mut next = || table.next_record(&Constants::default(), &TimeZone::UTC).unwrap();
        assert!(next().unwrap().is_ok());
        // The quote of line 3 is closed on line 5: the row has its three cells.
        assert!(next().unwrap().is_ok());
        assert_eq!(next().unwrap().unwrap().1.place, Place::Line(6));
        assert!(next().is_none());

        let mut table = open("model,input,user\nm,\"1,a\nm,2,b\nm,3,c\n");
        let read = table.next_record(&Constants::default(), &TimeZone::UTC).unwrap().unwrap();
        let problem = read.unwrap_err();
        assert_eq!(problem.record.place, Place::Line(2));
        assert!(problem.what.contains("2 cells and the header 3"), "{}", problem.what);
        assert!(problem.what.contains("lines 2 to 4"), "{}", problem.what);
    }

    #[test]
    fn a_row_without_end_is_an_error_of_its_line() {
        let endless = "x\n".repeat(9 << 20);
        let mut table = open(&format!("model,input,user\nm,1,a\nm,2,\"{endless}"));
        let mut next = || table.next_record(&Constants::default(), &TimeZone::UTC);
        assert!(next().unwrap().unwrap().is_ok());
        match next() {
            Err(Failure::Usage(message)) => assert!(message.starts_with("t.csv:3: "), "{message}"),
            _ => panic!("a row of 18 MiB was read"),
        }
    }
}
