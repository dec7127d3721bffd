//! Tables: CSV with a header, columns mapped to fields.

use std::io::BufRead;

use centime_providers::event::{Constants, event_from_fields, is_field};
use jiff::tz::TimeZone;

use super::records::{Problem, Read, Record};
use crate::failure::Failure;
use crate::input::Input;

/// A table that is read row by row.
pub(super) struct Table {
    name: String,
    reader: csv::Reader<Box<dyn BufRead>>,
    /// The field and the index of its column.
    fields: Vec<(String, usize)>,
    columns: usize,
}

/// Parts the fields of a row when a record is hashed and shown: no table has it in a cell.
const UNIT_SEPARATOR: u8 = 0x1f;

impl Table {
    /// Opens a table and finds its columns.
    pub(super) fn open(mut input: Input, map: &[(String, String)]) -> Result<Self, Failure> {
        let name = input.name;
        let cannot =
            |error: std::io::Error| Failure::Usage(format!("cannot read `{name}`: {error}"));
        let delimiter = delimiter_of(input.reader.fill_buf().map_err(cannot)?);
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(input.reader);
        let header = reader.byte_headers().map_err(|error| {
            Failure::Usage(format!("{name}: the header cannot be read: {error}"))
        })?;
        let columns: Vec<String> = header.iter().map(column_name).collect();
        let fields = match map {
            [] => own_names(&columns),
            _ => mapped(map, &columns).map_err(|what| Failure::Usage(format!("{name}: {what}")))?,
        };
        if fields.is_empty() {
            return Err(Failure::Usage(format!(
                "{name}: no column has the name of a field; say which is which, such as \
                 `--map at=TIMESTAMP,input=PromptTokens`; the columns are {}",
                columns.join(", ")
            )));
        }
        Ok(Self { name, reader, fields, columns: columns.len() })
    }

    /// The next row; `None` at the end of the table.
    pub(super) fn next_record(
        &mut self,
        constants: &Constants,
        zone: &TimeZone,
    ) -> Result<Option<Read>, Failure> {
        let mut row = csv::ByteRecord::new();
        match self.reader.read_byte_record(&mut row) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => {
                return Err(Failure::Usage(format!("cannot read `{}`: {error}", self.name)));
            }
        }
        let record = Record {
            file: self.name.clone(),
            line: row.position().map_or(0, csv::Position::line),
            raw: row.iter().collect::<Vec<_>>().join(&UNIT_SEPARATOR),
        };
        Ok(Some(match self.read(&row, constants, zone) {
            Ok(event) => Ok((event, record)),
            Err((id, what)) => Err(Problem { record, id, what }),
        }))
    }

    fn read(
        &self,
        row: &csv::ByteRecord,
        constants: &Constants,
        zone: &TimeZone,
    ) -> Result<centime_providers::event::Event, (Option<String>, String)> {
        if row.len() != self.columns {
            let what = format!("the row has {} cells and the header {}", row.len(), self.columns);
            return Err((None, what));
        }
        let mut cells = Vec::with_capacity(self.fields.len());
        for (field, index) in &self.fields {
            let cell = std::str::from_utf8(&row[*index])
                .map_err(|_| (None, format!("`{field}` is not UTF-8")))?;
            cells.push((field.as_str(), cell.trim()));
        }
        event_from_fields(cells, constants, zone)
            .map_err(|error| (error.id.clone(), error.to_string()))
    }
}

/// What parts the header's columns: the one of `,`, `;` and tab that stands there most.
fn delimiter_of(start: &[u8]) -> u8 {
    let header = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let times = |delimiter: u8| header.iter().filter(|&&byte| byte == delimiter).count();
    // The last of equals wins, so a comma beats what does not stand there more often.
    [b'\t', b';', b','].into_iter().max_by_key(|&delimiter| times(delimiter)).unwrap_or(b',')
}

fn column_name(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_start_matches('\u{feff}').trim().to_owned()
}

/// The columns that have the name of a field.
fn own_names(columns: &[String]) -> Vec<(String, usize)> {
    let named = columns.iter().enumerate().filter(|(_, column)| is_field(column));
    named.map(|(index, column)| (column.clone(), index)).collect()
}

fn mapped(map: &[(String, String)], columns: &[String]) -> Result<Vec<(String, usize)>, String> {
    let mut fields: Vec<(String, usize)> = Vec::new();
    for (field, column) in map {
        if !is_field(field) {
            return Err(format!(
                "--map {field}={column}: `{field}` is no field of an event; map to at, model, user, \
                 tag:NAME, … or to a meter such as input or output"
            ));
        }
        if fields.iter().any(|(taken, _)| taken == field) {
            return Err(format!("--map {field}={column}: `{field}` is mapped already"));
        }
        let index = columns.iter().position(|name| name == column).ok_or_else(|| {
            format!(
                "--map {field}={column}: there is no such column; there are {}",
                columns.join(", ")
            )
        })?;
        fields.push((field.clone(), index));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn maps_name_fields_and_columns_that_are_there() {
        let columns = ["TIMESTAMP".to_owned(), "Tokens".to_owned()];
        let map = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs
                .iter()
                .map(|&(field, column)| (field.to_owned(), column.to_owned()))
                .collect();
            mapped(&pairs, &columns)
        };
        let fields = map(&[("at", "TIMESTAMP"), ("input", "Tokens")]).unwrap();
        assert_eq!(fields, [("at".to_owned(), 0), ("input".to_owned(), 1)]);
        for wrong in [("at", "Time"), ("colour", "Tokens")] {
            assert!(map(&[wrong]).is_err());
        }
        assert!(map(&[("at", "TIMESTAMP"), ("at", "Tokens")]).is_err());
    }
}
