//! An event that is too long to be held: it goes through, and is metered as it goes.

use crate::wire::skim::Skimmer;

const FIELD: &[u8] = b"data:";

/// Skims the data of one event, whose bytes come in any pieces.
#[derive(Debug, Clone, Default)]
pub(super) struct Long {
    skimmer: Skimmer,
    line: Line,
}

/// Where in a line the next byte stands.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// So much of `data:` was read.
    Field(usize),
    /// A blank before the data is no part of it.
    Blank,
    /// In the data.
    Data,
    /// In a line that is something else.
    Other,
}

impl Default for Line {
    fn default() -> Self {
        Self::Field(0)
    }
}

impl Long {
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            let is_end = matches!(byte, b'\n' | b'\r');
            match self.line {
                _ if is_end => {
                    // Lines of data are joined by line ends, which are blanks in JSON.
                    self.skimmer.push(b"\n");
                    self.line = Line::default();
                }
                Line::Field(read) if FIELD.get(read) == Some(&byte) => {
                    let is_whole = read + 1 == FIELD.len();
                    self.line = if is_whole { Line::Blank } else { Line::Field(read + 1) };
                }
                Line::Field(_) => self.line = Line::Other,
                Line::Blank if byte == b' ' => self.line = Line::Data,
                Line::Blank | Line::Data => {
                    self.line = Line::Data;
                    let length = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
                    let (data, behind) = bytes.split_at(length);
                    self.skimmer.push(data);
                    bytes = behind;
                    continue;
                }
                Line::Other => {}
            }
            bytes = rest;
        }
    }

    /// What was kept of it.
    pub(super) fn into_skimmer(self) -> Skimmer {
        self.skimmer
    }
}
