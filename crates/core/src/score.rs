//! Scores: how good an answer was.

use std::fmt;
use std::str::FromStr;

use crate::decimal::{DecimalError, DecimalText, Finer, parse_scaled, shown};

/// Decimals of a score.
const SCORE_DECIMALS: u32 = 6;

/// How good an answer was: from 0 to 1, in whole millionths.
///
/// ```
/// use centime_core::score::Score;
///
/// let score: Score = "0.90".parse()?;
/// assert_eq!((score.millionths(), score.to_string().as_str()), (900_000, "0.9"));
/// assert_eq!("1.1".parse::<Score>().unwrap_err().to_string(), "`1.1` is not from 0 to 1");
/// # Ok::<(), centime_core::score::ScoreError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u32);

/// Why a text is no score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// It is no decimal, or a finer one than a score is.
    #[error(transparent)]
    Decimal(#[from] DecimalError),
    /// It is no part of 1.
    #[error("`{0}` is not from 0 to 1")]
    OutOfRange(String),
}

impl Score {
    /// As good as can be: a million millionths.
    pub const BEST: Self = Self(1_000_000);

    /// A score from whole millionths; `None` beyond [`Score::BEST`].
    #[must_use]
    pub const fn from_millionths(millionths: u32) -> Option<Self> {
        if millionths <= Self::BEST.0 { Some(Self(millionths)) } else { None }
    }

    /// The score in whole millionths.
    #[must_use]
    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl FromStr for Score {
    type Err = ScoreError;

    fn from_str(text: &str) -> Result<Self, ScoreError> {
        let millionths = parse_scaled(text, SCORE_DECIMALS, Finer::Refuse)?;
        let score = u32::try_from(millionths).ok().and_then(Self::from_millionths);
        score.ok_or_else(|| ScoreError::OutOfRange(shown(text)))
    }
}

impl fmt::Display for Score {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        DecimalText::new(false, self.0.into(), SCORE_DECIMALS).fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_a_decimal_from_0_to_1() {
        for (text, expected) in [
            ("0", Ok("0")),
            ("1", Ok("1")),
            ("1.000", Ok("1")),
            (".5", Ok("0.5")),
            ("9e-1", Ok("0.9")),
            ("0.000001", Ok("0.000001")),
            ("0.0000001", Err("`0.0000001` has more than 6 decimals")),
            ("1.000001", Err("`1.000001` is not from 0 to 1")),
            ("-0.1", Err("`-0.1` is not from 0 to 1")),
            ("90%", Err("`90%` is not a decimal number")),
            ("NaN", Err("`NaN` is not a decimal number")),
            ("", Err("`` is not a decimal number")),
        ] {
            let read = text.parse::<Score>();
            let read = read.map(|score| score.to_string()).map_err(|error| error.to_string());
            assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
        }
    }
}
