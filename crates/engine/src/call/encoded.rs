//! What a provider compressed although it was not asked to: read beside, passed as it came.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::HeaderValue;

/// How long an unpacked answer may be: what is longer is no answer of a model, but a bomb.
const UNPACKED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The document that these bytes pack; `None` where it cannot be told.
pub(super) fn decode(coding: &HeaderValue, bytes: &Bytes) -> Option<Vec<u8>> {
    let coding = coding.to_str().ok()?.trim().to_ascii_lowercase();
    let mut unpacked = Vec::new();
    let read = match coding.as_str() {
        "identity" => return Some(bytes.to_vec()),
        "gzip" | "x-gzip" => {
            MultiGzDecoder::new(&bytes[..]).take(UNPACKED_BYTES_MAX).read_to_end(&mut unpacked)
        }
        "deflate" => {
            ZlibDecoder::new(&bytes[..]).take(UNPACKED_BYTES_MAX).read_to_end(&mut unpacked)
        }
        _ => return None,
    };
    read.ok().map(|_| unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::{GzEncoder, ZlibEncoder};

    #[test]
    fn what_is_packed_is_read_and_a_bomb_is_not_unpacked() {
        let text = br#"{"usage":{}}"#.repeat(100);
        let packed = |mut encoder: Box<dyn std::io::Read>| {
            let mut packed = Vec::new();
            encoder.read_to_end(&mut packed).unwrap();
            Bytes::from(packed)
        };
        let gzip = packed(Box::new(GzEncoder::new(
            std::io::Cursor::new(text.clone()),
            Compression::fast(),
        )));
        let zlib = packed(Box::new(ZlibEncoder::new(
            std::io::Cursor::new(text.clone()),
            Compression::fast(),
        )));
        for (coding, bytes, expected) in [
            ("gzip", &gzip, Some(&text)),
            ("GZIP", &gzip, Some(&text)),
            ("deflate", &zlib, Some(&text)),
            ("gzip", &zlib, None),
            ("br", &gzip, None),
        ] {
            let coding = HeaderValue::from_static(coding);
            assert_eq!(decode(&coding, bytes).as_ref(), expected, "{coding:?}");
        }
        let zeros = std::io::repeat(0).take(64 * 1024 * 1024);
        let bomb = packed(Box::new(GzEncoder::new(zeros, Compression::best())));
        let unpacked = decode(&HeaderValue::from_static("gzip"), &bomb).unwrap();
        assert_eq!(u64::try_from(unpacked.len()).unwrap(), UNPACKED_BYTES_MAX);
    }
}
