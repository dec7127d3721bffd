//! `costs.db`: the table that cost scripts keep in a SQLite file of their own.

use std::path::Path;
use std::sync::Arc;

use centime_core::decimal::shown;
use centime_core::meter::Meter;
use centime_core::money::Quantity;
use centime_ledger::foreign::{CELL_BYTES_MAX, Cell, ForeignError, ForeignRow, ForeignTable};
use centime_providers::event::{Event, event_from_fields};
use indicatif::ProgressBar;
use jiff::tz::TimeZone;

use super::records::{Found, Place, Problem, Read, Reading, Record};
use crate::failure::Failure;

/// The table.
const TABLE: &str = "costs";

/// A column that is read.
#[derive(Debug)]
struct Column {
    name: &'static str,
    /// The field of an event that it is; the total is none, and checks the others.
    field: &'static str,
    /// Whether a table must have it.
    is_needed: bool,
    /// Whether a row may leave it empty.
    may_be_empty: bool,
    /// What stands in it.
    expected: &'static str,
}

const fn column(
    name: &'static str,
    field: &'static str,
    [is_needed, may_be_empty]: [bool; 2],
    expected: &'static str,
) -> Column {
    Column { name, field, is_needed, may_be_empty, expected }
}

const TOKENS: &str = "a whole number of tokens";

const COLUMNS: [Column; 10] = [
    column("id", "id", [true, false], "a whole number or a text"),
    column("timestamp", "at", [true, false], "a time in UTC such as `2026-11-01 12:00:00`"),
    column("model", "model", [true, false], "the name of a model"),
    column("input_tokens", "input", [true, false], TOKENS),
    column("output_tokens", "output", [true, false], TOKENS),
    column("total_tokens", "", [false, true], TOKENS),
    column("cost_usd", "reported_cost", [true, true], "an amount in US dollars"),
    column("user_id", "user", [false, true], "a name"),
    column("api_key_hash", "key", [false, true], "a name or a hash"),
    column("metadata", "metadata", [false, true], "a JSON object"),
];

/// The table `costs` of a file.
pub(super) struct Costs {
    name: Arc<str>,
    table: ForeignTable,
    /// What stands where in a row.
    columns: Vec<&'static Column>,
    unused: Vec<String>,
    /// How long the file is.
    bytes: u64,
    progress: ProgressBar,
}

