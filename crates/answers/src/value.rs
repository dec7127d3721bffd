//! The values of a row as programs read them: in JSON, and in CSV, which says the same.

use std::borrow::Cow;
use std::fmt::Display;

use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;

/// A number that serializes as the literal it displays as: money is exact, with all its digits.
///
/// ```
/// let price = centime_answers::Decimal("0.00001875");
/// assert_eq!(serde_json::to_string(&price)?, "0.00001875");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal<T>(pub T);

impl<T: Display> Serialize for Decimal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// One value: a JSON value, or a cell of CSV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`, an empty cell.
    Absent,
    /// Yes or no.
    Flag(bool),
    /// A number with all its digits.
    Number(String),
    /// A text.
    Text(Cow<'a, str>),
    /// A JSON text, which is the cell as it is.
    Json(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// The number that something displays as.
    #[must_use]
    pub fn number(number: impl Display) -> Self {
        Self::Number(number.to_string())
    }

    /// A text.
    #[must_use]
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A text that may be missing.
    #[must_use]
    pub fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::Absent, Self::text)
    }

    /// A number that may be missing.
    #[must_use]
    pub fn optional_number(number: Option<impl Display>) -> Self {
        number.map_or(Self::Absent, Self::number)
    }

    /// The cell of a spreadsheet.
    #[must_use]
    pub fn cell(self) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Flag(flag) => flag.to_string(),
            Self::Number(literal) => literal,
            Self::Text(text) | Self::Json(text) => text.into_owned(),
        }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(literal) => Decimal(literal).serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            // What is damaged must not damage the document it would stand in.
            Self::Json(text) => serde_json::from_str::<&RawValue>(text).ok().serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_cells_say_the_same() {
        for (value, json, cell) in [
            (Value::Absent, "null", ""),
            (Value::Flag(true), "true", "true"),
            (Value::number("0.00001875"), "0.00001875", "0.00001875"),
            (Value::text("a\"b"), r#""a\"b""#, "a\"b"),
            (
                Value::Json(r#"{"a":{"b":1.10}}"#.into()),
                r#"{"a":{"b":1.10}}"#,
                r#"{"a":{"b":1.10}}"#,
            ),
            (Value::Json("{".into()), "null", "{"),
        ] {
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
            assert_eq!(value.cell(), cell);
        }
    }
}
