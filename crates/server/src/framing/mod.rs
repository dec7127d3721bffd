//! Where one request of a connection ends and the next begins, and what makes that doubtful.
//!
//! A request that two programs frame differently lets a stranger hide a second one in it. The HTTP
//! library hands on the sum of what it made of a head: a length beside a coding, or the same length
//! twice, are not told any more. So the bytes are watched as they pass.

mod chunked;
mod head;

use memchr::memchr;

use chunked::Chunked;
use head::Head;

/// The longest line of a head; the HTTP library refuses a whole head of this size.
const LINE_BYTES_MAX: usize = 64 << 10;

/// Why nobody can say for certain where a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// `Content-Length` beside `Transfer-Encoding`.
    #[error("`Content-Length` and `Transfer-Encoding` stand together; send one of them")]
    LengthAndCoding,
    /// `Content-Length` twice, though they agree.
    #[error("`Content-Length` stands twice; send it once")]
    LengthTwice,
    /// `Content-Length` is no number.
    #[error("`Content-Length` is not a number of bytes")]
    Length,
    /// `Transfer-Encoding` twice.
    #[error("`Transfer-Encoding` stands twice; send it once")]
    CodingTwice,
    /// `Transfer-Encoding` is something else than `chunked`.
    #[error("`Transfer-Encoding` is something else than `chunked`; send the body as it is")]
    Coding,
    /// A header goes on in a second line.
    #[error("a header goes on in a second line; write it in one")]
    Folded,
    /// A line of the head has no name before a colon, or a space in it.
    #[error("a header has no name right before its colon")]
    Name,
    /// A line end that is half of one, or a zero byte.
    #[error("a line of the head does not end with CR and LF, or has one of them within")]
    LineEnd,
    /// A line that is longer than any head may be.
    #[error("a line of the head is too long")]
    Long,
    /// The chunks of a body are damaged.
    #[error("the chunks of the request before are damaged")]
    Chunks,
}

/// Watches the bytes of an HTTP/1 connection, in whatever pieces they come.
///
/// ```
/// use centime_server::framing::{Fault, Framing};
///
/// let mut framing = Framing::default();
/// framing.see(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
/// assert_eq!((framing.heads(), framing.fault()), (1, None));
/// framing.see(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 0\r\n");
/// assert_eq!(framing.fault(), Some((2, Fault::LengthTwice)));
/// ```
#[derive(Debug, Default)]
pub struct Framing {
    at: At,
    heads: u64,
    head: Head,
    /// The start of a line whose end is still to come.
    line: Vec<u8>,
    fault: Option<(u64, Fault)>,
}

#[derive(Debug, Default)]
enum At {
    /// Before the first byte of a head.
    #[default]
    Between,
    /// In a head.
    Head,
    /// In a body, of which so many bytes are left.
    Body(u64),
    /// In a body of chunks.
    Chunks(Chunked),
}

impl Framing {
    /// How many heads began.
    #[must_use]
    pub fn heads(&self) -> u64 {
        self.heads
    }

    /// The first head that cannot be trusted, from 1, and why. Nothing after it can be, either.
    #[must_use]
    pub fn fault(&self) -> Option<(u64, Fault)> {
        self.fault
    }

    /// Whether the client has still to send the rest of a request, or of what cannot be told apart.
    #[must_use]
    pub fn is_amid_request(&self) -> bool {
        self.fault.is_some() || !matches!(self.at, At::Between)
    }

