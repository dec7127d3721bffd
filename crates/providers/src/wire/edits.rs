//! What changes in a body, everything else staying as it came.

use std::ops::Range;

use bytes::Bytes;

/// Changes to a body: places in it, and what stands there instead. The rest is never copied.
///
/// ```
/// use bytes::Bytes;
/// use centime_providers::wire::{Endpoint, request::{Asked, Changes}};
///
/// let body = Bytes::from(r#"{"model": "fast", "messages": []}"#);
/// let asked = Asked::read(Endpoint::ChatCompletions, &body)?;
/// let edits = asked.edits(&Changes { model: Some("gpt-5-mini"), ..Changes::default() })?;
/// assert_eq!(edits.apply(&body).concat(), br#"{"model": "gpt-5-mini", "messages": []}"#);
/// # Ok::<(), centime_providers::ReadError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edits {
    /// Apart from each other, in the order of the body.
    splices: Vec<Splice>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Splice {
    at: Range<usize>,
    with: Bytes,
}

impl Edits {
    /// Puts something in the place of a range; what stands at the same place comes in the order of
    /// the calls.
    pub(super) fn replace(&mut self, at: Range<usize>, with: impl Into<Bytes>) {
        let behind = self.splices.partition_point(|splice| splice.at.start <= at.start);
        self.splices.insert(behind, Splice { at, with: with.into() });
    }

    /// Puts something in between.
    pub(super) fn insert(&mut self, at: usize, with: impl Into<Bytes>) {
        self.replace(at..at, with);
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.splices.is_empty()
    }

    /// How long a body of this length becomes.
    #[must_use]
    pub fn length(&self, body: usize) -> usize {
        let out = |length: usize, splice: &Splice| length.saturating_sub(splice.at.len());
        let with = |length: usize, splice: &Splice| length.saturating_add(splice.with.len());
        self.splices.iter().fold(self.splices.iter().fold(body, with), out)
    }

    /// The body as it becomes: slices of it, with what is new between them.
    ///
    /// The body must be the one that the edits were made for; of a shorter one what is missing is
    /// left out.
    #[must_use]
    pub fn apply(&self, body: &Bytes) -> Vec<Bytes> {
        let mut pieces = Vec::with_capacity(self.splices.len() * 2 + 1);
        let mut done = 0;
        for Splice { at, with } in &self.splices {
            let end = at.start.clamp(done, body.len().max(done));
            pieces.push(slice(body, done..end));
            pieces.push(with.clone());
            done = at.end.max(done);
        }
        pieces.push(slice(body, done..body.len()));
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }
}

fn slice(body: &Bytes, range: Range<usize>) -> Bytes {
    let end = range.end.min(body.len());
    body.slice(range.start.min(end)..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_stands_between_slices_of_the_body() {
        for (splices, expected) in [
            (&[][..], "0123456789"),
            (&[(0..0, "a")], "a0123456789"),
            (&[(10..10, "a")], "0123456789a"),
            (&[(2..4, "")], "01456789"),
            (&[(5..6, "x"), (2..4, "yy")], "01yy4x6789"),
            (&[(3..3, "a"), (3..3, "b")], "012ab3456789"),
            (&[(3..3, "a"), (3..5, "b")], "012ab56789"),
            (&[(0..10, "a")], "a"),
        ] {
            let body = Bytes::from("0123456789");
            let mut edits = Edits::default();
            for (at, with) in splices {
                edits.replace(at.clone(), *with);
            }
            let out = edits.apply(&body).concat();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
            assert_eq!(edits.length(body.len()), expected.len());
            assert_eq!(edits.is_empty(), splices.is_empty());
        }
    }

    #[test]
    fn the_rest_is_not_copied() {
        let body = Bytes::from("0123456789");
        let mut edits = Edits::default();
        edits.replace(2..4, "x");
        let pieces = edits.apply(&body);
        assert_eq!(pieces[0].as_ptr(), body.as_ptr());
        assert_eq!(pieces[2].as_ptr(), body[4..].as_ptr());
    }

    #[test]
    fn another_body_is_no_reason_to_stop() {
        let mut edits = Edits::default();
        edits.replace(5..8, "x");
        edits.replace(9..12, "y");
        for length in 0..13 {
            let body = Bytes::from("z".repeat(length));
            let _ = edits.apply(&body);
            let _ = edits.length(length);
        }
    }
}
