//! Lines of input that may be hostile, one by one or in blocks.

use std::io::{BufRead, Read};

/// A line of input.
pub(crate) enum Line<'a> {
    /// The line without its end.
    Whole(&'a [u8]),
    /// A line beyond the bound: its first bytes.
    TooLong(&'a [u8]),
}

/// Reads lines that may be hostile: none is kept beyond a bound, however long it is.
pub(crate) struct Lines {
    reader: Box<dyn BufRead + Send>,
    line: Vec<u8>,
    bytes_max: usize,
    is_first: bool,
}

/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Lines {
    /// The longest line that is read.
    pub(crate) const BYTES_MAX: usize = 16 << 20;

    /// What is said of a line beyond the bound.
    pub(crate) fn too_long() -> String {
        format!("the line is longer than {} MiB", Self::BYTES_MAX >> 20)
    }

    /// Lines of a reader.
    pub(crate) fn new(reader: Box<dyn BufRead + Send>) -> Self {
        Self { reader, line: Vec::new(), bytes_max: Self::BYTES_MAX, is_first: true }
    }

    /// The next line; `None` at the end.
    pub(crate) fn next_line(&mut self) -> std::io::Result<Option<Line<'_>>> {
        self.line.clear();
        let limit = u64::try_from(self.bytes_max).unwrap_or(u64::MAX).saturating_add(1);
        let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        if self.line.ends_with(b"\n") {
            self.line.pop();
            if self.line.ends_with(b"\r") {
                self.line.pop();
            }
        } else if self.line.len() > self.bytes_max {
            self.skip_line()?;
            return Ok(Some(Line::TooLong(&self.line[..200.min(self.line.len())])));
        }
        let is_first = std::mem::take(&mut self.is_first);
        let marked = is_first && self.line.starts_with(BYTE_ORDER_MARK);
        Ok(Some(Line::Whole(&self.line[if marked { BYTE_ORDER_MARK.len() } else { 0 }..])))
    }

    fn skip_line(&mut self) -> std::io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let (used, done) = match buffer.iter().position(|&byte| byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.reader.consume(used);
            if done {
                return Ok(());
            }
        }
    }
}

/// How long a block is that other threads work on: long enough that handing it over costs nothing.
const BLOCK_BYTES: usize = 1 << 17;

/// Lines that travel together.
#[derive(Debug, Default)]
pub(crate) struct Block {
    text: Vec<u8>,
    lines: Vec<Placed>,
}

/// A line in a block: its number from 1, where it ends, and whether that is its own end.
#[derive(Debug, Clone, Copy)]
struct Placed {
    number: u64,
    end: usize,
    is_whole: bool,
}

impl Block {
    /// How much text there is.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The lines that are not blank, with their numbers from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, Line<'_>)> {
        let mut start = 0;
        self.lines.iter().map(move |&Placed { number, end, is_whole }| {
            let text = &self.text[start..end];
            start = end;
            (number, if is_whole { Line::Whole(text) } else { Line::TooLong(text) })
        })
    }

    fn push(&mut self, number: u64, line: &Line<'_>) {
        let (text, is_whole) = match line {
            Line::Whole(text) if text.trim_ascii().is_empty() => return,
            Line::Whole(text) => (text, true),
            Line::TooLong(text) => (text, false),
        };
        self.text.extend_from_slice(text);
        self.lines.push(Placed { number, end: self.text.len(), is_whole });
    }
}

/// Lines in blocks.
pub(crate) struct Blocks {
    lines: Lines,
    /// How many lines were read.
    number: u64,
    failed: Option<std::io::Error>,
}

impl Blocks {
    /// The blocks of the lines that `lines` has left.
    pub(crate) fn new(lines: Lines) -> Self {
        Self { lines, number: 0, failed: None }
    }

    /// The next block; `None` at the end. The lines before a failure come before it.
    pub(crate) fn next_block(&mut self) -> std::io::Result<Option<Block>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut block = Block::default();
        while block.bytes() < BLOCK_BYTES {
            match self.lines.next_line() {
                Ok(Some(line)) => {
                    self.number += 1;
                    block.push(self.number, &line);
                }
                Ok(None) => break,
                Err(error) if block.lines.is_empty() => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        Ok(Some(block).filter(|block| !block.lines.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    #[test]
    fn long_lines_are_passed_over_and_the_next_is_whole() {
        let text = format!("\u{feff}first\r\n{}\nlast", "x".repeat(100));
        let mut lines = Lines::new(Box::new(Cursor::new(text)));
        lines.bytes_max = 20;
        let mut seen = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            seen.push(match line {
                Line::Whole(line) => String::from_utf8(line.to_vec()).unwrap(),
                Line::TooLong(_) => "too long".to_owned(),
            });
        }
        assert_eq!(seen, ["first", "too long", "last"]);
    }

    /// Input that breaks off.
    struct Torn(Cursor<Vec<u8>>);

    impl Read for Torn {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(std::io::Error::other("torn")),
                read => Ok(read),
            }
        }
    }

    fn seen(block: &Block) -> Vec<(u64, String)> {
        let text = |line| match line {
            Line::Whole(text) => String::from_utf8(text.to_vec()).unwrap(),
            Line::TooLong(_) => "too long".to_owned(),
        };
        block.lines().map(|(number, line)| (number, text(line))).collect()
    }

    #[test]
    fn blocks_hold_every_line_with_its_number() {
        let long = "x".repeat(BLOCK_BYTES);
        let text = format!("one\n\n  \nfour\n{long}\nsix");
        let mut blocks = Blocks::new(Lines::new(Box::new(Cursor::new(text))));
        let first = blocks.next_block().unwrap().unwrap();
        assert_eq!(seen(&first), [(1, "one".into()), (4, "four".into()), (5, long)]);
        let second = blocks.next_block().unwrap().unwrap();
        assert_eq!(seen(&second), [(6, "six".to_owned())]);
        assert!(blocks.next_block().unwrap().is_none());
    }

    #[test]
    fn the_lines_before_a_failure_come_first() {
        let torn = BufReader::new(Torn(Cursor::new(b"one\ntwo\nthr".to_vec())));
        let mut blocks = Blocks::new(Lines::new(Box::new(torn)));
        let block = blocks.next_block().unwrap().unwrap();
        assert_eq!(seen(&block), [(1, "one".to_owned()), (2, "two".to_owned())]);
        assert!(blocks.next_block().is_err());
    }
}
