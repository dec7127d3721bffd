//! A client of HTTP/2 that says exactly the frames it is told to, however wrong they are.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::Running;

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const PRIORITY: u8 = 2;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const ACK: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

pub(super) const PROTOCOL_ERROR: u32 = 1;
pub(super) const REFUSED_STREAM: u32 = 7;
pub(super) const CANCEL: u32 = 8;
pub(super) const ENHANCE_YOUR_CALM: u32 = 11;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

impl Frame {
    fn ends_stream(&self) -> bool {
        self.kind == RST_STREAM || self.kind <= HEADERS && self.flags & END_STREAM != 0
    }

    /// Why it gives something up.
    pub(super) fn reason(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

/// The bytes of a frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Fields as literals that nobody remembers.
pub(super) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        for text in [name, value] {
            length(&mut bytes, text.len());
            bytes.extend(text.as_bytes());
        }
    }
    bytes
}

fn length(bytes: &mut Vec<u8>, length: usize) {
    if length < 127 {
        bytes.push(u8::try_from(length).unwrap());
        return;
    }
    bytes.push(127);
    let mut rest = length - 127;
    while rest >= 128 {
        bytes.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    bytes.push(u8::try_from(rest).unwrap());
}

/// The fields of a request, with some of them set to others, and others added.
pub(super) fn fields<'a>(method: &'a str, path: &'a str, others: &[(&'a str, &'a str)]) -> Vec<u8> {
    let mut fields = vec![
        (":method", method),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
    ];
    for (name, value) in others {
        match fields.iter_mut().find(|(known, _)| known == name && name.starts_with(':')) {
            Some(known) => known.1 = value,
            None => fields.push((name, value)),
        }
    }
    fields.retain(|(name, value)| !(name.starts_with(':') && *value == "-"));
    block(&fields)
}

/// A request without a body.
pub(super) fn get(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields("GET", path, &[]))
}

/// The head of a request whose body is still to come.
pub(super) fn post(stream: u32, path: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let mut fields_of_json = vec![("content-type", "application/json")];
    fields_of_json.extend(others);
    frame(HEADERS, END_HEADERS, stream, &fields("POST", path, &fields_of_json))
}

/// What a client heard.
#[derive(Debug)]
pub(super) struct HeardFrames {
    pub(super) frames: Vec<Frame>,
    pub(super) is_closed: bool,
}

impl HeardFrames {
    /// Why the connection was given up, where that was told.
    pub(super) fn goaway(&self) -> Option<u32> {
        self.frames.iter().rfind(|frame| frame.kind == GOAWAY).map(Frame::reason)
    }

    /// Why a stream was given up.
    pub(super) fn reset(&self, stream: u32) -> Option<u32> {
        let is_reset = |frame: &&Frame| frame.kind == RST_STREAM && frame.stream == stream;
        self.frames.iter().find(is_reset).map(Frame::reason)
    }

    /// Whether a stream was answered, by a head at least.
    pub(super) fn has_head(&self, stream: u32) -> bool {
        self.frames.iter().any(|frame| frame.kind == HEADERS && frame.stream == stream)
    }

    /// The body of an answer.
    pub(super) fn text(&self, stream: u32) -> String {
        let is_data = |frame: &&Frame| frame.kind == DATA && frame.stream == stream;
        let data = self.frames.iter().filter(is_data).flat_map(|frame| frame.payload.clone());
        String::from_utf8(data.collect()).unwrap()
    }
}

/// A client that has said the preface and its settings, and nothing more.
pub(super) struct Client(pub(super) TcpStream);

impl Client {
    pub(super) fn new(gateway: &Running) -> Self {
        Self::with_settings(gateway, &[])
    }

    pub(super) fn with_settings(gateway: &Running, settings: &[u8]) -> Self {
        let mut client = Self(gateway.connect());
        client.0.set_nodelay(true).unwrap();
        client.say(PREFACE);
        client.say(frame(SETTINGS, 0, 0, settings));
        client.say(frame(SETTINGS, ACK, 0, &[]));
        client
    }

    /// Says something; whoever is not listened to any more is told when it hears.
    pub(super) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref());
    }

    /// Hears until the connection ends, or nothing comes for a while.
    pub(super) fn hear(&mut self) -> HeardFrames {
        self.hear_for(Duration::from_millis(500))
    }

    /// Hears until these streams have ended, or nothing comes for a while.
    pub(super) fn hear_ends(&mut self, streams: &[u32]) -> HeardFrames {
        self.hear_until(Duration::from_millis(500), |bytes| {
            let frames = read(bytes);
            streams.iter().all(|&stream| {
                frames.iter().any(|frame| frame.stream == stream && frame.ends_stream())
            })
        })
    }

    pub(super) fn hear_for(&mut self, silence: Duration) -> HeardFrames {
        self.hear_until(silence, |_| false)
    }

    fn hear_until(&mut self, silence: Duration, is_enough: impl Fn(&[u8]) -> bool) -> HeardFrames {
        self.0.set_read_timeout(Some(silence)).unwrap();
        let (mut bytes, mut space) = (Vec::new(), [0; 16 << 10]);
        let is_closed = loop {
            match self.0.read(&mut space) {
                Ok(0) => break true,
                Ok(read) => {
                    bytes.extend_from_slice(&space[..read]);
                    if is_enough(&bytes) {
                        break false;
                    }
                }
                Err(error) => {
                    let is_silent =
                        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                    break !is_silent;
                }
            }
        };
        HeardFrames { frames: read(&bytes), is_closed }
    }
}

fn read(mut bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<9>() {
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let Some((payload, rest)) = rest.split_at_checked(length) else { break };
        let stream = u32::from_be_bytes(head[5..].try_into().unwrap());
        frames.push(Frame { kind: head[3], flags: head[4], stream, payload: payload.to_vec() });
        bytes = rest;
    }
    frames
}
