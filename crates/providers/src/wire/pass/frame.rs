//! Where the events of a stream end, byte for byte.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>: lines
//! end in `\n`, `\r\n` or `\r`; an empty line ends an event.

use std::ops::Range;

use memchr::memchr2;

/// One event with the empty line that ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// Behind it.
    pub(super) end: usize,
    pub(super) data: Data,
    /// Whether a `\n` that comes next still belongs to its end.
    pub(super) is_open: bool,
}

/// The data of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Data {
    /// None: a comment, or a name alone.
    None,
    /// One line, which stands here.
    Line(Range<usize>),
    /// Several lines, which are joined: see [`joined`].
    Lines,
}

/// The event that starts here; `None` where the bytes end before it does. The last event of a stream
/// may be without its end.
pub(super) fn next(bytes: &[u8], start: usize, is_last: bool) -> Option<Frame> {
    let mut line = start;
    let mut data = Data::None;
    loop {
        match bytes.get(line) {
            Some(b'\n') => return Some(Frame { end: line + 1, data, is_open: false }),
            Some(b'\r') => {
                let end = line + 1;
                let has_lf = bytes.get(end) == Some(&b'\n');
                let is_open = end == bytes.len();
                return Some(Frame { end: end + usize::from(has_lf), data, is_open });
            }
            None if is_last && line > start => {
                return Some(Frame { end: bytes.len(), data, is_open: false });
            }
            None => return None,
            Some(_) => {}
        }
        let length = bytes.get(line..).and_then(|rest| memchr2(b'\n', b'\r', rest));
        let end = match length {
            Some(length) => line + length,
            None if is_last => bytes.len(),
            None => return None,
        };
        if let Some(value) = value(bytes, line..end) {
            data = match data {
                Data::None => Data::Line(value),
                Data::Line(_) | Data::Lines => Data::Lines,
            };
        }
        line = (end + 1).min(bytes.len());
        let is_crlf = bytes.get(end) == Some(&b'\r') && bytes.get(line) == Some(&b'\n');
        line += usize::from(is_crlf);
    }
}

/// The value of a line that is one of data.
fn value(bytes: &[u8], line: Range<usize>) -> Option<Range<usize>> {
    let text = bytes.get(line.clone())?;
    let rest = text.strip_prefix(b"data")?;
    match rest {
        [] => Some(line.end..line.end),
        [b':', b' ', ..] => Some(line.start + 6..line.end),
        [b':', ..] => Some(line.start + 5..line.end),
        _ => None,
    }
}

/// The data of an event of several lines.
pub(super) fn joined(event: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(event.len());
    let mut is_first = true;
    for line in event.split(|&byte| byte == b'\n' || byte == b'\r') {
        if let Some(value) = value(line, 0..line.len()).and_then(|at| line.get(at)) {
            if !std::mem::take(&mut is_first) {
                data.push(b'\n');
            }
            data.extend_from_slice(value);
        }
    }
    data
}

/// Looks for the end of an event whose bytes come in several chunks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ends {
    in_line: bool,
    after_cr: bool,
}

impl Ends {
    /// Where the event ends in the bytes that follow those of the last call.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let first = *bytes.first()?;
        let mut at = usize::from(std::mem::take(&mut self.after_cr) && first == b'\n');
        loop {
            if !self.in_line {
                match *bytes.get(at)? {
                    b'\n' => return Some(at + 1),
                    b'\r' => return Some(at + 1 + usize::from(bytes.get(at + 1) == Some(&b'\n'))),
                    _ => self.in_line = true,
                }
            }
            at += memchr2(b'\n', b'\r', bytes.get(at..)?)?;
            self.in_line = false;
            if bytes.get(at) == Some(&b'\r') {
                self.after_cr = at + 1 == bytes.len();
                at += usize::from(bytes.get(at + 1) == Some(&b'\n'));
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_end_at_empty_lines() {
        for (text, ends, data) in [
            ("data: a\n\ndata:b\n\n", &[9, 17][..], &["a", "b"][..]),
            ("data: a\r\n\r\ndata:b\r\n\r\n", &[11, 21], &["a", "b"]),
            ("data: a\r\rdata:b\r\r", &[9, 17], &["a", "b"]),
            ("data: a\r\n\ndata: b\n\r\n", &[10, 20], &["a", "b"]),
            (": a\n\n\n\n", &[5, 6, 7], &["-", "-", "-"]),
            ("event: x\ndata: a\nid: 1\n\n", &[24], &["a"]),
            ("data: a\ndata: b\n\n", &[17], &["a\nb"]),
            ("data: a\rdata\r\ndata:  b\n\n", &[24], &["a\n\n b"]),
            ("data\n\n", &[6], &[""]),
            ("dataa: a\n\n", &[10], &["-"]),
            ("data: a\n", &[], &[]),
            ("data: a", &[], &[]),
            ("", &[], &[]),
        ] {
            let bytes = text.as_bytes();
            let (mut found, mut read, mut start) = (Vec::new(), Vec::new(), 0);
            while let Some(frame) = next(bytes, start, false) {
                read.push(match frame.data {
                    Data::None => "-".into(),
                    Data::Line(at) => text[at].to_owned(),
                    Data::Lines => String::from_utf8(joined(&bytes[start..frame.end])).unwrap(),
                });
                found.push(frame.end);
                start = frame.end;
            }
            assert_eq!(found, ends, "{text:?}");
            assert_eq!(read, data, "{text:?}");

            let mut starts = vec![0];
            starts.extend(ends);
            for (&start, &end) in starts.iter().zip(ends) {
                for cut in start..end {
                    let mut search = Ends::default();
                    let first = search.find(&bytes[start..cut]);
                    assert!(first.is_none() || bytes[cut] == b'\n', "{text:?} {start} {cut}");
                    if first.is_none() {
                        let behind = search.find(&bytes[cut..]).map(|behind| cut + behind);
                        assert_eq!(behind, Some(end), "{text:?} {start} {cut}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_last_event_may_have_no_end() {
        for (text, data) in [
            ("data: a\n", Data::Line(6..7)),
            ("data: a", Data::Line(6..7)),
            ("data: a\r", Data::Line(6..7)),
            ("data: a\ndata: b", Data::Lines),
            (": a", Data::None),
        ] {
            let frame = next(text.as_bytes(), 0, true);
            assert_eq!(frame, Some(Frame { end: text.len(), data, is_open: false }), "{text:?}");
        }
        assert_eq!(next(b"", 0, true), None);
    }
}
