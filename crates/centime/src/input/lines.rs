//! Lines of input that may be hostile, one by one or in blocks.

use std::io::{BufRead, Read};
use std::ops::Range;

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
            skip_line(&mut *self.reader)?;
            return Ok(Some(Line::TooLong(head(&self.line))));
        }
        let is_first = std::mem::take(&mut self.is_first);
        let marked = is_first && self.line.starts_with(BYTE_ORDER_MARK);
        Ok(Some(Line::Whole(&self.line[if marked { BYTE_ORDER_MARK.len() } else { 0 }..])))
    }
}

/// The beginning of a line beyond the bound.
fn head(line: &[u8]) -> &[u8] {
    &line[..line.len().min(200)]
}

/// Passes over what is left of a line.
fn skip_line(reader: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let (used, done) = match memchr::memchr(b'\n', buffer) {
            Some(end) => (end + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        reader.consume(used);
        if done {
            return Ok(());
        }
    }
}

/// How long a block is that other threads work on: long enough that handing it over costs nothing,
/// short enough that it is in a core's cache when it is worked on.
const BLOCK_BYTES: usize = 1 << 17;

/// Lines that travel together, as they came: whoever works on them finds where they end.
#[derive(Debug)]
pub(crate) struct Block {
    /// The lines, and behind them what was in the buffer before.
    buffer: Vec<u8>,
    /// Where the lines start and end.
    text: Range<usize>,
    /// The number of the first line, from 1.
    first: u64,
    /// The longest line that is whole.
    bytes_max: usize,
}

impl Block {
    /// How much text there is.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The lines that are not blank, with their numbers from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, Line<'_>)> {
        let text = &self.buffer[self.text.clone()];
        let lines = text.strip_suffix(b"\n").unwrap_or(text);
        let lines = (self.first..).zip(Split { rest: Some(lines) });
        lines.filter_map(|(number, line)| match line {
            line if line.len() > self.bytes_max => Some((number, Line::TooLong(head(line)))),
            line if line.trim_ascii_start().is_empty() => None,
            line => Some((number, Line::Whole(line.strip_suffix(b"\r").unwrap_or(line)))),
        })
    }
}

/// What is between the ends of lines.
struct Split<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let end = memchr::memchr(b'\n', rest);
        self.rest = end.and_then(|end| rest.get(end + 1..));
        rest.get(..end.unwrap_or(rest.len()))
    }
}

/// Lines in blocks.
pub(crate) struct Blocks {
    reader: Box<dyn BufRead + Send>,
    bytes_max: usize,
    /// The beginning of a line whose end was not read yet.
    begun: Vec<u8>,
    /// The number of the next line.
    number: u64,
    failed: Option<std::io::Error>,
    /// Buffers that came back.
    spare: Vec<Vec<u8>>,
}

impl Blocks {
    /// The blocks of a reader's lines.
    pub(crate) fn new(reader: Box<dyn BufRead + Send>) -> Self {
        Self {
            reader,
            bytes_max: Lines::BYTES_MAX,
            begun: Vec::new(),
            number: 1,
            failed: None,
            spare: Vec::new(),
        }
    }

    /// Takes back a block that is done with: the next one is read into its memory.
    pub(crate) fn take_back(&mut self, block: Block) {
        self.spare.push(block.buffer);
    }

    /// The next block; `None` at the end. The lines before a failure come before it.
    pub(crate) fn next_block(&mut self) -> std::io::Result<Option<Block>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut buffer = self.spare.pop().unwrap_or_default();
        let mut filled = self.begun.len();
        // A line that ends is found once more in every part that is read of it: as far as it was
        // searched, there is no end.
        let mut searched = 0;
        let end = loop {
            if buffer.len() < filled + BLOCK_BYTES {
                buffer.resize(filled + BLOCK_BYTES, 0);
            }
            buffer[..self.begun.len()].copy_from_slice(&self.begun);
            self.begun.clear();
            let (read, failed) = fill(&mut *self.reader, &mut buffer[filled..][..BLOCK_BYTES]);
            filled += read;
            let end = memchr::memrchr(b'\n', &buffer[searched..filled]);
            match (failed, end.map(|end| searched + end + 1)) {
                (Some(error), end) => {
                    // The line that breaks off is none.
                    self.failed = Some(error);
                    break end.unwrap_or_default();
                }
                (None, _) if read == 0 => break filled,
                (None, Some(end)) => {
                    self.begun.extend_from_slice(&buffer[end..filled]);
                    break end;
                }
                (None, None) if filled > self.bytes_max => {
                    self.failed = skip_line(&mut *self.reader).err();
                    break self.bytes_max + 1;
                }
                (None, None) => searched = filled,
            }
        };
        if end == 0 {
            return self.failed.take().map_or(Ok(None), Err);
        }
        let (first, text) = (self.number, &buffer[..end]);
        let ends = memchr::memchr_iter(b'\n', text).count();
        self.number += ends as u64 + u64::from(!text.ends_with(b"\n"));
        let is_marked = first == 1 && text.starts_with(BYTE_ORDER_MARK);
        let start = if is_marked { BYTE_ORDER_MARK.len() } else { 0 };
        Ok(Some(Block { buffer, text: start..end, first, bytes_max: self.bytes_max }))
    }
}

