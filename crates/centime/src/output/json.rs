//! JSON on standard output.

use std::io::{Write, stdout};

use centime_providers::json::is_plain;
use serde::ser::Serialize;

use crate::failure::Outcome;

/// Appends a text as a JSON literal.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    if is_plain(text) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}

/// Prints one document.
pub(crate) fn print_json(document: &impl Serialize) -> Outcome {
    let mut out = stdout().lock();
    serde_json::to_writer(&mut out, document).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_as_serde_does() {
        for text in ["", "plain", "é✓", "\"", "a\\b", "a\nb", "\u{1f}", "\u{7f}", "\u{2028}"] {
            let mut out = Vec::new();
            push_text(&mut out, text);
            assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(text).unwrap());
        }
    }
}