    /// Looks at the next bytes.
    pub fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.fault.is_none() {
            bytes = match &mut self.at {
                At::Between => self.see_between(bytes),
                At::Head => self.see_line(bytes),
                At::Body(left) => {
                    let passed = usize::try_from(*left).map_or(bytes.len(), |n| n.min(bytes.len()));
                    *left -= passed as u64;
                    if *left == 0 {
                        self.at = At::Between;
                    }
                    &bytes[passed..]
                }
                At::Chunks(chunks) => match chunks.see(bytes) {
                    Ok((rest, is_ended)) => {
                        if is_ended {
                            self.at = At::Between;
                        }
                        rest
                    }
                    // This request is in good hands already: whoever reads its body is told. Where the
                    // next one begins is lost.
                    Err(()) => {
                        self.fault = Some((self.heads + 1, Fault::Chunks));
                        &[]
                    }
                },
            };
        }
    }

    /// Empty lines before a head are passed over, as the HTTP library does.
    fn see_between<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        match (self.line.as_slice(), bytes[0]) {
            (b"", b'\r') => self.line.push(b'\r'),
            (b"\r", b'\n') => self.line.clear(),
            (before, byte) => {
                let is_line_end = byte == b'\n' || !before.is_empty();
                self.heads += 1;
                self.at = At::Head;
                self.head = Head::default();
                if is_line_end {
                    self.fail(Fault::LineEnd);
                }
                return bytes;
            }
        }
        &bytes[1..]
    }

    /// Sees one line of a head, or the part of it that is there.
    fn see_line<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let end = memchr(b'\n', bytes);
        let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
        if self.line.len() + line.len() > LINE_BYTES_MAX {
            self.fail(Fault::Long);
            return rest;
        }
        if end.is_none() {
            self.line.extend_from_slice(line);
            return rest;
        }
        let seen = if self.line.is_empty() {
            self.head.line(line)
        } else {
            self.line.extend_from_slice(line);
            let seen = self.head.line(&self.line);
            self.line.clear();
            seen
        };
        match seen {
            Ok(None) => {}
            Ok(Some(head::Body::Length(0))) => self.at = At::Between,
            Ok(Some(head::Body::Length(bytes))) => self.at = At::Body(bytes),
            Ok(Some(head::Body::Chunks)) => self.at = At::Chunks(Chunked::default()),
            Err(fault) => self.fail(fault),
        }
        rest
    }

    fn fail(&mut self, fault: Fault) {
        self.fault = Some((self.heads, fault));
        self.line = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    fn post(headers: &str, body: &str) -> String {
        format!("POST / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}")
    }

    /// Sees a text in pieces of one size.
    fn seen(text: &str, piece: usize) -> (u64, Option<(u64, Fault)>) {
        let mut framing = Framing::default();
        for bytes in text.as_bytes().chunks(piece) {
            framing.see(bytes);
        }
        (framing.heads(), framing.fault())
    }

    #[test]
    fn each_request_begins_where_the_one_before_ends() {
        for (text, heads) in [
            (GET.repeat(3), 3),
            (format!("\r\n\r\n{GET}\r\n{GET}"), 2),
            (post("Content-Length: 2\r\n", "{}") + GET, 2),
            (post("content-length:0\r\n", "") + GET, 2),
            (post("Content-Length: \t35 \r\n", GET) + GET, 2),
            (post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n") + GET, 2),
            (
                post(
                    "transfer-encoding: Chunked\r\n",
                    "5;a=\"b\"\r\nGET /\r\n0a \r\n0\r\n\r\nGET /\r\n000\r\nA: b\r\n\r\n",
                ) + GET,
                2,
            ),
            (post("Content-Length: 9223372036854775807\r\n", GET), 1),
            (post("X-Content-Length: x\r\nTransfer-Encodings: 1\r\n", "") + GET, 2),
        ] {
            for piece in [1, 2, 3, 7, 64, 10_000] {
                assert_eq!(seen(&text, piece), (heads, None), "{piece}: {text}");
            }
        }
    }

    #[test]
    fn what_two_programs_could_read_differently_is_told() {
        use Fault::*;
        let long = format!("A: {}\r\n", "x".repeat(70_000));
        for (headers, fault) in [
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", LengthAndCoding),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", LengthAndCoding),
            ("Content-Length: 5\r\ncontent-length: 5\r\n", LengthTwice),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", LengthTwice),
            ("Content-Length: 5, 5\r\n", Length),
            ("Content-Length: +5\r\n", Length),
            ("Content-Length: 0x5\r\n", Length),
            ("Content-Length:\r\n", Length),
            ("Content-Length: 18446744073709551616\r\n", Length),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", CodingTwice),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", Coding),
            ("Transfer-Encoding: gzip, chunked\r\n", Coding),
            ("Transfer-Encoding: xchunked\r\n", Coding),
            ("Transfer-Encoding: \"chunked\"\r\n", Coding),
            ("Transfer-Encoding:\r\n", Coding),
            ("Transfer-Encoding : chunked\r\n", Name),
            ("Content-Length\t: 5\r\n", Name),
            (": 5\r\n", Name),
            ("Content-Length\r\n", Name),
            ("A: b\r\n Content-Length: 5\r\n", Folded),
            ("A: b\r\n\tc\r\n", Folded),
            ("A: b\rContent-Length: 5\r\n", LineEnd),
            ("A: b\nContent-Length: 5\r\n", LineEnd),
            ("A: b\0\r\n", LineEnd),
            (&long, Long),
        ] {
            for piece in [1, 2, 5, 100_000] {
                let (_, found) = seen(&(GET.to_owned() + &post(headers, "")), piece);
                assert_eq!(found, Some((2, fault)), "{piece}: {headers:.80}");
            }
        }
    }

    #[test]
    fn half_a_line_end_before_a_head_is_told() {
        for start in ["\n", "\r\r\n", "\rGET"] {
            assert_eq!(seen(start, 1), (1, Some((1, Fault::LineEnd))), "{start:?}");
        }
    }

    #[test]
    fn damaged_chunks_spoil_what_comes_after() {
        for chunks in [
            "\r\n",
            "g\r\n",
            "-1\r\n",
            "1 1\r\n",
            "1\n",
            "1\r\nab",
            "1\r\na\n",
            "1;a\nb\r\n",
            "10000000000000000\r\n",
            "0\r\nA: b\rc\r\n",
            "0\r\n\rx",
        ] {
            for piece in [1, 3, 100] {
                let (heads, fault) = seen(&post("Transfer-Encoding: chunked\r\n", chunks), piece);
                assert_eq!((heads, fault), (1, Some((2, Fault::Chunks))), "{chunks:?}");
            }
        }
    }
}
