//! `centime report … --compare`: a window beside the one before it.

use centime_answers::report::{change, keys_of};
use centime_insight::{Comparison, Group};
use centime_ledger::Sums;

use super::rows::{cost_of, figures_table, rows_of};
use crate::output::{Align, Table, count, dollars};

/// The groups as they are shown, the rest among them, and what each was before.
fn rows(found: &Comparison) -> Vec<(Group, Sums)> {
    let before = if found.analysis.by.is_empty() {
        vec![found.total]
    } else {
        found.groups.iter().copied().chain(found.rest).collect()
    };
    rows_of(&found.analysis).into_iter().zip(before).collect()
}

/// A change in percent, to a tenth: `+12.5 %`; nothing where there was nothing before.
fn percent(now: &Sums, before: &Sums) -> Option<String> {
    let (change, before) = (change(now, before).pico(), before.cost.pico());
    if before <= 0 {
        return None;
    }
    let tenths = change.checked_mul(1000)? / before;
    let sign = if change < 0 { "-" } else { "+" };
    Some(format!("{sign}{}.{} %", count_of(tenths.unsigned_abs() / 10), tenths.unsigned_abs() % 10))
}

fn count_of(number: u128) -> String {
    i128::try_from(number).map_or_else(|_| number.to_string(), count)
}

/// What people read.
pub(super) fn table(found: &Comparison) -> Table {
    const FIGURES: [&str; 6] = ["cost", "before", "change", "", "requests", "requests before"];
    let figures = |now: &Sums, before: &Sums| {
        let change = change(now, before);
        let sign = if change.pico() > 0 { "+" } else { "" };
        vec![
            cost_of(now),
            cost_of(before),
            format!("{sign}{}", dollars(change)),
            percent(now, before).unwrap_or_default(),
            count(now.requests.into()),
            count(before.requests.into()),
        ]
    };
    let keys = keys_of(&found.analysis);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let rows = rows(found);
    let rows = rows.iter().map(|(group, before)| (group, figures(&group.sums, before)));
    figures_table(&keys, &FIGURES, rows, Some(figures(&found.analysis.total, &found.total)))
}

/// What spreadsheets read.
pub(super) fn spreadsheet(found: &Comparison) -> Table {
    const FIGURES: [&str; 5] = ["cost", "previous_cost", "change", "requests", "previous_requests"];
    let keys = keys_of(&found.analysis);
    let names = keys.iter().map(String::as_str).chain(FIGURES);
    let mut table = Table::new(names.map(|name| (name, Align::Left)));
    for (Group { key, sums }, before) in rows(found) {
        let figures = [
            sums.cost.to_string(),
            before.cost.to_string(),
            change(&sums, &before).to_string(),
            sums.requests.to_string(),
            before.requests.to_string(),
        ];
        let key = key.into_iter().map(Option::unwrap_or_default);
        table.row(key.chain(figures).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::money::TotalPicoUsd;

    #[test]
    fn changes_are_in_percent_of_what_was_before() {
        let sums = |cost| Sums { cost: TotalPicoUsd::from_pico(cost), ..Sums::default() };
        for (now, before, expected) in [
            (150, 100, Some("+50.0 %")),
            (100, 100, Some("+0.0 %")),
            (0, 100, Some("-100.0 %")),
            (999, 1000, Some("-0.1 %")),
            (12_000, 1, Some("+1,199,900.0 %")),
            (5, 0, None),
        ] {
            assert_eq!(percent(&sums(now), &sums(before)).as_deref(), expected, "{now} {before}");
        }
    }
}
