//! JSON on one line, with exact decimals: money is a plain number literal with all its digits.

use std::collections::BTreeMap;

use centime_core::decimal::DecimalText;
use centime_core::entry::Uid;
use serde_json::value::RawValue;

use crate::call::Line;

/// A line of JSON in the making. Commas come by themselves.
#[derive(Debug, Default)]
pub(crate) struct Json {
    text: Vec<u8>,
}

impl Json {
    /// Forgets everything, and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
    }

    /// What was written.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// What was written, as a text.
    pub(crate) fn into_text(self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }

    /// Opens an object or a list.
    pub(crate) fn open(&mut self, bracket: u8) {
        self.next();
        self.text.push(bracket);
    }

    /// Closes an object or a list.
    pub(crate) fn close(&mut self, bracket: u8) {
        self.text.push(bracket);
    }

    /// The name of the member that comes next.
    pub(crate) fn key(&mut self, name: &str) {
        self.text(name);
        self.text.push(b':');
    }

    /// A text.
    pub(crate) fn text(&mut self, text: &str) {
        self.next();
        let is_plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | ..0x20);
        if text.as_bytes().iter().all(is_plain) {
            self.text.push(b'"');
            self.text.extend_from_slice(text.as_bytes());
            self.text.push(b'"');
        } else {
            self.text.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
        }
    }

    /// A literal: a number, `true`, `null`.
    pub(crate) fn literal(&mut self, literal: impl AsRef<[u8]>) {
        self.next();
        self.text.extend_from_slice(literal.as_ref());
    }

    /// A decimal with all its digits.
    pub(crate) fn decimal(&mut self, decimal: DecimalText) {
        self.literal(decimal.as_bytes());
    }

    /// What the caller sent as JSON, on one line: within JSON, a line can only end between values.
    /// What is no JSON becomes a text.
    pub(crate) fn foreign(&mut self, json: &str) {
        if serde_json::from_str::<&RawValue>(json).is_err() {
            return self.text(json);
        }
        self.next();
        let one_line = |byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte };
        self.text.extend(json.trim().bytes().map(one_line));
    }

    /// A member that is a text, or `null`.
    pub(crate) fn optional(&mut self, name: &str, text: Option<&str>) {
        self.key(name);
        match text {
            Some(text) => self.text(text),
            None => self.literal("null"),
        }
    }

    /// A member that is a number, or `null`.
    pub(crate) fn optional_number(&mut self, name: &str, number: Option<impl ToString>) {
        self.key(name);
        self.literal(number.map_or_else(|| "null".to_owned(), |number| number.to_string()));
    }

    /// A member that is an identity, or `null`.
    pub(crate) fn optional_uid(&mut self, name: &str, uid: Option<Uid>) {
        self.optional(name, uid.map(|uid| uid.to_string()).as_deref());
    }

    /// Tags as an object.
    pub(crate) fn tags(&mut self, tags: &BTreeMap<String, String>) {
        self.open(b'{');
        for (name, value) in tags {
            self.key(name);
            self.text(value);
        }
        self.close(b'}');
    }

    /// Charge lines as a list: meter, quantity, rate and amount in US dollars (`null`: none), and
    /// whose rate it is where it is another meter's or was worked out.
    pub(crate) fn lines(&mut self, lines: impl Iterator<Item = Line>) {
        self.open(b'[');
        for Line { line, rate } in lines {
            self.open(b'{');
            self.key("meter");
            self.text(line.meter.name());
            self.key("quantity");
            self.decimal(line.quantity.text());
            self.key("rate");
            match rate {
                Some(applied) => self.decimal(applied.rate.text()),
                None => self.literal("null"),
            }
            self.key("amount");
            match line.amount {
                Some(amount) => self.decimal(amount.text()),
                None => self.literal("null"),
            }
            if let Some(applied) = rate {
                if applied.rate_of != line.meter {
                    self.key("rate_of");
                    self.text(applied.rate_of.name());
                }
                if applied.derived {
                    self.key("derived");
                    self.literal("true");
                }
            }
            self.close(b'}');
        }
        self.close(b']');
    }

    /// A comma, where something stands before in the same object or list.
    fn next(&mut self) {
        if !matches!(self.text.last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(b',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Json)) -> String {
        let mut json = Json::default();
        write(&mut json);
        json.into_text()
    }

    #[test]
    fn commas_come_by_themselves() {
        let text = written(|json| {
            json.open(b'{');
            json.key("a{");
            json.open(b'[');
            json.close(b']');
            json.key("b");
            json.open(b'[');
            json.text("[");
            json.literal("1");
            json.open(b'{');
            json.close(b'}');
            json.close(b']');
            json.optional("c", None);
            json.optional_number("d", Some(7));
            json.close(b'}');
        });
        assert_eq!(text, r#"{"a{":[],"b":["[",1,{}],"c":null,"d":7}"#);
    }

    #[test]
    fn texts_are_escaped_as_serde_does() {
        for text in ["", "plain", "é✓", "\"", "a\\b", "a\nb", "\u{1f}", "\u{7f}", "\u{2028}"] {
            assert_eq!(written(|json| json.text(text)), serde_json::to_string(text).unwrap());
        }
    }

    #[test]
    fn foreign_json_stays_on_its_line() {
        let deep = "[".repeat(2000) + &"]".repeat(2000);
        for (json, expected) in [
            ("{\"a\":\n [1.10,\r\n2]}\n", "{\"a\":  [1.10,  2]}"),
            (r#"{"a":"b\nc"}"#, r#"{"a":"b\nc"}"#),
            ("{", "\"{\""),
            ("", "\"\""),
            (&deep, &deep),
        ] {
            assert_eq!(written(|out| out.foreign(json)), expected);
        }
    }
}