/// What is wrong with a row, and in which column.
type Wrong = (Option<&'static str>, String);

impl Costs {
    /// Opens a file and finds the columns; what is a constant needs none.
    pub(super) fn open(
        path: &Path,
        bytes: u64,
        how: &Reading,
        progress: &ProgressBar,
    ) -> Result<Self, Failure> {
        let name: Arc<str> = path.display().to_string().into();
        let mut table = ForeignTable::open(path, TABLE).map_err(|error| failed(&name, &error))?;
        let is_set = |field: &str| how.set.iter().any(|(set, _)| set == field);
        let is_read = |column: &Column| match column.field {
            "" => !is_set("input") && !is_set("output"),
            field => !is_set(field),
        };
        let is = |found: &String, column: &Column| found.eq_ignore_ascii_case(column.name);
        let missing = COLUMNS.iter().filter(|column| column.is_needed && is_read(column));
        let missing =
            missing.filter(|column| !table.columns().iter().any(|found| is(found, column)));
        let missing: Vec<&str> = missing.map(|column| column.name).collect();
        if !missing.is_empty() {
            return Err(Failure::Usage(format!(
                "{name}: the table `{TABLE}` has no column {}; it has {}. What is the same for every row \
                 may be `--set`; of other columns, {}",
                missing.join(", "),
                shown(&table.columns().join(", ")),
                by_csv(&name)
            )));
        }
        let is_known = |found: &String| COLUMNS.iter().any(|column| is(found, column));
        let unused = table.columns().iter().filter(|found| !is_known(found)).cloned().collect();
        let wanted: Vec<&str> =
            COLUMNS.iter().filter(|column| is_read(column)).map(|column| column.name).collect();
        table.select(&wanted);
        let columns = table.columns().iter();
        let columns = columns.filter_map(|found| COLUMNS.iter().find(|column| is(found, column)));
        let columns = columns.collect();
        Ok(Self { name, table, columns, unused, bytes, progress: progress.clone() })
    }

    /// The columns that say nothing that is known.
    pub(super) fn unused(&self) -> &[String] {
        &self.unused
    }

    /// The next row; `None` at the end of the table.
    pub(super) fn next_record(&mut self, how: &Reading) -> Result<Option<Read>, Failure> {
        let row = self.table.next_row().map_err(|error| failed(&self.name, &error))?;
        self.progress.set_position(self.table.read_of(self.bytes));
        let Some(row) = row else { return Ok(None) };
        let id = self.id_of(&row);
        let named = match &id {
            Some(id) => format!("id {}", shown(id)),
            None => format!("number {}", row.row_id),
        };
        let record = |column| Record {
            file: Arc::clone(&self.name),
            place: Place::Row { row: named.into(), column },
            raw: self.raw(&row),
        };
        Ok(Some(match self.read(&row, how) {
            Ok(event) => Ok((Found::Event(event), record(None))),
            Err((column, what)) => Err(Problem { record: record(column), id, what }),
        }))
    }

    fn cells<'a>(
        &'a self,
        row: &'a ForeignRow,
    ) -> impl Iterator<Item = (&'static Column, &'a Cell)> {
        self.columns.iter().copied().zip(&row.cells)
    }

    /// The id of a row, where it has one.
    fn id_of(&self, row: &ForeignRow) -> Option<String> {
        let (column, cell) = self.cells(row).find(|(column, _)| column.field == "id")?;
        text_of(column, cell).ok()
    }

    fn read(&self, row: &ForeignRow, how: &Reading) -> Result<Event, Wrong> {
        let mut fields = Vec::with_capacity(self.columns.len());
        let mut total = String::new();
        for (column, cell) in self.cells(row) {
            let text = text_of(column, cell).map_err(|what| (Some(column.name), what))?;
            match column.field {
                "" => total = text,
                field => fields.push((field, text)),
            }
        }
        let fields = fields.iter().map(|(field, text)| (*field, text.as_str()));
        let event = event_from_fields(fields, &how.constants, &TimeZone::UTC);
        let event = event.map_err(|error| {
            let field = error.field.as_deref();
            match self.columns.iter().find(|column| Some(column.field) == field) {
                Some(column) => (Some(column.name), error.what),
                None => (None, error.to_string()),
            }
        })?;
        check_total(&total, &event).map_err(|what| (Some("total_tokens"), what))?;
        Ok(event)
    }

    /// A row as JSON, for those who want to mend it.
    fn raw(&self, row: &ForeignRow) -> Vec<u8> {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let cells = self.cells(row).map(|(column, cell)| {
            let value = match cell {
                Cell::Null => "null".to_owned(),
                Cell::Whole(number) => number.to_string(),
                Cell::Real(number) if number.ends_with("inf") => quoted(number),
                Cell::Real(number) => number.clone(),
                Cell::Text(text) => quoted(text),
                Cell::Bytes(bytes) => quoted(&format!("({bytes} bytes)")),
                Cell::TooLong(bytes) => quoted(&format!("({bytes} bytes)")),
            };
            format!("\"{}\":{value}", column.name)
        });
        format!("{{{}}}", cells.collect::<Vec<_>>().join(",")).into_bytes()
    }
}

/// The text of a cell as a field takes it; none where the cell is empty and may be.
fn text_of(column: &Column, cell: &Cell) -> Result<String, String> {
    let expected = column.expected;
    let text = match cell {
        Cell::TooLong(bytes) => {
            return Err(format!("is {bytes} bytes long; at most {CELL_BYTES_MAX} are read"));
        }
        Cell::Bytes(bytes) => {
            return Err(format!("holds {bytes} bytes that are no text; expected {expected}"));
        }
        Cell::Null if column.may_be_empty => return Ok(String::new()),
        Cell::Null => return Err(format!("is NULL; expected {expected}")),
        Cell::Whole(_) | Cell::Real(_) if column.field == "at" => {
            return Err(format!(
                "is a number; expected {expected}. In a copy of the file, `UPDATE costs SET timestamp = \
                 datetime(timestamp, 'unixepoch')` makes one of seconds since 1970"
            ));
        }
        Cell::Real(number) if column.field == "id" => {
            return Err(format!("is {}; expected {expected}", shown(number)));
        }
        Cell::Whole(number) => number.to_string(),
        Cell::Real(number) => number.clone(),
        Cell::Text(text) => text.trim().to_owned(),
    };
    if text.is_empty() && !column.may_be_empty {
        return Err(format!("is empty; expected {expected}"));
    }
    Ok(if column.field == "metadata" { metadata(text) } else { text })
}

/// An object as it is; anything else as the one value of an object, so that nothing is lost.
fn metadata(text: String) -> String {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    match text.as_str() {
        "" | "null" => String::new(),
        object if is_json && object.starts_with('{') => text,
        other if is_json => format!("{{\"metadata\":{other}}}"),
        words => format!("{{\"metadata\":{}}}", serde_json::Value::from(words)),
    }
}

