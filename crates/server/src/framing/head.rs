//! The lines of a head, as far as they say where the body ends.

use memchr::memchr2;

use super::Fault;

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunks,
}

/// What the lines of a head said so far.
#[derive(Debug, Default)]
pub(super) struct Head {
    is_begun: bool,
    length: Option<u64>,
    is_chunked: bool,
}

impl Head {
    /// Reads a line with its end; after the last line, says what follows.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<Option<Body>, Fault> {
        let line = line.strip_suffix(b"\r\n").ok_or(Fault::LineEnd)?;
        if memchr2(b'\r', 0, line).is_some() {
            return Err(Fault::LineEnd);
        }
        if !self.is_begun {
            self.is_begun = true;
            return Ok(None);
        }
        if line.is_empty() {
            return Ok(Some(match self.length {
                _ if self.is_chunked => Body::Chunks,
                length => Body::Length(length.unwrap_or(0)),
            }));
        }
        self.field(line)?;
        Ok(None)
    }

    fn field(&mut self, line: &[u8]) -> Result<(), Fault> {
        if matches!(line[0], b' ' | b'\t') {
            return Err(Fault::Folded);
        }
        // Names are short: looking at each byte is quicker than to search.
        let end = line.iter().position(|&byte| byte == b':' || byte <= b' ');
        let (name, rest) = line.split_at(end.unwrap_or(line.len()));
        let value = rest.strip_prefix(b":").filter(|_| !name.is_empty()).ok_or(Fault::Name)?;
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = length_of(value.trim_ascii()).ok_or(Fault::Length)?;
            if self.length.replace(length).is_some() {
                return Err(Fault::LengthTwice);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Fault::Coding);
            }
            if std::mem::replace(&mut self.is_chunked, true) {
                return Err(Fault::CodingTwice);
            }
        } else {
            return Ok(());
        }
        match self.length {
            Some(_) if self.is_chunked => Err(Fault::LengthAndCoding),
            _ => Ok(()),
        }
    }
}

/// Digits and nothing else: no sign, no list, no space.
fn length_of(value: &[u8]) -> Option<u64> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let digits = std::str::from_utf8(value).ok().filter(|_| is_number)?;
    // The two largest numbers mean something else to the HTTP library.
    digits.parse().ok().filter(|&length: &u64| length < u64::MAX - 1)
}
