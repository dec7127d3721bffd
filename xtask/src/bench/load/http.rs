//! A connection that calls: HTTP/1.1 in as few system calls as it takes, so that what is measured is
//! not the one that measures.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

/// How long an answer may pause.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// What is asked, always in the same words.
const QUESTION: &str = "How much is the fish at the market by the harbour today?";

/// A request, ready to be sent.
pub(super) struct Ask(Vec<u8>);

impl Ask {
    /// A chat with one question.
    pub(super) fn chat(key: &str, is_stream: bool) -> Self {
        let mut body = json!({"model": "gpt-4o-mini", "max_tokens": 1000, "messages": [
            {"role": "system", "content": "You are a helpful assistant that answers in one sentence."},
            {"role": "user", "content": QUESTION}]});
        if is_stream {
            body["stream"] = true.into();
            body["stream_options"] = json!({"include_usage": true});
        }
        let body = body.to_string();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\nx-centime-user: alice\r\nx-centime-team: search\r\n\
             x-centime-tags: app=bot\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self((head + &body).into_bytes())
    }

    /// A page that says whether it is well.
    pub(super) fn health(path: &str) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes())
    }
}

/// A connection, kept open from call to call.
pub(super) struct Connection {
    stream: TcpStream,
    /// What was read; before `at` it is done with.
    heard: Vec<u8>,
    at: usize,
}

/// How much of an answer is still to come.
#[derive(Debug, Clone, Copy)]
enum Length {
    Bytes(usize),
    Chunks,
}

impl Connection {
    pub(super) fn to(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PAUSE_MAX))?;
        stream.set_write_timeout(Some(PAUSE_MAX))?;
        Ok(Self { stream, heard: Vec::with_capacity(32 << 10), at: 0 })
    }

    pub(super) fn send(&mut self, ask: &Ask) -> Result<()> {
        Ok(self.stream.write_all(&ask.0)?)
    }

    /// Reads an answer to its end, and expects it to be a good one: answers when the first byte behind
    /// its head came.
    pub(super) fn answer(&mut self) -> Result<Instant> {
        let length = self.head()?;
        if self.at == self.heard.len() {
            self.read()?;
        }
        let first_byte = Instant::now();
        match length {
            Length::Bytes(bytes) => self.skip(bytes)?,
            Length::Chunks => while self.chunk()? > 0 {},
        }
        ensure!(self.at == self.heard.len(), "there is more than one answer");
        Ok(first_byte)
    }

    /// Reads the head and the first chunk of a stream.
    pub(super) fn first_chunk(&mut self) -> Result<()> {
        ensure!(matches!(self.head()?, Length::Chunks), "the answer is no stream");
        ensure!(self.chunk()? > 0, "the stream is empty");
        Ok(())
    }

    /// Reads the next chunk: how many bytes it has, none at the end of the stream.
    pub(super) fn chunk(&mut self) -> Result<usize> {
        let line = self.until(b"\r\n")?;
        let size =
            std::str::from_utf8(&line).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.context("a chunk without a size")?;
        self.skip(size + 2)?;
        Ok(size)
    }

    fn head(&mut self) -> Result<Length> {
        let head = self.until(b"\r\n\r\n")?;
        let head = String::from_utf8(head)?.to_ascii_lowercase();
        ensure!(head.starts_with("http/1.1 200"), "not a good answer: {head}");
        let header =
            |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if header("transfer-encoding:") == Some("chunked") {
            return Ok(Length::Chunks);
        }
        Ok(Length::Bytes(header("content-length:").context("an answer without a length")?.parse()?))
    }

    /// Takes what comes before a mark, and the mark.
    fn until(&mut self, mark: &[u8]) -> Result<Vec<u8>> {
        loop {
            let unread = &self.heard[self.at..];
            if let Some(end) = unread.windows(mark.len()).position(|window| window == mark) {
                let taken = unread[..end].to_vec();
                self.at += end + mark.len();
                return Ok(taken);
            }
            self.read()?;
        }
    }

    fn skip(&mut self, mut bytes: usize) -> Result<()> {
        loop {
            let there = bytes.min(self.heard.len() - self.at);
            self.at += there;
            bytes -= there;
            if bytes == 0 {
                return Ok(());
            }
            self.read()?;
        }
    }

    fn read(&mut self) -> Result<()> {
        self.heard.drain(..self.at);
        self.at = 0;
        let before = self.heard.len();
        self.heard.resize(before + (32 << 10), 0);
        let count = self.stream.read(&mut self.heard[before..])?;
        self.heard.truncate(before + count);
        ensure!(count > 0, "the connection was closed in mid-answer");
        Ok(())
    }
}
