//! A file that is whole or not there: it is written beside its place, and takes its name at the end.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file in the making. Unless it is kept, nothing is left of it.
#[derive(Debug)]
pub(crate) struct Draft {
    /// What the person called it.
    name: PathBuf,
    /// Where it goes.
    target: PathBuf,
    /// Where it is until then; `None` for what is no file (a pipe, a terminal), which is written as
    /// it comes.
    beside: Option<PathBuf>,
}

impl Draft {
    /// A file for this path. A link is followed, and a file that is there will be replaced; but not
    /// the ledger.
    ///
    /// # Errors
    /// When that is a folder, or the ledger.
    pub(crate) fn new(path: &Path, ledger: &Path) -> Result<Self, Failure> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut draft = Self { name: path.to_owned(), beside: None, target };
        let there = fs::metadata(&draft.target).ok();
        if there.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(draft.refused("it is a folder; name a file in it"));
        }
        if is_part_of(ledger, &draft.target) {
            return Err(draft.refused("it is the ledger; name another file"));
        }
        if there.is_some_and(|there| !there.is_file()) {
            return Ok(draft);
        }
        let Some(file_name) = draft.target.file_name() else {
            return Err(draft.refused("that is no name of a file"));
        };
        let mut beside = OsString::from(".");
        beside.push(file_name);
        beside.push(format!(".{}.part", std::process::id()));
        draft.beside = Some(draft.target.with_file_name(beside));
        Ok(draft)
    }

    /// What to write to.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn output(&self) -> Result<File, Failure> {
        let opened = match &self.beside {
            Some(beside) => File::create_new(beside),
            None => OpenOptions::new().write(true).open(&self.target),
        };
        opened.map_err(|error| self.failed(&error))
    }

    /// Gives it its name, once it is on the disk, and says that name.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(crate) fn keep(mut self) -> Result<String, Failure> {
        if let Some(beside) = self.beside.clone() {
            self.settle(&beside).map_err(|error| self.failed(&error))?;
            self.beside = None;
        }
        Ok(self.name.display().to_string())
    }

    fn settle(&self, beside: &Path) -> io::Result<()> {
        File::open(beside)?.sync_all()?;
        // Who may read the file that is replaced may read the new one.
        if let Ok(there) = fs::metadata(&self.target) {
            fs::set_permissions(beside, there.permissions())?;
        }
        fs::rename(beside, &self.target)
    }

    /// What is said when it could not be written.
    pub(crate) fn failed(&self, error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::NobodyListens;
        }
        let name = self.name.display();
        Failure::Environment(format!("cannot write `{name}`: {error}; nothing of it was kept"))
    }

    fn refused(&self, why: &str) -> Failure {
        Failure::Usage(format!("-o `{}`: {why}", self.name.display()))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
        }
    }
}

/// Whether a file is the ledger, or one of those that SQLite keeps beside it.
fn is_part_of(ledger: &Path, file: &Path) -> bool {
    let Ok(ledger) = fs::canonicalize(ledger) else { return false };
    ["", "-wal", "-shm", "-journal"].into_iter().any(|suffix| {
        let mut part = ledger.clone().into_os_string();
        part.push(suffix);
        let part = PathBuf::from(part);
        file == part || fs::canonicalize(file).is_ok_and(|file| file == part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let draft = Draft::new(path, Path::new("centime.db"))?;
        draft.output()?.write_all(bytes).map_err(|error| draft.failed(&error))?;
        draft.keep().map(drop)
    }

    #[test]
    fn a_file_is_replaced_whole_or_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.svg");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        #[cfg(unix)]
        {
            let link = folder.path().join("link.svg");
            std::os::unix::fs::symlink(&path, &link).unwrap();
            replace(&link, b"through").unwrap();
            assert!(link.is_symlink());
            assert_eq!(fs::read(&path).unwrap(), b"through");
            fs::remove_file(&link).unwrap();
        }
        // A folder cannot be replaced by a file; nothing is left beside it.
        let taken = folder.path().join("b.svg");
        fs::create_dir(&taken).unwrap();
        replace(&taken, b"three").unwrap_err();
        assert!(replace(&folder.path().join("none/c.svg"), b"four").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
