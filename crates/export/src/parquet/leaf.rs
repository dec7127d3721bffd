//! A column of a row group in the making: its values, and the levels that say where there are none
//! and which belong to one list.

use parquet::basic::Type;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;

/// The values of a leaf column and their levels.
#[derive(Debug, Default)]
pub(super) struct Leaf {
    values: Values,
    /// How much of what may be missing is there: for every value, and for every one that is missing.
    definition: Vec<i16>,
    /// Whether it begins a row (0) or goes on with its list (1).
    repetition: Vec<i16>,
}

/// Values of one type.
#[derive(Debug)]
enum Values {
    /// Texts, one after the other, and where each ends.
    Texts { text: Vec<u8>, ends: Vec<usize> },
    /// Whole numbers.
    Longs(Vec<i64>),
    /// Decimals: the sixteen bytes of each, the most significant first.
    Decimals(Vec<u8>),
    /// Yes and no.
    Flags(Vec<bool>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Texts { text: Vec::new(), ends: Vec::new() }
    }
}

/// Bytes of a decimal.
const DECIMAL_BYTES: usize = 16;

impl Leaf {
    /// A leaf for a physical type.
    pub(super) fn of(physical: Type) -> Self {
        let values = match physical {
            Type::INT64 => Values::Longs(Vec::new()),
            Type::FIXED_LEN_BYTE_ARRAY => Values::Decimals(Vec::new()),
            Type::BOOLEAN => Values::Flags(Vec::new()),
            _ => Values::default(),
        };
        Self { values, ..Self::default() }
    }

    /// Says where the next value stands, or that there is none.
    pub(super) fn levels(&mut self, definition: i16, repetition: i16) {
        self.definition.push(definition);
        self.repetition.push(repetition);
    }

    /// The same of the element of a list.
    pub(super) fn element(&mut self, index: usize, definition: i16) {
        self.levels(definition, i16::from(index > 0));
    }

    /// Adds a text.
    pub(super) fn text(&mut self, more: &str) {
        if let Values::Texts { text, ends } = &mut self.values {
            text.extend_from_slice(more.as_bytes());
            ends.push(text.len());
        }
    }

    /// Adds a whole number.
    pub(super) fn long(&mut self, number: i64) {
        if let Values::Longs(longs) = &mut self.values {
            longs.push(number);
        }
    }

    /// Adds a decimal.
    pub(super) fn decimal(&mut self, scaled: i128) {
        if let Values::Decimals(bytes) = &mut self.values {
            bytes.extend_from_slice(&scaled.to_be_bytes());
        }
    }

    /// Adds a yes or no.
    pub(super) fn flag(&mut self, flag: bool) {
        if let Values::Flags(flags) = &mut self.values {
            flags.push(flag);
        }
    }

    /// How much text it holds.
    pub(super) fn text_bytes(&self) -> usize {
        match &self.values {
            Values::Texts { text, .. } => text.len(),
            _ => 0,
        }
    }

    /// Writes all of it, and is empty again.
    ///
    /// # Errors
    /// When it cannot be written, or is not of the column's type.
    pub(super) fn write(
        &mut self,
        column: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        let (definition, repetition) = (Some(&self.definition[..]), Some(&self.repetition[..]));
        match &mut self.values {
            Values::Texts { text, ends } => {
                // Each is a part of the whole, which is shared and not copied.
                let text = ByteArray::from(std::mem::take(text));
                let mut from = 0;
                let texts = ends.drain(..).map(|end| {
                    let value = text.slice(from, end - from);
                    from = end;
                    value
                });
                let texts: Vec<ByteArray> = texts.collect();
                column.typed::<ByteArrayType>().write_batch(&texts, definition, repetition)?;
            }
            Values::Longs(longs) => {
                column.typed::<Int64Type>().write_batch(longs, definition, repetition)?;
                longs.clear();
            }
            Values::Decimals(decimals) => {
                let whole = ByteArray::from(std::mem::take(decimals));
                let decimals = (0..whole.len()).step_by(DECIMAL_BYTES);
                let decimals = decimals.map(|at| whole.slice(at, DECIMAL_BYTES).into());
                let values: Vec<FixedLenByteArray> = decimals.collect();
                let column = column.typed::<FixedLenByteArrayType>();
                column.write_batch(&values, definition, repetition)?;
            }
            Values::Flags(flags) => {
                column.typed::<BoolType>().write_batch(flags, definition, repetition)?;
                flags.clear();
            }
        }
        self.definition.clear();
        self.repetition.clear();
        Ok(())
    }
}
