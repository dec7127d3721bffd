//! A window beside the one before it.

use std::collections::HashMap;

use centime_core::time::Timestamp;
use centime_ledger::{LedgerError, Reports, Sums, Window};

use crate::analysis::{Analysis, Group, Question};

/// What the groups of an analysis were in the window before.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The analysis, with the groups that only the window before has, which are empty here.
    pub analysis: Analysis,
    /// The window before: as long, and ending where the other starts.
    pub window: Window,
    /// All together, before.
    pub total: Sums,
    /// Each group of the analysis, before.
    pub groups: Vec<Sums>,
    /// The groups beyond the limit, before.
    pub rest: Option<Sums>,
}

impl Comparison {
    /// Asks a ledger about a window from `since` to the question's end (`now` where it has none), and
    /// about the one before.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn of(
        ledger: &dyn Reports,
        question: &Question,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Self, LedgerError> {
        let until = question.filter.window.until.unwrap_or(now);
        let length_us = until.micros().saturating_sub(since.micros()).max(0);
        let before = Timestamp::from_micros(since.micros().saturating_sub(length_us));
        let window = Window { since: Some(before), until: Some(since) };

        let all = Question { limit: None, ..question.clone() };
        let mut analysis = Analysis::of(ledger, &all)?;
        let mut earlier = all;
        earlier.filter.window = window;
        let earlier = Analysis::of(ledger, &earlier)?;

        let mut sums_before: HashMap<Vec<Option<String>>, Sums> =
            earlier.groups.into_iter().map(|group| (group.key, group.sums)).collect();
        let mut groups: Vec<Sums> = analysis
            .groups
            .iter()
            .map(|group| sums_before.remove(&group.key).unwrap_or_default())
            .collect();
        let mut gone: Vec<_> = sums_before.into_iter().collect();
        gone.sort_by(|(left, one), (right, other)| {
            other.cost.cmp(&one.cost).then_with(|| left.cmp(right))
        });
        for (key, sums) in gone {
            analysis.groups.push(Group { key, sums: Sums::default() });
            groups.push(sums);
        }
        let mut rest = None;
        if let Some(limit) = question.limit.filter(|&limit| limit < groups.len()) {
            analysis.rest = Some(analysis.groups.drain(limit..).map(|group| group.sums).sum());
            rest = Some(groups.drain(limit..).sum());
        }
        Ok(Self { analysis, window, total: earlier.total, groups, rest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Order;
    use centime_core::money::TotalPicoUsd;
    use centime_ledger::{Dimension, EntryFilter, GroupKey, GroupRow, ReportQuery};
    use jiff::tz::TimeZone;

    /// One set of groups from the 10th on, another before it.
    struct Fixed;

    fn sums(cost: i128) -> Sums {
        Sums { cost: TotalPicoUsd::from_pico(cost), requests: 1, ..Sums::default() }
    }

    fn day(day: u8) -> Timestamp {
        format!("2026-11-{day:02}").parse().unwrap()
    }

    impl Reports for Fixed {
        fn report(&self, query: &ReportQuery) -> Result<Vec<GroupRow>, LedgerError> {
            let rows: &[(&str, i128)] = match query.filter.window.since {
                Some(since) if since == day(10) => &[("a", 5), ("b", 3), ("new", 1)],
                Some(since) if since == day(8) => &[("a", 4), ("gone", 9), ("b", 3), ("lost", 2)],
                since => panic!("{since:?}"),
            };
            let row = |&(name, cost): &(&str, i128)| GroupRow {
                key: vec![Some(name.to_owned())],
                sums: sums(cost),
            };
            Ok(rows.iter().map(row).collect())
        }
    }

    fn compared(limit: Option<usize>) -> Comparison {
        let window = Window { since: Some(day(10)), until: None };
        let question = Question {
            filter: EntryFilter { window, conditions: Vec::new() },
            by: vec![GroupKey::Dimension(Dimension::Model)],
            zone: TimeZone::UTC,
            order: Order::Cost,
            limit,
        };
        Comparison::of(&Fixed, &question, day(10), day(12)).unwrap()
    }

    #[test]
    fn every_group_of_both_windows_is_there() {
        let found = compared(None);
        assert_eq!(found.window, Window { since: Some(day(8)), until: Some(day(10)) });
        let keys: Vec<_> =
            found.analysis.groups.iter().map(|group| group.key[0].as_deref().unwrap()).collect();
        assert_eq!(keys, ["a", "b", "new", "gone", "lost"]);
        let before: Vec<_> = found.groups.iter().map(|sums| sums.cost.pico()).collect();
        assert_eq!(before, [4, 3, 0, 9, 2]);
        assert_eq!((found.analysis.total.cost.pico(), found.total.cost.pico()), (9, 18));
    }

    #[test]
    fn what_a_limit_leaves_out_still_adds_up() {
        let found = compared(Some(2));
        assert_eq!(found.analysis.groups.len(), 2);
        assert_eq!(found.analysis.rest.unwrap().cost.pico(), 1);
        assert_eq!(found.rest.unwrap().cost.pico(), 11);
        let shown: Sums = found.groups.iter().copied().sum();
        assert_eq!(shown.cost + found.rest.unwrap().cost, found.total.cost);
    }
}