/// A total that is another than the sum says that tokens are missing, and what they would cost.
fn check_total(total: &str, event: &Event) -> Result<(), String> {
    if total.is_empty() {
        return Ok(());
    }
    let usage = |meter| event.usage.quantity(meter);
    let sum = usage(Meter::Input).checked_add(usage(Meter::Output));
    let told: Quantity = total.parse().map_err(|error| format!("{error}; expected {TOKENS}"))?;
    match sum {
        Some(sum) if sum == told => Ok(()),
        _ => Err(format!(
            "is {told}, and `input_tokens` and `output_tokens` add up to {}; correct the row in a copy of \
             the file, or set its `total_tokens` to NULL to trust the other two",
            sum.map_or_else(|| "more than is counted".to_owned(), |sum| sum.to_string())
        )),
    }
}

/// How any table comes in.
fn by_csv(name: &str) -> String {
    format!(
        "`sqlite3 -header -csv {name} 'SELECT …' | centime import - --map …` brings in any table"
    )
}

/// Why a file cannot be read, and what to do.
fn failed(name: &str, error: &ForeignError) -> Failure {
    let remedy = match error {
        ForeignError::NotSqlite => {
            "unpack it, as `gunzip` does, and name the unpacked file".to_owned()
        }
        ForeignError::Ledger => format!(
            "`centime backup` copies it whole, and `centime export --db {name} --format jsonl | \
             centime import -` brings its entries into another"
        ),
        ForeignError::NoTable { tables, .. } if tables.is_empty() => {
            "it has no tables at all; is it the right file?".to_owned()
        }
        ForeignError::NoTable { tables, .. } => {
            format!("it has {}; {}", shown(&tables.join(", ")), by_csv(name))
        }
        ForeignError::NoRows { .. } => by_csv(name),
        ForeignError::Open(_) => "check who may read it and its folder".to_owned(),
        ForeignError::Damaged(_) => {
            format!("`sqlite3 {name} .recover | sqlite3 mended.db` saves what can be saved")
        }
        ForeignError::Locked => "import again when it is done".to_owned(),
        ForeignError::HalfWritten => {
            "open it with its own program once, which undoes that, and import again".to_owned()
        }
        ForeignError::Other(_) => {
            return Failure::Environment(format!("cannot read `{name}`: {error}"));
        }
    };
    let message = format!("{name}: {error}; {remedy}");
    match error {
        ForeignError::Locked => Failure::Environment(message),
        _ => Failure::Usage(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_an_object_whatever_it_was() {
        for (text, expected) in [
            ("", ""),
            ("null", ""),
            (r#"{"a": 1.50}"#, r#"{"a": 1.50}"#),
            ("[1, 2]", r#"{"metadata":[1, 2]}"#),
            ("7", r#"{"metadata":7}"#),
            ("{'a': 1}", r#"{"metadata":"{'a': 1}"}"#),
            ("say \"hi\"", r#"{"metadata":"say \"hi\""}"#),
        ] {
            assert_eq!(metadata(text.to_owned()), expected, "{text}");
        }
    }

    #[test]
    fn cells_are_texts_of_fields_or_say_why_not() {
        let named = |name: &str| COLUMNS.iter().find(|column| column.name == name).unwrap();
        let real = |text: &str| Cell::Real(text.to_owned());
        let text = |text: &str| Cell::Text(text.to_owned());
        for (column, cell, expected) in [
            ("id", Cell::Whole(-7), Ok("-7")),
            ("id", text(" a7 "), Ok("a7")),
            ("id", real("1.5"), Err("is 1.5")),
            ("id", Cell::Null, Err("is NULL")),
            ("timestamp", Cell::Whole(1_714_557_600), Err("'unixepoch'")),
            ("model", text(" "), Err("is empty; expected the name of a model")),
            ("input_tokens", real("12"), Ok("12")),
            ("input_tokens", Cell::Null, Err("a whole number of tokens")),
            ("cost_usd", real("0.0123"), Ok("0.0123")),
            ("cost_usd", Cell::Null, Ok("")),
            ("user_id", Cell::Bytes(3), Err("3 bytes that are no text")),
            ("metadata", Cell::TooLong(70_000), Err("is 70000 bytes long; at most 65536")),
        ] {
            match (text_of(named(column), &cell), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(words)) => assert!(found.contains(words), "{found}"),
                (found, expected) => panic!("{cell:?}: {found:?} is not {expected:?}"),
            }
        }
    }
}
