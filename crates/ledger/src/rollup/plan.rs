//! How a question is answered: from which family, which of its periods, and which entries.

use jiff::tz::{Offset, TimeZone};

use super::{Family, Level};
use crate::query::{Dimension, Window};
use crate::report::{GroupKey, ReportQuery};
use centime_core::time::Timestamp;

/// What to read for an answer: periods of one family that cover most of the window, the coarsest that
/// fit, and entries for what is left at its edges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The family, by its place in the list.
    pub(crate) family: usize,
    /// Its periods.
    pub(crate) reads: Vec<Read>,
    /// The windows whose entries are read one by one.
    pub(crate) raw: Vec<Window>,
}

/// Periods of one level: from the first up to, not including, the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) level: Level,
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Plan {
    /// The plan for a question; `None` where only the entries themselves can answer it.
    pub(crate) fn of(query: &ReportQuery, families: &[Family]) -> Option<Self> {
        let grouped = query.by.iter().filter_map(|key| match key {
            GroupKey::Dimension(dimension) => Some(dimension),
            GroupKey::Date | GroupKey::Hour => None,
        });
        let asked = query.filter.conditions.iter().map(|(dimension, _)| dimension);
        let needed: Vec<&Dimension> = asked.chain(grouped).collect();
        let knows = |family: &Family| needed.iter().all(|wanted| family.place_of(wanted).is_some());
        let levels_of = |family: &Family| levels(family, query);
        let (family, levels) = families
            .iter()
            .enumerate()
            .filter(|(_, family)| knows(family))
            .map(|(index, family)| (index, levels_of(family)))
            .find(|(_, levels)| !levels.is_empty())?;
        let mut plan = Self { family, reads: Vec::new(), raw: Vec::new() };
        let Window { since, until } = query.filter.window;
        plan.cover(levels, since.map(Timestamp::micros), until.map(Timestamp::micros));
        Some(plan)
    }

    /// Covers a window with the coarsest periods that lie in it, and its edges with finer ones.
    fn cover(&mut self, levels: &[Level], since: Option<i64>, until: Option<i64>) {
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            return;
        }
        let Some((&level, finer)) = levels.split_last() else {
            let moment = |at: Option<i64>| at.map(Timestamp::from_micros);
            self.raw.push(Window { since: moment(since), until: moment(until) });
            return;
        };
        let from = since.map_or(i64::MIN, |since| level.first_from(since));
        let end = until.map_or(i64::MAX, |until| level.period_of(until));
        if from >= end {
            return self.cover(finer, since, until);
        }
        if since.is_some() {
            self.cover(finer, since, Some(level.start_of(from)));
        }
        self.reads.push(Read { level, from, until: end });
        if until.is_some() {
            self.cover(finer, Some(level.start_of(end)), until);
        }
    }
}

/// The levels of a family whose periods lie within the groups of a question, the finest first.
fn levels(family: &Family, query: &ReportQuery) -> &'static [Level] {
    let levels = family.levels();
    let coarsest = if query.by.contains(&GroupKey::Hour) {
        Level::Quarter
    } else if query.by.contains(&GroupKey::Date) {
        if is_utc(&query.zone) { Level::Day } else { Level::Quarter }
    } else {
        Level::Month
    };
    let fitting = levels.iter().take_while(|&&level| level <= coarsest).count();
    &levels[..fitting]
}

fn is_utc(zone: &TimeZone) -> bool {
    zone.to_fixed_offset().is_ok_and(|offset| offset == Offset::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{EntryFilter, Match};
    use Level::{Day, Month, Quarter};

    fn question(by: &str, zone: &str, since: &str, until: &str) -> ReportQuery {
        let moment = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        ReportQuery {
            filter: EntryFilter {
                window: Window { since: moment(since), until: moment(until) },
                conditions: Vec::new(),
            },
            by: by
                .split(',')
                .filter(|key| !key.is_empty())
                .map(|key| key.parse().unwrap())
                .collect(),
            zone: TimeZone::get(zone).unwrap(),
        }
    }

    fn plan(question: &ReportQuery) -> Option<Plan> {
        let families = [Family::standard(), vec![Family::of_tag("app")]].concat();
        Plan::of(question, &families)
    }

    #[test]
    fn the_smallest_family_that_knows_the_dimensions_answers() {
        for (by, expected) in [
            ("", Some("total")),
            ("date", Some("total")),
            ("model", Some("provider,model")),
            ("provider,hour", Some("provider,model")),
            ("team", Some("team")),
            ("model,team", Some("team,provider,model")),
            ("user", Some("user")),
            ("user,date", Some("user")),
            ("user,hour", None),
            ("user,team", None),
            ("tag:app", Some("tag:app")),
            ("tag:env", None),
            ("session", None),
            ("status", None),
        ] {
            let families = [Family::standard(), vec![Family::of_tag("app")]].concat();
            let family =
                plan(&question(by, "UTC", "", "")).map(|plan| families[plan.family].to_string());
            assert_eq!(family.as_deref(), expected, "{by}");
        }
        let mut question = question("date", "UTC", "", "");
        question.filter.conditions =
            vec![(Dimension::User, Match::OneOf(vec!["alice".to_owned()]))];
        let user = Family::standard().iter().position(|family| family.to_string() == "user");
        assert_eq!(plan(&question).map(|plan| plan.family), user);
        assert_eq!(
            plan(&ReportQuery { zone: TimeZone::get("Europe/Paris").unwrap(), ..question }),
            None
        );
    }

    #[test]
    fn windows_are_covered_by_the_coarsest_periods() {
        for (by, zone, since, until, reads, raw) in [
            ("", "UTC", "", "", vec![(Month, None)], 0),
            ("", "UTC", "2026-11-01", "", vec![(Month, None)], 0),
            ("", "UTC", "2026-10-24", "2026-11-23", vec![(Day, Some(30))], 0),
            ("", "UTC", "2026-10-24", "", vec![(Day, Some(8)), (Month, None)], 0),
            (
                "",
                "UTC",
                "2026-08-30T12:10:00Z",
                "2026-11-02T00:20:00Z",
                vec![
                    (Quarter, Some(47)),
                    (Day, Some(1)),
                    (Month, Some(2)),
                    (Day, Some(1)),
                    (Quarter, Some(1)),
                ],
                2,
            ),
            ("date", "UTC", "2026-10-24", "", vec![(Day, None)], 0),
            ("date", "Europe/Paris", "2026-10-24T22:00:00Z", "", vec![(Quarter, None)], 0),
            ("hour", "UTC", "2026-10-24T00:01:00Z", "2026-10-25", vec![(Quarter, Some(95))], 1),
            ("user", "UTC", "2026-10-24T22:00:00Z", "2026-10-26", vec![(Day, Some(1))], 1),
            ("", "UTC", "2026-10-24T22:01:00Z", "2026-10-24T22:14:00Z", vec![], 1),
            ("", "UTC", "2026-10-25", "2026-10-24", vec![], 0),
        ] {
            let plan = plan(&question(by, zone, since, until)).unwrap();
            let periods = |read: &Read| (read.until != i64::MAX).then(|| read.until - read.from);
            let found: Vec<_> = plan.reads.iter().map(|read| (read.level, periods(read))).collect();
            let expected = reads;
            assert_eq!((found, plan.raw.len()), (expected, raw), "{by} {since} {until}");
        }
    }
}
