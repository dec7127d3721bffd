//! Zstandard, frame by frame: what was appended to a file unpacks as one.

use std::io::{BufRead, Error, ErrorKind, Read, copy, sink};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The first bytes of a frame.
pub(super) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What is packed in the frames of a file. The memory it takes is bounded by the decoder, whatever a
/// frame asks for.
pub(super) struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    is_inside: bool,
}

impl<R: BufRead> Frames<R> {
    /// The frames of a file, from its start.
    pub(super) fn new(source: R) -> Self {
        Self { source, decoder: FrameDecoder::new(), is_inside: false }
    }

    /// Enters the next frame that holds data; at the end there is none.
    fn enter(&mut self) -> Result<(), Error> {
        while !self.is_inside && !self.source.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => self.is_inside = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    copy(&mut self.source.by_ref().take(length.into()), &mut sink())?;
                }
                Err(error) => return Err(damaged(error)),
            }
        }
        Ok(())
    }

    /// Leaves a frame that was read to its end.
    fn leave(&mut self) -> Result<(), Error> {
        self.is_inside = false;
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(said), Some(found)) if said != found => {
                Err(damaged("its checksum does not match"))
            }
            _ => Ok(()),
        }
    }
}

fn damaged(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidData, format!("not the Zstandard it starts as: {what}"))
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        loop {
            self.enter()?;
            if !self.is_inside {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, one).map_err(damaged)?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.leave()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    fn unpacked(packed: &[u8]) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        Frames::new(packed).read_to_end(&mut text).map(|_| text)
    }

    #[test]
    fn frames_follow_one_another() {
        let frame = |text: &str| compress_to_vec(text.as_bytes(), CompressionLevel::Fastest);
        let long = "a line of some length\n".repeat(50_000);
        // A frame that holds nothing of the text, which readers pass over.
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
        for (packed, expected) in [
            (frame("one"), "one".to_owned()),
            ([frame("one"), frame(""), frame("two")].concat(), "onetwo".to_owned()),
            ([frame("one"), skipped.clone(), frame("two"), skipped].concat(), "onetwo".to_owned()),
            ([frame(&long), frame("end")].concat(), format!("{long}end")),
        ] {
            assert_eq!(unpacked(&packed).unwrap(), expected.as_bytes());
        }
    }

    #[test]
    fn what_is_damaged_says_so() {
        let packed =
            compress_to_vec(&b"some text that is long enough"[..], CompressionLevel::Fastest);
        let mut flipped = packed.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x20;
        for damaged in [&packed[..packed.len() / 2], &flipped, &[&packed[..], b"junk"].concat()] {
            assert!(unpacked(damaged).is_err(), "{damaged:?}");
        }
    }
}
