//! What scores add up to.

use centime_core::entry::Entry;
use centime_core::money::TotalPicoUsd;
use centime_core::score::Score;

use crate::sums::Counted;

/// Sums over the entries that somebody gave a score. Adding those of two disjoint sets gives those of
/// their union.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scored {
    /// What they cost, adjustments included.
    pub cost: TotalPicoUsd,
    /// How many requests they are; an aggregate counts as its calls, an adjustment as none.
    pub requests: i64,
    /// How many of these are not fully priced.
    pub unpriced_requests: i64,
    /// The scores of all these requests together, in millionths.
    pub score_millionths: i128,
}

/// One group of scored entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredRow {
    /// The values of the keys, in the order of the question's `by`.
    pub key: Vec<Option<String>>,
    /// What the group adds up to.
    pub scored: Scored,
}

impl Scored {
    /// Those of an attempt with this score, or of an adjustment of one.
    #[must_use]
    pub fn of(entry: &Entry, score: Score) -> Self {
        Self::of_counted(&Counted::of(entry), score)
    }

    pub(crate) fn of_counted(counted: &Counted, score: Score) -> Self {
        Self {
            cost: counted.charge.into(),
            requests: counted.requests.into(),
            unpriced_requests: crate::Sums::of_counted(counted).unpriced_requests,
            score_millionths: i128::from(counted.requests) * i128::from(score.millionths()),
        }
    }
}

impl std::ops::AddAssign for Scored {
    fn add_assign(&mut self, other: Self) {
        self.cost += other.cost;
        self.requests = self.requests.saturating_add(other.requests);
        self.unpriced_requests = self.unpriced_requests.saturating_add(other.unpriced_requests);
        self.score_millionths += other.score_millionths;
    }
}

impl std::iter::Sum for Scored {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut total, next| {
            total += next;
            total
        })
    }
}
