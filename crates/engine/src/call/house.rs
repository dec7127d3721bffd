//! What all threads of a gateway share, and what each has of its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use centime_budgets::Bank;
use centime_choice::{Catalogue, Qualities};
use centime_core::entry::Entry;
use centime_core::price::PriceBook;
use centime_core::time::Timestamp;
use centime_upstream::{Pool, Timeouts};

use super::keyring::{Keyring, Sight};
use super::provider::Directory;
use super::record::Recorder;
use crate::key_names::KeyNames;
use crate::pricer::Pricer;

/// What a gateway takes and how long it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest body of a request, in bytes.
    pub body_bytes_max: usize,
    /// Answers up to this length are held until their cost is known, for its header.
    pub unary_buffer_bytes: usize,
    /// How long each part of a call may take.
    pub timeouts: Timeouts,
    /// How long a call is read on once its client has gone; `None`: it is broken off.
    pub drain: Option<Duration>,
    /// The output limit of a call is never lowered below so many tokens.
    pub output_tokens_min: u64,
    /// How long a call waits for the holds of others, where a budget pays for it without them.
    pub hold_wait: Duration,
    /// Whether a call without a price is made under a hard budget.
    pub allows_unpriced: bool,
    /// Whether a client's own key is passed on where it asks for it, or where there is none of ours.
    pub passes_keys: bool,
}

/// The price book in force, which may be replaced at any time.
#[derive(Debug)]
pub struct Books {
    number: AtomicU64,
    book: Mutex<Arc<PriceBook>>,
}

impl Books {
    /// Begins with a book.
    #[must_use]
    pub fn new(book: Arc<PriceBook>) -> Self {
        Self { number: AtomicU64::new(0), book: Mutex::new(book) }
    }

    /// The book in force.
    #[must_use]
    pub fn current(&self) -> Arc<PriceBook> {
        Arc::clone(&self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another in force: calls that end from now on are priced by it.
    pub fn replace(&self, book: Arc<PriceBook>) {
        *self.book.lock().unwrap_or_else(PoisonError::into_inner) = book;
        self.number.fetch_add(1, Ordering::Release);
    }
}

/// Is told of every call that has ended.
pub trait Observer: Send + Sync {
    /// A call has ended, and this is its entry. `prepared_in` is how long it took until its request
    /// could leave.
    fn settled(&self, entry: &Entry, prepared_in: Duration);

    /// A call was refused, or got no answer.
    fn refused(&self);

    /// A provider did not answer: why, in words without content or a credential. [`Observer::refused`]
    /// is told of the call as well.
    fn unanswered(&self, provider: &str, why: &str) {
        let _ = (provider, why);
    }
}

/// What all threads share.
pub struct House {
    /// Where calls go.
    pub directory: Directory,
    /// What is taken and how long is waited.
    pub limits: Limits,
    /// The prices.
    pub books: Books,
    /// How good models are, where one is to be chosen.
    pub qualities: Qualities,
    /// The budgets, and what is left of them.
    pub bank: Arc<Bank>,
    /// Where intents and outcomes are kept.
    pub recorder: Arc<dyn Recorder>,
    /// Who is told.
    pub observer: Arc<dyn Observer>,
    /// The name of a client's own key, by which its calls belong together and nobody can use it.
    pub key_names: KeyNames,
    /// Who may call.
    pub keyring: Arc<Keyring>,
    /// What time it is.
    pub clock: fn() -> Timestamp,
}

/// One thread's own.
pub struct Worker {
    pub(super) house: Arc<House>,
    pub(super) pool: Pool,
    pricer: RefCell<Pricer>,
    /// The models to choose from, and the number of the book that they are read from.
    catalogue: RefCell<Option<(u64, Rc<Catalogue>)>>,
    /// The number of the book that the pricer has.
    book_number: Cell<u64>,
    pub(super) keys: Sight,
}

impl Worker {
    /// A worker of a house, on the thread whose runtime will run its calls.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(house: Arc<House>) -> Result<Rc<Self>, String> {
        let pool = Pool::new().map_err(|error| format!("cannot set up TLS: {error}"))?;
        let book_number = Cell::new(house.books.number.load(Ordering::Acquire));
        let pricer = RefCell::new(Pricer::new(house.books.current()));
        let keys = house.keyring.sight();
        let catalogue = RefCell::new(None);
        Ok(Rc::new(Self { house, pool, pricer, catalogue, book_number, keys }))
    }

    /// The models to choose from, which `read` reads from the book in force where that is another.
    pub(super) fn with_catalogue(
        &self,
        read: impl FnOnce(&PriceBook) -> Catalogue,
    ) -> Rc<Catalogue> {
        let number = self.house.books.number.load(Ordering::Acquire);
        let mut kept = self.catalogue.borrow_mut();
        if let Some((of, catalogue)) = &*kept
            && *of == number
        {
            return Rc::clone(catalogue);
        }
        let catalogue = Rc::new(read(&self.house.books.current()));
        *kept = Some((number, Rc::clone(&catalogue)));
        catalogue
    }

    /// Uses the pricer, over the book in force.
    pub(super) fn with_pricer<T>(&self, use_it: impl FnOnce(&mut Pricer) -> T) -> T {
        let number = self.house.books.number.load(Ordering::Acquire);
        let mut pricer = self.pricer.borrow_mut();
        if self.book_number.replace(number) != number {
            *pricer = Pricer::new(self.house.books.current());
        }
        use_it(&mut pricer)
    }
}
