//! A JSON array of events, read element by element: none is kept beyond a bound.

use std::io::{self, BufRead};
use std::sync::Arc;

use crate::input::{Input, Line, Lines};

/// Why there is no further element.
#[derive(Debug)]
pub(super) enum ArrayError {
    /// The file cannot be read.
    Read {
        /// The line that was read up to.
        line: u64,
        /// What the system said.
        error: io::Error,
    },
    /// The file ends before the array does.
    Open,
    /// Something stands behind the array.
    MoreThanOne {
        /// The line that it stands on.
        line: u64,
    },
}

/// What was read of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Nothing.
    Start,
    /// The bracket, or an element and its comma.
    Element,
    /// All of it.
    End,
}

/// The elements of one array.
pub(super) struct Array {
    /// The name of the file.
    pub(super) name: Arc<str>,
    reader: Box<dyn BufRead + Send>,
    element: Vec<u8>,
    bytes_max: usize,
    at: At,
    is_first: bool,
    line: u64,
}

impl Array {
    /// The array that a file starts with.
    pub(super) fn new(input: Input) -> Self {
        Self {
            name: input.name.into(),
            reader: input.reader,
            element: Vec::new(),
            bytes_max: Lines::BYTES_MAX,
            at: At::Start,
            is_first: true,
            line: 1,
        }
    }

    /// The next element and the line that it starts on; `None` at the end of the file.
    pub(super) fn next_element(&mut self) -> Result<Option<(Line<'_>, u64)>, ArrayError> {
        if self.at == At::Start {
            self.skip_to(|byte| byte == b'[')?;
            self.reader.consume(1);
            self.at = At::Element;
        }
        if self.at == At::Element {
            if !self.skip_to(|byte| !byte.is_ascii_whitespace())? {
                return Err(ArrayError::Open);
            }
            let line = self.line;
            let is_too_long = self.read_element()?;
            let is_empty = self.element.is_empty() && self.at == At::End && self.is_first;
            self.is_first = false;
            if !is_empty {
                let shown = 200.min(self.element.len());
                let element = if is_too_long {
                    Line::TooLong(&self.element[..shown])
                } else {
                    Line::Whole(self.element.trim_ascii())
                };
                return Ok(Some((element, line)));
            }
        }
        if self.skip_to(|byte| !byte.is_ascii_whitespace())? {
            return Err(ArrayError::MoreThanOne { line: self.line });
        }
        Ok(None)
    }

    /// Reads on to a byte; `false` where there is none.
    fn skip_to(&mut self, is_it: fn(u8) -> bool) -> Result<bool, ArrayError> {
        loop {
            let chunk = fill(&mut self.reader, self.line)?;
            if chunk.is_empty() {
                return Ok(false);
            }
            let found = chunk.iter().position(|&byte| is_it(byte));
            let used = found.unwrap_or(chunk.len());
            self.line += line_ends(&chunk[..used]);
            self.reader.consume(used);
            if found.is_some() {
                return Ok(true);
            }
        }
    }

    /// Reads an element and what ends it, and says whether it is beyond the bound.
    fn read_element(&mut self) -> Result<bool, ArrayError> {
        self.element.clear();
        let (mut depth, mut is_string, mut is_escaped) = (0_u32, false, false);
        let mut is_too_long = false;
        loop {
            let chunk = fill(&mut self.reader, self.line)?;
            if chunk.is_empty() {
                return Err(ArrayError::Open);
            }
            let end = chunk.iter().position(|&byte| {
                match byte {
                    _ if is_escaped => is_escaped = false,
                    b'\\' if is_string => is_escaped = true,
                    b'"' => is_string = !is_string,
                    _ if is_string => {}
                    b',' | b']' if depth == 0 => return true,
                    b'{' | b'[' => depth = depth.saturating_add(1),
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                false
            });
            let used = end.unwrap_or(chunk.len());
            let room = self.bytes_max.saturating_sub(self.element.len());
            is_too_long |= used > room;
            self.element.extend_from_slice(&chunk[..used.min(room)]);
            self.line += line_ends(&chunk[..used]);
            if let Some(end) = end {
                self.at = if chunk[end] == b',' { At::Element } else { At::End };
                self.reader.consume(end + 1);
                return Ok(is_too_long);
            }
            self.reader.consume(used);
        }
    }
}

fn fill(reader: &mut Box<dyn BufRead + Send>, line: u64) -> Result<&[u8], ArrayError> {
    reader.fill_buf().map_err(|error| ArrayError::Read { line, error })
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    /// The elements with their lines, then how it ended.
    fn read(text: &str, at_once: usize) -> Vec<String> {
        let reader = BufReader::with_capacity(at_once, Cursor::new(text.as_bytes().to_vec()));
        let input = Input { name: "a".to_owned(), bytes: None, reader: Box::new(reader) };
        let mut array = Array { bytes_max: 30, ..Array::new(input) };
        let mut seen = Vec::new();
        loop {
            seen.push(match array.next_element() {
                Ok(Some((Line::Whole(element), line))) => {
                    format!("{line} {}", std::str::from_utf8(element).unwrap())
                }
                Ok(Some((Line::TooLong(_), line))) => format!("{line} too long"),
                Ok(None) => return seen,
                Err(error) => {
                    seen.push(format!("{error:?}"));
                    return seen;
                }
            });
        }
    }

    #[test]
    fn elements_are_read_one_by_one() {
        let long = "x".repeat(100);
        for (text, expected) in [
            ("[]", &[][..]),
            ("\u{feff} [ ] \n", &[]),
            ("[1]", &["1 1"]),
            (
                "[\n  {\"a\": [1, 2]},\n  {\"b\":\n {}}\n]\n",
                &["2 {\"a\": [1, 2]}", "3 {\"b\":\n {}}"],
            ),
            (r#"["],[", "\"]", 3]"#, &[r#"1 "],[""#, r#"1 "\"]""#, "1 3"]),
            (&format!("[1,\"{long}\",\n2]"), &["1 1", "1 too long", "2 2"]),
            ("[1,]", &["1 1", "1 "]),
            ("[,1]", &["1 ", "1 1"]),
            ("[1}]", &["1 1}"]),
            ("[1,", &["1 1", "Open"]),
            ("[{\"a\":1", &["Open"]),
            ("[1]\n[2]", &["1 1", "MoreThanOne { line: 2 }"]),
        ] {
            for at_once in [4, 1000] {
                assert_eq!(read(text, at_once), expected, "{text}");
            }
        }
    }
}
