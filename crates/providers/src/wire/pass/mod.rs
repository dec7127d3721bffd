//! A stream that goes through byte for byte, and is metered on the way.

mod frame;
mod long;
mod reader;
mod seen;
mod sign;
mod values;

use std::collections::VecDeque;
use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};

use self::frame::{Data, Ends, Frame};
use self::long::Long;
use self::reader::Reader;
use self::seen::Seen;
use self::sign::{Search, Told};
use self::values::{Found, Values};
use super::cost;
use super::endpoint::Endpoint;
use super::members::Members;
use super::skim::Skimmer;
use crate::error::ReadError;
use crate::json::Value;
use crate::metered::Metered;

pub use self::reader::End;

/// How much of an event that has not ended is held. A longer one goes through as it comes: nothing is
/// taken out of it, and it is skimmed for its usage.
pub const EVENT_MAX: usize = 256 * 1024;

const BOM: &[u8] = "\u{feff}".as_bytes();

/// What goes to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Bytes),
    /// The place of the cost comment, between two events: `: centime-cost 0.00123\n\n`, or nothing.
    Cost,
    /// The place of `,"cost":0.00123` at the end of a usage object, or nothing; what was metered up to
    /// there.
    UsageCost(Box<Metered>),
}

/// How the events of a stream are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events, `text/event-stream`.
    Events,
    /// JSON values in an array or in lines. They are metered and never changed, and get no comment.
    Values,
}

impl Framing {
    /// The framing of an answer by its content type; `None` where it is no stream of a kind that is
    /// known.
    ///
    /// An `application/json` is one only where a stream was asked for (Gemini without `alt=sse`).
    #[must_use]
    pub fn of(content_type: &str) -> Option<Self> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "text/event-stream" => Some(Self::Events),
            "application/json"
            | "application/x-ndjson"
            | "application/jsonl"
            | "application/stream+json" => Some(Self::Values),
            _ => None,
        }
    }
}

/// What is to be done with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// What was asked for, which says where the text of the answer is.
    pub endpoint: Endpoint,
    /// How its events are told apart.
    pub framing: Framing,
    /// Whether usage was asked for on the client's behalf: it is taken out again.
    pub is_usage_ours: bool,
    /// Whether the client sees what it cost in the usage.
    pub has_usage_cost: bool,
}

/// Passes a stream through, byte for byte, and meters it.
///
/// Whole runs of events go out as slices of the chunks that they came in; an event that a chunk cuts
/// is held until it ends, up to [`EVENT_MAX`], since a client can do nothing with it before. Only where
/// usage was asked for on the client's behalf is something taken out: the usage event, and the member
/// `usage` of the others, with its comma.
///
/// ```
/// use std::collections::VecDeque;
/// use bytes::Bytes;
/// use centime_providers::wire::Endpoint;
/// use centime_providers::wire::pass::{End, Framing, Piece, Rules, StreamPass};
///
/// let mut pass = StreamPass::new(Rules {
///     endpoint: Endpoint::ChatCompletions,
///     framing: Framing::Events,
///     is_usage_ours: true,
///     has_usage_cost: false,
/// });
/// let mut out = VecDeque::new();
/// pass.push(Bytes::from("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}\n\n"), &mut out);
/// pass.push(Bytes::from("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":8,\"completion_tokens\":2}}\n\n"), &mut out);
/// pass.push(Bytes::from("data: [DONE]\n\n"), &mut out);
/// pass.finish(&mut out);
///
/// let text: String = out.iter().map(|piece| match piece {
///     Piece::Bytes(bytes) => std::str::from_utf8(bytes).unwrap(),
///     Piece::Cost => ": centime-cost 0.00003\n\n",
///     Piece::UsageCost(_) => "",
/// }).collect();
/// assert_eq!(text, "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n: centime-cost 0.00003\n\ndata: [DONE]\n\n");
/// assert_eq!(pass.metered().unwrap().usage.meters().len(), 2);
/// assert_eq!(pass.end(), End::Done);
/// ```
#[derive(Debug, Clone)]
pub struct StreamPass {
    rules: Rules,
    reader: Reader,
    seen: Seen,
    values: Values,
    /// An event that has not ended.
    held: BytesMut,
    /// Where the end of the event that has not ended is looked for.
    ends: Ends,
    /// The event that has not ended, once it is too long to be held.
    long: Option<Long>,
    /// A `\n` that comes next still belongs to the last event; whether that was taken out.
    owed: Option<bool>,
    /// Whether nothing came yet.
    is_new: bool,
    /// Whether an event came that has data.
    has_events: bool,
    /// Whether the place of the cost was given.
    has_cost: bool,
}

