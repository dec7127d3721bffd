//! What waits to be written: bounded, in the order it came.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::receipt::{self, Promise, Receipt};
use super::weight::bytes_of;
use super::{Submission, WriterError};

/// How much may wait to be written before senders wait as well. The submission that reaches a bound
/// may go beyond it, so that none is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Entries.
    pub entries: usize,
    /// Bytes of memory, about.
    pub bytes: usize,
    /// For how long submissions with a mark gather before they are written: a journal has them
    /// already, and a transaction costs about as much for a hundred as for one. A submission without
    /// a mark waits for nothing, nor do those that came before it.
    pub gather: Duration,
}

impl Default for Bounds {
    /// As many as a disk writes in a fraction of a second, and whatever comes is written at once.
    fn default() -> Self {
        Self { entries: 16_384, bytes: 32 << 20, gather: Duration::ZERO }
    }
}

/// A submission that was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// Too much is waiting already.
    #[error("too many entries are waiting to be written; try again when some of them are")]
    Full(Submission),
    /// The thread has ended.
    #[error("the ledger is closed for writing")]
    Closed(Submission),
}

/// A submission, and the promise to answer it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) submission: Submission,
    pub(super) promise: Promise,
}

/// The queue between those who submit and the one who writes.
#[derive(Debug)]
pub(super) struct Queue {
    bounds: Bounds,
    state: Mutex<State>,
    /// The first came, or what does not gather, or the queue is full or was closed.
    news: Condvar,
    /// Everything was taken, or the queue was closed.
    room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    entries: usize,
    bytes: usize,
    /// Something is there that is not to gather any longer.
    is_urgent: bool,
    is_closed: bool,
}

impl Queue {
    pub(super) fn new(bounds: Bounds) -> Self {
        let (news, room) = (Condvar::new(), Condvar::new());
        Self { bounds, state: Mutex::default(), news, room }
    }

    pub(super) fn submit(&self, submission: Submission) -> Result<Receipt, WriterError> {
        let bytes = bytes_of(&submission.entries);
        let mut state = self.state();
        while !state.is_closed && self.is_full(&state) {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            return Err(WriterError::Closed);
        }
        Ok(self.push(state, submission, bytes))
    }

    pub(super) fn try_submit(&self, submission: Submission) -> Result<Receipt, NotTaken> {
        let bytes = bytes_of(&submission.entries);
        let state = self.state();
        if state.is_closed {
            return Err(NotTaken::Closed(submission));
        }
        if self.is_full(&state) {
            return Err(NotTaken::Full(submission));
        }
        Ok(self.push(state, submission, bytes))
    }

    fn push(
        &self,
        mut state: MutexGuard<'_, State>,
        submission: Submission,
        bytes: usize,
    ) -> Receipt {
        let (promise, receipt) = receipt::promise();
        let is_first = state.jobs.is_empty();
        state.is_urgent |= submission.mark.is_none();
        state.entries += submission.entries.len();
        state.bytes += bytes;
        state.jobs.push_back(Job { submission, promise });
        let is_news = is_first || state.is_urgent || self.is_full(&state);
        drop(state);
        if is_news {
            self.news.notify_one();
        }
        receipt
    }

    /// Waits for something to write, lets it gather, and takes all there is; `None` once the queue is closed and
    /// everything was taken.
    pub(super) fn take_all(&self) -> Option<VecDeque<Job>> {
        let mut state = self.state();
        while state.jobs.is_empty() {
            if state.is_closed {
                return None;
            }
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if !self.bounds.gather.is_zero() {
            let gathers =
                |state: &mut State| !(state.is_urgent || state.is_closed || self.is_full(state));
            let gathered = self.news.wait_timeout_while(state, self.bounds.gather, gathers);
            (state, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        }
        (state.entries, state.bytes, state.is_urgent) = (0, 0, false);
        let jobs = std::mem::take(&mut state.jobs);
        drop(state);
        self.room.notify_all();
        Some(jobs)
    }

    /// Takes nothing any more; what is waiting stays to be taken out.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.news.notify_all();
        self.room.notify_all();
    }

    fn is_full(&self, state: &State) -> bool {
        state.entries >= self.bounds.entries || state.bytes >= self.bounds.bytes
    }

    /// Nothing here panics while it holds the lock, and no half of a change is ever left behind.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
