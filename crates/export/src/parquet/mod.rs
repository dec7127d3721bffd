//! Parquet: a row a call, in typed columns that data frames and databases read as they are.
//!
//! Rows are gathered into groups and written column by column, so memory holds one group: it ends
//! at so many rows or so many bytes of text, whichever comes first. The file is only ever appended to.

mod leaf;
mod schema;

use std::io;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::columns::{COLUMNS, Cell};
use crate::{Call, ExportError, Output, Sink};
use leaf::Leaf;

/// The most rows of a group.
const GROUP_ROWS_MAX: usize = 32_768;
/// The most bytes of text of a group; one row may go beyond it.
const GROUP_TEXT_BYTES_MAX: usize = 32 << 20;
/// Columns in which no value comes twice: a dictionary of them is the column, and its numbers besides.
const UNIQUE: [&str; 2] = ["id", "uid"];

/// Writes calls as a Parquet file.
pub(crate) struct ParquetSink {
    file: SerializedFileWriter<Output>,
    /// The group in the making: a leaf a column, in the order of the schema.
    leaves: Vec<Leaf>,
    rows: usize,
}

impl ParquetSink {
    /// A sink, the beginning of the file written.
    ///
    /// # Errors
    /// When that cannot be written.
    pub(crate) fn new(out: Output) -> Result<Self, ExportError> {
        let schema = Arc::new(schema::schema().map_err(cause)?);
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("centime {}", env!("CARGO_PKG_VERSION")));
        for name in UNIQUE {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), false);
        }
        let properties = Arc::new(properties.build());
        let file = SerializedFileWriter::new(out, schema, properties).map_err(cause)?;
        let columns = file.schema_descr().columns();
        let leaves = columns.iter().map(|column| Leaf::of(column.physical_type())).collect();
        Ok(Self { file, leaves, rows: 0 })
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for leaf in &mut self.leaves {
            let Some(mut column) = group.next_column()? else {
                return Err(ParquetError::General("more columns than the schema has".to_owned()));
            };
            leaf.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl Sink for ParquetSink {
    fn write(&mut self, call: &Call<'_>) -> Result<(), ExportError> {
        let mut row = Row { call, leaves: self.leaves.iter_mut() };
        for column in COLUMNS.iter().filter(|column| schema::has(column)) {
            row.push((column.of)(call), column.is_required)?;
        }
        self.rows += 1;
        let text_bytes: usize = self.leaves.iter().map(Leaf::text_bytes).sum();
        if self.rows >= GROUP_ROWS_MAX || text_bytes >= GROUP_TEXT_BYTES_MAX {
            self.write_group().map_err(cause)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        if self.rows > 0 {
            self.write_group().map_err(cause)?;
        }
        self.file.finish().map_err(cause)?;
        Ok(io::Write::flush(self.file.inner_mut())?)
    }
}

/// A row on its way into its leaves, which come one after the other.
struct Row<'r> {
    call: &'r Call<'r>,
    leaves: std::slice::IterMut<'r, Leaf>,
}

impl<'r> Row<'r> {
    fn push(&mut self, cell: Cell<'_>, is_required: bool) -> Result<(), ExportError> {
        match cell {
            Cell::Tags(tags) => self.tags(tags),
            Cell::Lines => self.lines(),
            Cell::Absent => {
                self.leaf()?.levels(0, 0);
                Ok(())
            }
            cell => {
                let leaf = self.leaf()?;
                leaf.levels(i16::from(!is_required), 0);
                match cell {
                    Cell::Foreign(text) | Cell::Own(text) => leaf.text(&text),
                    Cell::Whole(number) => leaf.long(number),
                    Cell::Count(number) => leaf.long(number.cast_signed()),
                    Cell::Usd(amount) => leaf.decimal(amount.pico().into()),
                    Cell::Flag(flag) => leaf.flag(flag),
                    Cell::Clock(at) | Cell::Moment(at) => leaf.long(at.micros()),
                    Cell::Absent | Cell::Tags(_) | Cell::Lines => {}
                }
                Ok(())
            }
        }
    }

    fn leaf(&mut self) -> Result<&'r mut Leaf, ExportError> {
        let too_few = || io::Error::other("fewer columns in the schema than in a row");
        Ok(self.leaves.next().ok_or_else(too_few)?)
    }

    /// A map: of an empty one there is only the level that says so.
    fn tags(
        &mut self,
        tags: &std::collections::BTreeMap<String, String>,
    ) -> Result<(), ExportError> {
        let [names, values] = [self.leaf()?, self.leaf()?];
        if tags.is_empty() {
            names.levels(0, 0);
            values.levels(0, 0);
        }
        for (index, (name, value)) in tags.iter().enumerate() {
            names.element(index, 1);
            names.text(name);
            values.element(index, 1);
            values.text(value);
        }
        Ok(())
    }

    /// A list of groups, likewise; a rate or an amount that is not there has one level less.
    fn lines(&mut self) -> Result<(), ExportError> {
        let call = self.call;
        let unfit = |what: String| ExportError::Unfit { entry: call.attempt().uid, what };
        let mut leaves = [self.leaf()?, self.leaf()?, self.leaf()?, self.leaf()?];
        let mut is_empty = true;
        for (index, line) in call.lines().enumerate() {
            is_empty = false;
            let [meters, quantities, rates, amounts] = &mut leaves;
            let (meter, quantity) = (line.line.meter, line.line.quantity);
            meters.element(index, 1);
            meters.text(meter.name());
            let too_many = || unfit(format!("the quantity {quantity} of `{meter}`"));
            quantities.element(index, 1);
            quantities.decimal(schema::fitting(quantity.scaled()).ok_or_else(too_many)?);
            let rate = line.rate.map(|applied| applied.rate);
            rates.element(index, 1 + i16::from(rate.is_some()));
            if let Some(rate) = rate {
                let scaled = i128::try_from(rate.scaled()).ok().and_then(schema::fitting);
                let too_high = || unfit(format!("the rate {rate} of `{meter}`"));
                rates.decimal(scaled.ok_or_else(too_high)?);
            }
            amounts.element(index, 1 + i16::from(line.line.amount.is_some()));
            if let Some(amount) = line.line.amount {
                amounts.decimal(amount.pico().into());
            }
        }
        if is_empty {
            for leaf in &mut leaves {
                leaf.levels(0, 0);
            }
        }
        Ok(())
    }
}

/// What the system said, where it was the system.
fn cause(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}
