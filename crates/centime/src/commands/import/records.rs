//! The records of a file: lines or an array of JSON, or rows of a table.

use std::path::Path;
use std::sync::Arc;

use centime_core::entry::Entry;
use centime_export::read_entry;
use centime_ledger::foreign;
use centime_providers::event::{Constants, Event, read_event};
use indicatif::ProgressBar;
use jiff::tz::TimeZone;

use super::Kind;
use super::array::{Array, ArrayError};
use super::costs::Costs;
use super::pairs::Pair;
use super::table::Table;
use crate::failure::Failure;
use crate::input::{Input, Line, Lines, cannot_read};

/// How files are read.
pub(super) struct Reading {
    /// What they are.
    pub(super) kind: Kind,
    /// `--map`.
    pub(super) map: Vec<Pair>,
    /// `--set`.
    pub(super) set: Vec<Pair>,
    /// The same, checked.
    pub(super) constants: Constants,
    /// Whose clocks times without a zone are on.
    pub(super) zone: TimeZone,
}

/// Where a record stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// On a line: the first, where it takes up several.
    Line(u64),
    /// In a row of a table that has no lines.
    Row {
        /// The row: `id 7`.
        row: Box<str>,
        /// The column, where it is one that is wrong.
        column: Option<&'static str>,
    },
}

/// Where a record stands, and its bytes.
#[derive(Debug)]
pub(super) struct Record {
    /// The file.
    pub(super) file: Arc<str>,
    /// Where in the file.
    pub(super) place: Place,
    /// What stands there, while somebody may want it.
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

/// What a record holds.
#[expect(clippy::large_enum_variant, reason = "nearly all are events, which a box would slow down")]
#[derive(Debug)]
pub(super) enum Found {
    /// A usage event.
    Event(Event),
    /// An entry of another ledger, as an export has it.
    Entry(Box<Entry>),
}

/// What was found and the record it was read from, or why there is nothing.
pub(super) type Read = Result<(Found, Record), Problem>;

/// The records of one file.
pub(super) enum Records {
    /// One event a line.
    Json {
        /// The name of the file.
        name: Arc<str>,
        /// Its lines.
        lines: Lines,
        /// The number of the last line.
        number: u64,
        /// Whether a record was read.
        is_begun: bool,
    },
    /// An array of events.
    Array(Array),
    /// A table with a header.
    Csv(Table),
    /// A table in a SQLite file.
    Costs(Box<Costs>),
}

impl Records {
    /// Opens a file of a name, which may be one that no reader goes through; `progress` is told of that.
    pub(super) fn open_file(
        path: &Path,
        mut input: Input,
        how: &Reading,
        progress: &ProgressBar,
    ) -> Result<Self, Failure> {
        let Input { name, bytes, reader } = &mut input;
        let start = reader.fill_buf().map_err(|error| cannot_read(name, &error))?;
        match (how.kind, start.starts_with(foreign::MAGIC)) {
            (Kind::Costs, false) => Err(Failure::Usage(format!(
                "{name}: this is no SQLite file; leave `--from costs` out"
            ))),
            (_, false) => Self::open(input, how),
            (Kind::Jsonl | Kind::Csv, true) => Err(Failure::Usage(format!(
                "{name}: this is a SQLite file; `--from costs` reads its table `costs`"
            ))),
            (Kind::Auto | Kind::Costs, true) => {
                if !how.map.is_empty() {
                    return Err(Failure::Usage(format!(
                        "--map is for CSV files, and `{name}` is a SQLite file, whose table `costs` \
                         has columns of known names"
                    )));
                }
                let Some(bytes) = *bytes else {
                    return Err(Failure::Usage(format!(
                        "{name}: a SQLite file is read where it lies; name it instead of passing it on"
                    )));
                };
                // SQLite opens the file itself, and its locks end when anybody here closes it.
                drop(input);
                Ok(Self::Costs(Box::new(Costs::open(path, bytes, how, progress)?)))
            }
        }
    }

