//! What came in the last 60 seconds.

/// Seconds that are remembered: any 60 seconds lie within 61 of the clock's.
const SECONDS: i64 = 61;
const SLOTS: usize = 61;

/// A sliding minute: how much came, by the second. It knows no timer; whoever asks says what time it is.
#[derive(Debug, Clone)]
pub(super) struct Minute {
    by_second: [u64; SLOTS],
    /// The last second that is in it, since 1970.
    last: i64,
    sum: u64,
}

impl Default for Minute {
    fn default() -> Self {
        Self { by_second: [0; SLOTS], last: i64::MIN, sum: 0 }
    }
}

impl Minute {
    /// Adds an amount.
    pub(super) fn add(&mut self, second: i64, amount: u64) {
        self.advance(second);
        let room = u64::MAX - self.sum;
        let amount = amount.min(room);
        let last = self.last;
        *self.at(last) += amount;
        self.sum += amount;
    }

    /// How many seconds to wait until less than `most` came in the last 60; `None` where that is so.
    pub(super) fn wait_s(&mut self, second: i64, most: u64) -> Option<u64> {
        self.advance(second);
        let mut left = self.sum;
        let mut wait_s = 0;
        for ago in (0..SECONDS).rev() {
            if left < most {
                break;
            }
            left -= *self.at(self.last.saturating_sub(ago));
            wait_s += 1;
        }
        (wait_s > 0).then_some(wait_s)
    }

    /// Forgets what is older than `second` and 60 more. A clock that was set back a little stands still;
    /// one that was set back far begins anew.
    fn advance(&mut self, second: i64) {
        let ahead = second.saturating_sub(self.last);
        if ahead >= SECONDS || ahead <= -SECONDS {
            *self = Self { last: second, ..Self::default() };
            return;
        }
        for passed in 1..=ahead {
            let second = self.last + passed;
            self.sum -= std::mem::take(self.at(second));
        }
        self.last = self.last.max(second);
    }

    fn at(&mut self, second: i64) -> &mut u64 {
        let index = usize::try_from(second.rem_euclid(SECONDS)).unwrap_or_default();
        &mut self.by_second[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_leaves_after_a_minute() {
        let mut minute = Minute::default();
        assert_eq!(minute.wait_s(1_000, 1), None);
        minute.add(1_000, 2);
        minute.add(1_030, 1);
        assert_eq!(minute.wait_s(1_030, 4), None);
        assert_eq!(minute.wait_s(1_030, 3), Some(31));
        assert_eq!(minute.wait_s(1_030, 1), Some(61));
        assert_eq!(minute.wait_s(1_060, 3), Some(1));
        assert_eq!(minute.wait_s(1_061, 3), None);
        assert_eq!(minute.wait_s(1_061, 1), Some(30));
        assert_eq!(minute.wait_s(1_091, 1), None);
    }

    #[test]
    fn no_clock_and_no_amount_is_too_strange() {
        let mut minute = Minute::default();
        minute.add(1_000, u64::MAX);
        minute.add(1_000, 5);
        assert_eq!(minute.wait_s(990, 1), Some(61), "set back a little");
        assert_eq!(minute.wait_s(100, 1), None, "set back far");
        minute.add(i64::MAX, 1);
        assert!(minute.wait_s(i64::MAX, 1).is_some());
        assert_eq!(minute.wait_s(i64::MIN, 1), None);
    }

    proptest::proptest! {
        #[test]
        fn no_minute_has_more_than_the_most(
            pauses_ms in proptest::collection::vec(0_i64..20_000, 1..200),
            most in 1_u64..10,
        ) {
            let mut minute = Minute::default();
            let mut now_ms = 1_000_000;
            let mut let_in: Vec<i64> = Vec::new();
            for pause_ms in pauses_ms {
                now_ms += pause_ms;
                let second = now_ms / 1000;
                let recent = let_in.iter().filter(|&&at| at > now_ms - 60_000).count() as u64;
                match minute.wait_s(second, most) {
                    None => {
                        proptest::prop_assert!(recent < most);
                        minute.add(second, 1);
                        let_in.push(now_ms);
                    }
                    Some(wait_s) => {
                        proptest::prop_assert!(wait_s <= 61);
                        let then = second + i64::try_from(wait_s).unwrap();
                        proptest::prop_assert_eq!(minute.clone().wait_s(then, most), None);
                    }
                }
            }
        }
    }
}
