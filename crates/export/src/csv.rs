//! CSV: a row a call, its adjustments folded in.

use std::io;

use csv::Writer;

use crate::columns::{COLUMNS, Cell};
use crate::json::Json;
use crate::spreadsheet::guarded;
use crate::{Call, ExportError, Output, Sink};

/// Writes calls as rows of CSV, the header first.
pub(crate) struct CsvSink {
    out: Writer<Output>,
}

impl CsvSink {
    /// A sink, its header written.
    ///
    /// # Errors
    /// When that cannot be written.
    pub(crate) fn new(out: Output) -> Result<Self, ExportError> {
        let mut out = Writer::from_writer(out);
        out.write_record(COLUMNS.iter().map(|column| column.name)).map_err(cause)?;
        Ok(Self { out })
    }
}

impl Sink for CsvSink {
    fn write(&mut self, call: &Call<'_>) -> Result<(), ExportError> {
        for column in COLUMNS {
            self.field((column.of)(call), call)?;
        }
        // Ends the row.
        Ok(self.out.write_record(None::<&[u8]>).map_err(cause)?)
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        Ok(self.out.flush()?)
    }
}

impl CsvSink {
    fn field(&mut self, cell: Cell<'_>, call: &Call<'_>) -> Result<(), ExportError> {
        let written = match cell {
            Cell::Absent => self.out.write_field(""),
            Cell::Own(text) => self.out.write_field(&*text),
            Cell::Foreign(text) => self.out.write_field(&*guarded(&text)),
            Cell::Whole(number) => self.out.write_field(number.to_string()),
            Cell::Count(number) => self.out.write_field(number.to_string()),
            Cell::Usd(amount) => self.out.write_field(amount.text().as_bytes()),
            Cell::Flag(flag) => self.out.write_field(if flag { "true" } else { "false" }),
            Cell::Clock(at) => {
                let clock = at.to_jiff().strftime("%Y-%m-%d %H:%M:%S");
                self.out.write_field(clock.to_string())
            }
            Cell::Moment(at) => self.out.write_field(at.to_string()),
            Cell::Tags(tags) => {
                let mut json = Json::default();
                json.tags(tags);
                self.out.write_field(json.as_bytes())
            }
            Cell::Lines => {
                let mut json = Json::default();
                json.lines(call.lines());
                self.out.write_field(json.as_bytes())
            }
        };
        Ok(written.map_err(cause)?)
    }
}

/// What the system said.
pub(crate) fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
