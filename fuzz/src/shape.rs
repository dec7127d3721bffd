//! Bytes as an object that looks like a usage: what random text seldom is.

use std::fmt::Write as _;

/// Bytes, taken one after the other; zeros when they are at an end.
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first
    }

    pub(crate) fn number(&mut self) -> u64 {
        (0..8).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(usize::from(self.byte()) % from.len().max(1)).copied()
    }

    /// What is left.
    pub(crate) const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// What is left, as text.
    pub(crate) fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }
}

/// The text of a usage object: the bytes themselves where they are one, else made of these words.
pub(crate) fn usage_text(bytes: &[u8], words: &[&str]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.starts_with('{') => text.to_owned(),
        _ => {
            let mut out = String::new();
            object(&mut Bytes::of(bytes), words, 3, &mut out);
            out
        }
    }
}

fn object(bytes: &mut Bytes<'_>, words: &[&str], depth: u8, out: &mut String) {
    out.push('{');
    for member in 0..bytes.byte() % 10 {
        let name = bytes.pick(words).unwrap_or_default();
        let _ = write!(out, "{}\"{name}\":", if member > 0 { "," } else { "" });
        value(bytes, words, depth, out);
    }
    out.push('}');
}

/// Mostly small numbers, so that parts have a chance to fit their whole.
fn value(bytes: &mut Bytes<'_>, words: &[&str], depth: u8, out: &mut String) {
    let kind = bytes.byte() % 16;
    let _ = match kind {
        0..=5 => write!(out, "{}", bytes.byte()),
        6 | 7 => write!(out, "{}", u16::from(bytes.byte()) * 100),
        8 => write!(out, "{}", bytes.number()),
        9 => write!(out, "-{}", bytes.byte()),
        10 => write!(out, "{}.{}e{}", bytes.byte(), bytes.byte(), bytes.byte() % 30),
        11 => write!(out, "\"{}\"", bytes.pick(WORDS).unwrap_or_default()),
        12 => write!(out, "null"),
        13 | 14 if depth > 0 => {
            object(bytes, words, depth - 1, out);
            Ok(())
        }
        15 if depth > 0 => {
            out.push('[');
            for item in 0..bytes.byte() % 4 {
                out.push_str(if item > 0 { "," } else { "" });
                object(bytes, words, depth - 1, out);
            }
            out.push(']');
            Ok(())
        }
        _ => write!(out, "true"),
    };
}

/// The words that the readers know.
const WORDS: &[&str] = &[
    "AUDIO",
    "IMAGE",
    "VIDEO",
    "TEXT",
    "1h",
    "5m",
    "compaction",
    "message",
    "advisor_message",
    "standard",
    "batch",
    "fast",
    "ON_DEMAND_FLEX",
    "low",
    "completed",
    "video",
    "7.5",
    "google_search",
    "retrieval",
    "",
];
