//! A sum of money that one thread adds to and others read: exact, and never seen half added.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use centime_core::money::{PicoUsd, TotalPicoUsd};

/// Picodollars in a dollar.
const DOLLAR: i128 = 1_000_000_000_000;

/// Whole dollars and what is beyond them: 64 bits of picodollars are only 18 million dollars.
///
/// The turn is odd while the one thread that adds is amid it; whoever reads then, or sees another
/// turn afterwards, reads again.
#[derive(Debug, Default)]
pub(super) struct Spend {
    turn: AtomicU64,
    dollars: AtomicU64,
    pico: AtomicU64,
}

impl Spend {
    /// Adds an amount. What is negative, a correction, is none of the spending of a call.
    pub(super) fn add(&self, amount: PicoUsd) {
        let sum = self.parts() + TotalPicoUsd::from(amount).pico().max(0);
        let (Ok(dollars), Ok(pico)) = (u64::try_from(sum / DOLLAR), u64::try_from(sum % DOLLAR))
        else {
            return;
        };
        self.turn.fetch_add(1, SeqCst);
        self.dollars.store(dollars, SeqCst);
        self.pico.store(pico, SeqCst);
        self.turn.fetch_add(1, SeqCst);
    }

    /// The sum.
    pub(super) fn total(&self) -> TotalPicoUsd {
        loop {
            let before = self.turn.load(SeqCst);
            let sum = self.parts();
            if before.is_multiple_of(2) && self.turn.load(SeqCst) == before {
                return TotalPicoUsd::from_pico(sum);
            }
            std::hint::spin_loop();
        }
    }

    fn parts(&self) -> i128 {
        let [dollars, pico] = [&self.dollars, &self.pico].map(|cell| i128::from(cell.load(SeqCst)));
        dollars * DOLLAR + pico
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_never_sees_half_a_sum() {
        const AMOUNT: i64 = 999_999_999_999;
        const TIMES: i128 = 20_000;
        let spend = Spend::default();
        std::thread::scope(|scope| {
            scope.spawn(|| (0..TIMES).for_each(|_| spend.add(PicoUsd::from_pico(AMOUNT))));
            let mut last = 0;
            while last < TIMES * i128::from(AMOUNT) {
                let pico = spend.total().pico();
                assert!(pico >= last && pico % i128::from(AMOUNT) == 0, "{pico} after {last}");
                last = pico;
            }
        });
    }

    #[test]
    fn it_is_exact_beyond_what_64_bits_of_picodollars_hold() {
        let spend = Spend::default();
        (0..10).for_each(|_| spend.add(PicoUsd::from_pico(i64::MAX)));
        assert_eq!(spend.total().pico(), i128::from(i64::MAX) * 10);
    }
}
