//! Chance that comes out the same each time.

use twox_hash::XxHash3_64;

/// A seeded source of numbers: SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>), small and good
/// enough for words and delays.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Dice of their own for a part, so that what is drawn for one part moves no other.
    pub(crate) fn of(&self, part: &str) -> Self {
        Self::new(self.state ^ digest(part.as_bytes()))
    }

    pub(crate) const fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the bound; 0 for a bound of 0.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        // The bounds are far below 2^32: the bias is, too.
        if bound == 0 { 0 } else { self.roll() % bound }
    }

    /// A number between the two, both included.
    pub(crate) const fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// One of them.
    pub(crate) fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        let at = self.below(u64::try_from(among.len()).unwrap_or(u64::MAX));
        among.get(usize::try_from(at).unwrap_or(0))
    }

    /// An id: sixteen digits of chance.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}{:016x}", self.roll())
    }
}

/// A digest, stable over machines and versions.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let roll = |seed| {
            let mut dice = Dice::new(seed);
            [dice.roll(), dice.below(10), dice.between(5, 7)]
        };
        assert_eq!(roll(1), roll(1));
        assert_ne!(roll(1), roll(2));
        // The reference's first number from 0: the answers of today are those of next year.
        assert_eq!(Dice::new(0).roll(), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut dice = Dice::new(9);
        for _ in 0..1000 {
            assert!(dice.below(3) < 3);
            assert!((5..=7).contains(&dice.between(5, 7)));
        }
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.pick::<u8>(&[]), None);
    }
}
