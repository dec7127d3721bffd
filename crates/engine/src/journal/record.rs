//! What a journal says, and how it is said in bytes.
//!
//! A record is a **frame**: four bytes that begin every one, the length of what follows, a checksum of
//! that, the version of the encoding, the kind of the record, and its fields. So a record that was cut
//! or damaged is told from a whole one, and the next whole one is found behind it.

use centime_core::entry::{Entry, Uid};
use centime_core::money::PicoUsd;

use super::bytes::{Malformed, Put, Take};
use super::entry;

/// The version of the encoding that this program writes; it reads all up to it.
pub(super) const VERSION: u8 = 2;

/// What every frame begins with: no text has the first byte.
const BEGIN: [u8; 4] = *b"\xF5rec";
/// The bytes before the payload.
const HEAD: usize = 12;
/// The longest payload; the longest entry takes a hundredth of it.
const PAYLOAD_MAX: usize = 1 << 20;

/// One record of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A call is about to be made.
    Intent {
        /// What is known of it, as it goes into the ledger if no more ever is: `in_doubt`, with what
        /// budgets set aside for it.
        entry: Entry,
    },
    /// A call came to its end: the entry to write.
    Outcome {
        /// The whole entry.
        entry: Entry,
    },
    /// Of a call that was about to be made provably nothing was sent.
    Released {
        /// The entry that it would have had.
        uid: Uid,
    },
}

const INTENT: u8 = 1;
const OUTCOME: u8 = 2;
const RELEASED: u8 = 3;

/// A record that is longer than any that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong {
    pub(super) bytes: usize,
}

/// A record to write, without the parts of it being copied together before.
#[derive(Debug, Clone, Copy)]
pub(super) enum Writing<'r> {
    Intent(&'r Entry),
    Outcome(&'r Entry),
    Released(Uid),
}

impl Writing<'_> {
    /// Whose record it is.
    pub(super) fn uid(self) -> Uid {
        match self {
            Self::Intent(entry) | Self::Outcome(entry) => entry.uid,
            Self::Released(uid) => uid,
        }
    }

    /// Writes the frame into a buffer, in place of what was there.
    pub(super) fn frame(self, buffer: &mut Vec<u8>) -> Result<(), TooLong> {
        buffer.clear();
        buffer.extend_from_slice(&BEGIN);
        buffer.extend_from_slice(&[0; HEAD - BEGIN.len()]);
        let mut put = Put(buffer);
        put.byte(VERSION);
        match self {
            Self::Intent(entry) => {
                put.byte(INTENT);
                entry::put(&mut put, entry);
            }
            Self::Outcome(entry) => {
                put.byte(OUTCOME);
                entry::put(&mut put, entry);
            }
            Self::Released(uid) => {
                put.byte(RELEASED);
                put.fixed(uid.0);
            }
        }
        let bytes = buffer.len() - HEAD;
        let length = u32::try_from(bytes).ok().filter(|_| bytes <= PAYLOAD_MAX);
        let length = length.ok_or(TooLong { bytes })?.to_le_bytes();
        let check = checksum(length, &buffer[HEAD..]).to_le_bytes();
        buffer[4..8].copy_from_slice(&length);
        buffer[8..HEAD].copy_from_slice(&check);
        Ok(())
    }
}

impl Record {
    /// Writes its frame into a buffer, in place of what was there.
    ///
    /// # Errors
    /// When it is longer than a record may be: its length.
    pub fn frame(&self, buffer: &mut Vec<u8>) -> Result<(), usize> {
        let writing = match self {
            Self::Intent { entry } => Writing::Intent(entry),
            Self::Outcome { entry } => Writing::Outcome(entry),
            Self::Released { uid } => Writing::Released(*uid),
        };
        writing.frame(buffer).map_err(|long| long.bytes)
    }

    fn read(payload: &[u8]) -> Result<Self, Malformed> {
        let mut take = Take(payload);
        let version = take.byte()?;
        if version > VERSION {
            return Err(Malformed::Newer(version));
        }
        let record = match (version, take.byte()?) {
            (1..=VERSION, INTENT) => {
                let mut entry = entry::take(&mut take, version)?;
                if version == 1 {
                    entry.held = hold_of_version_1(&mut take)?;
                }
                Self::Intent { entry }
            }
            (1..=VERSION, OUTCOME) => Self::Outcome { entry: entry::take(&mut take, version)? },
            (1..=VERSION, RELEASED) => Self::Released { uid: Uid(take.fixed()?) },
            _ => return Err(Malformed::Value("kind")),
        };
        take.end()?;
        Ok(record)
    }
}

/// What was set aside, as the first version wrote it: names of budgets, which are found again by whom
/// the call is for, and how much.
fn hold_of_version_1(take: &mut Take<'_>) -> Result<Option<PicoUsd>, Malformed> {
    entry::many(take, "hold.budgets", |take| take.text("hold.budgets").map(drop))?;
    let held = entry::money(take, "hold.worst_case")?;
    Ok((held != PicoUsd::ZERO).then_some(held))
}

/// The checksum of a frame: of its length too, so that no run of zeros is a record.
fn checksum(length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}

/// What is read of a journal's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A record, and where it stands.
    Record {
        /// The record.
        record: Box<Record>,
        /// Its first byte.
        start: usize,
        /// The first byte after it.
        end: usize,
    },
    /// A whole frame whose record cannot be understood.
    Unknown {
        /// Its first byte.
        start: usize,
        /// The first byte after it.
        end: usize,
        /// What is wrong.
        why: Malformed,
    },
    /// Bytes that are no frame, with frames behind them.
    Damaged {
        /// The first of them.
        start: usize,
        /// The first byte of the next frame.
        end: usize,
    },
    /// Bytes that are no frame up to the end: what a write that was cut short leaves.
    Torn {
        /// The first of them.
        start: usize,
    },
}

/// Reads records out of bytes, from the first to the last, over whatever damage there is.
#[derive(Debug, Clone)]
pub struct Records<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Records<'b> {
    /// The records in these bytes, which begin with one.
    #[must_use]
    pub fn of(bytes: &'b [u8]) -> Self {
        Self::starting_at(bytes, 0)
    }

    pub(super) fn starting_at(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at: at.min(bytes.len()) }
    }
}

impl Iterator for Records<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        let start = self.at;
        if start == self.bytes.len() {
            return None;
        }
        if let Some(payload) = payload_at(self.bytes, start) {
            let end = start + HEAD + payload.len();
            self.at = end;
            return Some(match Record::read(payload) {
                Ok(record) => Found::Record { record: Box::new(record), start, end },
                Err(why) => Found::Unknown { start, end, why },
            });
        }
        let next = (start + 1..self.bytes.len()).find(|&at| payload_at(self.bytes, at).is_some());
        self.at = next.unwrap_or(self.bytes.len());
        Some(match next {
            Some(end) => Found::Damaged { start, end },
            None => Found::Torn { start },
        })
    }
}

/// The payload of the whole frame at a place, if there is one.
fn payload_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = bytes.get(at..)?.strip_prefix(&BEGIN)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (check, rest) = rest.split_first_chunk::<4>()?;
    let bytes = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let payload = rest.get(..bytes).filter(|_| bytes <= PAYLOAD_MAX)?;
    (checksum(*length, payload) == u32::from_le_bytes(*check)).then_some(payload)
}
