//! Groups of a report: as people read them, and as CSV.

use centime_answers::report::{FIGURES, keys_of};
use centime_core::entry::PricingStatus;
use centime_insight::{Analysis, Group};
use centime_ledger::Sums;

use crate::output::{Align, Table, cost, count};

/// What a group without a value is called in a table.
const NONE: &str = "—";
/// What the groups beyond a limit are called.
const OTHER: &str = "(other)";

/// What sums cost, as people read it.
pub(crate) fn cost_of(sums: &Sums) -> String {
    let status = match sums.unpriced_requests {
        0 => PricingStatus::Priced,
        all if all >= sums.requests && sums.cost.pico() == 0 => PricingStatus::Unpriced,
        _ => PricingStatus::Partial,
    };
    cost(sums.cost, status)
}

/// The table of some groups for people: their keys, then their sums, and the total below.
pub(crate) fn group_table(keys: &[&str], groups: &[Group], total: Option<&Sums>) -> Table {
    let shows = |of: fn(&Sums) -> i64| {
        groups.iter().map(|group| &group.sums).chain(total).any(|sums| of(sums) != 0)
    };
    let optional: Vec<&Optional> = OPTIONAL.iter().filter(|(_, of)| shows(*of)).collect();
    let names = ALWAYS.iter().chain(optional.iter().map(|(name, _)| name));
    let names: Vec<&str> = names.copied().collect();
    let figures = |sums: &Sums| {
        let fixed = [
            cost_of(sums),
            count(sums.requests.into()),
            count(sums.input_tokens),
            count(sums.output_tokens),
            count(sums.total_tokens()),
        ];
        let optional = optional.iter().map(|(_, of)| count(of(sums).into()));
        fixed.into_iter().chain(optional).collect::<Vec<_>>()
    };
    let rows = groups.iter().map(|group| (group, figures(&group.sums)));
    figures_table(keys, &names, rows, total.map(figures))
}

/// A table for people: the keys of groups to the left, their figures to the right, on a screen the share
/// of the cost that each is, and the total below where there are keys.
pub(super) fn figures_table<'g>(
    keys: &[&str],
    names: &[&str],
    rows: impl Iterator<Item = (&'g Group, Vec<String>)>,
    total: Option<Vec<String>>,
) -> Table {
    let columns = keys.iter().map(|key| (*key, Align::Left));
    let mut table = Table::new(columns.chain(names.iter().map(|name| (*name, Align::Right))));
    let mut parts = Vec::new();
    for (group, figures) in rows {
        parts.push(group.sums.cost.pico());
        let key = group.key.iter().map(|value| value.clone().unwrap_or_else(|| NONE.to_owned()));
        table.row(key.chain(figures).collect());
    }
    if let (Some(total), [_, others @ ..]) = (total, keys) {
        let blanks = others.iter().map(|_| String::new());
        table.footer(["total".to_owned()].into_iter().chain(blanks).chain(total).collect());
    }
    if !keys.is_empty() {
        table.parts(parts);
    }
    table
}

/// The figures that every table has.
const ALWAYS: &[&str] = &["cost", "requests", "input tokens", "output tokens", "total tokens"];

