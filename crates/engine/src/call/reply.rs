//! The body of an answer as the client gets it, metered on its way.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use centime_core::entry::Status;
use centime_providers::Metered;
use centime_providers::wire::pass::{End as Said, Piece, StreamPass};
use centime_providers::wire::skim::Skimmer;
use centime_upstream::{Answer, CutError, Pieces};
use http_body::{Body, Frame, SizeHint};

use super::settle::{Duty, Outcome, Settled};

/// The body of an answer to a client.
pub enum Reply {
    /// One that is here.
    Whole(Pieces),
    /// One that passes without being metered.
    Plain(Box<Answer>),
    /// One that is metered while it passes.
    Passing(Box<Passing>),
}

impl Reply {
    /// A text.
    #[must_use]
    pub fn of_text(text: impl Into<Bytes>) -> Self {
        Self::Whole(Pieces::from(text.into()))
    }
}

/// How an answer is metered while it passes.
pub(super) enum Meter {
    /// Its events, one by one.
    Stream(Box<StreamPass>),
    /// What matters of its JSON.
    Skim(Box<Skimmer>),
    /// Not at all: nobody here can read it.
    Blind,
}

/// An answer on its way. Whatever ends it, its call is settled: its own end, that it breaks off, or
/// that nobody takes it any more.
pub struct Passing {
    /// `None` once it is read on elsewhere.
    answer: Option<Answer>,
    meter: Meter,
    ready: VecDeque<Piece>,
    /// Gone once the call is settled.
    duty: Option<Duty>,
    /// What the status of the answer says.
    status: Status,
    /// How long it is read on once nobody takes it any more.
    drain: Option<Duration>,
    /// Whether the cost is told in a comment of the stream.
    tells_cost: bool,
    /// How it broke off, until that is told.
    cut: Option<CutError>,
    has_ended: bool,
}

/// What ended an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Its own end.
    Own,
    /// It broke off.
    Cut,
    /// Nobody takes it any more.
    Left,
}

impl Passing {
    pub(super) fn new(
        answer: Answer,
        meter: Meter,
        duty: Duty,
        status: Status,
        drain: Option<Duration>,
    ) -> Self {
        Self {
            answer: Some(answer),
            meter,
            ready: VecDeque::new(),
            duty: Some(duty),
            status,
            drain,
            tells_cost: true,
            cut: None,
            has_ended: false,
        }
    }

    /// Tells no cost in the stream.
    pub(super) fn without_comment(mut self) -> Self {
        self.tells_cost = false;
        self
    }

    /// Takes the next bytes, as they came.
    pub(super) fn take(&mut self, bytes: Bytes) {
        match &mut self.meter {
            Meter::Stream(pass) => pass.push(bytes, &mut self.ready),
            Meter::Skim(skimmer) => {
                skimmer.push(&bytes);
                self.ready.push_back(Piece::Bytes(bytes));
            }
            Meter::Blind => self.ready.push_back(Piece::Bytes(bytes)),
        }
    }

    /// The answer has ended by itself: what was held back of it goes out.
    fn finish(&mut self) {
        self.has_ended = true;
        self.answer = None;
        if let Meter::Stream(pass) = &mut self.meter {
            pass.finish(&mut self.ready);
        }
        if !self.ready.contains(&Piece::Cost) {
            // Where the length was told, nobody asks for more once it is reached.
            self.settle(End::Own);
        }
    }

    /// Settles the call as it stands now; `None` where that was done before.
    fn settle(&mut self, end: End) -> Option<Settled> {
        let duty = self.duty.take()?;
        let mut outcome = match (&mut self.meter, end) {
            (Meter::Stream(pass), _) => {
                let is_whole = pass.end() != Said::Open || end == End::Own;
                let metered = pass.metered().cloned();
                // Even a stream that ended properly may not have said what it used.
                let is_counted = !is_whole || metered.is_none();
                let (seen, unseen_bytes) =
                    if is_counted { pass.seen_text() } else { Default::default() };
                let seen = seen.to_owned();
                let status = if pass.end() == Said::Failed { Status::Error } else { self.status };
                Outcome { status, metered, is_whole, seen, unseen_bytes }
            }
            (Meter::Skim(skimmer), End::Own) => {
                // What cannot be read is counted instead.
                let metered = std::mem::take(&mut **skimmer).finish().unwrap_or_default();
                Outcome { status: self.status, metered, is_whole: true, ..Outcome::default() }
            }
            (Meter::Skim(_) | Meter::Blind, _) => {
                let is_whole = end == End::Own;
                Outcome { status: self.status, is_whole, ..Outcome::default() }
            }
        };
        if let Some(Metered { status: Status::Error, .. }) = &outcome.metered {
            outcome.status = Status::Error;
        }
        if !outcome.is_whole {
            outcome.status = if end == End::Left { Status::Aborted } else { Status::Error };
        }
        Some(duty.settle(outcome))
    }

