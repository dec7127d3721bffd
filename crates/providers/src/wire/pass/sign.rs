//! What in an event may mean something, found without parsing it.
//!
//! A stream is mostly small pieces of text, in which nothing is to be metered. What is looked for are
//! whole names in quotes: an unescaped quote followed by a letter opens a string, wherever it stands.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;

/// What an event must hold to be read: usage in any format's words, an error, the end of Anthropic's
/// streams. The end of other formats' comes with one of these, or is `[DONE]`.
const SIGNS: [&str; 3] = [USAGE, "\"error\"", "\"message_stop\""];

/// The beginning of `"usage"`, `"usageMetadata"` and their like.
const USAGE: &str = "\"usage";

/// The searches, made once and for all streams.
static FINDERS: LazyLock<[memmem::Finder<'static>; SIGNS.len()]> =
    LazyLock::new(|| SIGNS.map(memmem::Finder::new));

/// What the signs in an event come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing.
    Nothing,
    /// There is a `"usage":null`, and nothing else. Where its name starts, and where it ends.
    NoUsage(Range<usize>),
    /// It has to be read.
    Something,
}

/// Whether there is any sign.
pub(super) fn any(bytes: &[u8]) -> bool {
    FINDERS.iter().any(|finder| finder.find(bytes).is_some())
}

fn found(finder: &memmem::Finder<'_>, bytes: &[u8], from: usize) -> usize {
    let found = bytes.get(from..).and_then(|rest| finder.find(rest));
    found.map_or(usize::MAX, |at| from + at)
}

/// The signs in a run of events: each byte is searched once, however many events there are.
pub(super) struct Search<'a> {
    bytes: &'a [u8],
    /// Where each sign is next.
    next: [usize; SIGNS.len()],
}

impl<'a> Search<'a> {
    pub(super) fn over(bytes: &'a [u8]) -> Self {
        Self { bytes, next: FINDERS.each_ref().map(|finder| found(finder, bytes, 0)) }
    }

    /// What the signs before this end come to, those before it having been asked for.
    pub(super) fn before(&mut self, end: usize) -> Told {
        let mut told = Told::Nothing;
        for (finder, next) in FINDERS.iter().zip(&mut self.next) {
            while *next < end {
                told = match (told, one(self.bytes, *next, finder.needle().len())) {
                    (told, Told::Nothing) | (Told::Nothing, told) => told,
                    _ => Told::Something,
                };
                *next = found(finder, self.bytes, *next + 1);
            }
        }
        told
    }
}

/// What the sign that stands here comes to.
fn one(bytes: &[u8], at: usize, length: usize) -> Told {
    let is_escaped = at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\\');
    if is_escaped {
        return Told::Nothing;
    }
    let sign = bytes.get(at..at + length).unwrap_or_default();
    let mut rest = bytes.get(at + length..).unwrap_or_default();
    let is_usage = sign == USAGE.as_bytes();
    if is_usage {
        match rest.strip_prefix(b"\"") {
            Some(after) => rest = after,
            None => return Told::Something,
        }
    }
    let after = rest.trim_ascii_start();
    let Some(value) = after.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else {
        // A word and not a name. `"type":"error"` and `"type":"message_stop"` mean something.
        return if is_usage { Told::Nothing } else { Told::Something };
    };
    match value.strip_prefix(b"null") {
        Some(behind) if is_usage => Told::NoUsage(at..bytes.len() - behind.len()),
        Some(_) => Told::Nothing,
        None => Told::Something,
    }
}

