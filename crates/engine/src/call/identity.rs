//! The identities of attempts.

use std::cell::RefCell;

use centime_core::entry::Uid;
use centime_core::time::Timestamp;

thread_local! {
    static RANDOM: RefCell<fastrand::Rng> = RefCell::new(fastrand::Rng::new());
}

/// A new identity: the moment in milliseconds and 80 random bits, so that what is made together lies
/// together in every index (the layout of UUID version 7, RFC 9562).
pub(super) fn new_uid(now: Timestamp) -> Uid {
    let millis = u128::try_from(now.micros() / 1000).unwrap_or_default() & 0xffff_ffff_ffff;
    let random = RANDOM.with_borrow_mut(|random| random.u128(..)) & ((1 << 80) - 1);
    let version_and_variant: u128 = (0x7 << 76) | (0b10 << 62);
    let free: u128 = !((0xf << 76) | (0b11 << 62)) & ((1 << 80) - 1);
    Uid(((millis << 80) | (random & free) | version_and_variant).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_in_the_order_of_time_and_never_the_same() {
        let at = |micros| new_uid(Timestamp::from_micros(micros));
        assert!(at(1_000) < at(2_000));
        assert_ne!(at(1_000), at(1_000));
        let text = at(1_700_000_000_000_000).to_string();
        assert_eq!(&text[12..13], "7", "{text}");
    }
}
