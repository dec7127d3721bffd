//! A client that says exactly what it is told to, over HTTP/1.1, and tells what it heard.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// How long is waited for anything; what takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request: `POST /v1/messages`, headers written as `name: value`, and a body.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

impl Asked {
    /// A request with a body of JSON.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "bodies are written where they are asked with"
    )]
    pub(crate) fn new(line: &str, body: impl ToString) -> Self {
        let headers = vec!["content-type: application/json".to_owned()];
        Self { line: line.to_owned(), headers, body: body.to_string().into_bytes() }
    }

    /// A request without a body.
    pub(crate) fn bare(line: &str) -> Self {
        Self { line: line.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// A request with a body of another kind.
    pub(crate) fn of_kind(line: &str, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![format!("content-type: {kind}")];
        Self { line: line.to_owned(), headers, body: body.into() }
    }

    /// With a further header.
    pub(crate) fn with(mut self, header: impl Into<String>) -> Self {
        self.headers.push(header.into());
        self
    }

    /// With further headers.
    pub(crate) fn with_all(mut self, headers: &[&str]) -> Self {
        self.headers.extend(headers.iter().map(|&header| header.to_owned()));
        self
    }

    /// With something going wrong at the provider.
    pub(crate) fn failing(self, fault: &str) -> Self {
        self.with(format!("x-sim-fault: {fault}"))
    }

    /// As it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} HTTP/1.1\r\nhost: localhost\r\n", self.line);
        for header in &self.headers {
            head.push_str(&format!("{header}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        [head.as_bytes(), &self.body].concat()
    }

    /// Asks, and hears all that comes.
    pub(crate) fn ask(&self, address: SocketAddr) -> Answered {
        self.try_ask(address).unwrap_or_else(|error| panic!("{}: {error}", self.line))
    }

    /// The same, where nobody may answer.
    pub(crate) fn try_ask(&self, address: SocketAddr) -> io::Result<Answered> {
        let mut line = Line::to(address)?;
        line.say(&self.bytes())?;
        line.hear()
    }
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether it came to its end.
    pub(crate) is_whole: bool,
}

impl Answered {
    /// The value of a header, of the first of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A header that must be there.
    pub(crate) fn must(&self, name: &str) -> &str {
        self.header(name).unwrap_or_else(|| panic!("there is no `{name}`: {self}"))
    }

    /// The names of all headers that begin so.
    pub(crate) fn names(&self, start: &str) -> Vec<&str> {
        let names = self.headers.iter().map(|(name, _)| name.as_str());
        names.filter(|name| name.starts_with(start)).collect()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Expects a status.
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }
}

impl std::fmt::Display for Answered {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = String::from_utf8_lossy(&self.body).chars().take(2000).collect();
        write!(out, "{} {:?}, whole: {}\n{body}", self.status, self.headers, self.is_whole)
    }
}

/// A connection to somebody.
pub(crate) struct Line {
    reader: BufReader<TcpStream>,
}

/// How the body of an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    After(u64),
    Chunked,
    WithTheLine,
}

/// The head of an answer whose body is on its way.
pub(crate) struct Head {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    ends: Ends,
}

impl Line {
    pub(crate) fn to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { reader: BufReader::with_capacity(64 << 10, stream) })
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    /// Hears a whole answer.
    pub(crate) fn hear(&mut self) -> io::Result<Answered> {
        let head = self.head()?;
        let mut body = Vec::new();
        let ended = self.body(&head, &mut |piece| {
            body.extend_from_slice(piece);
            true
        });
        Ok(Answered { status: head.status, headers: head.headers, body, is_whole: ended.is_ok() })
    }

    /// Hears the head of an answer.
    pub(crate) fn head(&mut self) -> io::Result<Head> {
        let line = self.line()?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no status in `{line}`")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let value = |name| headers.iter().find(|(given, _)| given == name).map(|(_, it)| it);
        let ends = match (value("content-length"), value("transfer-encoding")) {
            (Some(length), None) => Ends::After(length.parse().map_err(io::Error::other)?),
            (None, Some(_)) => Ends::Chunked,
            (None, None) if status == 204 => Ends::After(0),
            (None, None) => Ends::WithTheLine,
            (Some(_), Some(_)) => return Err(io::Error::other("two lengths")),
        };
        Ok(Head { status, headers, ends })
    }

    /// Hears the body, piece by piece, until the listener has heard enough.
    pub(crate) fn body(
        &mut self,
        head: &Head,
        listener: &mut dyn FnMut(&[u8]) -> bool,
    ) -> io::Result<()> {
        match head.ends {
            Ends::After(length) => self.exactly(length, listener).map(drop),
            Ends::WithTheLine => {
                while self.piece(u64::MAX, listener)?.is_some_and(|(_, goes_on)| goes_on) {}
                Ok(())
            }
            Ends::Chunked => loop {
                let line = self.line()?;
                let size = line.split(';').next().unwrap_or_default();
                let size = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
                if !self.exactly(size, listener)? {
                    return Ok(());
                }
                self.line()?;
                if size == 0 {
                    return Ok(());
                }
            },
        }
    }

    /// Whether to go on.
    fn exactly(
        &mut self,
        mut left: u64,
        listener: &mut dyn FnMut(&[u8]) -> bool,
    ) -> io::Result<bool> {
        while left > 0 {
            match self.piece(left, listener)? {
                Some((taken, true)) => left -= taken,
                Some((_, false)) => return Ok(false),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        Ok(true)
    }

    /// The length of what came next, and whether to go on; `None` at the end.
    fn piece(
        &mut self,
        length_max: u64,
        listener: &mut dyn FnMut(&[u8]) -> bool,
    ) -> io::Result<Option<(u64, bool)>> {
        let there = self.reader.fill_buf()?;
        if there.is_empty() {
            return Ok(None);
        }
        let length = there.len().min(usize::try_from(length_max).unwrap_or(usize::MAX));
        let goes_on = listener(&there[..length]);
        self.reader.consume(length);
        Ok(Some((u64::try_from(length).unwrap(), goes_on)))
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        self.reader.by_ref().take(64 << 10).read_until(b'\n', &mut line)?;
        match line.strip_suffix(b"\r\n") {
            Some(line) => Ok(String::from_utf8_lossy(line).into_owned()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
