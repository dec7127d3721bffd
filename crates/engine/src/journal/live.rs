//! A journal that is being written.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use centime_core::entry::Uid;
use centime_ledger::{JournalId, Mark};

use super::disk::{Disk, Written};
use super::error::JournalError;
use super::folder::{Folder, HEADER, Segment};
use super::pending::Pending;
use super::record::Writing;
use super::{Durability, Settings};

thread_local! {
    /// Where a thread makes its frames: outside of the lock, and without taking memory for each.
    static FRAME: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Where a journal goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) journal: JournalId,
    pub(super) position: u64,
}

/// A journal that is being written, shared by those who write, the one who flushes, and the writer of
/// the ledger.
#[derive(Debug)]
pub(super) struct Live {
    folder: Folder,
    journal: JournalId,
    settings: Settings,
    disk: Arc<Disk>,
    state: Mutex<State>,
    /// There is something for the flusher to do.
    news: Condvar,
}

#[derive(Debug)]
struct State {
    segment: Segment,
    file: Arc<File>,
    /// How long the segment is, in whole records.
    length: u64,
    /// The segment ends in the half of a record, which could not be cut off.
    is_torn: bool,
    pending: Pending,
    /// Earlier segments, with the position that each ends at.
    earlier: VecDeque<(u64, PathBuf)>,
    /// Segments that the ledger has wholly.
    done: Vec<PathBuf>,
    /// Files that were written since the last flush, besides the last segment.
    unflushed: Vec<Arc<File>>,
    /// A file was made since the last flush.
    has_new_file: bool,
    is_dirty: bool,
    is_closed: bool,
}

impl State {
    fn end(&self) -> u64 {
        self.segment.start + self.length
    }
}

impl Live {
    /// Begins a segment at a position.
    pub(super) fn begin(
        folder: Folder,
        settings: Settings,
        start: Start,
    ) -> Result<Self, JournalError> {
        let Start { journal, position } = start;
        let (segment, file) = folder.create(journal, position)?;
        let state = State {
            segment,
            file: Arc::new(file),
            length: HEADER as u64,
            is_torn: false,
            pending: Pending::default(),
            earlier: VecDeque::new(),
            done: Vec::new(),
            unflushed: Vec::new(),
            has_new_file: true,
            is_dirty: true,
            is_closed: false,
        };
        let (disk, state, news) = (Arc::default(), Mutex::new(state), Condvar::new());
        Ok(Self { folder, journal, settings, disk, state, news })
    }

    /// Hands a record to the kernel.
    pub(super) fn append(&self, writing: Writing<'_>) -> Result<Written, JournalError> {
        // Where the disk does not keep what it is given no call is begun; what came of one is written
        // all the same, for it may be kept.
        if let (Writing::Intent(_), Some(failure)) = (writing, self.disk.failure()) {
            return Err(failure);
        }
        FRAME.with_borrow_mut(|frame| {
            let framed = writing.frame(frame);
            framed.map_err(|long| JournalError::TooLong { bytes: long.bytes })?;
            self.write(writing, frame)
        })
    }

    fn write(&self, writing: Writing<'_>, frame: &[u8]) -> Result<Written, JournalError> {
        let mut state = self.state();
        if state.is_torn || state.length >= self.settings.segment_bytes {
            self.next_segment(&mut state)?;
        }
        if let Err(error) = (&*state.file).write_all(frame) {
            // Of a record nothing stays, or the next one begins a segment of its own.
            state.is_torn = state.file.set_len(state.length).is_err();
            return Err(JournalError::write(&state.segment.path, &error));
        }
        let position = state.end();
        state.length += frame.len() as u64;
        match writing {
            Writing::Intent(_) | Writing::Outcome(_) => state.pending.add(writing.uid(), position),
            Writing::Released(uid) => state.pending.remove(uid),
        }
        let end = state.end();
        let was_dirty = std::mem::replace(&mut state.is_dirty, true);
        drop(state);
        if !was_dirty {
            self.news.notify_one();
        }
        Ok(match self.settings.durability {
            Durability::Process => Written::at_once(),
            Durability::Power => Written::once_on(Arc::clone(&self.disk), end),
        })
    }

    fn next_segment(&self, state: &mut State) -> Result<(), JournalError> {
        let end = state.end();
        let (segment, file) = self.folder.create(self.journal, end)?;
        let before = std::mem::replace(&mut state.segment, segment);
        state.earlier.push_back((end, before.path));
        let file = std::mem::replace(&mut state.file, Arc::new(file));
        state.unflushed.push(file);
        (state.length, state.is_torn, state.has_new_file) = (HEADER as u64, false, true);
        self.retire(state);
        Ok(())
    }

    /// The ledger has the entry of a call.
    pub(super) fn applied(&self, uid: Uid) {
        let mut state = self.state();
        state.pending.remove(uid);
        self.retire(&mut state);
    }

    /// Lets go of the segments that the ledger has wholly.
    fn retire(&self, state: &mut State) {
        if state.earlier.is_empty() {
            return;
        }
        let end = state.end();
        let mark = state.pending.mark(end);
        while state.earlier.front().is_some_and(|(end, _)| *end <= mark) {
            let path = state.earlier.pop_front().map(|(_, path)| path);
            state.done.extend(path);
            self.news.notify_one();
        }
    }

    pub(super) fn mark(&self) -> Mark {
        let mut state = self.state();
        let end = state.end();
        Mark { journal: self.journal, position: state.pending.mark(end) }
    }

    pub(super) fn pending(&self) -> usize {
        self.state().pending.len()
    }

    /// Has the flusher end when everything is flushed.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.news.notify_one();
    }

    /// Flushes whenever something was written: soon where nobody waits for it, otherwise at once. What
    /// comes during a flush is flushed together by the next.
    pub(super) fn flush_until_closed(&self) {
        let mut state = self.state();
        loop {
            while !state.is_dirty && state.done.is_empty() && !state.is_closed {
                state = self.wait(state);
            }
            if !state.is_dirty && state.done.is_empty() {
                return;
            }
            if self.settings.durability == Durability::Process && !state.is_closed {
                let waited =
                    self.news.wait_timeout_while(state, self.settings.flush_every, |state| {
                        !state.is_closed
                    });
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            let mut files = std::mem::take(&mut state.unflushed);
            files.push(Arc::clone(&state.file));
            let has_new_file = std::mem::take(&mut state.has_new_file);
            let (path, end) = (state.segment.path.clone(), state.end());
            let done = std::mem::take(&mut state.done);
            state.is_dirty = false;
            drop(state);

            let folder = has_new_file.then(|| self.folder.sync()).transpose();
            let flushed = folder.and_then(|_| files.iter().try_for_each(|file| file.sync_data()));
            let failed =
                |error: std::io::Error| JournalError::Sync { path, reason: error.to_string() };
            self.disk.flushed(end, flushed.map_err(failed));
            for path in done {
                // One that stays is found by whoever opens the journal next, and is of no consequence.
                let _ = std::fs::remove_file(path);
            }
            state = self.state();
        }
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.news.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
