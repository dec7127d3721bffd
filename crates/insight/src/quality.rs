//! What quality was had for the money: of the requests that somebody gave a score.

use std::collections::HashMap;

use centime_core::money::{Quantity, TotalPicoUsd};
use centime_ledger::{Feedback, LedgerError, Scored};

use crate::analysis::{Analysis, Question};
use crate::efficiency::ratio;

/// Ratios of what was scored. `None` where there is nothing to divide by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quality {
    /// How many requests have a score.
    pub scored_requests: i64,
    /// Their average score: 0 to 1.
    pub average_score: Option<Quantity>,
    /// What they cost, divided by the sum of their scores: US dollars for an answer as good as can be.
    pub cost_per_score: Option<TotalPicoUsd>,
}

impl Quality {
    /// Of some sums. Ratios are rounded half to even: money to whole picodollars, scores to six decimals.
    ///
    /// ```
    /// use centime_core::money::TotalPicoUsd;
    /// use centime_insight::Quality;
    /// use centime_ledger::Scored;
    ///
    /// // Two requests for 3 cents, of scores 1 and 0.5.
    /// let cost = TotalPicoUsd::from_pico(30_000_000_000);
    /// let scored = Scored { cost, requests: 2, score_millionths: 1_500_000, ..Scored::default() };
    /// let quality = Quality::of(&scored);
    /// assert_eq!(quality.average_score.unwrap().to_string(), "0.75");
    /// assert_eq!(quality.cost_per_score.unwrap().to_string(), "0.02");
    /// ```
    #[must_use]
    pub fn of(scored: &Scored) -> Self {
        const MILLION: i128 = 1_000_000;
        let average = ratio(scored.score_millionths, scored.requests.into());
        let cost = scored.cost.pico().checked_mul(MILLION);
        Self {
            scored_requests: scored.requests,
            average_score: average.map(|millionths| Quantity::from_scaled(millionths * MILLION)),
            cost_per_score: cost
                .and_then(|cost| ratio(cost, scored.score_millionths))
                .map(TotalPicoUsd::from_pico),
        }
    }
}

/// What was scored in an analysis. Groups and rest add up to the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scores {
    /// All together.
    pub total: Scored,
    /// In each group of the analysis.
    pub groups: Vec<Scored>,
    /// In the groups beyond its limit.
    pub rest: Option<Scored>,
}

impl Scores {
    /// Asks a ledger; `None` where nothing of it was scored.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn of(
        ledger: &dyn Feedback,
        question: &Question,
        analysis: &Analysis,
    ) -> Result<Option<Self>, LedgerError> {
        let rows = ledger.scored(&question.query())?;
        if rows.is_empty() {
            return Ok(None);
        }
        let total = rows.iter().map(|row| row.scored).sum();
        let mut of_keys: HashMap<_, _> =
            rows.into_iter().map(|row| (row.key, row.scored)).collect();
        let groups = analysis.groups.iter();
        let groups = groups.map(|group| of_keys.remove(&group.key).unwrap_or_default()).collect();
        let rest = analysis.rest.map(|_| of_keys.into_values().sum());
        Ok(Some(Self { total, groups, rest }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Group, Order};
    use centime_core::entry::Uid;
    use centime_core::score::Score;
    use centime_core::time::Timestamp;
    use centime_ledger::{
        Dimension, EntryFilter, GroupKey, ReportQuery, ScoreAdded, ScoredRow, Sums, Window,
    };
    use jiff::tz::TimeZone;

    struct Fixed(Vec<ScoredRow>);

    impl Feedback for Fixed {
        fn add_score(&mut self, _: Uid, _: Score, _: Timestamp) -> Result<ScoreAdded, LedgerError> {
            unreachable!("nothing is scored here")
        }

        fn score(&self, _: Uid) -> Result<Option<Score>, LedgerError> {
            Ok(None)
        }

        fn scored(&self, _: &ReportQuery) -> Result<Vec<ScoredRow>, LedgerError> {
            Ok(self.0.clone())
        }
    }

    fn scored(cost: i128, requests: i64, score_millionths: i128) -> Scored {
        let cost = TotalPicoUsd::from_pico(cost);
        Scored { cost, requests, score_millionths, ..Scored::default() }
    }

    #[test]
    fn nothing_and_the_worst_have_no_cost_of_quality() {
        assert_eq!(Quality::of(&Scored::default()), Quality::default());
        let worst = Quality::of(&scored(5, 2, 0));
        assert_eq!((worst.scored_requests, worst.cost_per_score), (2, None));
        assert_eq!(worst.average_score, Some(Quantity::ZERO));
        assert_eq!(Quality::of(&scored(i128::MAX, 1, 1)).cost_per_score, None);
    }

    #[test]
    fn scores_stand_beside_their_groups_and_add_up() {
        let by = vec![GroupKey::Dimension(Dimension::Model)];
        let group = |name: &str| Group { key: vec![Some(name.to_owned())], sums: Sums::default() };
        let analysis = Analysis {
            window: Window::default(),
            by: by.clone(),
            total: Sums::default(),
            groups: vec![group("a"), group("b")],
            rest: Some(Sums::default()),
        };
        let question = Question {
            filter: EntryFilter::default(),
            by,
            zone: TimeZone::UTC,
            order: Order::Cost,
            limit: Some(2),
        };
        let row = |name: &str, cost| ScoredRow {
            key: vec![Some(name.to_owned())],
            scored: scored(cost, 1, 500_000),
        };
        let ledger = Fixed(vec![row("d", 4), row("b", 2), row("c", 3)]);
        let found = Scores::of(&ledger, &question, &analysis).unwrap().unwrap();
        assert_eq!(found.groups, [Scored::default(), scored(2, 1, 500_000)]);
        assert_eq!(found.rest, Some(scored(7, 2, 1_000_000)));
        assert_eq!(found.total, scored(9, 3, 1_500_000));
        assert_eq!(Scores::of(&Fixed(Vec::new()), &question, &analysis).unwrap(), None);
    }
}