impl StreamPass {
    /// A pass for one stream.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            reader: Reader::default(),
            seen: Seen::of(rules.endpoint),
            values: Values::default(),
            held: BytesMut::new(),
            ends: Ends::default(),
            long: None,
            owed: None,
            is_new: true,
            has_events: false,
            has_cost: false,
        }
    }

    /// Takes the next chunk, cut anywhere, and gives what goes on.
    pub fn push(&mut self, mut chunk: Bytes, out: &mut VecDeque<Piece>) {
        if chunk.is_empty() {
            return;
        }
        if self.rules.framing == Framing::Values {
            self.push_values(&chunk);
            out.push_back(Piece::Bytes(chunk));
            return;
        }
        if let Some(is_out) = self.owed.take()
            && chunk.first() == Some(&b'\n')
        {
            let end = chunk.split_to(1);
            if !is_out {
                out.push_back(Piece::Bytes(end));
            }
        }
        if !self.held.is_empty() || self.long.is_some() {
            let Some(end) = self.ends.find(&chunk) else {
                self.hold(&chunk, out);
                return;
            };
            self.hold(&chunk.split_to(end), out);
            if let Some(long) = self.long.take() {
                self.skimmed(&long.into_skimmer());
            } else {
                let event = self.held.split().freeze();
                self.run(&event, false, out);
            }
            if chunk.has_remaining() {
                self.owed = None;
            }
        }
        self.run(&chunk, false, out);
    }

    /// The stream is at its end, or was cut: gives what was held, and the place of the cost where it
    /// was not given yet. There is none in an event that was cut.
    pub fn finish(&mut self, out: &mut VecDeque<Piece>) {
        let was_cut = !self.held.is_empty() || self.long.is_some();
        if let Some(long) = self.long.take() {
            self.skimmed(&long.into_skimmer());
        }
        let event = self.held.split().freeze();
        self.run(&event, true, out);
        if self.has_events && !was_cut {
            self.cost(out);
        }
    }

    /// What was metered so far.
    #[must_use]
    pub const fn metered(&self) -> Option<&Metered> {
        self.reader.metered()
    }

    /// How the stream stands.
    #[must_use]
    pub const fn end(&self) -> End {
        self.reader.end()
    }

    /// Why not everything that may be metered was understood, if so.
    #[must_use]
    pub const fn doubt(&self) -> Option<&ReadError> {
        self.reader.doubt()
    }

    /// The text of the answer so far, of all kinds: words, reasoning, calls of functions. Of a very
    /// long one the beginning, and how many bytes followed it.
    ///
    /// It is for the estimate of a stream that was cut before it told its usage, and is kept nowhere.
    pub fn seen_text(&mut self) -> (&str, u64) {
        self.seen.text()
    }

    /// Passes the events on that end in these bytes, and holds what is behind them.
    fn run(&mut self, bytes: &Bytes, is_last: bool, out: &mut VecDeque<Piece>) {
        if bytes.is_empty() {
            return;
        }
        let mut search = Search::over(bytes);
        let mut run = Run { bytes, done: 0, out };
        let (mut at, mut owed) = (0, None);
        let bom = if self.is_new && bytes.starts_with(BOM) { BOM.len() } else { 0 };
        while let Some(frame) = frame::next(bytes, at.max(bom), is_last) {
            let is_out = self.event(at, &frame, &mut search, &mut run);
            owed = frame.is_open.then_some(is_out);
            at = frame.end;
        }
        run.pass(at);
        self.owed = owed;
        self.is_new &= at == 0;
        if let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            self.ends = Ends::default();
            let _ = self.ends.find(rest);
            self.hold(&bytes.slice(at..), run.out);
        }
    }

    /// Takes one event; whether it is taken out of the stream.
    fn event(
        &mut self,
        start: usize,
        frame: &Frame,
        search: &mut Search<'_>,
        run: &mut Run<'_>,
    ) -> bool {
        let mut told = search.before(frame.end);
        let joined;
        let (data, at) = match &frame.data {
            Data::None => return false,
            Data::Line(at) => (run.bytes.get(at.clone()).unwrap_or_default(), Some(at.clone())),
            Data::Lines => {
                let event = run.bytes.get(start..frame.end).unwrap_or_default();
                joined = frame::joined(event);
                told = if sign::any(&joined) { Told::Something } else { Told::Nothing };
                (joined.as_slice(), None)
            }
        };
        self.has_events = true;
        if data.first() == Some(&b'[') && data.trim_ascii() == b"[DONE]" {
            run.pass(start);
            self.cost(run.out);
            self.reader.done();
            return false;
        }
        self.seen.note(data);
        match told {
            Told::Nothing => false,
            Told::NoUsage(member) => {
                if let Some(at) = at.filter(|_| self.rules.is_usage_ours)
                    && let Some(gone) = sign::with_comma(run.bytes, at, member)
                {
                    run.leave_out(gone);
                }
                false
            }
            Told::Something => self.telling(data, at, start..frame.end, run),
        }
    }

    /// Reads an event that may carry usage, and changes it where it must; whether it is taken out.
    fn telling(
        &mut self,
        data: &[u8],
        at: Option<Range<usize>>,
        event: Range<usize>,
        run: &mut Run<'_>,
    ) -> bool {
        let Some(sort) = self.reader.read(data) else {
            return false;
        };
        if !self.rules.is_usage_ours && !self.rules.has_usage_cost {
            return false;
        }
        let Some(members) =
            std::str::from_utf8(data).ok().and_then(|text| Members::parse(text).ok())
        else {
            return false;
        };
        if self.rules.is_usage_ours {
            let Ok(Some(usage)) = members.get("usage") else {
                return false;
            };
            let is_usage = matches!(usage.value, Value::Object(_));
            if is_usage && !sort.has_content && !sort.has_failed {
                run.leave_out(event);
                return true;
            }
            if let Some(at) = at.filter(|_| is_usage || usage.value == Value::Null) {
                let gone = members.with_comma(usage);
                run.leave_out(at.start + gone.start..at.start + gone.end);
            }
        } else if let (Some(at), Some(metered)) = (at, self.reader.metered())
            && let Some(place) = cost::place(&members).filter(|place| !place.is_first)
            && sort.is_metered
            && !sort.is_start
        {
            run.pass(at.start + place.at);
            run.out.push_back(Piece::UsageCost(Box::new(metered.clone())));
        }
        false
    }

    /// Keeps the beginning of an event back, as long as it is not too long.
    fn hold(&mut self, bytes: &Bytes, out: &mut VecDeque<Piece>) {
        if self.long.is_none() && self.held.len() + bytes.len() <= EVENT_MAX {
            self.held.extend_from_slice(bytes);
            return;
        }
        let long = self.long.get_or_insert_default();
        if !self.held.is_empty() {
            let held = self.held.split().freeze();
            long.push(&held);
            out.push_back(Piece::Bytes(held));
        }
        long.push(bytes);
        out.push_back(Piece::Bytes(bytes.clone()));
    }

    fn cost(&mut self, out: &mut VecDeque<Piece>) {
        if self.rules.framing == Framing::Events && !std::mem::replace(&mut self.has_cost, true) {
            out.push_back(Piece::Cost);
        }
    }

    /// Reads what was kept of an event that was too long.
    fn skimmed(&mut self, skimmer: &Skimmer) {
        self.has_events = true;
        match skimmer.skeleton() {
            Ok(skeleton) if sign::any(skeleton.as_bytes()) => {
                self.reader.read(skeleton.trim().as_bytes());
            }
            Ok(_) => {}
            Err(error) => self.reader.doubts(error),
        }
        if !skimmer.is_whole() {
            let what = "an event of the stream was too long to be read as a whole";
            self.reader.doubts(ReadError::new("", what));
        }
    }

    fn push_values(&mut self, chunk: &[u8]) {
        let mut values = std::mem::take(&mut self.values);
        values.push(chunk, |value| match value {
            Found::Long(skimmer) => self.skimmed(&skimmer),
            Found::Whole(value) => {
                // Each may be the one with the counts, which have no name in common.
                self.seen.note(value);
                self.reader.read(value);
            }
        });
        self.values = values;
    }
}

/// A run of events on its way out.
struct Run<'a> {
    bytes: &'a Bytes,
    /// What is before this has gone out, or was left out.
    done: usize,
    out: &'a mut VecDeque<Piece>,
}

impl Run<'_> {
    /// Passes everything on up to here.
    fn pass(&mut self, end: usize) {
        if end > self.done {
            self.out.push_back(Piece::Bytes(self.bytes.slice(self.done..end)));
            self.done = end;
        }
    }

    /// Leaves something out that has not gone yet.
    fn leave_out(&mut self, gone: Range<usize>) {
        if gone.start >= self.done {
            self.pass(gone.start);
            self.done = gone.end;
        }
    }
}
