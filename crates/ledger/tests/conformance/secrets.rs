//! What only one ledger knows.

use centime_ledger::Ledger;

pub(crate) fn a_secret_is_drawn_once(ledger: &mut dyn Ledger) {
    assert_eq!(ledger.naming_secret(&[1; 32]).unwrap(), [1; 32]);
    assert_eq!(ledger.naming_secret(&[2; 32]).unwrap(), [1; 32]);
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, []);
}
