//! How far journals are in the ledger.

use centime_core::meter::Meter;
use centime_ledger::Appended::{Known, New};
use centime_ledger::{JournalId, Ledger, Mark};

use crate::samples::{all, entry};

pub(crate) fn a_mark_comes_with_its_entries_and_never_goes_back(ledger: &mut dyn Ledger) {
    let [one, other] = [[1; 16], [0xFF; 16]].map(JournalId);
    assert_eq!(ledger.mark(one).unwrap(), None);
    let entries = [entry("a", &[(Meter::Input, "1")])];
    for (journal, position, appended, expected) in [
        (one, 0, vec![New], (Some(0), None)),
        (one, 100, vec![Known], (Some(100), None)),
        (other, 7, vec![Known], (Some(100), Some(7))),
        (one, 99, vec![Known], (Some(100), Some(7))),
        (one, 1 << 62, vec![Known], (Some(1 << 62), Some(7))),
    ] {
        let mark = Mark { journal, position };
        assert_eq!(ledger.append_marked(&entries, &[mark]).unwrap(), appended);
        assert_eq!((ledger.mark(one).unwrap(), ledger.mark(other).unwrap()), expected);
    }
    assert_eq!(all(ledger).len(), 1);
}

pub(crate) fn marks_come_without_entries_and_entries_without_marks(ledger: &mut dyn Ledger) {
    let marks = [3, 1, 2].map(|position| Mark { journal: JournalId([1; 16]), position });
    assert_eq!(ledger.append_marked(&[], &marks).unwrap(), []);
    assert_eq!(ledger.mark(JournalId([1; 16])).unwrap(), Some(3));
    assert_eq!(ledger.append_marked(&[entry("a", &[])], &[]).unwrap(), [New]);
    assert_eq!(ledger.append_marked(&[], &[]).unwrap(), []);
    assert_eq!(all(ledger).len(), 1);
}
