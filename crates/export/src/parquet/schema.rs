//! The schema of the file, from the columns of a call.

use parquet::errors::ParquetError;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;

use crate::columns::{COLUMNS, Column, Kind};

/// The largest number of 38 digits, which is what a decimal of 128 bits is read as.
const DECIMAL_MAX: i128 = 10_i128.pow(38) - 1;

/// A number, where a decimal column has room for it.
pub(super) fn fitting(scaled: i128) -> Option<i128> {
    (-DECIMAL_MAX..=DECIMAL_MAX).contains(&scaled).then_some(scaled)
}

/// Whether the file has a column.
pub(super) fn has(column: &Column) -> bool {
    column.kind != Kind::Spelled
}

/// The schema, one field a column.
pub(super) fn schema() -> Result<Type, ParquetError> {
    let mut message = "message calls {\n".to_owned();
    for column in COLUMNS.iter().filter(|column| has(column)) {
        let presence = if column.is_required { "required" } else { "optional" };
        let Column { name, kind, .. } = column;
        message += &match kind {
            Kind::Text | Kind::Spelled => format!("{presence} binary {name} (STRING);"),
            Kind::Whole => format!("{presence} int64 {name};"),
            Kind::Count => format!("{presence} int64 {name} (INTEGER(64, false));"),
            Kind::Usd => {
                format!("{presence} fixed_len_byte_array(16) {name} (DECIMAL(38, 12));")
            }
            Kind::Flag => format!("{presence} boolean {name};"),
            Kind::Moment => format!("{presence} int64 {name} (TIMESTAMP(MICROS, true));"),
            Kind::Tags => format!(
                "required group {name} (MAP) {{ repeated group key_value {{ \
                 required binary key (STRING); required binary value (STRING); }} }}"
            ),
            Kind::Lines => format!(
                "required group {name} (LIST) {{ repeated group list {{ required group element {{ \
                 required binary meter (STRING); \
                 required fixed_len_byte_array(16) quantity (DECIMAL(38, 12)); \
                 optional fixed_len_byte_array(16) rate_usd (DECIMAL(38, 24)); \
                 optional fixed_len_byte_array(16) amount_usd (DECIMAL(38, 12)); }} }} }}"
            ),
        };
        message.push('\n');
    }
    message.push('}');
    parse_message_type(&message)
}