/// What has to go out of an object so that a member is gone that is known to be `null`: the member
/// and the comma that parts it from the others. `None` where it belongs to an object within the
/// outermost one.
///
/// `data` is the object; it is not parsed, but what stands behind the member is looked through.
pub(super) fn with_comma(
    bytes: &[u8],
    data: Range<usize>,
    member: Range<usize>,
) -> Option<Range<usize>> {
    if depth_behind(bytes.get(member.end..data.end)?)? != 1 {
        return None;
    }
    let before = bytes.get(data.start..member.start)?.trim_ascii_end();
    if let Some(rest) = before.strip_suffix(b",") {
        return Some(data.start + rest.len()..member.end);
    }
    before.strip_suffix(b"{")?;
    let behind = bytes.get(member.end..data.end)?;
    let rest = behind.trim_ascii_start();
    match rest.strip_prefix(b",").map(<[u8]>::trim_ascii_start) {
        Some(next) => Some(member.start..data.end - next.len()),
        None => Some(member),
    }
}

/// How many objects and arrays are closed more than opened.
fn depth_behind(mut bytes: &[u8]) -> Option<usize> {
    let (mut opened, mut closed) = (0_usize, 0_usize);
    while let Some((&byte, rest)) = bytes.split_first() {
        bytes = rest;
        match byte {
            b'"' => bytes = after_string(rest)?,
            b'{' | b'[' => opened += 1,
            b'}' | b']' => closed += 1,
            _ => {}
        }
    }
    closed.checked_sub(opened)
}

/// What is behind a string, from within it.
pub(super) fn after_string(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let at = memchr::memchr2(b'"', b'\\', bytes)?;
        let is_end = bytes.get(at) == Some(&b'"');
        bytes = bytes.get(at + if is_end { 1 } else { 2 }..)?;
        if is_end {
            return Some(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_told_from_words() {
        for (text, expected) in [
            (r#"{"a":"usage"}"#, "-"),
            (r#"{"usage":null}"#, "null"),
            (r#"{"usage" : null }"#, "null"),
            (r#"{"usage":{}}"#, "read"),
            (r#"{"usage":null,"x":{"usage":{}}}"#, "read"),
            (r#"{"usage":null,"x":{"usage":null}}"#, "read"),
            (r#"{"usageMetadata":{}}"#, "read"),
            (r#"{"a":"the \"usage\": {}"}"#, "-"),
            (r#"{"a\"usage":{}}"#, "-"),
            (r#"{"error":null,"usage":null}"#, "null"),
            (r#"{"error":{}}"#, "read"),
            (r#"{"type":"error"}"#, "read"),
            (r#"{"type":"message_stop"}"#, "read"),
            (r#"{"a":"message_stop it"}"#, "-"),
            ("", "-"),
            (r#"{"usage":"#, "read"),
        ] {
            let told = match Search::over(text.as_bytes()).before(text.len()) {
                Told::Nothing => "-",
                Told::NoUsage(_) => "null",
                Told::Something => "read",
            };
            assert_eq!(told, expected, "{text}");
        }
    }

    #[test]
    fn a_null_goes_with_its_comma() {
        for (text, expected) in [
            (r#"{"a":1,"usage":null}"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1 , "usage": null }"#, Some(r#"{"a":1  }"#)),
            (r#"{"usage":null,"a":1}"#, Some(r#"{"a":1}"#)),
            (r#"{ "usage":null , "a":1}"#, Some(r#"{ "a":1}"#)),
            (r#"{"a":[{}],"usage":null,"b":{"c":"}"}}"#, Some(r#"{"a":[{}],"b":{"c":"}"}}"#)),
            (r#"{"usage":null}"#, Some("{}")),
            (r#"{"x":{"usage":null}}"#, None),
            (r#"[{"usage":null}]"#, None),
            (r#"{"usage":null,"a":"#, None),
        ] {
            let Told::NoUsage(member) = Search::over(text.as_bytes()).before(text.len()) else {
                panic!("{text}");
            };
            let out = with_comma(text.as_bytes(), 0..text.len(), member);
            let out = out.map(|out| format!("{}{}", &text[..out.start], &text[out.end..]));
            assert_eq!(out.as_deref(), expected, "{text}");
        }
    }
}