    /// The next piece that is ready, the cost in its place.
    fn next_ready(&mut self) -> Option<Bytes> {
        loop {
            match self.ready.pop_front()? {
                Piece::Bytes(bytes) => return Some(bytes),
                Piece::Cost => {
                    // The place of the cost is the end of what can be metered.
                    let cost = self.settle(End::Own).and_then(|settled| settled.cost);
                    if let Some(cost) = cost.filter(|_| self.tells_cost) {
                        return Some(Bytes::from(format!(": centime-cost {cost}\n\n")));
                    }
                }
                Piece::UsageCost(metered) => {
                    let cost = self.duty.as_ref().and_then(|duty| duty.cost_of(&metered));
                    if let Some(cost) = cost {
                        return Some(Bytes::from(format!(",\"cost\":{cost}")));
                    }
                }
            }
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, CutError>>> {
        loop {
            if let Some(bytes) = self.next_ready() {
                return Poll::Ready(Some(Ok(bytes)));
            }
            if let Some(cut) = self.cut.take() {
                return Poll::Ready(Some(Err(cut)));
            }
            let Some(answer) = &mut self.answer else {
                self.settle(End::Own);
                return Poll::Ready(None);
            };
            match ready!(Pin::new(&mut *answer).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    // Trailers end here: they may name anything.
                    let is_last = answer.is_end_stream();
                    if let Ok(data) = frame.into_data() {
                        self.take(data);
                    }
                    if is_last {
                        self.finish();
                    }
                }
                Some(Err(cut)) => {
                    self.has_ended = true;
                    self.answer = None;
                    self.settle(End::Cut);
                    // The connection drops what it has not written yet when it is told: what came
                    // before the cut goes out first.
                    self.cut = Some(cut);
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                None => self.finish(),
            }
        }
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        if self.duty.is_none() {
            return;
        }
        let (Some(drain), Some(answer)) = (self.drain, self.answer.take()) else {
            self.settle(End::Left);
            return;
        };
        // The client has gone, the answer is read on for what it will say that was used.
        let mut rest = Self {
            answer: Some(answer),
            meter: std::mem::replace(&mut self.meter, Meter::Blind),
            ready: std::mem::take(&mut self.ready),
            duty: self.duty.take(),
            status: self.status,
            drain: None,
            tells_cost: false,
            cut: None,
            has_ended: false,
        };
        tokio::task::spawn_local(async move {
            let read_on =
                async { while let Some(Ok(_)) = poll_fn(|cx| rest.poll_next(cx)).await {} };
            // What is not read by then is settled as it stands, by dropping it.
            let _ = tokio::time::timeout(drain, read_on).await;
        });
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = CutError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutError>>> {
        match self.get_mut() {
            Self::Whole(pieces) => {
                let frame = ready!(Pin::new(pieces).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(|never| match never {})))
            }
            Self::Plain(answer) => Pin::new(&mut **answer).poll_frame(cx),
            Self::Passing(passing) => {
                let next = ready!(passing.poll_next(cx));
                Poll::Ready(next.map(|bytes| bytes.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(pieces) => pieces.is_end_stream(),
            Self::Plain(answer) => answer.is_end_stream(),
            Self::Passing(passing) => {
                let is_told = passing.ready.is_empty() && passing.cut.is_none();
                passing.has_ended && passing.duty.is_none() && is_told
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(pieces) => pieces.size_hint(),
            Self::Plain(answer) => answer.size_hint(),
            Self::Passing(_) => SizeHint::default(),
        }
    }
}