    /// Opens a file, telling by its first character what it is where nobody said.
    pub(super) fn open(mut input: Input, how: &Reading) -> Result<Self, Failure> {
        let name = &input.name;
        let start = input.reader.fill_buf().map_err(|error| cannot_read(name, &error))?;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
            return Err(Failure::Usage(format!(
                "{name}: this is UTF-16; save it as UTF-8, or convert it with \
                 `iconv -f UTF-16 -t UTF-8`"
            )));
        }
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace() && byte.is_ascii());
        let first = first.copied();
        let is_json = match how.kind {
            Kind::Auto => {
                matches!(first, Some(b'{' | b'[')) || first.is_none() && how.map.is_empty()
            }
            Kind::Jsonl => true,
            Kind::Csv | Kind::Costs => false,
        };
        if !is_json {
            return Table::open(input, &how.map, &how.set).map(Self::Csv);
        }
        if !how.map.is_empty() {
            return Err(Failure::Usage(format!(
                "--map is for CSV files, and `{name}` holds JSON, whose events name their own fields"
            )));
        }
        if first == Some(b'[') {
            return Ok(Self::Array(Array::new(input)));
        }
        let lines = Lines::new(input.reader);
        Ok(Self::Json { name: input.name.into(), lines, number: 0, is_begun: false })
    }

    /// The kind of record, within which ids are unique.
    pub(super) fn source(&self) -> &'static str {
        match self {
            Self::Json { .. } | Self::Array(_) => "events",
            Self::Csv(_) => "csv",
            Self::Costs(_) => "costs",
        }
    }

    /// The columns of a table that are passed over.
    pub(super) fn unused(&self) -> &[String] {
        match self {
            Self::Json { .. } | Self::Array(_) => &[],
            Self::Csv(table) => table.unused(),
            Self::Costs(costs) => costs.unused(),
        }
    }

    /// The next record; `None` at the end of the file. Empty lines are none.
    pub(super) fn next_record(&mut self, how: &Reading) -> Result<Option<Read>, Failure> {
        let (name, lines, number, is_begun) = match self {
            Self::Csv(table) => return table.next_record(&how.constants, &how.zone),
            Self::Costs(costs) => return costs.next_record(how),
            Self::Array(array) => return next_element(array, how),
            Self::Json { name, lines, number, is_begun } => (name, lines, number, is_begun),
        };
        loop {
            *number += 1;
            let line = lines.next_line();
            let line = line.map_err(|error| cannot_read(&format!("{name}:{number}"), &error))?;
            let Some(line) = line else { return Ok(None) };
            if let Line::Whole(raw) = line {
                match raw.trim_ascii() {
                    b"" => continue,
                    b"{" if !*is_begun => return Err(spread_over_lines(name)),
                    _ => {}
                }
            }
            *is_begun = true;
            return Ok(Some(read_json(&line, name, *number, how)));
        }
    }
}

fn spread_over_lines(name: &str) -> Failure {
    Failure::Usage(format!(
        "{name}:1: this is JSON spread over several lines, and events stand one a line; \
         `jq -c . FILE | centime import -` reads it"
    ))
}

/// The next element of an array of events.
fn next_element(array: &mut Array, how: &Reading) -> Result<Option<Read>, Failure> {
    let name = Arc::clone(&array.name);
    match array.next_element() {
        Ok(None) => Ok(None),
        Ok(Some((line, number))) => Ok(Some(read_json(&line, &name, number, how))),
        Err(ArrayError::Read { line, error }) => {
            Err(cannot_read(&format!("{name}:{line}"), &error))
        }
        Err(ArrayError::Open) => {
            Err(Failure::Usage(format!("{name}: the file ends before its array does; is it cut?")))
        }
        Err(ArrayError::MoreThanOne { line }) => Err(Failure::Usage(format!(
            "{name}:{line}: something follows the array; `jq -c '.[]' FILE | centime import -` reads \
             several"
        ))),
    }
}

