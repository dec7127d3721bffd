//! Cuts texts where that does not change their tokens, so that none takes the tokenizer long.
//!
//! A tokenizer cuts a text into pieces by a pattern, then merges the bytes of each piece to tokens.
//! Two kinds of text would cost more than their length: at every gap with a space beyond ASCII, a
//! no-break space say, the library looks at all that follows; and the merging of a piece takes some
//! twenty times its bytes of memory, and time that grows faster than they do. So the library is
//! given *parts*, which are short and have one such gap at most, and what has no gap for long in
//! *windows*.
//!
//! **A part ends before a gap.** In no pattern does a piece go on from something else into a space
//! or a tab, and none looks back beyond its own start. Newlines are another matter: in the newer
//! patterns they end a run of signs, or of white space. There a gap is what follows the last newline.
//!
//! **Windows overlap.** Tokens are what merging yields if and only if any two neighbours among them
//! are ([why](https://github.com/github/rust-gems/blob/main/crates/bpe/README.md)). So a window ends
//! at a token from which the next window, which sees further, has the tokens that this one had.
//! Where the pattern's cuts depend on what is farther than a window sees (whether capitals end in a
//! small letter, blanks in a newline), that shows in no token there: then the count may be one off.

use tiktoken::CoreBpe;

/// Bytes after which a part ends at the next gap. Small enough for what merges it to stay in a cache.
const PART: usize = 4 << 10;
/// A part of more bytes is counted in windows.
const LONG_PART: usize = 2 * PART;
/// Bytes of a window that are counted, at most.
const WINDOW: usize = 4 << 10;
/// Bytes that a window looks further: four of the longest tokens.
const AHEAD: usize = 512;
/// How many ends of a window are tried before it is cut anywhere.
const ENDS: usize = 16;

const NEWLINES: [char; 2] = ['\r', '\n'];

/// How a vocabulary's pattern takes newlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Newlines {
    /// As any other white space.
    Blank,
    /// As the end of what they follow.
    End,
}

/// How many tokens a text is.
pub(crate) fn count(encoding: &CoreBpe, newlines: Newlines, text: &str) -> usize {
    Parts { rest: text, newlines, len: PART }.map(|part| count_part(encoding, part)).sum()
}

fn count_part(encoding: &CoreBpe, part: &str) -> usize {
    if part.len() > LONG_PART {
        count_in_windows(encoding, part, WINDOW, AHEAD)
    } else {
        encoding.count(part)
    }
}

/// The parts of a text.
struct Parts<'a> {
    rest: &'a str,
    newlines: Newlines,
    /// Bytes after which a part ends at the next gap.
    len: usize,
}

/// White space in front of something else.
#[derive(Debug, Clone, Copy)]
struct Gap {
    at: usize,
    /// Whether it holds a space beyond ASCII.
    wide: bool,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        // Where all is ASCII nothing is cut yet; its last byte may be within a gap.
        let plain = self.rest.as_bytes().get(..self.len).is_some_and(<[u8]>::is_ascii);
        let start = if plain { self.len.saturating_sub(1) } else { 0 };
        let mut gap = plain.then_some(Gap { at: 0, wide: false });
        let mut wide = false;
        for (offset, char) in self.rest[start..].char_indices() {
            let at = start + offset;
            if self.newlines == Newlines::End && NEWLINES.contains(&char) {
                gap = None;
            } else if char.is_whitespace() {
                gap.get_or_insert(Gap { at, wide: false }).wide |= !char.is_ascii();
            } else if let Some(gap) = gap.take() {
                if gap.at >= self.len || gap.at > 0 && gap.wide && wide {
                    let (part, rest) = self.rest.split_at(gap.at);
                    self.rest = rest;
                    return Some(part);
                }
                wide |= gap.wide;
            }
        }
        let last = std::mem::take(&mut self.rest);
        (!last.is_empty()).then_some(last)
    }
}

/// The beginning of a text, and its tokens.
struct Window<'a> {
    text: &'a str,
    tokens: Vec<u32>,
}

/// Where a window may end: after so many of its tokens, which are so many bytes.
#[derive(Debug, Clone, Copy)]
struct End {
    tokens: usize,
    at: usize,
}

/// How many tokens a text is in which no part ends.
fn count_in_windows(encoding: &CoreBpe, text: &str, len: usize, ahead: usize) -> usize {
    let mut rest = text;
    let mut window = Window::open(encoding, rest, len + ahead);
    let mut total = 0;
    while window.text.len() < rest.len() {
        let agreed = window.ends(encoding, len).take(ENDS).find_map(|end| {
            let next = window.next(encoding, &rest[end.at..], len + ahead);
            next.agrees(&window.tokens[end.tokens..]).then_some((end, next))
        });
        let (end, next) = agreed.unwrap_or_else(|| {
            let at = rest.floor_char_boundary(len);
            let end = End { tokens: encoding.count(&rest[..at]), at };
            (end, Window::open(encoding, &rest[at..], len + ahead))
        });
        total += end.tokens;
        rest = &rest[end.at..];
        window = next;
    }
    total + window.tokens.len()
}

impl<'a> Window<'a> {
    fn open(encoding: &CoreBpe, text: &'a str, len: usize) -> Self {
        let text = &text[..text.floor_char_boundary(len)];
        Self { text, tokens: encoding.encode(text) }
    }

    /// The one that follows. What repeats itself is merged once.
    fn next(&self, encoding: &CoreBpe, text: &'a str, len: usize) -> Self {
        match text.get(..self.text.len()) {
            Some(same) if same == self.text => Self { text: same, tokens: self.tokens.clone() },
            _ => Self::open(encoding, text, len),
        }
    }

    /// Whether its tokens are those expected, except the last of these: a window saw them that did
    /// not see what follows.
    fn agrees(&self, expected: &[u32]) -> bool {
        self.tokens.starts_with(&expected[..expected.len().div_ceil(2)])
    }

    /// Where it may end, at most so many bytes from its start; the farthest first.
    fn ends(&self, encoding: &CoreBpe, at_most: usize) -> impl Iterator<Item = End> {
        let start = End { tokens: self.tokens.len(), at: self.text.len() };
        let ends = self.tokens.iter().rev().scan(start, |end, token| {
            end.tokens -= 1;
            end.at -= encoding.decode(&[*token]).len();
            Some(*end)
        });
        ends.filter(move |end| (1..=at_most).contains(&end.at) && self.may_end(end.at))
    }

    /// Whether the pattern cuts what follows as it would alone: a number goes on for three digits,
    /// and newlines belong to the signs before the first of them.
    fn may_end(&self, at: usize) -> bool {
        let Some((before, after)) = self.text.split_at_checked(at) else { return false };
        if before.ends_with(NEWLINES) && after.starts_with(NEWLINES) {
            return self.text.trim_matches(NEWLINES).is_empty();
        }
        let digits = before.chars().rev().take_while(|char| char.is_numeric()).count();
        digits % 3 == 0 || !after.starts_with(char::is_numeric)
    }
}

#[cfg(test)]
mod tests;
