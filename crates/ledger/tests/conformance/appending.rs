//! Entries go in once, whole, and come out as they went in.

use centime_core::entry::Uid;
use centime_core::meter::Meter;
use centime_ledger::Appended::{Conflict, Known, New};
use centime_ledger::Ledger;

use crate::samples::{adjustment, all, entry, full, second, unpriced};

pub(crate) fn what_went_in_comes_out(ledger: &mut dyn Ledger) {
    let mut bare = unpriced("bare", &[]);
    bare.own_id = None;
    bare.provider = None;
    bare.price_version = None;
    let mut empty_texts = unpriced("empty", &[(Meter::Input, "1")]);
    empty_texts.attribution.user = Some(String::new());
    empty_texts.provider = Some(String::new());
    let mut chosen = unpriced("chosen", &[(Meter::Images, "1")]);
    chosen.options = "size=1024x1792 quality=hd".parse().unwrap();
    let adjusted = adjustment(&full(), 0, Meter::Seconds, "-7.25", -12);
    let batch = [full(), bare, empty_texts, chosen, adjusted];
    assert_eq!(ledger.append(&batch).unwrap(), [New; 5]);
    for entry in &batch {
        assert_eq!(ledger.entry(entry.uid).unwrap().as_ref(), Some(entry));
    }
    assert_eq!(ledger.entry(Uid([9; 16])).unwrap(), None);
}

pub(crate) fn the_same_again_is_known(ledger: &mut dyn Ledger) {
    let first = full();
    assert_eq!(ledger.append(std::slice::from_ref(&first)).unwrap(), [New]);
    let mut again = first.clone();
    again.recorded_at = second(99);
    assert_eq!(ledger.append(&[again, entry("b", &[])]).unwrap(), [Known, New]);
    assert_eq!(ledger.entry(first.uid).unwrap(), Some(first));
    assert_eq!(all(ledger).len(), 2);
}

pub(crate) fn an_assumed_time_is_not_compared(ledger: &mut dyn Ledger) {
    for (index, (known_assumed, again_assumed, expected)) in
        [(false, false, Conflict), (true, false, Known), (false, true, Known), (true, true, Known)]
            .into_iter()
            .enumerate()
    {
        let mut known = entry(&index.to_string(), &[(Meter::Input, "1")]);
        known.at_assumed = known_assumed;
        let mut again = known.clone();
        again.at = second(1);
        again.at_assumed = again_assumed;
        assert_eq!(ledger.append(&[known]).unwrap(), [New]);
        assert_eq!(ledger.append(&[again]).unwrap(), [expected], "{known_assumed} {again_assumed}");
    }
}

pub(crate) fn other_content_under_one_identity_is_refused(ledger: &mut dyn Ledger) {
    let first = entry("a", &[(Meter::Input, "1")]);
    let mut other = entry("a", &[(Meter::Input, "2")]);
    other.content = 8;
    assert_eq!(ledger.append(std::slice::from_ref(&first)).unwrap(), [New]);
    assert_eq!(ledger.append(&[other]).unwrap(), [Conflict]);
    assert_eq!(all(ledger), [first]);
}

pub(crate) fn a_batch_knows_its_own_entries(ledger: &mut dyn Ledger) {
    let first = entry("a", &[(Meter::Input, "1")]);
    let mut other = first.clone();
    other.content = 8;
    let batch = [first.clone(), first.clone(), other, entry("b", &[])];
    assert_eq!(ledger.append(&batch).unwrap(), [New, Known, Conflict, New]);
    assert_eq!(all(ledger).len(), 2);
}

pub(crate) fn an_empty_batch_is_nothing(ledger: &mut dyn Ledger) {
    assert_eq!(ledger.append(&[]).unwrap(), []);
    assert_eq!(all(ledger), []);
}

pub(crate) fn an_id_is_unique_within_its_source_alone(ledger: &mut dyn Ledger) {
    let here = entry("a", &[]);
    let mut there = entry("a", &[]);
    there.source = "csv".to_owned();
    there.uid = Uid::of_own_id("csv", "a");
    assert_eq!(ledger.append(&[here, there]).unwrap(), [New, New]);
}
