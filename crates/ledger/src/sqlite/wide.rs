//! Sums that may be wider than SQLite's integers.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};

/// A sum: an integer where it fits 64 bits, and the text of its digits beyond.
pub(super) struct Wide(pub(super) i128);

impl ToSql for Wide {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(match i64::try_from(self.0) {
            Ok(fits) => Value::Integer(fits),
            Err(_) => Value::Text(self.0.to_string()),
        }))
    }
}

impl FromSql for Wide {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Integer(fits) => Ok(Self(fits.into())),
            value => {
                let digits = value.as_str()?;
                digits.parse().map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn sums_of_any_width_come_out_as_they_went_in() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE sums (sum NOT NULL)").unwrap();
        let max = i128::from(i64::MAX);
        for sum in [0, -1, max, max + 1, -max - 2, i128::MAX, i128::MIN] {
            db.execute("DELETE FROM sums", ()).unwrap();
            db.execute("INSERT INTO sums VALUES (?1)", [Wide(sum)]).unwrap();
            let kept: Wide = db.query_row("SELECT sum FROM sums", (), |row| row.get(0)).unwrap();
            assert_eq!(kept.0, sum);
        }
    }
}