/// Reads until there is no room or no more input; what was read before a failure counts.
fn fill(reader: &mut dyn Read, room: &mut [u8]) -> (usize, Option<std::io::Error>) {
    let mut filled = 0;
    while filled < room.len() {
        match reader.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
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
            seen.push(shown(&line));
        }
        assert_eq!(seen, ["first", "too long: xxxxx", "last"]);
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

    fn shown(line: &Line<'_>) -> String {
        match line {
            Line::Whole(text) => String::from_utf8(text.to_vec()).unwrap(),
            Line::TooLong(head) => format!("too long: {}", str::from_utf8(&head[..5]).unwrap()),
        }
    }

    fn seen(block: &Block) -> Vec<(u64, String)> {
        block.lines().map(|(number, line)| (number, shown(&line))).collect()
    }

    #[test]
    fn blocks_hold_every_line_with_its_number() {
        let long = "x".repeat(BLOCK_BYTES);
        let text = format!("one\n\n  \nfour\n{long}\nsix");
        let seen = all(Blocks::new(Box::new(Cursor::new(text))));
        let six = (6, "six".to_owned());
        assert_eq!(seen, [(1, "one".into()), (4, "four".into()), (5, long), six]);
    }

    /// All lines of all blocks.
    fn all(mut blocks: Blocks) -> Vec<(u64, String)> {
        let mut lines = Vec::new();
        while let Some(block) = blocks.next_block().unwrap() {
            lines.extend(seen(&block));
        }
        lines
    }

    #[test]
    fn blocks_have_the_lines_that_one_by_one_have() {
        let line = |number: usize| match number % 7 {
            0 => String::new(),
            1 => " \t".to_owned(),
            2 => format!("{number}\r"),
            3 => "x".repeat(number * 11),
            4 => "y".repeat(BLOCK_BYTES * (number % 3)),
            _ => number.to_string(),
        };
        for (count, end, mark) in
            [(0, "", ""), (1, "", "\u{feff}"), (90, "\n", ""), (91, "\r\n", "")]
        {
            let text = (0..count).map(line).collect::<Vec<_>>().join("\n");
            let text = format!("{mark}{text}{end}");
            for bytes_max in [5, 700, BLOCK_BYTES - 1, BLOCK_BYTES, Lines::BYTES_MAX] {
                let mut lines = Lines::new(Box::new(Cursor::new(text.clone())));
                lines.bytes_max = bytes_max;
                let (mut number, mut expected) = (0, Vec::new());
                while let Some(line) = lines.next_line().unwrap() {
                    number += 1;
                    match line {
                        Line::Whole(line) if line.trim_ascii().is_empty() => {}
                        line => expected.push((number, shown(&line))),
                    }
                }
                let mut blocks = Blocks::new(Box::new(Cursor::new(text.clone())));
                blocks.bytes_max = bytes_max;
                assert_eq!(all(blocks), expected, "{count} {bytes_max}");
            }
        }
    }

    #[test]
    fn the_lines_before_a_failure_come_first() {
        let torn = BufReader::new(Torn(Cursor::new(b"one\ntwo\nthr".to_vec())));
        let mut blocks = Blocks::new(Box::new(torn));
        let block = blocks.next_block().unwrap().unwrap();
        assert_eq!(seen(&block), [(1, "one".to_owned()), (2, "two".to_owned())]);
        assert!(blocks.next_block().is_err());
    }
}
