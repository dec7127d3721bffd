//! Streams that are JSON values one after the other: Gemini's array, and JSON lines.

use memchr::memchr2;

use crate::wire::skim::Skimmer;

/// How long a value may be that is read as it is; a longer one is skimmed.
const VALUE_MAX: usize = super::EVENT_MAX;

/// Takes a stream of objects apart, whatever stands between them: the brackets of an array, line
/// ends. It sees the bytes and never holds them up.
#[derive(Debug, Clone, Default)]
pub(super) struct Values {
    /// The beginning of an object that came in an earlier chunk.
    begun: Vec<u8>,
    /// In the place of `begun`, once it is too long.
    long: Option<Skimmer>,
    /// How many brackets are open within the object; 0 between objects.
    depth: u64,
    in_text: bool,
    is_escaped: bool,
}

/// An object of the stream.
pub(super) enum Found<'a> {
    Whole(&'a [u8]),
    Long(Skimmer),
}

impl Values {
    /// Takes the next bytes and hands on the objects that end in them.
    pub(super) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(Found<'_>)) {
        let mut start = 0;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.in_text {
                at = self.text(bytes, at);
                continue;
            }
            at += 1;
            match byte {
                b'"' if self.depth > 0 => self.in_text = true,
                b'{' => {
                    if self.depth == 0 {
                        start = at - 1;
                    }
                    self.depth += 1;
                }
                b'[' if self.depth > 0 => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        self.ended(bytes.get(start..at).unwrap_or_default(), &mut take);
                    }
                }
                _ => {}
            }
        }
        if self.depth > 0 {
            self.keep(bytes.get(start..).unwrap_or_default());
        }
    }

    /// Steps over what belongs to a string.
    fn text(&mut self, bytes: &[u8], at: usize) -> usize {
        let from = at + usize::from(std::mem::take(&mut self.is_escaped));
        let found = bytes.get(from..).and_then(|rest| memchr2(b'"', b'\\', rest));
        let end = found.map_or(bytes.len(), |found| from + found);
        self.in_text = bytes.get(end) != Some(&b'"');
        self.is_escaped = bytes.get(end) == Some(&b'\\');
        (end + 1).min(bytes.len())
    }

    fn ended(&mut self, rest: &[u8], take: &mut impl FnMut(Found<'_>)) {
        if let Some(mut skimmer) = self.long.take() {
            skimmer.push(rest);
            take(Found::Long(skimmer));
        } else if self.begun.is_empty() {
            take(Found::Whole(rest));
        } else {
            self.begun.extend_from_slice(rest);
            take(Found::Whole(&self.begun));
            self.begun.clear();
        }
    }

    /// Keeps the beginning of an object.
    fn keep(&mut self, bytes: &[u8]) {
        if let Some(skimmer) = &mut self.long {
            skimmer.push(bytes);
        } else if self.begun.len() + bytes.len() > VALUE_MAX {
            let mut skimmer = Skimmer::default();
            skimmer.push(&self.begun);
            skimmer.push(bytes);
            self.long = Some(skimmer);
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_taken_apart_wherever_they_are_cut() {
        for (text, expected) in [
            (r#"[{"a":1},{"b":[{}]} , {}]"#, &[r#"{"a":1}"#, r#"{"b":[{}]}"#, "{}"][..]),
            ("{\"a\":1}\n{\"b\":\"}\\\"{\"}\r\n", &[r#"{"a":1}"#, r#"{"b":"}\"{"}"#]),
            (r#"[{"a":"\\"},{"é":"é"}]"#, &[r#"{"a":"\\"}"#, r#"{"é":"é"}"#]),
            ("[]", &[]),
            ("", &[]),
            (r#"[{"a":1"#, &[]),
            ("]}{}", &["{}"]),
        ] {
            for length in 1..=text.len().max(1) {
                let mut values = Values::default();
                let mut found = Vec::new();
                for chunk in text.as_bytes().chunks(length) {
                    values.push(chunk, |value| match value {
                        Found::Whole(bytes) => {
                            found.push(String::from_utf8(bytes.to_vec()).unwrap());
                        }
                        Found::Long(_) => panic!("{text}"),
                    });
                }
                assert_eq!(found, expected, "{text} by {length}");
            }
        }
    }
}
