//! Where a body of chunks ends.

/// What is awaited in a body of chunks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Chunked {
    /// The first digit of a size.
    #[default]
    Start,
    /// Further digits of a size.
    Size(u64),
    /// What follows the digits.
    Space(u64),
    /// An extension, which says nothing to anybody.
    Extension(u64),
    /// The end of the line of a size.
    SizeEnd(u64),
    /// So many bytes of a chunk.
    Data(u64),
    /// The end of a chunk.
    DataCr,
    /// The second half of it.
    DataLf,
    /// The start of a trailing header, or the last line.
    Trailers,
    /// A trailing header.
    Trailer,
    /// Its end.
    TrailerLf,
    /// The second half of the last line.
    LastLf,
}

impl Chunked {
    /// Sees bytes up to the end of the body: answers what is left of them, and whether it ended.
    pub(super) fn see<'b>(&mut self, mut bytes: &'b [u8]) -> Result<(&'b [u8], bool), ()> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if let Self::Data(left) = *self {
                let passed = usize::try_from(left).map_or(bytes.len(), |n| n.min(bytes.len()));
                let left = left - passed as u64;
                *self = if left == 0 { Self::DataCr } else { Self::Data(left) };
                bytes = &bytes[passed..];
                continue;
            }
            bytes = rest;
            *self = match self.next(byte)? {
                Some(next) => next,
                None => return Ok((bytes, true)),
            };
        }
        Ok((bytes, false))
    }

    /// What is awaited after a byte; `None` after the last one.
    fn next(self, byte: u8) -> Result<Option<Self>, ()> {
        Ok(Some(match (self, byte) {
            (Self::Start, _) => Self::Size(digit(byte).ok_or(())?),
            (Self::Size(size), b'\r')
            | (Self::Space(size), b'\r')
            | (Self::Extension(size), b'\r') => Self::SizeEnd(size),
            (Self::Size(size) | Self::Space(size), b' ' | b'\t') => Self::Space(size),
            (Self::Size(size) | Self::Space(size), b';') => Self::Extension(size),
            (Self::Size(size), _) => {
                let digit = digit(byte).ok_or(())?;
                let size = size.checked_mul(16).and_then(|size| size.checked_add(digit));
                Self::Size(size.ok_or(())?)
            }
            (Self::Extension(size), byte) if byte != b'\n' => Self::Extension(size),
            (Self::SizeEnd(0), b'\n') => Self::Trailers,
            (Self::SizeEnd(size), b'\n') => Self::Data(size),
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::Start,
            (Self::Trailers, b'\r') => Self::LastLf,
            (Self::Trailer, b'\r') => Self::TrailerLf,
            (Self::Trailers | Self::Trailer, _) => Self::Trailer,
            (Self::TrailerLf, b'\n') => Self::Trailers,
            (Self::LastLf, b'\n') => return Ok(None),
            _ => return Err(()),
        }))
    }
}

fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}
