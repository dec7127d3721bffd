//! The cost analysis: a window of the ledger, grouped, ordered, and cut to the largest groups.

use centime_core::time::Timestamp;
use centime_ledger::{
    EntryFilter, GroupKey, GroupRow, LedgerError, ReportQuery, Reports, Sums, Window,
};
use jiff::tz::TimeZone;

/// In which order the groups of an analysis stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The most expensive first.
    #[default]
    Cost,
    /// By their keys: for days and hours, the earliest first.
    Key,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which entries.
    pub filter: EntryFilter,
    /// What to group them by.
    pub by: Vec<GroupKey>,
    /// Whose clocks days and hours are read from.
    pub zone: TimeZone,
    /// The order of the groups.
    pub order: Order,
    /// The most groups; what they leave out is one more, so that groups still add up.
    pub limit: Option<usize>,
}

impl Question {
    /// What a ledger is asked for the answer.
    #[must_use]
    pub fn query(&self) -> ReportQuery {
        ReportQuery { filter: self.filter.clone(), by: self.by.clone(), zone: self.zone.clone() }
    }
}

/// One group of an analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The values of the question's keys; `None` for entries without one.
    pub key: Vec<Option<String>>,
    /// What the group adds up to.
    pub sums: Sums,
}

/// The answer: groups that add up to the total.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The window that was asked for.
    pub window: Window,
    /// What the groups are by.
    pub by: Vec<GroupKey>,
    /// All together.
    pub total: Sums,
    /// The groups, in order.
    pub groups: Vec<Group>,
    /// The groups beyond the limit, together.
    pub rest: Option<Sums>,
}

impl Analysis {
    /// Asks a ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn of(ledger: &dyn Reports, question: &Question) -> Result<Self, LedgerError> {
        let rows = ledger.report(&question.query())?;
        let total = rows.iter().map(|row| row.sums).sum();
        let mut groups: Vec<Group> = match question.by.as_slice() {
            [] => Vec::new(),
            _ => rows.into_iter().map(|GroupRow { key, sums }| Group { key, sums }).collect(),
        };
        sort(&mut groups, &question.by, question.order);
        let rest = question
            .limit
            .filter(|&limit| limit < groups.len())
            .map(|limit| groups.drain(limit..).map(|group| group.sums).sum());
        Ok(Self { window: question.filter.window, by: question.by.clone(), total, groups, rest })
    }
}

fn sort(groups: &mut [Group], by: &[GroupKey], order: Order) {
    match order {
        Order::Cost => groups.sort_by(|left, right| {
            (right.sums.cost, right.sums.requests)
                .cmp(&(left.sums.cost, left.sums.requests))
                .then_with(|| left.key.cmp(&right.key))
        }),
        Order::Key => groups.sort_by_cached_key(|group| {
            let places = by.iter().zip(&group.key);
            places.map(|(by, value)| (moment_of(by, value), value.clone())).collect::<Vec<_>>()
        }),
    }
}

/// When an hour starts. Its name does not sort: on the night that clocks are turned back the hour
/// with the smaller offset is the later one.
fn moment_of(by: &GroupKey, value: &Option<String>) -> Option<Timestamp> {
    value.as_ref().filter(|_| *by == GroupKey::Hour)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::money::TotalPicoUsd;
    use centime_ledger::Dimension;

    struct Fixed(Vec<GroupRow>);

    impl Reports for Fixed {
        fn report(&self, _: &ReportQuery) -> Result<Vec<GroupRow>, LedgerError> {
            Ok(self.0.clone())
        }
    }

    fn row(model: &str, cost: i128) -> GroupRow {
        let cost = TotalPicoUsd::from_pico(cost);
        GroupRow {
            key: vec![Some(model.to_owned())],
            sums: Sums { cost, requests: 1, ..Sums::default() },
        }
    }

    #[test]
    fn the_most_expensive_come_first_and_the_rest_still_adds_up() {
        let ledger = Fixed(vec![row("a", 1), row("b", 5), row("c", 3), row("d", 3)]);
        let question = Question {
            filter: EntryFilter::default(),
            by: vec![GroupKey::Dimension(Dimension::Model)],
            zone: TimeZone::UTC,
            order: Order::Cost,
            limit: Some(2),
        };
        let analysis = Analysis::of(&ledger, &question).unwrap();
        let names: Vec<_> = analysis.groups.iter().map(|group| group.key[0].as_deref()).collect();
        assert_eq!(names, [Some("b"), Some("c")]);
        assert_eq!(analysis.rest.unwrap().cost.pico(), 4);
        let shown: Sums = analysis.groups.iter().map(|group| group.sums).sum();
        assert_eq!(shown.cost + analysis.rest.unwrap().cost, analysis.total.cost);

        let by_name = Question { order: Order::Key, limit: None, ..question };
        let analysis = Analysis::of(&ledger, &by_name).unwrap();
        assert_eq!(analysis.groups.first().unwrap().key[0].as_deref(), Some("a"));
        assert_eq!(analysis.rest, None);
    }

    #[test]
    fn hours_stand_by_the_moment_they_start() {
        // Paris turned its clocks back at 01:00 UTC, Lord Howe Island by half an hour at 15:00.
        for hours in [
            ["2024-10-27T01:00+02:00", "2024-10-27T02:00+02:00", "2024-10-27T02:00+01:00"],
            ["2026-04-05T01:00+11:00", "2026-04-05T01:00+10:30", "2026-04-05T02:00+10:30"],
            ["2024-03-30T23:00-03:30", "2024-03-31T00:00-02:30", "2024-03-31T01:00-02:30"],
        ] {
            let ledger = Fixed(hours.iter().rev().map(|hour| row(hour, 1)).collect());
            let question = Question {
                filter: EntryFilter::default(),
                by: vec![GroupKey::Hour],
                zone: TimeZone::UTC,
                order: Order::Key,
                limit: None,
            };
            let analysis = Analysis::of(&ledger, &question).unwrap();
            let keys = analysis.groups.iter().map(|group| group.key[0].as_deref().unwrap());
            assert_eq!(keys.collect::<Vec<_>>(), hours);
        }
    }
}
