//! The body of an answer, read as it comes.

use std::future::Future as _;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use crate::base::Base;
use crate::error::CutError;
use crate::link::Link;
use crate::pool::{Shared, Timeouts};

/// Pieces up to this length are gathered, so that a burst of events goes on as one.
const GATHERED_PIECE_BYTES_MAX: usize = 8 * 1024;
/// How much is gathered at once.
const GATHERED_BYTES_MAX: usize = 32 * 1024;

/// The body of a provider's answer.
///
/// It drives its own connection and gives it back to the pool at the end; dropped before, it breaks
/// it off, which is how a provider learns that nobody listens any more.
pub struct Answer {
    incoming: Incoming,
    /// `None` once it is back in the pool.
    link: Option<Link>,
    base: Base,
    pool: Rc<Shared>,
    timeouts: Timeouts,
    begun: Instant,
    /// When the last piece came.
    heard: Instant,
    /// Rings when the earliest of the deadlines may have passed.
    alarm: Pin<Box<Sleep>>,
    gathered: BytesMut,
    /// What comes after what was gathered.
    next: Option<Result<Frame<Bytes>, CutError>>,
    has_ended: bool,
}

impl Answer {
    pub(crate) fn new(
        incoming: Incoming,
        link: Link,
        base: Base,
        pool: Rc<Shared>,
        timeouts: Timeouts,
        begun: Instant,
    ) -> Self {
        let heard = Instant::now();
        let alarm = Box::pin(tokio::time::sleep(timeouts.idle));
        Self {
            incoming,
            link: Some(link),
            base,
            pool,
            timeouts,
            begun,
            heard,
            alarm,
            gathered: BytesMut::new(),
            next: None,
            has_ended: false,
        }
    }

    /// The next frame as HTTP has it, driving the connection where there is none yet.
    fn poll_incoming(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        if let Some(link) = &mut self.link {
            link.drive(cx);
        }
        Pin::new(&mut self.incoming).poll_frame(cx)
    }

    /// The end: the connection is free for the next call, if it stays open.
    fn end(&mut self, cx: &mut Context<'_>) {
        self.has_ended = true;
        if let Some(mut link) = self.link.take() {
            link.drive(cx);
            self.pool.take_back(&self.base, link);
        }
    }

    /// Ends the connection where a deadline has passed.
    fn poll_deadlines(&mut self, cx: &mut Context<'_>) -> Poll<CutError> {
        while self.alarm.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            let total = self.begun + self.timeouts.total;
            let idle = self.heard + self.timeouts.idle;
            if now >= total {
                return Poll::Ready(CutError::Total);
            }
            if now >= idle {
                return Poll::Ready(CutError::Idle { seconds: self.timeouts.idle.as_secs() });
            }
            // Pieces that came meanwhile did not wind the alarm: that would cost each of them.
            self.alarm.as_mut().reset(total.min(idle));
        }
        Poll::Pending
    }

    /// What was gathered, if anything.
    fn take_gathered(&mut self) -> Option<Frame<Bytes>> {
        (!self.gathered.is_empty()).then(|| Frame::data(self.gathered.split().freeze()))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = CutError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutError>>> {
        let this = self.get_mut();
        if let Some(next) = this.next.take() {
            return Poll::Ready(Some(next));
        }
        if this.has_ended {
            return Poll::Ready(None);
        }
        let mut first: Option<Bytes> = None;
        loop {
            let frame = match this.poll_incoming(cx) {
                Poll::Ready(Some(Ok(frame))) => frame,
                Poll::Ready(Some(Err(error))) => {
                    this.has_ended = true;
                    this.link = None;
                    this.next = Some(Err(error.into()));
                    break;
                }
                Poll::Ready(None) => {
                    this.end(cx);
                    break;
                }
                Poll::Pending => {
                    if first.is_some() || !this.gathered.is_empty() {
                        break;
                    }
                    let Poll::Ready(cut) = this.poll_deadlines(cx) else { return Poll::Pending };
                    this.has_ended = true;
                    this.link = None;
                    return Poll::Ready(Some(Err(cut)));
                }
            };
            match frame.into_data() {
                Ok(data) if data.is_empty() => {}
                Ok(data) => {
                    if data.len() > GATHERED_PIECE_BYTES_MAX {
                        if first.is_none() && this.gathered.is_empty() {
                            first = Some(data);
                        } else {
                            this.next = Some(Ok(Frame::data(data)));
                        }
                        break;
                    }
                    if let Some(first) = first.take() {
                        this.gathered.extend_from_slice(&first);
                    } else if this.gathered.is_empty() {
                        first = Some(data);
                        continue;
                    }
                    this.gathered.extend_from_slice(&data);
                    if this.gathered.len() >= GATHERED_BYTES_MAX {
                        break;
                    }
                }
                Err(trailers) => {
                    this.next = Some(Ok(trailers));
                    break;
                }
            }
        }
        if !this.has_ended && this.incoming.is_end_stream() {
            // Whoever knows the length does not ask for more, and the connection must not be lost.
            this.end(cx);
        }
        this.heard = Instant::now();
        match first.map(Frame::data).or_else(|| this.take_gathered()) {
            Some(frame) => Poll::Ready(Some(Ok(frame))),
            None => Poll::Ready(this.next.take()),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended && self.next.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        if self.has_ended { SizeHint::with_exact(0) } else { self.incoming.size_hint() }
    }
}
