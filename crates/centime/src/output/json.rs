//! JSON with exact decimals: money is a plain number literal with all its digits.

use std::fmt::Display;
use std::io::{Write, stdout};

use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::failure::Outcome;

/// A number that serializes as the literal it displays as.
pub(crate) struct Decimal<T>(pub T);

impl<T: Display> Serialize for Decimal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// A text as a JSON literal.
pub(crate) fn escape(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Prints one document.
pub(crate) fn print_json(document: &impl Serialize) -> Outcome {
    let mut out = stdout().lock();
    serde_json::to_writer(&mut out, document).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}
