//! The thread itself.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use centime_core::entry::Entry;

use super::queue::{Bounds, Job, Queue};
use super::receipt::Promise;
use super::{Answer, Writer, WriterError};
use crate::journal::Mark;
use crate::traits::Journals;

/// The thread that writes, with the ledger that is its own meanwhile. Where it is dropped it ends as by
/// [`WriterThread::finish`].
#[derive(Debug)]
pub struct WriterThread<L> {
    writer: Writer,
    thread: Option<JoinHandle<L>>,
}

impl<L: Journals + Send + 'static> WriterThread<L> {
    /// Starts it.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(mut ledger: L, bounds: Bounds) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(bounds));
        let writer = Writer { queue: Arc::clone(&queue) };
        let run = move || {
            let _closing = Closing(&queue);
            while let Some(jobs) = queue.take_all() {
                Group::of(jobs).write(&mut ledger);
            }
            ledger
        };
        let thread = Builder::new().name("ledger writer".to_owned()).spawn(run)?;
        Ok(Self { writer, thread: Some(thread) })
    }
}

impl<L> WriterThread<L> {
    /// The handle to write by; clone it for others.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Takes no more submissions, writes and answers all there are, and gives the ledger back.
    ///
    /// # Errors
    /// When the thread came to another end.
    pub fn finish(mut self) -> Result<L, WriterError> {
        match self.join() {
            Some(Ok(ledger)) => Ok(ledger),
            Some(Err(panic)) => Err(WriterError::Panicked(words_of(&*panic))),
            None => Err(WriterError::Closed),
        }
    }

    fn join(&mut self) -> Option<std::thread::Result<L>> {
        self.writer.queue.close();
        self.thread.take().map(JoinHandle::join)
    }
}

impl<L> Drop for WriterThread<L> {
    fn drop(&mut self) {
        let _ = self.join();
    }
}

/// However the thread ends, nobody goes on waiting for it.
struct Closing<'q>(&'q Queue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
        while self.0.take_all().is_some() {}
    }
}

/// What is written in one transaction: the entries of all, and what each is about.
struct Group {
    entries: Vec<Entry>,
    parts: Vec<Part>,
}

/// A submission of a group.
struct Part {
    /// How many of the entries are its own.
    entries: usize,
    mark: Option<Mark>,
    promise: Promise,
}

impl Group {
    fn of(jobs: impl IntoIterator<Item = Job>) -> Self {
        let mut group = Self { entries: Vec::new(), parts: Vec::new() };
        for Job { mut submission, promise } in jobs {
            let part = Part { entries: submission.entries.len(), mark: submission.mark, promise };
            group.entries.append(&mut submission.entries);
            group.parts.push(part);
        }
        group
    }

    fn write(self, ledger: &mut impl Journals) {
        write(ledger, &self.entries, &self.parts);
    }
}

/// Writes the parts together; where one of them is at fault, the halves apart, and so on down to it.
fn write(ledger: &mut impl Journals, entries: &[Entry], parts: &[Part]) {
    match append(ledger, entries, parts) {
        Ok(appended) => {
            let mut appended = appended.into_iter();
            for part in parts {
                part.promise.answer(Ok(appended.by_ref().take(part.entries).collect()));
            }
        }
        Err(error) if parts.len() > 1 && error.may_be_of_an_entry() => {
            let (left, right) = parts.split_at(parts.len() / 2);
            let of_left = left.iter().map(|part| part.entries).sum();
            let (entries_left, entries_right) = entries.split_at(of_left);
            write(ledger, entries_left, left);
            write(ledger, entries_right, right);
        }
        Err(error) => {
            for part in parts {
                part.promise.answer(Err(error.clone()));
            }
        }
    }
}

fn append(ledger: &mut impl Journals, entries: &[Entry], parts: &[Part]) -> Answer {
    let marks: Vec<Mark> = parts.iter().filter_map(|part| part.mark).collect();
    // A ledger leaves no more behind when it panics than when it fails.
    match catch_unwind(AssertUnwindSafe(|| ledger.append_marked(entries, &marks))) {
        Ok(appended) => Ok(appended?),
        Err(panic) => Err(WriterError::Panicked(words_of(&*panic))),
    }
}

/// What a panic said.
fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it did not say why".to_owned())
}
