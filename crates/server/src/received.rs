//! The body of a request, as the service reads it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

/// The body of a request that was let in. Whoever reads it waits for a pause to end, and no longer than a
/// pause may last.
#[derive(Debug)]
pub struct Received {
    body: Incoming,
    /// How long it may pause, where nothing else watches for that.
    pause_max: Option<Duration>,
    pause: Option<Pin<Box<Sleep>>>,
}

/// Why a body is not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// Its connection or its stream broke off.
    #[error("{0}")]
    Broken(#[from] hyper::Error),
    /// Nothing more of it came for too long.
    #[error("the body of the request paused for too long")]
    Paused,
}

impl Received {
    pub(crate) fn new(body: Incoming, pause_max: Option<Duration>) -> Self {
        Self { body, pause_max, pause: None }
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = ReceiveError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ReceiveError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.pause = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(ReceiveError::Broken)));
        }
        let Some(time) = this.pause_max else { return Poll::Pending };
        let pause = this.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(time)));
        ready!(pause.as_mut().poll(cx));
        Poll::Ready(Some(Err(ReceiveError::Paused)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
