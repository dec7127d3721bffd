//! Files as people have them: by name or from standard input, plain or packed.

mod lines;
mod patterns;
mod zstd;

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, stdin};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::failure::Failure;

pub(crate) use lines::{Block, Blocks, Line, Lines};
pub(crate) use patterns::expanded;

/// Bytes read at a time; what asks for as many or more gets them without their being copied.
const BUFFER_BYTES: usize = 1 << 16;
/// The first bytes of what gzip writes.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A file that is read: what is in it, and how far it has been read.
pub(crate) struct Input {
    /// The name that messages have for it.
    pub name: String,
    /// How long the file is, where that is known.
    pub bytes: Option<u64>,
    /// What is in it, unpacked.
    pub reader: Box<dyn BufRead + Send>,
}

/// What is said of a file that cannot be read: of the file where it is not what it should be, and of
/// the system where that fails.
pub(crate) fn cannot_read(name: &str, error: &std::io::Error) -> Failure {
    let message = format!("cannot read `{name}`: {error}");
    match error.kind() {
        ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::PermissionDenied
        | ErrorKind::InvalidInput
        | ErrorKind::InvalidData
        | ErrorKind::InvalidFilename
        | ErrorKind::UnexpectedEof => Failure::Usage(message),
        _ => Failure::Environment(message),
    }
}

/// Whether a path is that of a file that can be opened again and again, as a pipe cannot.
pub(crate) fn is_file(path: &Path) -> Result<bool, Failure> {
    if path == Path::new("-") {
        return Ok(false);
    }
    let metadata = std::fs::metadata(path);
    let metadata = metadata.map_err(|error| cannot_read(&path.display().to_string(), &error))?;
    Ok(metadata.is_file() || metadata.is_dir())
}

/// Opens a file, or standard input for `-`. What is read of the file itself is told to `progress`.
pub(crate) fn open(path: &Path, progress: &indicatif::ProgressBar) -> Result<Input, Failure> {
    let cannot = |error| cannot_read(&path.display().to_string(), &error);
    if path == Path::new("-") {
        let reader = unpacked(Box::new(progress.wrap_read(stdin()))).map_err(cannot)?;
        return Ok(Input { name: "standard input".to_owned(), bytes: None, reader });
    }
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err(Failure::Usage(format!("`{}` is a folder; name a file", path.display())));
    }
    let bytes = metadata.is_file().then_some(metadata.len());
    let reader = unpacked(Box::new(progress.wrap_read(file))).map_err(cannot)?;
    Ok(Input { name: path.display().to_string(), bytes, reader })
}

/// Unpacks what starts as gzip or Zstandard do, and leaves the rest as it is.
fn unpacked(source: Box<dyn Read + Send>) -> std::io::Result<Box<dyn BufRead + Send>> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, source);
    let start = reader.fill_buf()?;
    Ok(if start.starts_with(&GZIP_MAGIC) {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(reader)))
    } else if start.starts_with(&zstd::MAGIC) {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, zstd::Frames::new(reader)))
    } else {
        Box::new(reader)
    })
}

/// The whole text of a file, unpacked.
pub(crate) fn read_whole(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let mut input = open(path, &indicatif::ProgressBar::hidden())?;
    input
        .reader
        .read_to_string(&mut text)
        .map_err(|error| cannot_read(&path.display().to_string(), &error))?;
    Ok(text)
}

/// The whole text of a file, unpacked, that is at most `bytes_max` long.
pub(crate) fn read_text(path: &Path, bytes_max: usize) -> Result<String, Failure> {
    let input = open(path, &indicatif::ProgressBar::hidden())?;
    let name = &input.name;
    let mut bytes = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    input
        .reader
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::Usage(format!("cannot read `{name}`: {error}")))?;
    if bytes.len() > bytes_max {
        let mebibytes = bytes_max >> 20;
        return Err(Failure::Usage(format!("`{name}` is longer than {mebibytes} MiB: split it")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..at];
        let line = before.split(|&byte| byte == b'\n').count();
        Failure::Usage(format!(
            "`{name}`, line {line}: byte {at} is not UTF-8: save the text as UTF-8"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_fails_is_the_file_or_the_system() {
        for (kind, is_usage) in [
            (ErrorKind::NotFound, true),
            (ErrorKind::InvalidData, true),
            (ErrorKind::UnexpectedEof, true),
            (ErrorKind::Other, false),
            (ErrorKind::OutOfMemory, false),
        ] {
            let failure = cannot_read("x", &kind.into());
            assert_eq!(matches!(failure, Failure::Usage(_)), is_usage, "{kind}");
        }
        assert!(is_file(Path::new("nowhere")).is_err());
        assert!(!is_file(Path::new("-")).unwrap());
    }

    #[test]
    fn texts_are_bounded_and_errors_say_where() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("prompt");
        for (bytes, expected) in [
            (&b"one\ntwo"[..], Ok("one\ntwo")),
            (b"", Ok("")),
            (b"one\ntwo\xff", Err(", line 2: byte 7 is not UTF-8: save the text as UTF-8")),
            (b"\xff\xfea\0", Err(", line 1: byte 0 is not UTF-8: save the text as UTF-8")),
            (b"123456789", Err(" is longer than 0 MiB: split it")),
        ] {
            std::fs::write(&path, bytes).unwrap();
            match (read_text(&path, 8), expected) {
                (Ok(text), Ok(expected)) => assert_eq!(text, expected),
                (Err(Failure::Usage(found)), Err(end)) => assert!(found.ends_with(end), "{found}"),
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        }
    }

    #[test]
    fn gzip_is_told_by_its_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"hello").unwrap();
        std::fs::write(&path, packer.finish().unwrap()).unwrap();
        assert_eq!(read_whole(&path).unwrap(), "hello");
        std::fs::write(&path, "plain").unwrap();
        assert_eq!(read_whole(&path).unwrap(), "plain");
        assert!(read_whole(folder.path()).is_err());
    }
}
