//! Bringing into the ledger what an earlier process left in the journal.

use std::collections::HashMap;
use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use centime_core::entry::{Entry, Uid};
use centime_core::time::Timestamp;
use centime_ledger::{Appended, JournalId, Journals, LedgerError, Mark};

use super::bytes::Malformed;
use super::error::{Damage, JournalError};
use super::folder::{Folder, HEADER, Header, Segment};
use super::live::Start;
use super::record::{Found, Record, Records};

/// How many entries are written together.
const BATCH_ENTRIES: usize = 4096;

/// What was found in a journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Outcomes that went into the ledger.
    pub new: u64,
    /// Calls that the ledger had already.
    pub known: u64,
    /// Calls whose outcome is not known: they are in the ledger as such now.
    pub in_doubt: u64,
    /// Bytes at the journal's end that are no whole record: of a call that was not made, for its writing
    /// did not come to its end.
    pub torn_bytes: u64,
    /// What could not be read, or was refused by the ledger. Somebody should look at it.
    pub damage: Vec<Damage>,
}

/// Brings everything into the ledger, clears the folder, and says where the journal goes on.
pub(super) fn replay(
    folder: &Folder,
    ledger: &mut impl Journals,
    now: Timestamp,
) -> Result<(Start, Recovered), JournalError> {
    let segments = folder.segments()?;
    let mut replay = Replay {
        ledger,
        known: None,
        end: segments.first().map_or(0, |segment| segment.start),
        intended: HashMap::new(),
        batch: Vec::new(),
        recovered: Recovered::default(),
    };
    for (index, segment) in segments.iter().enumerate() {
        replay.read(segment, segments.get(index + 1).map(|next| next.start))?;
    }
    let start = replay.finish(now)?;
    let recovered = replay.recovered;
    for Segment { path, .. } in segments {
        let kept = kept(&path);
        let cleared = match recovered.damage.iter().any(|damage| damage.file == kept) {
            true => std::fs::rename(&path, kept),
            false => std::fs::remove_file(&path),
        };
        cleared.map_err(|error| JournalError::open(&path, &error))?;
    }
    Ok((start, recovered))
}

/// The name that a file is kept under when it needs to be looked at.
fn kept(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".damaged");
    name.into()
}

/// A journal that is being read.
struct Replay<'l, L> {
    ledger: &'l mut L,
    /// The journal that the last segment is of, and up to where the ledger has it.
    known: Option<Mark>,
    /// Where the journal ends, as far as it was read.
    end: u64,
    /// Calls that nothing more is known of yet.
    intended: HashMap<Uid, Item>,
    /// Outcomes to write.
    batch: Vec<Item>,
    recovered: Recovered,
}

/// An entry for the ledger, and where it was found.
struct Item {
    entry: Entry,
    is_in_doubt: bool,
    file: PathBuf,
    offset: u64,
}

