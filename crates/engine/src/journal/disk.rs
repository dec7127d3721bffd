//! What is on the disk, and who waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::error::JournalError;

/// Up to where the disk has the journal. Many wait, and one flush answers all of them.
#[derive(Debug, Default)]
pub(super) struct Disk {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct State {
    position: u64,
    /// The first flush that failed; what one that failed has dropped, none after it brings back.
    failure: Option<JournalError>,
    wakers: Vec<Waker>,
}

impl Disk {
    /// A flush ended: what is before a position is on the disk, or may not be.
    pub(super) fn flushed(&self, position: u64, outcome: Result<(), JournalError>) {
        let mut state = self.state();
        match outcome {
            Ok(()) => state.position = position.max(state.position),
            Err(failure) => {
                state.failure.get_or_insert(failure);
            }
        }
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        self.moved.notify_all();
        // Whatever a waker does, the others are woken, and the disk flushed again.
        let wake = |waker: Waker| drop(catch_unwind(AssertUnwindSafe(|| waker.wake())));
        wakers.into_iter().for_each(wake);
    }

    /// Whether a flush has failed.
    pub(super) fn failure(&self) -> Option<JournalError> {
        self.state().failure.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether a position is on the disk, where that is known.
    fn has(&self, position: u64) -> Option<Result<(), JournalError>> {
        if self.position >= position {
            return Some(Ok(()));
        }
        self.failure.clone().map(Err)
    }
}

/// A record that was handed to the kernel, so that the death of the process does not lose it. To know
/// that the loss of power does not either, wait or await (it is a future of no runtime in particular);
/// that takes no time with [`Durability::Process`](super::Durability::Process), which promises less.
#[derive(Debug)]
#[must_use = "with `Durability::Power` nothing is certain before it was waited for"]
pub struct Written {
    /// What to wait for, if anything.
    awaited: Option<(Arc<Disk>, u64)>,
}

impl Written {
    pub(super) fn at_once() -> Self {
        Self { awaited: None }
    }

    pub(super) fn once_on(disk: Arc<Disk>, position: u64) -> Self {
        Self { awaited: Some((disk, position)) }
    }

    /// Waits for the disk, where that was promised.
    ///
    /// # Errors
    /// When the disk failed.
    pub fn wait(self) -> Result<(), JournalError> {
        let Some((disk, position)) = self.awaited else { return Ok(()) };
        let mut state = disk.state();
        loop {
            if let Some(outcome) = state.has(position) {
                return outcome;
            }
            state = disk.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Future for Written {
    type Output = Result<(), JournalError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some((disk, position)) = &self.awaited else { return Poll::Ready(Ok(())) };
        let mut state = disk.state();
        if let Some(outcome) = state.has(*position) {
            return Poll::Ready(outcome);
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            state.wakers.push(context.waker().clone());
        }
        Poll::Pending
    }
}
