//! What is read of a journal's bytes.

use centime_engine::journal::{Found, Records};

/// Whatever is found goes from the first byte to the last without a gap; a record that is read is the
/// same when it is written and read again; and no whole record is lost behind other bytes.
pub(crate) fn records(bytes: &[u8]) {
    let (mut at, mut frames, mut records) = (0, Vec::new(), Vec::new());
    for found in Records::of(bytes) {
        match found {
            Found::Record { record, start, end } => {
                assert_eq!(start, at);
                let mut frame = Vec::new();
                if let Err(bytes) = record.frame(&mut frame) {
                    panic!("a record that was read has {bytes} bytes");
                }
                frames.extend_from_slice(&frame);
                records.push(record);
                at = end;
            }
            Found::Unknown { start, end, .. } | Found::Damaged { start, end } => {
                assert!(start == at && end > start);
                at = end;
            }
            Found::Torn { start } => {
                assert!(start == at && start < bytes.len());
                at = bytes.len();
            }
        }
    }
    assert_eq!(at, bytes.len());
    // Behind bytes that are no record, and that no record begins in, they are all there.
    let behind = [b"rec?", frames.as_slice()].concat();
    let mut again = Records::of(&behind).filter_map(|found| match found {
        Found::Record { record, .. } => Some(record),
        _ => None,
    });
    assert!(records.into_iter().all(|record| again.next() == Some(record)));
    assert!(again.next().is_none());
}
