//! A value as an event gives it: typed in JSON, text in a table.

use centime_core::decimal::shown;
use centime_core::entry::Status;
use centime_core::time::Timestamp;
use jiff::tz::TimeZone;

use crate::json::{self, Value};
/// A value as an event gives it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given<'a> {
    /// A value of a JSON event.
    Json(Value<'a>),
    /// A cell of a table, or a constant of a command line.
    Cell(&'a str),
}

impl<'a> Given<'a> {
    /// Whether it says nothing: `null`, or an empty cell.
    pub(super) fn is_absent(self) -> bool {
        match self {
            Self::Json(value) => value == Value::Null,
            Self::Cell(cell) => cell.trim().is_empty(),
        }
    }

    /// A text; none where it is empty.
    pub(super) fn text(self) -> Result<Option<String>, String> {
        let text = match self {
            Self::Json(Value::String(text)) => text.decode().into_owned(),
            Self::Json(other) => return Err(unexpected("a string", other)),
            Self::Cell(cell) => cell.to_owned(),
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A text, for which a number, `true` and `false` may stand as well.
    pub(super) fn label(self) -> Result<String, String> {
        match self {
            Self::Json(Value::Number(literal)) => Ok(literal.to_owned()),
            Self::Json(Value::Bool(flag)) => Ok(flag.to_string()),
            other => other.text().map(Option::unwrap_or_default),
        }
    }

    /// The literal of a number.
    pub(super) fn number(self, expected: &str) -> Result<&'a str, String> {
        match self {
            Self::Json(Value::Number(literal)) => Ok(literal),
            Self::Json(other) => Err(unexpected(expected, other)),
            Self::Cell(cell) => Ok(cell.trim()),
        }
    }

    /// Yes or no.
    pub(super) fn flag(self) -> Result<bool, String> {
        match self {
            Self::Json(Value::Bool(flag)) => Ok(flag),
            Self::Json(other) => Err(unexpected("true or false", other)),
            Self::Cell(cell) => match cell.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "t" => Ok(true),
                "false" | "0" | "no" | "f" => Ok(false),
                _ => Err(format!("expected `true` or `false`, found `{}`", shown(cell))),
            },
        }
    }

    /// A moment; without a zone, on the clocks of `zone`.
    pub(super) fn time(self, zone: &TimeZone) -> Result<Timestamp, String> {
        let text = match self {
            Self::Json(Value::String(text)) => text.decode(),
            Self::Json(other) => {
                return Err(unexpected("a time such as `2026-11-01T12:00:00Z`", other));
            }
            Self::Cell(cell) => cell.trim().into(),
        };
        Timestamp::parse_in(&text, zone).map_err(|error| error.to_string())
    }

    /// How a call ended.
    pub(super) fn status(self) -> Result<Option<Status>, String> {
        let Some(word) = self.text()? else {
            return Ok(None);
        };
        if let Some(status) = Status::named(&word) {
            return Ok(Some(status));
        }
        let words: Vec<&str> = Status::ALL.iter().map(|status| status.name()).collect();
        let (found, words) = (shown(&word), words.join(", "));
        Err(format!("`{found}` is not a status; expected one of {words}"))
    }

    /// A JSON object as it was sent.
    pub(super) fn json_object(self) -> Result<String, String> {
        let expected = "a JSON object";
        let value = match self {
            Self::Json(value) => value,
            Self::Cell(cell) => {
                json::parse(cell).map_err(|error| format!("expected {expected}: {error}"))?
            }
        };
        match value {
            Value::Object(object) => Ok(object.text().to_owned()),
            other => Err(unexpected(expected, other)),
        }
    }
}

/// What to say of a value of another type.
pub(super) fn unexpected(expected: &str, found: Value<'_>) -> String {
    format!("expected {expected}, found {}", found.kind())
}
