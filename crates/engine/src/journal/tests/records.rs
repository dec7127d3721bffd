//! Records come back as they were written, and whatever is no record is told from them.

use centime_core::entry::{Entry, Uid};
use centime_core::money::PicoUsd;
use proptest::prelude::*;

use super::samples::{entries, entry, in_doubt};
use crate::journal::Malformed;
use crate::journal::record::{Found, Record, Records};

fn records() -> impl Strategy<Value = Record> {
    let entries = || entries().boxed();
    prop_oneof![
        entries().prop_map(|entry| Record::Intent { entry }),
        entries().prop_map(|entry| Record::Outcome { entry }),
        any::<[u8; 16]>().prop_map(|uid| Record::Released { uid: Uid(uid) }),
    ]
}

fn framed(records: &[Record]) -> Vec<Vec<u8>> {
    let frame = |record: &Record| {
        let mut frame = vec![1, 2, 3];
        record.frame(&mut frame).unwrap();
        frame
    };
    records.iter().map(frame).collect()
}

fn few() -> Vec<Record> {
    let held = Some(PicoUsd::from_pico(5));
    vec![
        Record::Intent { entry: Entry { held, ..in_doubt(1) } },
        Record::Outcome { entry: entry(1) },
        Record::Released { uid: Uid([3; 16]) },
        Record::Outcome { entry: entry(2) },
    ]
}

/// The records that are found, and what is found besides.
fn read(bytes: &[u8]) -> (Vec<Record>, Vec<Found>) {
    let (mut records, mut others) = (Vec::new(), Vec::new());
    for found in Records::of(bytes) {
        match found {
            Found::Record { record, .. } => records.push(*record),
            other => others.push(other),
        }
    }
    (records, others)
}

proptest! {
    #[test]
    fn what_was_written_is_read(records in proptest::collection::vec(records(), 0..5)) {
        let (found, others) = read(&framed(&records).concat());
        prop_assert_eq!(found, records);
        prop_assert_eq!(others, []);
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in any::<Vec<u8>>(), place in 0..400_usize) {
        let mut all = framed(&few()).concat();
        let place = place.min(all.len());
        all.splice(place..place, bytes);
        read(&all);
    }
}

#[test]
fn what_is_cut_short_is_torn_and_what_is_before_it_is_read() {
    let records = few();
    let frames = framed(&records);
    let all = frames.concat();
    let mut ends = vec![0];
    ends.extend(frames.iter().scan(0, |end, frame| {
        *end += frame.len();
        Some(*end)
    }));
    for cut in 0..=all.len() {
        let whole = ends.iter().filter(|&&end| end <= cut && end > 0).count();
        let (found, others) = read(&all[..cut]);
        assert_eq!(found, records[..whole], "{cut}");
        let torn = Found::Torn { start: ends[whole] };
        assert_eq!(others, if ends.contains(&cut) { vec![] } else { vec![torn] }, "{cut}");
    }
}

#[test]
fn a_damaged_byte_costs_one_record() {
    let records = few();
    let frames = framed(&records);
    let all = frames.concat();
    for place in 0..all.len() {
        for bit in [0x01, 0x80] {
            let mut damaged = all.clone();
            damaged[place] ^= bit;
            let (found, others) = read(&damaged);
            let mut end = 0;
            let hit = frames.iter().position(|frame| {
                end += frame.len();
                place < end
            });
            let hit = hit.unwrap();
            let start = end - frames[hit].len();
            let mut expected = records.clone();
            expected.remove(hit);
            assert_eq!(found, expected, "{place}");
            let is_last = hit == frames.len() - 1;
            let damage = match is_last {
                true => Found::Torn { start },
                false => Found::Damaged { start, end },
            };
            assert_eq!(others, [damage], "{place}");
        }
    }
}

#[test]
fn no_run_of_zeros_is_a_record() {
    assert_eq!(read(&[0; 5000]), (vec![], vec![Found::Torn { start: 0 }]));
}

#[test]
fn a_record_of_a_newer_program_is_not_taken_for_damage() {
    let mut frame = framed(&few()[2..3]).remove(0);
    frame[12] = 9;
    let (length, payload) = (frame[4..8].to_vec(), frame[12..].to_vec());
    let check = crc32fast::hash(&[length, payload].concat());
    frame[8..12].copy_from_slice(&check.to_le_bytes());
    let why = Malformed::Newer(9);
    assert_eq!(read(&frame).1, [Found::Unknown { start: 0, end: frame.len(), why }]);
}

#[test]
fn a_record_that_nobody_would_read_is_not_written() {
    let mut entry = entry(1);
    entry.attribution.metadata = Some("m".repeat(1 << 20));
    let long = Record::Outcome { entry }.frame(&mut Vec::new()).unwrap_err();
    assert!(long > 1 << 20);
}