/// Reads the event of a line, or of an element.
fn read_json(line: &Line<'_>, name: &Arc<str>, number: u64, how: &Reading) -> Read {
    let place = Place::Line(number);
    let record =
        |raw: &[u8]| Record { file: Arc::clone(name), place: place.clone(), raw: raw.to_vec() };
    let problem = |raw, id, what| Problem { record: record(raw), id, what };
    match line {
        Line::TooLong(start) => Err(problem(start, None, Lines::too_long())),
        Line::Whole(raw) => match std::str::from_utf8(raw) {
            Err(_) => Err(problem(raw, None, "not UTF-8".to_owned())),
            Ok(text) => match found_in(text, how) {
                Ok(found) => Ok((found, record(raw.trim_ascii()))),
                Err((id, what)) => Err(problem(raw, id, what)),
            },
        },
    }
}

/// The event of a text, or the entry that an export made of one: it has no usage that an event has.
fn found_in(text: &str, how: &Reading) -> Result<Found, (Option<String>, String)> {
    let event = read_event(text, &how.constants, &how.zone);
    let is_event = event.as_ref().is_ok_and(|event| !event.usage.meters().is_empty());
    if (!is_event || !how.set.is_empty())
        && let Some(entry) = read_entry(text)
    {
        let entry = entry.map_err(|error| (None, error.to_string()))?;
        if !how.set.is_empty() {
            let what = "an exported entry goes in as it is; leave --set out";
            return Err((entry.own_id, what.to_owned()));
        }
        return Ok(Found::Entry(Box::new(entry)));
    }
    event.map(Found::Event).map_err(|error| (error.id.clone(), error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn reading(map: &[&str]) -> Reading {
        let map: Vec<String> = map.iter().map(|&text| text.to_owned()).collect();
        Reading {
            kind: Kind::Auto,
            map: crate::commands::import::pairs::pairs("--map", &map).unwrap(),
            set: Vec::new(),
            constants: Constants::default(),
            zone: TimeZone::UTC,
        }
    }

    /// The lines of the events, and how the file ended.
    fn read(text: &str, map: &[&str]) -> (Vec<u64>, String) {
        let how = reading(map);
        let reader = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let input = Input { name: "f".to_owned(), bytes: None, reader };
        let mut lines = Vec::new();
        let ended = Records::open(input, &how).and_then(|mut records| {
            while let Some(read) = records.next_record(&how)? {
                match read.expect("an event").1.place {
                    Place::Line(line) => lines.push(line),
                    place @ Place::Row { .. } => panic!("{place:?}"),
                }
            }
            Ok(())
        });
        match ended {
            Ok(()) => (lines, String::new()),
            Err(Failure::Usage(message)) => (lines, message),
            Err(other) => panic!("{other:?}"),
        }
    }

    const EVENT: &str = r#"{"model":"m","meters":{"input":1}}"#;

    #[test]
    fn an_array_of_events_is_read_and_other_json_is_refused_once() {
        let pretty = "{\n  \"model\": \"m\",\n  \"meters\": {\"input\": 1}\n}\n";
        for (text, lines, words) in [
            (format!("{EVENT}\n\n{EVENT}"), &[1, 3][..], ""),
            (format!("[{EVENT},\n{EVENT}]\n"), &[1, 2], ""),
            (format!("[\n{pretty},\n{pretty}]\n"), &[2, 7], ""),
            (format!("[{EVENT}]\n[{EVENT}]\n"), &[1], "jq -c '.[]'"),
            (format!("[{EVENT},\n{{\"model\":"), &[1], "before its array"),
            (pretty.to_owned(), &[], "jq -c ."),
            (format!("\u{feff}\n{pretty}{pretty}"), &[], "jq -c ."),
        ] {
            let (found, message) = read(&text, &[]);
            assert_eq!(found, lines, "{text}");
            assert!(message.contains(words) && message.is_empty() == words.is_empty(), "{message}");
        }
    }

    #[test]
    fn a_map_is_for_tables() {
        for text in [EVENT.to_owned(), format!("[{EVENT}]"), format!("\u{feff} {EVENT}")] {
            assert!(read(&text, &["model=x"]).1.contains("--map is for CSV files"), "{text}");
        }
        assert_eq!(read("name,n\nm,1\n", &["model=name,input=n"]).0, [2]);
        // An empty file is no table, whatever columns it should have.
        assert!(read("", &["model=name"]).1.contains("no such column"));
    }
}
