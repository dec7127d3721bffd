//! The grammar of JSON: one pass that checks, without recursion.

use super::walk::{after_blanks, after_plain};
use super::{Index, Text};

/// How deep values may be nested.
pub const DEPTH_MAX: usize = 128;

/// Why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct JsonError {
    /// What was found or expected.
    what: &'static str,
    /// Where, in bytes from 0.
    at: usize,
}

/// Checks that a text is one value, and returns it without the blanks around it. The members of its
/// objects are noted for whoever asks.
pub(super) fn check<'a>(
    text: &'a str,
    index: Option<&mut Index<'a>>,
) -> Result<&'a str, JsonError> {
    let (bytes, is_plain) = (text.as_bytes(), false);
    let mut scan = Scan { text, bytes, at: 0, depth: 0, objects: 0, arrays: 0, is_plain, index };
    scan.blanks();
    let start = scan.at;
    scan.value()?;
    let end = scan.at;
    scan.blanks();
    if scan.at < text.len() {
        return Err(scan.error("something after the end of the value"));
    }
    Ok(text.get(start..end).unwrap_or_default())
}

struct Scan<'a, 'i> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    /// One bit a level: whether it is an object.
    objects: u128,
    /// How many of the levels are arrays.
    arrays: usize,
    /// Whether the last string has no escapes.
    is_plain: bool,
    /// Where members are noted.
    index: Option<&'i mut Index<'a>>,
}

impl<'a> Scan<'a, '_> {
    fn error(&self, what: &'static str) -> JsonError {
        JsonError { what, at: self.at }
    }

    /// An error about what is here, or about there being nothing.
    fn expected(&self, what: &'static str) -> JsonError {
        let ended = self.at >= self.bytes.len();
        self.error(if ended { "the text ends too early" } else { what })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        self.at = after_blanks(self.bytes, self.at);
    }

    /// One value with all that is in it, without recursion.
    fn value(&mut self) -> Result<(), JsonError> {
        loop {
            match self.peek() {
                Some(b'{') => {
                    self.open(true)?;
                    if !self.eat(b'}') {
                        self.name()?;
                        continue;
                    }
                    self.close();
                }
                Some(b'[') => {
                    self.open(false)?;
                    if !self.eat(b']') {
                        continue;
                    }
                    self.close();
                }
                Some(b'"') => self.string()?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.word(b"true")?,
                Some(b'f') => self.word(b"false")?,
                Some(b'n') => self.word(b"null")?,
                _ => return Err(self.expected("expected a value")),
            }
            if self.ends()? {
                return Ok(());
            }
        }
    }

    /// Whether the outermost value ends here; otherwise goes on to where the next one starts.
    fn ends(&mut self) -> Result<bool, JsonError> {
        while self.depth > 0 {
            let in_object = self.objects & 1 == 1;
            if in_object {
                self.note_end();
            }
            self.blanks();
            if self.eat(b',') {
                self.blanks();
                if in_object {
                    self.name()?;
                }
                return Ok(false);
            }
            if !self.eat(if in_object { b'}' } else { b']' }) {
                let expected =
                    if in_object { "expected `,` or `}`" } else { "expected `,` or `]`" };
                return Err(self.expected(expected));
            }
            self.close();
        }
        Ok(true)
    }

    fn open(&mut self, is_object: bool) -> Result<(), JsonError> {
        self.at += 1;
        if self.depth == DEPTH_MAX {
            return Err(self.error("nested deeper than 128 levels"));
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(is_object);
        self.arrays += usize::from(!is_object);
        self.blanks();
        Ok(())
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.arrays -= usize::from(self.objects & 1 == 0);
        self.objects >>= 1;
    }

    fn name(&mut self) -> Result<(), JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("expected a name in quotes"));
        }
        let start = self.at;
        self.string()?;
        let name = self.text.get(start + 1..self.at - 1).unwrap_or_default();
        self.blanks();
        if !self.eat(b':') {
            return Err(self.expected("expected `:`"));
        }
        self.blanks();
        self.note(Text { inner: name, is_plain: self.is_plain });
        Ok(())
    }

    /// Notes that the value of a member begins here, unless an array is around it.
    fn note(&mut self, name: Text<'a>) {
        if self.arrays == 0
            && let Some(index) = &mut self.index
            && !index.begin(name, self.at)
        {
            self.index = None;
        }
    }

    /// Notes that the value of a member ends here.
    fn note_end(&mut self) {
        if self.arrays == 0
            && let Some(index) = &mut self.index
        {
            index.end(self.text, self.at, self.is_plain);
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), JsonError> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// A string. Most have no escapes: what ends them is the first thing that a quick search finds.
    #[inline]
    fn string(&mut self) -> Result<(), JsonError> {
        let at = after_plain(self.bytes, self.at + 1);
        self.is_plain = self.bytes.get(at) == Some(&b'"');
        self.at = at + usize::from(self.is_plain);
        if self.is_plain { Ok(()) } else { self.rest_of_string() }
    }

    #[inline(never)]
    fn rest_of_string(&mut self) -> Result<(), JsonError> {
        let mut is_plain = true;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    self.is_plain = is_plain;
                    return Ok(());
                }
                Some(b'\\') => {
                    is_plain = false;
                    self.escape()?;
                }
                Some(0..=0x1f) => return Err(self.error("a control character in a string")),
                Some(_) => self.at += 1,
                None => return Err(self.error("a string without an end")),
            }
            self.at = after_plain(self.bytes, self.at);
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => match self.unit()? {
                0xd800..=0xdbff => {
                    let low = self.eat(b'\\') && self.peek() == Some(b'u');
                    if low && matches!(self.unit()?, 0xdc00..=0xdfff) {
                        return Ok(());
                    }
                    Err(self.error("half a surrogate pair"))
                }
                0xdc00..=0xdfff => Err(self.error("half a surrogate pair")),
                _ => Ok(()),
            },
            _ => Err(self.error("an unknown escape")),
        }
    }

    /// The four digits after `\u`.
    fn unit(&mut self) -> Result<u32, JsonError> {
        self.at += 1;
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.error("an unknown escape"))?;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'-') {
                self.eat(b'+');
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.error("expected a digit"));
        }
        Ok(())
    }
}
