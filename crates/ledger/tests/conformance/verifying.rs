//! A ledger proves itself, and names what does not hold.

use centime_core::entry::{PricingStatus, Uid};
use centime_core::meter::Meter;
use centime_core::money::PicoUsd;
use centime_ledger::{Difference, Ledger};

use crate::samples::{adjustment, entry, full, total_of, unpriced};

pub(crate) fn a_sound_ledger_has_no_differences(ledger: &mut dyn Ledger) {
    let adjusted = entry("a", &[(Meter::Input, "100")]);
    let batch = [
        adjustment(&adjusted, 0, Meter::Input, "-100", -125_000_000),
        adjusted,
        full(),
        unpriced("b", &[(Meter::Input, "1")]),
    ];
    ledger.append(&batch).unwrap();
    let found = ledger.verify(&mut |_| {}).unwrap();
    assert_eq!(found.differences, []);
    assert_eq!((found.entries, found.total), (4, total_of(&batch)));
}

pub(crate) fn what_does_not_add_up_is_named(ledger: &mut dyn Ledger) {
    let mut charge = entry("charge", &[(Meter::Input, "4")]);
    charge.charge = PicoUsd::from_pico(5_000_001);
    let mut line = entry("line", &[(Meter::Input, "4"), (Meter::Output, "1")]);
    line.lines[0].amount = Some(PicoUsd::from_pico(5_000_001));
    line.charge = PicoUsd::from_pico(15_000_001);
    let mut status = unpriced("status", &[(Meter::Input, "4")]);
    status.pricing_status = PricingStatus::Priced;
    let batch = [charge, line, status];
    ledger.append(&batch).unwrap();
    let found = ledger.verify(&mut |_| {}).unwrap();
    let difference = |index: usize, what: &str| Difference {
        entry: Some(batch[index].uid),
        what: what.to_owned(),
    };
    assert_eq!(
        found.differences,
        [
            difference(0, "the lines add up to 0.000005 and the charge is 0.000005000001"),
            difference(
                1,
                "`input` is charged 0.000005000001, and its rate times its quantity is 0.000005"
            ),
            difference(2, "the entry says `priced` and its lines say `unpriced`"),
        ]
    );
}

pub(crate) fn an_adjustment_of_nothing_is_named(ledger: &mut dyn Ledger) {
    let absent = entry("absent", &[]);
    let orphan = adjustment(&absent, 0, Meter::Input, "1", 0);
    let of_an_adjustment = adjustment(&orphan, 0, Meter::Input, "1", 0);
    ledger.append(&[orphan.clone(), of_an_adjustment.clone()]).unwrap();
    let found = ledger.verify(&mut |_| {}).unwrap();
    let named: Vec<Option<Uid>> =
        found.differences.iter().map(|difference| difference.entry).collect();
    assert_eq!(named, [Some(orphan.uid), Some(of_an_adjustment.uid)]);
    let expected = format!("it adjusts `{}`, which is no attempt in this ledger", absent.uid);
    assert_eq!(found.differences[0].what, expected);
}

pub(crate) fn adjustments_that_do_not_fit_are_named(ledger: &mut dyn Ledger) {
    let attempt = unpriced("a", &[(Meter::Input, "100")]);
    let sound = entry("b", &[(Meter::Input, "100")]);
    // Under the rates that the adjustment names, 100 tokens cost 0.000125.
    let mut wrong = adjustment(&attempt, 0, Meter::Input, "0", 125_000_001);
    (wrong.card, wrong.moves.unpriced) = (sound.card.clone(), -1);
    let mut moved = adjustment(&sound, 0, Meter::Input, "1", 0);
    moved.moves.in_doubt = -1;
    let mut counted = adjustment(&sound, 1, Meter::Input, "-1", 0);
    counted.requests = 2;
    let uids = [counted.uid, attempt.uid, sound.uid];
    ledger.append(&[attempt, sound, wrong, moved, counted]).unwrap();
    let mut found = ledger.verify(&mut |_| {}).unwrap().differences;
    found.sort_by_key(|found| uids.iter().position(|uid| Some(*uid) == found.entry));
    let expected = [
        "an adjustment counts as no request, and this one as 2",
        "adjusted, `input` is charged 0.000125000001, and its rate times its quantity is 0.000125",
        "adjusted, -1 of 1 requests are in doubt",
    ];
    let expected = uids.into_iter().zip(expected);
    let expected =
        expected.map(|(uid, what)| Difference { entry: Some(uid), what: what.to_owned() });
    assert_eq!(found, expected.collect::<Vec<_>>());
}

pub(crate) fn progress_counts_every_entry(ledger: &mut dyn Ledger) {
    ledger.append(&[entry("a", &[]), entry("b", &[]), entry("c", &[])]).unwrap();
    let mut met = Vec::new();
    ledger.verify(&mut |done| met.push(done)).unwrap();
    assert_eq!(met, [1, 2, 3]);
}
