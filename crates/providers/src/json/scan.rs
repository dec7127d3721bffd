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

/// What is known at a place of the text. All that moves along with it is inlined into one loop, and
/// what is rare lies outside and gets the place as a number: so the place stays in a register.
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

/// What comes after a value.
enum Next {
    /// A name and a value.
    Member,
    /// A value.
    Item,
    /// Nothing: that was the outermost.
    Nothing,
}

impl<'a> Scan<'a, '_> {
    #[inline(always)]
    fn error(&self, what: &'static str) -> JsonError {
        JsonError { what, at: self.at }
    }

    /// An error about what is here, or about there being nothing.
    #[inline(always)]
    fn expected(&self, what: &'static str) -> JsonError {
        let ended = self.at >= self.bytes.len();
        self.error(if ended { "the text ends too early" } else { what })
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline(always)]
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline(always)]
    fn blanks(&mut self) {
        self.at = after_blanks(self.bytes, self.at);
    }

    /// One value with all that is in it, without recursion.
    #[inline(always)]
    fn value(&mut self) -> Result<(), JsonError> {
        let mut next = Next::Item;
        loop {
            match next {
                Next::Member => self.name()?,
                Next::Item => {}
                Next::Nothing => return Ok(()),
            }
            match self.peek() {
                Some(b'"') => self.string()?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(bracket @ (b'{' | b'[')) => {
                    let is_object = bracket == b'{';
                    self.open(is_object)?;
                    if !self.eat(if is_object { b'}' } else { b']' }) {
                        next = if is_object { Next::Member } else { Next::Item };
                        continue;
                    }
                    self.close();
                }
                Some(b't') => self.word(b"true")?,
                Some(b'f') => self.word(b"false")?,
                Some(b'n') => self.word(b"null")?,
                _ => return Err(self.expected("expected a value")),
            }
            next = self.ends()?;
        }
    }

    /// Goes on to where the next value starts.
    #[inline(always)]
    fn ends(&mut self) -> Result<Next, JsonError> {
        while self.depth > 0 {
            let in_object = self.objects & 1 == 1;
            if in_object {
                self.note_end();
            }
            self.blanks();
            if self.eat(b',') {
                self.blanks();
                return Ok(if in_object { Next::Member } else { Next::Item });
            }
            if !self.eat(if in_object { b'}' } else { b']' }) {
                let expected =
                    if in_object { "expected `,` or `}`" } else { "expected `,` or `]`" };
                return Err(self.expected(expected));
            }
            self.close();
        }
        Ok(Next::Nothing)
    }

    #[inline(always)]
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

    #[inline(always)]
    fn close(&mut self) {
        self.depth -= 1;
        self.arrays -= usize::from(self.objects & 1 == 0);
        self.objects >>= 1;
    }

    #[inline(always)]
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
    #[inline(always)]
    fn note(&mut self, name: Text<'a>) {
        if self.arrays == 0
            && let Some(index) = &mut self.index
            && !index.begin(name, self.at)
        {
            self.index = None;
        }
    }

    /// Notes that the value of a member ends here.
    #[inline(always)]
    fn note_end(&mut self) {
        if self.arrays == 0
            && let Some(index) = &mut self.index
        {
            index.end(self.text, self.at, self.is_plain);
        }
    }

    #[inline(always)]
    fn word(&mut self, word: &[u8]) -> Result<(), JsonError> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// A string. Most have no escapes: what ends them is the first thing that a quick search finds.
    #[inline(always)]
    fn string(&mut self) -> Result<(), JsonError> {
        let at = after_plain(self.bytes, self.at + 1);
        if self.bytes.get(at) == Some(&b'"') {
            (self.at, self.is_plain) = (at + 1, true);
        } else {
            (self.at, self.is_plain) = rest_of_string(self.bytes, at)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn number(&mut self) -> Result<(), JsonError> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            self.at = rest_of_number(self.bytes, self.at)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn digits(&mut self) -> Result<(), JsonError> {
        self.at = after_digits(self.bytes, self.at)?;
        Ok(())
    }
}

#[inline(always)]
fn after_digits(bytes: &[u8], start: usize) -> Result<usize, JsonError> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if at == start {
        return Err(JsonError { what: "expected a digit", at });
    }
    Ok(at)
}

/// What comes after the whole part of a number.
#[inline(never)]
fn rest_of_number(bytes: &[u8], mut at: usize) -> Result<usize, JsonError> {
    if bytes.get(at) == Some(&b'.') {
        at = after_digits(bytes, at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let is_signed = matches!(bytes.get(at + 1), Some(b'-' | b'+'));
        at = after_digits(bytes, at + 1 + usize::from(is_signed))?;
    }
    Ok(at)
}

/// Goes on with a string to where it ends; returns that, and whether it has no escapes.
#[inline(never)]
fn rest_of_string(bytes: &[u8], mut at: usize) -> Result<(usize, bool), JsonError> {
    let mut is_plain = true;
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok((at + 1, is_plain)),
            Some(b'\\') => {
                is_plain = false;
                at = after_escape(bytes, at)?;
            }
            Some(0..=0x1f) => {
                return Err(JsonError { what: "a control character in a string", at });
            }
            Some(_) => at += 1,
            None => return Err(JsonError { what: "a string without an end", at }),
        }
        at = after_plain(bytes, at);
    }
}

/// Steps over the escape that a backslash begins.
fn after_escape(bytes: &[u8], at: usize) -> Result<usize, JsonError> {
    let at = at + 1;
    match bytes.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
        Some(b'u') => match unit(bytes, at)? {
            (at, 0xd800..=0xdbff) => {
                if bytes[at..].starts_with(b"\\u")
                    && let (at, 0xdc00..=0xdfff) = unit(bytes, at + 1)?
                {
                    return Ok(at);
                }
                Err(JsonError { what: "half a surrogate pair", at })
            }
            (at, 0xdc00..=0xdfff) => Err(JsonError { what: "half a surrogate pair", at }),
            (at, _) => Ok(at),
        },
        _ => Err(JsonError { what: "an unknown escape", at }),
    }
}

/// The four digits after the `u` that is there, and where they end.
fn unit(bytes: &[u8], at: usize) -> Result<(usize, u32), JsonError> {
    let (mut at, mut unit) = (at + 1, 0);
    for _ in 0..4 {
        let digit = bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        unit = unit * 16 + digit.ok_or(JsonError { what: "an unknown escape", at })?;
        at += 1;
    }
    Ok((at, unit))
}
