//! The records of a file: lines of JSON, or rows of a table.

use centime_providers::event::{Constants, Event, read_event};
use jiff::tz::TimeZone;

use super::Kind;
use super::table::Table;
use crate::commands::price::too_long;
use crate::failure::Failure;
use crate::input::{Input, Line, Lines};

/// Where a record stands, and its bytes.
#[derive(Debug)]
pub(super) struct Record {
    /// The file.
    pub(super) file: String,
    /// The line that it starts on.
    pub(super) line: u64,
    /// What stands there.
    pub(super) raw: Vec<u8>,
}

/// A record that is refused, and why.
#[derive(Debug)]
pub(super) struct Problem {
    /// The record.
    pub(super) record: Record,
    /// The id of its event, where that could be read.
    pub(super) id: Option<String>,
    /// What is wrong with it.
    pub(super) what: String,
}

/// An event and the record it was read from, or why there is none.
pub(super) type Read = Result<(Event, Record), Problem>;

/// The records of one file.
pub(super) enum Records {
    /// One event a line.
    Json {
        /// The name of the file.
        name: String,
        /// Its lines.
        lines: Lines,
        /// The number of the last line.
        number: u64,
    },
    /// A table with a header.
    Csv(Table),
}

impl Records {
    /// Opens a file, telling by its first character what it is where nobody said.
    pub(super) fn open(
        mut input: Input,
        kind: Kind,
        map: &[(String, String)],
    ) -> Result<Self, Failure> {
        let cannot = |name: &str, error: std::io::Error| {
            Failure::Usage(format!("cannot read `{name}`: {error}"))
        };
        let start = input.reader.fill_buf().map_err(|error| cannot(&input.name, error))?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            let name = &input.name;
            return Err(Failure::Usage(format!(
                "{name}: this is UTF-16; save it as UTF-8, or convert it with \
                 `iconv -f UTF-16 -t UTF-8`"
            )));
        }
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace() && byte.is_ascii());
        let is_json = match kind {
            Kind::Auto => map.is_empty() && matches!(first, Some(b'{' | b'[') | None),
            Kind::Jsonl => true,
            Kind::Csv => false,
        };
        if !is_json {
            return Table::open(input, map).map(Self::Csv);
        }
        if !map.is_empty() {
            let message = "--map is for CSV files; JSON events name their own fields".to_owned();
            return Err(Failure::Usage(message));
        }
        Ok(Self::Json { name: input.name, lines: Lines::new(input.reader), number: 0 })
    }

    /// The kind of record, within which ids are unique.
    pub(super) fn source(&self) -> &'static str {
        match self {
            Self::Json { .. } => "events",
            Self::Csv(_) => "csv",
        }
    }

    /// The next record; `None` at the end of the file. Empty lines are none.
    pub(super) fn next_record(
        &mut self,
        constants: &Constants,
        zone: &TimeZone,
    ) -> Result<Option<Read>, Failure> {
        let (name, lines, number) = match self {
            Self::Csv(table) => return table.next_record(constants, zone),
            Self::Json { name, lines, number } => (name, lines, number),
        };
        loop {
            let line = lines.next_line().map_err(|error| {
                Failure::Usage(format!("cannot read `{name}` after line {number}: {error}"))
            })?;
            *number += 1;
            let record =
                |raw: &[u8]| Record { file: name.clone(), line: *number, raw: raw.to_vec() };
            let problem = |raw, id, what| Problem { record: record(raw), id, what };
            return Ok(match line {
                None => None,
                Some(Line::Whole(raw)) if raw.trim_ascii().is_empty() => continue,
                Some(Line::TooLong(start)) => Some(Err(problem(start, None, too_long()))),
                Some(Line::Whole(raw)) => Some(match std::str::from_utf8(raw) {
                    Err(_) => Err(problem(raw, None, "not UTF-8".to_owned())),
                    Ok(text) => match read_event(text, constants, zone) {
                        Ok(event) => Ok((event, record(raw.trim_ascii()))),
                        Err(error) => Err(problem(raw, error.id.clone(), error.to_string())),
                    },
                }),
            });
        }
    }
}
