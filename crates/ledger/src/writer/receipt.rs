//! The answer to a submission, before it is there: to wait for, to await, or to be called with.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::{Answer, WriterError};

/// What comes of a submission: [waited for](Self::wait), awaited (it is a future, of no runtime in
/// particular), or [called with](Self::then). The entries are written whether anybody asks or not.
#[derive(Debug)]
#[must_use = "only the answer says whether the entries are in the ledger"]
pub struct Receipt {
    slot: Arc<Slot>,
}

/// The other end: it answers once, and says that the writer is gone where it is dropped before.
#[derive(Debug)]
pub(super) struct Promise {
    slot: Arc<Slot>,
}

#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Default)]
enum State {
    /// Nobody asks yet.
    #[default]
    Open,
    /// A task is to be woken.
    Awaited(Waker),
    /// Somebody is to be called.
    Followed(Box<dyn FnOnce(Answer) + Send>),
    /// The answer is there.
    Answered(Answer),
    /// Somebody was called with the answer.
    Done,
}

/// Both ends of an answer.
pub(super) fn promise() -> (Promise, Receipt) {
    let slot = Arc::new(Slot::default());
    (Promise { slot: Arc::clone(&slot) }, Receipt { slot })
}

impl Receipt {
    /// Waits for the answer.
    ///
    /// # Errors
    /// When nothing of the submission was written.
    pub fn wait(self) -> Answer {
        let mut state = self.slot.state();
        loop {
            match std::mem::take(&mut *state) {
                State::Answered(answer) => return answer,
                pending => *state = pending,
            }
            state = self.slot.answered.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Has somebody called with the answer: at once where it is there, otherwise by the thread that
    /// writes, which everybody else waits for meanwhile; so let it be short.
    pub fn then(self, follow: impl FnOnce(Answer) + Send + 'static) {
        let mut state = self.slot.state();
        match std::mem::take(&mut *state) {
            State::Answered(answer) => {
                drop(state);
                follow(answer);
            }
            _ => *state = State::Followed(Box::new(follow)),
        }
    }
}

impl Future for Receipt {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let mut state = self.slot.state();
        if let State::Answered(answer) = &*state {
            return Poll::Ready(answer.clone());
        }
        *state = State::Awaited(context.waker().clone());
        Poll::Pending
    }
}

impl Promise {
    /// Gives the answer; a second one is not heard.
    pub(super) fn answer(&self, answer: Answer) {
        let mut state = self.slot.state();
        match std::mem::replace(&mut *state, State::Done) {
            State::Open => *state = State::Answered(answer),
            State::Awaited(waker) => {
                *state = State::Answered(answer);
                drop(state);
                unharmed(|| waker.wake());
            }
            State::Followed(follow) => {
                drop(state);
                unharmed(|| follow(answer));
            }
            before @ (State::Answered(_) | State::Done) => *state = before,
        }
        self.slot.answered.notify_all();
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.answer(Err(WriterError::Closed));
    }
}

/// Runs what belongs to somebody else: where it panics, the thread that writes goes on for the others.
fn unharmed(run: impl FnOnce()) {
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match *self.state() {
            State::Open | State::Awaited(_) | State::Followed(_) => "Pending",
            State::Answered(_) | State::Done => "Answered",
        })
    }
}
