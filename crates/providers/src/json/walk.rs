//! Stepping over the values of a text that was checked before.

/// The values of a checked object or array, one after the other; an object gives its names too.
pub(super) struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    /// Starts after the opening bracket.
    pub(super) const fn inside(text: &'a str) -> Self {
        Self { text, at: 1 }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let mut start = after_blanks(bytes, self.at);
        if matches!(bytes.get(start), Some(b',' | b':')) {
            start = after_blanks(bytes, start + 1);
        }
        let end = match bytes.get(start)? {
            b'}' | b']' => return None,
            b'"' => after_string(bytes, start),
            b'{' | b'[' => after_nested(bytes, start),
            _ => after_word(bytes, start),
        };
        self.at = end;
        self.text.get(start..end)
    }
}

/// Steps over blanks.
#[inline]
pub(super) fn after_blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// Steps over what is neither quote, backslash nor control character, eight bytes at a time; it may
/// stop early, never late.
#[inline(always)]
pub(super) fn after_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    /// The high bit of each byte that is below `bound`; bytes beyond ASCII may count as well.
    const fn below(word: u64, bound: u64) -> u64 {
        word.wrapping_sub(ONES * bound) & !word
    }
    while let Some(Ok(chunk)) = bytes.get(at..at + 8).map(<[u8; 8]>::try_from) {
        let word = u64::from_le_bytes(chunk);
        let quote = below(word ^ (ONES * b'"' as u64), 1);
        let backslash = below(word ^ (ONES * b'\\' as u64), 1);
        let found = (quote | backslash | below(word, 0x20)) & HIGHS;
        if found != 0 {
            // The lowest mark is never a false one.
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at
}

fn after_string(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    loop {
        at = after_plain(bytes, at);
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') => return at + 1,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

fn after_nested(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at) {
            Some(b'"') => {
                at = after_string(bytes, at);
                continue;
            }
            Some(b'{' | b'[') => depth += 1,
            Some(b'}' | b']') => depth -= 1,
            Some(_) => {}
            None => return bytes.len(),
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
}

fn after_word(bytes: &[u8], mut at: usize) -> usize {
    while !matches!(bytes.get(at), None | Some(b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}
