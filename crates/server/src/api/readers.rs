//! The threads that read the ledger for whoever asks: a question never waits where calls do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;

use centime_ledger::{Ledger, LedgerError};
use tokio::sync::oneshot;

use super::Store;
use super::refusal::Refused;

/// How many questions are answered at once: a long one does not hold up a short one, and both leave
/// the machine to the calls.
const READERS: usize = 2;

/// How many more may wait.
const WAITING_MAX: usize = 64;

/// A question, and where its answer goes.
type Question = Box<dyn FnOnce(&mut Reader) + Send>;

/// The threads, which end with the last of those who ask them.
#[derive(Clone)]
pub(super) struct Readers(SyncSender<Question>);

/// What a question is asked of: the ledger, by a connection of its own.
pub(super) struct Reader {
    store: Arc<dyn Store>,
    ledger: Option<Box<dyn Ledger>>,
}

impl Reader {
    /// The ledger.
    pub(super) fn ledger(&mut self) -> Result<&dyn Ledger, LedgerError> {
        let ledger = match self.ledger.take() {
            Some(ledger) => ledger,
            None => self.store.reader()?,
        };
        Ok(&**self.ledger.insert(ledger))
    }

    /// What else there is to know.
    pub(super) fn store(&self) -> &dyn Store {
        &*self.store
    }
}

impl Readers {
    /// Starts them. The ledger is opened once somebody asks.
    pub(super) fn start(store: &Arc<dyn Store>) -> std::io::Result<Self> {
        let (ask, questions) = sync_channel(WAITING_MAX);
        let questions = Arc::new(Mutex::new(questions));
        for _ in 0..READERS {
            let (store, questions) = (Arc::clone(store), Arc::clone(&questions));
            let answer = move || answer(&mut Reader { store, ledger: None }, &questions);
            Builder::new().name("reader".to_owned()).spawn(answer)?;
        }
        Ok(Self(ask))
    }

    /// Asks a question. One that nobody waits for any more is not answered.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Reader) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let (tell, told) = oneshot::channel();
        let question = move |reader: &mut Reader| {
            if tell.is_closed() {
                return;
            }
            let answer = question(reader);
            if matches!(answer, Err(Refused::Ledger(_))) {
                // The next one finds out whether the ledger is back.
                reader.ledger = None;
            }
            let _ = tell.send(answer);
        };
        if self.0.try_send(Box::new(question)).is_err() {
            return Err(Refused::Busy);
        }
        told.await.unwrap_or(Err(Refused::Defect))
    }
}

/// Answers one question after the other.
fn answer(reader: &mut Reader, questions: &Mutex<Receiver<Question>>) {
    loop {
        // Whoever waits holds the lock; the others wait for it.
        let question = questions.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(question) = question else { return };
        if catch_unwind(AssertUnwindSafe(|| question(reader))).is_err() {
            reader.ledger = None;
        }
    }
}
