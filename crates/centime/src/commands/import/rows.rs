//! Rows of CSV, read one by one: none is kept beyond a bound, and each knows its lines.

use std::io::{self, BufRead};

/// A row: its cells, without their quotes.
#[derive(Debug, Default)]
pub(super) struct Row {
    text: Vec<u8>,
    /// Where each cell ends.
    ends: Vec<usize>,
    /// The line that it starts on.
    pub(super) first_line: u64,
    /// The line that it ends on: another one where a quoted cell has line ends.
    pub(super) last_line: u64,
}

impl Row {
    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell.
    pub(super) fn cell(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[index]]
    }

    /// All cells.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.cell(index))
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn end_cell(&mut self) {
        self.ends.push(self.text.len());
    }
}

/// Why there is no further row.
#[derive(Debug)]
pub(super) enum RowError {
    /// The file cannot be read.
    Read(io::Error),
    /// A row is beyond the bound.
    TooLong {
        /// The line that it starts on.
        first_line: u64,
    },
}

/// Where in a row the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before it: empty lines are none.
    Row,
    /// Before a cell.
    Cell,
    /// In a cell without quotes, or behind its quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote within quotes: the last one, or the first of two.
    Quote,
}

/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads rows as RFC 4180 has them, and as leniently as others do: a quote matters only where a cell
/// starts with one, and lines end as on any system.
pub(super) struct Rows {
    reader: Box<dyn BufRead + Send>,
    delimiter: u8,
    bytes_max: usize,
    line: u64,
}

impl Rows {
    /// The rows of a reader.
    pub(super) fn new(
        mut reader: Box<dyn BufRead + Send>,
        delimiter: u8,
        bytes_max: usize,
    ) -> io::Result<Self> {
        if reader.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
            reader.consume(BYTE_ORDER_MARK.len());
        }
        Ok(Self { reader, delimiter, bytes_max, line: 1 })
    }

    /// Reads the next row; `false` at the end.
    pub(super) fn next_row(&mut self, row: &mut Row) -> Result<bool, RowError> {
        row.clear();
        let mut at = At::Row;
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(RowError::Read(error)),
            };
            if chunk.is_empty() {
                return Ok(end_of_file(row, at, self.line));
            }
            let mut used = chunk.len();
            let mut is_done = false;
            for (index, &byte) in chunk.iter().enumerate() {
                if at == At::Row && !matches!(byte, b'\r' | b'\n') {
                    row.first_line = self.line;
                    at = At::Cell;
                }
                row.last_line = self.line;
                self.line += u64::from(byte == b'\n');
                at = match (at, byte) {
                    (At::Row, _) => At::Row,
                    (At::Cell, b'"') => At::Quoted,
                    (At::Quoted, b'"') => At::Quote,
                    (At::Quoted, _) | (At::Quote, b'"') => {
                        row.text.push(byte);
                        At::Quoted
                    }
                    (_, b'\r' | b'\n') => {
                        row.end_cell();
                        (used, is_done) = (index + 1, true);
                        break;
                    }
                    (_, byte) if byte == self.delimiter => {
                        row.end_cell();
                        At::Cell
                    }
                    (_, byte) => {
                        row.text.push(byte);
                        At::Plain
                    }
                };
                if row.text.len() + row.ends.len() > self.bytes_max {
                    return Err(RowError::TooLong { first_line: row.first_line });
                }
            }
            self.reader.consume(used);
            if is_done {
                return Ok(true);
            }
        }
    }
}

/// The end of the file ends a row that was begun.
fn end_of_file(row: &mut Row, at: At, line: u64) -> bool {
    if at == At::Row {
        return false;
    }
    row.end_cell();
    let ends_a_line = at == At::Quoted && row.text.ends_with(b"\n");
    row.last_line = line - u64::from(ends_a_line);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    type Seen = (Vec<String>, u64, u64);

    fn read(text: &str, bytes_max: usize, at_once: usize) -> Result<Vec<Seen>, RowError> {
        let reader = BufReader::with_capacity(at_once, Cursor::new(text.as_bytes().to_vec()));
        let mut rows = Rows::new(Box::new(reader), b',', bytes_max).unwrap();
        let (mut row, mut seen) = (Row::default(), Vec::new());
        while rows.next_row(&mut row)? {
            let cells = row.cells().map(|cell| String::from_utf8(cell.to_vec()).unwrap());
            seen.push((cells.collect(), row.first_line, row.last_line));
        }
        Ok(seen)
    }

    #[test]
    fn rows_know_their_lines() {
        for text in ["a,b\n\n\"c\nd\",e\nf\n", "a,b\r\n\r\n\"c\nd\",e\r\nf"] {
            let rows = read(text, 100, 5).unwrap();
            let lines: Vec<_> = rows.iter().map(|(_, first, last)| (*first, *last)).collect();
            assert_eq!(lines, [(1, 1), (3, 4), (5, 5)], "{text:?}");
            assert_eq!(rows[1].0, ["c\nd", "e"]);
        }
        // One stray quote takes what follows with it.
        let rows = read("a,b\n1,\"2\n3,4\n5,6\n", 100, 64).unwrap();
        assert_eq!(rows[1], (vec!["1".to_owned(), "2\n3,4\n5,6\n".to_owned()], 2, 4));
    }

    #[test]
    fn a_row_beyond_the_bound_is_not_kept() {
        let text = format!("a,b\n1,2\n3,\"{}\n", "x\n".repeat(1000));
        assert!(matches!(read(&text, 100, 64), Err(RowError::TooLong { first_line: 3 })));
        let cells = ",".repeat(1000);
        assert!(matches!(read(&cells, 100, 64), Err(RowError::TooLong { first_line: 1 })));
    }

    proptest::proptest! {
        /// What the `csv` crate reads is what is read here, however the bytes arrive.
        #[test]
        fn reads_as_others_do(text in "[ab ,;\"\r\n]{0,60}", at_once in 3_usize..20) {
            let mut others = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let others: Vec<Vec<String>> = others
                .records()
                .map(|row| row.unwrap().iter().map(str::to_owned).collect())
                .collect();
            let rows = read(&text, 1000, at_once).unwrap();
            let rows: Vec<_> = rows.into_iter().map(|(cells, ..)| cells).collect();
            proptest::prop_assert_eq!(rows, others);
        }
    }
}