/// A column's name and its figure.
type Optional = (&'static str, fn(&Sums) -> i64);

/// The figures that a table has where one of its rows has something there.
const OPTIONAL: &[Optional] = &[
    ("unpriced", |sums| sums.unpriced_requests),
    ("estimated", |sums| sums.estimated_requests),
    ("in doubt", |sums| sums.in_doubt_requests),
    ("cached", |sums| sums.cached_requests),
    ("failed", |sums| sums.failed_requests),
];

/// The same for spreadsheets: every figure exactly, under its name in JSON.
pub(crate) fn group_spreadsheet(keys: &[&str], groups: &[Group]) -> Table {
    let names = keys.iter().chain(FIGURES.iter().map(|field| &field.name));
    let mut table = Table::new(names.map(|name| (*name, Align::Left)));
    for group in groups {
        let key = group.key.iter().map(|value| value.clone().unwrap_or_default());
        let figures = FIGURES.iter().map(|field| (field.of)(&group.sums).cell());
        table.row(key.chain(figures).collect());
    }
    table
}

/// A group that stands for those that are not shown.
pub(crate) fn stand_in(name: &str, keys: usize, sums: Sums) -> Group {
    let mut key = vec![Some(String::new()); keys];
    if let Some(first) = key.first_mut() {
        *first = Some(name.to_owned());
    }
    Group { key, sums }
}

/// The rest beyond a limit as one more group.
pub(crate) fn other(keys: usize, sums: Sums) -> Group {
    stand_in(OTHER, keys, sums)
}

/// The rows of an analysis: its groups, the rest as the last one; without keys the total alone.
pub(super) fn rows_of(analysis: &Analysis) -> Vec<Group> {
    if analysis.by.is_empty() {
        return vec![Group { key: Vec::new(), sums: analysis.total }];
    }
    let rest = analysis.rest.map(|sums| other(analysis.by.len(), sums));
    analysis.groups.iter().cloned().chain(rest).collect()
}

/// The table of an analysis, for people.
pub(crate) fn analysis_table(analysis: &Analysis) -> Table {
    let keys = keys_of(analysis);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    group_table(&keys, &rows_of(analysis), Some(&analysis.total))
}

/// The table of an analysis, for spreadsheets.
pub(crate) fn analysis_spreadsheet(analysis: &Analysis) -> Table {
    let keys = keys_of(analysis);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    group_spreadsheet(&keys, &rows_of(analysis))
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_answers::report::Document;
    use centime_core::money::TotalPicoUsd;
    use centime_ledger::{Dimension, GroupKey, Window};

    fn sums(cost: i128, requests: i64, unpriced_requests: i64) -> Sums {
        let cost = TotalPicoUsd::from_pico(cost);
        Sums { cost, requests, unpriced_requests, input_tokens: 4000, ..Sums::default() }
    }

    fn analysis(by: Vec<GroupKey>) -> Analysis {
        let group = |name: Option<&str>, sums| Group { key: vec![name.map(str::to_owned)], sums };
        let groups = vec![
            group(Some("big"), sums(7_550_000_000, 4000, 0)),
            group(Some("half"), sums(1_000_000_000, 2, 1)),
            group(None, sums(0, 3, 3)),
        ];
        let groups = if by.is_empty() { Vec::new() } else { groups };
        let rest = (!by.is_empty()).then(|| sums(5, 1, 0));
        let window = Window::default();
        Analysis { window, by, total: sums(8_550_000_005, 4006, 4), groups, rest }
    }

    const HEAD: &str = "cost,requests,input_tokens,output_tokens,total_tokens,cache_read_tokens,\
                        unpriced_requests,estimated_requests,in_doubt_requests,cached_requests,\
                        failed_requests,saved";

    #[test]
    fn spreadsheets_get_every_figure_exactly_under_its_name_in_json() {
        let csv =
            analysis_spreadsheet(&analysis(vec![GroupKey::Dimension(Dimension::Model)])).csv();
        let expected = [
            &format!("model,{HEAD}"),
            "big,0.00755,4000,4000,0,4000,0,0,0,0,0,0,0",
            "half,0.001,2,4000,0,4000,0,1,0,0,0,0,0",
            ",0,3,4000,0,4000,0,3,0,0,0,0,0",
            "(other),0.000000000005,1,4000,0,4000,0,0,0,0,0,0,0",
        ];
        assert_eq!(csv.lines().collect::<Vec<_>>(), expected);
        let json = serde_json::to_string(&Document::total(&sums(5, 1, 0))).unwrap();
        let keys: Vec<&str> = json.split('"').skip(1).step_by(2).collect();
        assert_eq!(keys.join(","), HEAD);
    }

    #[test]
    fn a_total_alone_is_the_one_row() {
        let csv = analysis_spreadsheet(&analysis(Vec::new())).csv();
        assert_eq!(csv, format!("{HEAD}\n0.008550000005,4006,4000,0,4000,0,4,0,0,0,0,0\n"));
        let text = analysis_table(&analysis(Vec::new())).text();
        assert_eq!(text.lines().count(), 2, "{text}");
    }

    #[test]
    fn people_see_what_has_no_price() {
        let text = analysis_table(&analysis(vec![GroupKey::Dimension(Dimension::Model)])).text();
        for (row, cost) in [("big", "$0.00755"), ("half", "$0.001+"), (NONE, "unpriced")] {
            let line = text.lines().find(|line| line.trim_start().starts_with(row)).unwrap();
            assert_eq!(line.split_whitespace().nth(1), Some(cost), "{text}");
        }
        assert_eq!(cost_of(&Sums::default()), "$0.00");
        assert_eq!(cost_of(&sums(1, 2, 2)), "$0.000000000001+", "all of it in part");
    }
}
