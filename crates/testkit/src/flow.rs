//! The body of an answer: a script, played.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::script::Step;
use crate::tally::Receipt;

/// A body that plays the steps of a script.
pub(crate) struct Flow {
    steps: Arc<[Step]>,
    at: usize,
    /// How often the step was done, where it is done repeatedly.
    repeated: u64,
    sleep: Option<Pin<Box<Sleep>>>,
    is_asleep: bool,
    /// What is left to send, where the client is told beforehand.
    left: Option<u64>,
    /// Says that the connection is to be reset, not closed.
    reset: Arc<AtomicBool>,
    /// Counted when the last byte was handed on.
    receipt: Option<Receipt>,
}

impl Flow {
    /// A body of these steps; with `length`, of so many bytes, which the client is told.
    pub(crate) fn new(
        steps: Arc<[Step]>,
        length: Option<u64>,
        reset: Arc<AtomicBool>,
        receipt: Option<Receipt>,
    ) -> Self {
        let mut flow = Self {
            steps,
            at: 0,
            repeated: 0,
            sleep: None,
            is_asleep: false,
            left: length,
            reset,
            receipt,
        };
        flow.settle();
        flow
    }

    /// Counts the answer once nothing is left of it: an empty body is never asked for a frame, nor one
    /// whose length is reached for another.
    fn settle(&mut self) {
        let is_over = self.at == self.steps.len() || self.left == Some(0);
        if is_over && let Some(receipt) = self.receipt.take() {
            receipt.answered();
        }
    }

    /// Whether the time of the step has passed.
    fn has_slept(&mut self, wait: std::time::Duration, context: &mut Context<'_>) -> bool {
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                if !self.is_asleep {
                    sleep.as_mut().reset(Instant::now() + wait);
                }
                sleep
            }
            none => none.insert(Box::pin(tokio::time::sleep(wait))),
        };
        self.is_asleep = sleep.as_mut().poll(context).is_pending();
        !self.is_asleep
    }

    fn hand_on(&mut self, bytes: Bytes) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        }
        self.settle();
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

impl Body for Flow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let steps = Arc::clone(&self.steps);
        while let Some(step) = steps.get(self.at) {
            match step {
                Step::Wait(wait) => {
                    if !self.has_slept(*wait, context) {
                        return Poll::Pending;
                    }
                    self.at += 1;
                }
                Step::Send(bytes) => {
                    self.at += 1;
                    return self.hand_on(bytes.clone());
                }
                Step::Repeat(bytes, times) if self.repeated < *times => {
                    self.repeated += 1;
                    return self.hand_on(bytes.clone());
                }
                Step::Repeat(..) => {
                    self.repeated = 0;
                    self.at += 1;
                }
                Step::Hang => return Poll::Pending,
                Step::Close | Step::Reset => {
                    self.reset.store(*step == Step::Reset, Ordering::Relaxed);
                    let cut = io::Error::other("the answer is cut here, as it was asked to be");
                    return Poll::Ready(Some(Err(cut)));
                }
            }
        }
        self.settle();
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.at == self.steps.len()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
