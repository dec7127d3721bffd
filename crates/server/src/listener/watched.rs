//! A connection whose bytes are watched as they pass.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::framing::{Fault, Framing};

/// How long a client that is refused in mid-request may take to read why.
const LINGER_TIME: Duration = Duration::from_secs(2);

/// What is known of the framing of a connection, for those who read it and those who answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Rc<RefCell<Framing>>);

impl Watch {
    /// What makes the request of this number doubtful, counted from 1.
    pub(super) fn fault_of(&self, request: u64) -> Option<Fault> {
        let (first, fault) = self.0.borrow().fault()?;
        (request >= first).then_some(fault)
    }

    fn see(&self, bytes: &[u8]) {
        self.0.borrow_mut().see(bytes);
    }

    fn is_amid_request(&self) -> bool {
        self.0.borrow().is_amid_request()
    }
}

/// A connection, with the bytes that were read to tell its protocol, and what watches it.
pub(super) struct Watched {
    stream: TcpStream,
    start: Vec<u8>,
    /// Of HTTP/1, and how long a request may pause: a client that says half of one holds a place.
    watch: Option<(Watch, Duration)>,
    pause: Option<Pin<Box<Sleep>>>,
    is_paused: bool,
    has_ended: bool,
    /// How long what is written may lie before the client takes it up.
    answer_time: Duration,
    stall: Option<Pin<Box<Sleep>>>,
    linger: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    pub(super) fn new(
        stream: TcpStream,
        start: Vec<u8>,
        answer_time: Duration,
        watch: Option<(Watch, Duration)>,
    ) -> Self {
        Self {
            stream,
            start,
            watch,
            pause: None,
            is_paused: false,
            has_ended: false,
            answer_time,
            stall: None,
            linger: None,
        }
    }

    /// What became of writing: where the client takes nothing up, that lasts for so long and no longer.
    fn poll_stall(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let time = self.answer_time;
        let stall = self.stall.get_or_insert_with(|| Box::pin(tokio::time::sleep(time)));
        ready!(stall.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Waits for more of a request, for as long as that may take.
    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some((watch, time)) = &self.watch else { return Poll::Pending };
        if !watch.is_amid_request() {
            return Poll::Pending;
        }
        let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(*time)));
        if !std::mem::replace(&mut self.is_paused, true) {
            pause.as_mut().reset(Instant::now() + *time);
        }
        ready!(pause.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads on, into nowhere. A connection that is closed over unread bytes is reset, and the reset
    /// overtakes the answer.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let until = self.linger.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER_TIME)));
        let mut space = [0; 4096];
        while until.as_mut().poll(cx).is_pending() {
            let mut space = ReadBuf::new(&mut space);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut space)) {
                Ok(()) if !space.filled().is_empty() => {}
                _ => break,
            }
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = space.filled().len();
        if this.start.is_empty() {
            match Pin::new(&mut this.stream).poll_read(cx, space) {
                Poll::Pending => return this.poll_pause(cx),
                Poll::Ready(read) => read?,
            }
        } else {
            let fits = this.start.len().min(space.remaining());
            space.put_slice(&this.start[..fits]);
            this.start.drain(..fits);
            if this.start.is_empty() {
                this.start = Vec::new();
            }
        }
        this.is_paused = false;
        let read = &space.filled()[before..];
        this.has_ended |= read.is_empty();
        if let Some((watch, _)) = &this.watch {
            watch.see(read);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.poll_stall(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.poll_stall(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        let is_amid = self.watch.as_ref().is_some_and(|(watch, _)| watch.is_amid_request());
        if is_amid && !self.has_ended {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
