//! The prices that a ledger keeps.

use centime_ledger::{Ledger, PriceRevision};

use crate::samples::revision;

pub(crate) fn revisions_come_out_as_they_went_in(ledger: &mut dyn Ledger) {
    assert_eq!(ledger.price_revisions().unwrap(), []);
    let revisions: Vec<PriceRevision> = (1..4).map(revision).collect();
    for kept in &revisions {
        assert!(ledger.keep_price_revision(kept).unwrap());
    }
    assert_eq!(ledger.price_revisions().unwrap(), revisions);
    let found = ledger.verify(&mut |_| {}).unwrap();
    assert_eq!((found.entries, found.differences), (0, vec![]));
}

pub(crate) fn only_the_next_revision_is_kept(ledger: &mut dyn Ledger) {
    for (number, is_kept) in [(0, false), (2, false), (1, true), (1, false), (3, false), (2, true)]
    {
        assert_eq!(ledger.keep_price_revision(&revision(number)).unwrap(), is_kept, "{number}");
    }
    let numbers: Vec<u64> =
        ledger.price_revisions().unwrap().iter().map(|kept| kept.number).collect();
    assert_eq!(numbers, [1, 2]);
}

pub(crate) fn revisions_that_cannot_be_read_are_named(ledger: &mut dyn Ledger) {
    let text = format!("{}provider b\n\nmodel m\n", revision(1).text);
    ledger.keep_price_revision(&PriceRevision { text, ..revision(1) }).unwrap();
    ledger.keep_price_revision(&revision(2)).unwrap();
    let found = ledger.verify(&mut |_| {}).unwrap();
    let named: Vec<&str> = found.differences.iter().map(|found| found.what.as_str()).collect();
    assert_eq!(
        named,
        [
            "price revision 1 cannot be read: line 3: expected `model NAME MODE …` or `alias NAME TARGET`: `model m`"
        ]
    );
}