impl<L: Journals> Replay<'_, L> {
    /// Reads a segment, and writes what it holds. `next` is where the next one starts, which says how
    /// long this one must be; the last one may end in the middle of a record.
    fn read(&mut self, segment: &Segment, next: Option<u64>) -> Result<(), JournalError> {
        let Segment { start, path } = segment;
        let bytes = std::fs::read(path).map_err(|error| JournalError::open(path, &error))?;
        match Header::read(&bytes) {
            Header::Of(journal) => self.is_of(journal)?,
            Header::Newer(version) => return Err(newer(path, version)),
            // It was begun, and nothing came after.
            Header::Damaged if next.is_none() && bytes.len() <= HEADER => {
                self.recovered.torn_bytes += bytes.len() as u64;
                self.end = *start;
                return Ok(());
            }
            Header::Damaged => self.damage(path, 0, "its header is damaged".to_owned()),
        }
        let done = self.known.map_or(0, |mark| mark.position.saturating_sub(*start));
        let from = usize::try_from(done).unwrap_or(usize::MAX).max(HEADER);
        let whole = next.map(|next| next.saturating_sub(*start));
        self.end = start.saturating_add(bytes.len() as u64);
        for found in Records::starting_at(&bytes, from) {
            match found {
                Found::Record { record, start, .. } => self.record(*record, path, start)?,
                Found::Unknown { why: Malformed::Newer(version), .. } => {
                    return Err(newer(path, version.into()));
                }
                Found::Unknown { start, why, .. } => {
                    self.damage(path, start, format!("a record cannot be understood: {why}"));
                }
                Found::Damaged { start, end } => {
                    self.damage(path, start, format!("{} bytes are damaged", end - start));
                }
                Found::Torn { start: torn } => match whole {
                    None => {
                        self.recovered.torn_bytes += (bytes.len() - torn) as u64;
                        self.end = start.saturating_add(torn as u64);
                    }
                    // The half of a record that could not be cut off when the disk was full.
                    Some(whole) if torn as u64 >= whole => {}
                    Some(_) => {
                        let what = format!("{} bytes are damaged", bytes.len() - torn);
                        self.damage(path, torn, what);
                    }
                },
            }
        }
        if let Some(whole) = whole.filter(|whole| (bytes.len() as u64) < *whole && done < *whole) {
            let what = format!("it is cut short: {whole} bytes were written");
            self.damage(path, bytes.len(), what);
        }
        Ok(())
    }

    /// The segments from here on are of this journal.
    fn is_of(&mut self, journal: JournalId) -> Result<(), JournalError> {
        if self.known.is_none_or(|known| known.journal != journal) {
            let position = self.ledger.mark(journal)?.unwrap_or(0);
            self.known = Some(Mark { journal, position });
        }
        Ok(())
    }

    fn record(&mut self, record: Record, path: &Path, start: usize) -> Result<(), JournalError> {
        let item = |entry, is_in_doubt| {
            let (file, offset) = (path.to_owned(), start as u64);
            Item { entry, is_in_doubt, file, offset }
        };
        match record {
            Record::Intent { entry } => {
                self.intended.insert(entry.uid, item(entry, true));
            }
            Record::Released { uid } => {
                self.intended.remove(&uid);
            }
            Record::Outcome { entry } => {
                self.intended.remove(&entry.uid);
                self.batch.push(item(entry, false));
                if self.batch.len() >= BATCH_ENTRIES {
                    let batch = std::mem::take(&mut self.batch);
                    self.write(batch, None)?;
                }
            }
        }
        Ok(())
    }

    /// Writes what is left, and that the ledger has the journal up to its end.
    fn finish(&mut self, now: Timestamp) -> Result<Start, JournalError> {
        let mut batch = std::mem::take(&mut self.batch);
        let mut in_doubt: Vec<Item> = self.intended.drain().map(|(_, item)| item).collect();
        in_doubt.sort_by(|left, right| (&left.file, left.offset).cmp(&(&right.file, right.offset)));
        in_doubt.iter_mut().for_each(|item| item.entry.recorded_at = now);
        batch.extend(in_doubt);
        let (end, known) = (self.end, self.known);
        let position = end.max(known.map_or(0, |known| known.position));
        let mark = known.map(|known| Mark { position, ..known });
        self.write(batch, mark)?;
        let journal = known.map_or_else(new_id, |known| known.journal);
        Ok(Start { journal, position })
    }

    /// Writes entries, each that the ledger refuses apart.
    fn write(&mut self, items: Vec<Item>, mark: Option<Mark>) -> Result<(), JournalError> {
        let entries: Vec<Entry> = items.iter().map(|item| item.entry.clone()).collect();
        match self.ledger.append_marked(&entries, mark.as_slice()) {
            Ok(appended) => {
                for (item, appended) in items.into_iter().zip(appended) {
                    self.tell(&item, appended);
                }
                Ok(())
            }
            Err(LedgerError::Refused { reason, .. }) if items.len() == 1 => {
                for Item { entry, file, offset, .. } in items {
                    let what = format!("the ledger refused the entry `{}`: {reason}", entry.uid);
                    self.recovered.damage.push(Damage { file: kept(&file), offset, what });
                }
                self.write(Vec::new(), mark)
            }
            Err(LedgerError::Refused { .. }) if !items.is_empty() => {
                items.into_iter().try_for_each(|item| self.write(vec![item], None))?;
                self.write(Vec::new(), mark)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn tell(&mut self, item: &Item, appended: Appended) {
        match (appended, item.is_in_doubt) {
            (Appended::New, true) => self.recovered.in_doubt += 1,
            (Appended::New, false) => self.recovered.new += 1,
            // An outcome that the ledger has and the journal lost.
            (Appended::Known, _) | (Appended::Conflict, true) => self.recovered.known += 1,
            (Appended::Conflict, false) => {
                let what = format!("the ledger has another entry `{}`", item.entry.uid);
                let (file, offset) = (kept(&item.file), item.offset);
                self.recovered.damage.push(Damage { file, offset, what });
            }
        }
    }

    fn damage(&mut self, path: &Path, offset: usize, what: String) {
        self.recovered.damage.push(Damage { file: kept(path), offset: offset as u64, what });
    }
}

fn newer(path: &Path, version: u32) -> JournalError {
    JournalError::Newer { path: path.to_owned(), version }
}

/// The identity of a new journal: the standard library's random keys, hashed.
fn new_id() -> JournalId {
    let mut id = [0; 16];
    for half in id.chunks_exact_mut(8) {
        half.copy_from_slice(&RandomState::new().hash_one(0).to_le_bytes());
    }
    JournalId(id)
}
