//! The folder of a journal: who has it, and the files in it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use centime_ledger::JournalId;

use super::error::JournalError;

/// What every segment begins with.
const BEGIN: [u8; 8] = *b"CENTIMEJ";
/// The version of the files that this program writes.
const VERSION: u32 = 1;
/// The bytes before the first record: the beginning, the version, the journal, the position of the
/// file's first byte, and a checksum of these.
pub(super) const HEADER: usize = 40;

const EXTENSION: &str = "calls";
const LOCK: &str = "lock";

/// A journal's folder, which no other process has meanwhile.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The lock goes with the file, and that with the process, however it ends.
    _lock: File,
}

/// A file of the journal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segment {
    /// The position of its first byte, which is its name.
    pub(super) start: u64,
    pub(super) path: PathBuf,
}

impl Folder {
    /// Opens the folder, which is made where there is none, and takes it for this process alone.
    pub(super) fn open(path: &Path) -> Result<Self, JournalError> {
        let fault = |error: io::Error| JournalError::open(path, &error);
        if !path.is_dir() {
            private_folder().create(path).map_err(fault)?;
        }
        let lock = private_file().append(true).create(true).open(path.join(LOCK)).map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(JournalError::Taken { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(fault(error)),
        }
    }

    /// The segments in order.
    pub(super) fn segments(&self) -> Result<Vec<Segment>, JournalError> {
        let fault = |error: io::Error| JournalError::open(&self.path, &error);
        let mut segments = Vec::new();
        for file in self.path.read_dir().map_err(fault)? {
            let path = file.map_err(fault)?.path();
            let is_ours = path.extension().is_some_and(|extension| extension == EXTENSION);
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let start = stem.and_then(|stem| u64::from_str_radix(stem, 16).ok());
            if let Some(start) = start.filter(|_| is_ours) {
                segments.push(Segment { start, path });
            }
        }
        segments.sort();
        Ok(segments)
    }

    /// Makes the segment that starts at a position; it is on the disk once the folder
    /// [is](Self::sync).
    pub(super) fn create(
        &self,
        journal: JournalId,
        start: u64,
    ) -> Result<(Segment, File), JournalError> {
        let path = self.path.join(format!("{start:016x}.{EXTENSION}"));
        let create = || -> io::Result<File> {
            // What is left of an attempt that failed holds no records.
            let mut file = private_file().append(true).create(true).open(&path)?;
            file.set_len(0)?;
            file.write_all(&header(journal, start))?;
            Ok(file)
        };
        match create() {
            Ok(file) => Ok((Segment { start, path }, file)),
            Err(error) => Err(JournalError::write(&path, &error)),
        }
    }

    /// Has the disk keep which files there are.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

fn header(journal: JournalId, start: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&BEGIN);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header[12..28].copy_from_slice(&journal.0);
    header[28..36].copy_from_slice(&start.to_le_bytes());
    let check = crc32fast::hash(&header[..36]);
    header[36..].copy_from_slice(&check.to_le_bytes());
    header
}

/// What the start of a segment says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// It is of this journal.
    Of(JournalId),
    /// It is of a version that this program does not know.
    Newer(u32),
    /// It is no header.
    Damaged,
}

impl Header {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else { return Self::Damaged };
        let Some((begin, rest)) = header.split_first_chunk::<8>() else { return Self::Damaged };
        let Some((version, rest)) = rest.split_first_chunk::<4>() else { return Self::Damaged };
        let Some((journal, _)) = rest.split_first_chunk::<16>() else { return Self::Damaged };
        let version = u32::from_le_bytes(*version);
        let is_whole = crc32fast::hash(&header[..36]).to_le_bytes() == header[36..];
        match (*begin == BEGIN && is_whole, version) {
            (false, _) => Self::Damaged,
            (true, VERSION) => Self::Of(JournalId(*journal)),
            (true, version) => Self::Newer(version),
        }
    }
}

/// A file for its owner's eyes alone: it says who called which model.
fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_whose_it_is_or_is_none() {
        let whole = header(JournalId([7; 16]), 1 << 40);
        assert_eq!(Header::read(&whole), Header::Of(JournalId([7; 16])));
        for cut in 0..HEADER {
            assert_eq!(Header::read(&whole[..cut]), Header::Damaged);
            let mut damaged = whole;
            damaged[cut] ^= 0x10;
            assert_eq!(Header::read(&damaged), Header::Damaged, "{cut}");
        }
        let mut newer = whole;
        newer[8] = 2;
        let check = crc32fast::hash(&newer[..36]);
        newer[36..].copy_from_slice(&check.to_le_bytes());
        assert_eq!(Header::read(&newer), Header::Newer(2));
    }

    #[test]
    fn one_process_has_a_folder_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("centime.db.calls");
        let folder = Folder::open(&path).unwrap();
        assert_eq!(Folder::open(&path).unwrap_err(), JournalError::Taken { path: path.clone() });
        drop(folder);
        Folder::open(&path).unwrap();
        let nowhere = home.path().join("no/such/folder");
        assert!(matches!(Folder::open(&nowhere), Err(JournalError::Open { .. })));
    }

    #[test]
    #[cfg(unix)]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("centime.db.calls");
        let folder = Folder::open(&path).unwrap();
        let (segment, _) = folder.create(JournalId([1; 16]), 0).unwrap();
        for (path, mode) in [(&path, 0o700), (&segment.path, 0o600), (&path.join(LOCK), 0o600)] {
            let found = std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(found & 0o777, mode, "{}", path.display());
        }
        assert_eq!(folder.segments().unwrap(), [segment]);
    }
}
