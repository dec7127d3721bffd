//! How a simulated provider behaves: all of it is decided before it starts.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::dice::Dice;
use crate::fault::Faults;

/// How a simulated provider behaves.
///
/// ```
/// use centime_testkit::{Config, Share};
///
/// // The same requests, half of them with prompts from a cache.
/// let config = Config { seed: 7, cache_share: Share::per_mille(500), ..Config::default() };
/// # let _ = config;
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    /// What chance is drawn from: the same seed gives the same request the same answer.
    pub seed: u64,
    /// The one API key that is let in; without one, every key that is not empty.
    pub api_key: Option<String>,
    /// The moment that answers say they were made at, in seconds since 1970.
    pub created_at_s: u64,
    /// How many tokens the texts of answers have: anything between the two.
    pub text_tokens: RangeInclusive<u64>,
    /// How fast answers come.
    pub pace: Pace,
    /// How many of the calls that may read from a prompt cache find something there.
    pub cache_share: Share,
    /// What goes wrong by itself, and how often. A call meets the first that falls to it.
    pub faults: Vec<(Share, Faults)>,
    /// Which requests are kept for a test to look at.
    pub recording: Recording,
    /// Whether answers are made for each request, or once for many.
    pub mode: Mode,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            api_key: None,
            created_at_s: 1_788_220_800,
            text_tokens: 12..=96,
            pace: Pace::default(),
            cache_share: Share::NEVER,
            faults: Vec::new(),
            recording: Recording::default(),
            mode: Mode::Made,
        }
    }
}

/// Whether answers are made for each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each request is read, and its answer made from what it asks.
    Made,
    /// An answer is made once for a path, a model and whether it streams, and sent to all who ask:
    /// for load, so that the provider is not what is measured. Bodies are not read beyond that,
    /// faults and recording are off, and no key is asked for.
    Canned,
}

/// How fast answers come. The default is at once.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The time to the head of the answer.
    pub first_byte: Latency,
    /// The time from one token to the next.
    pub token_time: Duration,
    /// The tokens that an event of a stream carries.
    pub tokens_per_chunk: u32,
}

impl Default for Pace {
    fn default() -> Self {
        let first_byte = Latency::Fixed(Duration::ZERO);
        Self { first_byte, token_time: Duration::ZERO, tokens_per_chunk: 1 }
    }
}

impl Pace {
    /// So many tokens a second, one an event; 0 is as fast as the wire takes them.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use centime_testkit::Pace;
    ///
    /// assert_eq!(Pace::tokens_per_second(50).token_time, Duration::from_millis(20));
    /// ```
    #[must_use]
    pub fn tokens_per_second(tokens: u32) -> Self {
        let token_time = Duration::from_secs(1).checked_div(tokens).unwrap_or_default();
        Self { token_time, ..Self::default() }
    }

    /// How long so many tokens take.
    pub(crate) fn time_for(&self, tokens: u64) -> Duration {
        self.token_time.saturating_mul(u32::try_from(tokens).unwrap_or(u32::MAX))
    }
}

/// The time to the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// Always the same.
    Fixed(Duration),
    /// Anything between the two, alike.
    Between(Duration, Duration),
    /// Mostly the typical time; one call in four takes twice that, one in sixteen four times, and so
    /// on up to the worst.
    Tailed {
        /// What three calls in four take.
        typical: Duration,
        /// What no call exceeds.
        worst: Duration,
    },
}

impl Latency {
    pub(crate) fn draw(self, dice: &mut Dice) -> Duration {
        match self {
            Self::Fixed(latency) => latency,
            Self::Between(least, most) => {
                let span = most.saturating_sub(least).as_micros();
                let span = u64::try_from(span).unwrap_or(u64::MAX - 1);
                least + Duration::from_micros(dice.below(span + 1))
            }
            Self::Tailed { typical, worst } => {
                let mut latency = typical;
                while latency < worst && !latency.is_zero() && dice.below(4) == 0 {
                    latency = latency.saturating_mul(2);
                }
                latency.min(worst)
            }
        }
    }
}

/// How many of a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share(u16);

impl Share {
    /// None.
    pub const NEVER: Self = Self(0);
    /// All.
    pub const ALWAYS: Self = Self(1000);

    /// So many of a thousand; more than that are all.
    #[must_use]
    pub const fn per_mille(share: u16) -> Self {
        Self(if share > 1000 { 1000 } else { share })
    }

    pub(crate) fn falls(self, dice: &mut Dice) -> bool {
        dice.below(1000) < u64::from(self.0)
    }
}

/// Which requests are kept: the last ones, up to a number, each up to a length. The default keeps
/// none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recording {
    /// How many requests are kept at most.
    pub calls_max: usize,
    /// How much of a body is kept at most.
    pub body_bytes_max: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_stay_within_their_bounds() {
        let ms = Duration::from_millis;
        for (latency, least, most) in [
            (Latency::Fixed(ms(5)), ms(5), ms(5)),
            (Latency::Between(ms(5), ms(9)), ms(5), ms(9)),
            (Latency::Between(ms(9), ms(5)), ms(9), ms(9)),
            (Latency::Tailed { typical: ms(10), worst: ms(70) }, ms(10), ms(70)),
            (Latency::Tailed { typical: ms(0), worst: ms(70) }, ms(0), ms(0)),
        ] {
            let mut dice = Dice::new(1);
            let drawn: Vec<_> = (0..1000).map(|_| latency.draw(&mut dice)).collect();
            assert!(drawn.iter().all(|drawn| (least..=most).contains(drawn)), "{latency:?}");
            let reaches = drawn.iter().max().unwrap().as_micros() * 10 >= most.as_micros() * 9;
            assert!(reaches, "{latency:?}");
        }
    }

    #[test]
    fn a_share_falls_as_often_as_it_says() {
        for (share, least, most) in
            [(0, 0, 0), (10, 50, 150), (500, 4800, 5200), (1001, 10_000, 10_000)]
        {
            let mut dice = Dice::new(3);
            let share = Share::per_mille(share);
            let fell = (0..10_000).filter(|_| share.falls(&mut dice)).count();
            assert!((least..=most).contains(&fell), "{share:?}: {fell}");
        }
    }

    #[test]
    fn tokens_take_their_time() {
        for (per_second, tokens, expected) in [
            (0, 100, Duration::ZERO),
            (50, 1, Duration::from_millis(20)),
            (50, 100, Duration::from_secs(2)),
        ] {
            let pace = Pace::tokens_per_second(per_second);
            assert_eq!(pace.time_for(tokens), expected, "{per_second} {tokens}");
        }
    }
}
