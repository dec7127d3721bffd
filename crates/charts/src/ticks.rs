//! Where an axis of amounts has its lines: at round amounts, exactly.

/// The largest amount that a scale reaches, in picodollars: 10^24 dollars.
const PICO_MAX: i128 = 10_i128.pow(36);

/// The lines of an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticks {
    /// What lies between two of them, in picodollars; 0 where there is only one.
    pub(crate) step: i128,
    /// The amounts, in picodollars, from the lowest up; 0 is always one of them.
    pub(crate) values: Vec<i128>,
}

impl Ticks {
    /// Lines that enclose `low..=high` and zero, in about `wanted` steps of 1, 2, 2.5 or 5 times a
    /// power of ten.
    pub(crate) fn over(low: i128, high: i128, wanted: u32) -> Self {
        let (low, high) = (low.clamp(-PICO_MAX, 0), high.clamp(0, PICO_MAX));
        if low == high {
            return Self { step: 0, values: vec![0] };
        }
        let step = round_step((high - low).unsigned_abs().div_ceil(wanted.max(1).into()));
        let (first, last) = (low.div_euclid(step), -(-high).div_euclid(step));
        Self { step, values: (first..=last).map(|number| number * step).collect() }
    }

    /// The lowest amount.
    pub(crate) fn low(&self) -> i128 {
        self.values.first().copied().unwrap_or(0)
    }

    /// The highest amount.
    pub(crate) fn high(&self) -> i128 {
        self.values.last().copied().unwrap_or(0)
    }
}

/// The smallest round step that is no smaller than this.
fn round_step(at_least: u128) -> i128 {
    let mut power = 1_i128;
    loop {
        // 2.5 is a whole number of picodollars only from ten of them on.
        let two_and_half = if power >= 10 { power / 10 * 25 } else { 5 * power };
        let steps = [power, 2 * power, two_and_half, 5 * power];
        if let Some(step) = steps.into_iter().find(|step| step.unsigned_abs() >= at_least) {
            return step;
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_stand_at_round_amounts() {
        for (low, high, expected) in [
            (0, 0, &[0][..]),
            (0, 1, &[0, 1]),
            (0, 7, &[0, 2, 4, 6, 8]),
            (0, 100, &[0, 20, 40, 60, 80, 100]),
            (0, 101, &[0, 25, 50, 75, 100, 125]),
            (0, 230, &[0, 50, 100, 150, 200, 250]),
            (-30, 70, &[-40, -20, 0, 20, 40, 60, 80]),
            (-5, 0, &[-5, -4, -3, -2, -1, 0]),
            (3, 9, &[0, 2, 4, 6, 8, 10]),
        ] {
            assert_eq!(Ticks::over(low, high, 5).values, expected, "{low}..{high}");
        }
    }

    proptest! {
        #[test]
        fn lines_enclose_everything_and_are_few(low: i128, high: i128, shift in 0..127_u32, wanted in 1..12_u32) {
            let (low, high) = ((low >> shift).min(high >> shift), (low >> shift).max(high >> shift));
            let ticks = Ticks::over(low, high, wanted);
            prop_assert!(ticks.low() <= low.clamp(-PICO_MAX, 0) && high.clamp(0, PICO_MAX) <= ticks.high());
            prop_assert!(ticks.values.contains(&0));
            prop_assert!(ticks.values.len() <= wanted as usize + 2);
            prop_assert!(ticks.values.windows(2).all(|pair| pair[1] - pair[0] == ticks.step));
        }
    }
}
