//! Days and hours on a screen: a line of columns above their table, each day or hour one, also those
//! without spending.

use centime_charts::Step;
use centime_insight::Analysis;
use centime_ledger::GroupKey;

use crate::app::App;
use crate::commands::times::Times;
use crate::failure::Outcome;
use crate::output::{columns, dollars, print_line, screen_width};

/// The most days or hours that are drawn.
const TIMES_MAX: usize = 20_000;
/// What stands beside the columns.
const WORDS_WIDTH: usize = 40;

/// Prints the line where there is a screen, and more than one day or hour.
pub(super) fn print(app: &App, analysis: &Analysis) -> Outcome {
    match screen_width().and_then(|width| line(app, analysis, width)) {
        Some(line) => print_line(line),
        None => Ok(()),
    }
}

fn line(app: &App, analysis: &Analysis, width: usize) -> Option<String> {
    let (step, unit) = match analysis.by.as_slice() {
        [GroupKey::Date] => (Step::Day, "a day"),
        [GroupKey::Hour] => (Step::Hour, "an hour"),
        _ => return None,
    };
    let width = width.checked_sub(WORDS_WIDTH)?;
    let name = |group: &centime_insight::Group| group.key.first().cloned().flatten();
    let names: Vec<String> = analysis.groups.iter().filter_map(name).collect();
    let names = names.iter().map(String::as_str);
    let (window, now) = (analysis.window, app.now);
    let times = Times::over(names, window, now, &app.zone, step, TIMES_MAX)?;
    let mut amounts = vec![0; times.starts.len()];
    for group in &analysis.groups {
        let column = name(group).and_then(|name| times.column(&name))?;
        amounts[column] += group.sums.cost.pico();
    }
    if amounts.len() < 2 || width == 0 {
        return None;
    }
    let most = amounts.iter().copied().max().unwrap_or_default();
    let (line, together) = columns(&amounts, width);
    let most = dollars(centime_core::money::TotalPicoUsd::from_pico(most));
    let each = match together {
        1 => String::new(),
        many => format!(", {many} in each column"),
    };
    Some(format!("{line}  at most {most} {unit}{each}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::money::TotalPicoUsd;
    use centime_insight::Group;
    use centime_ledger::{Dimension, Sums, Window};

    fn analysis(by: GroupKey, groups: &[(&str, i128)]) -> Analysis {
        let group = |&(name, cost): &(&str, i128)| Group {
            key: vec![Some(name.to_owned())],
            sums: Sums { cost: TotalPicoUsd::from_pico(cost), ..Sums::default() },
        };
        Analysis {
            window: Window::default(),
            by: vec![by],
            total: Sums::default(),
            groups: groups.iter().map(group).collect(),
            rest: None,
        }
    }

    #[test]
    fn every_day_has_its_column() {
        let app = App::of_test(std::path::Path::new("none.db"));
        let days = [("2026-11-01", 4_000_000_000_000), ("2026-11-03", 8_000_000_000_000)];
        let dollar = [("2026-11-01", 1_000_000_000_000), ("2026-11-09", 1_000_000_000_000)];
        let hours = [("2026-11-01T00:00+00:00", 5), ("2026-11-01T01:00+00:00", 5)];
        for (by, groups, width, expected) in [
            (GroupKey::Date, &days[..], 80, Some("▄·█  at most $8.00 a day")),
            (GroupKey::Date, &dollar, 43, Some("█·█  at most $1.00 a day, 3 in each column")),
            (GroupKey::Hour, &hours, 80, Some("██  at most $0.000000000005 an hour")),
            (GroupKey::Date, &days[..1], 80, None),
            (GroupKey::Date, &days, 40, None),
            (GroupKey::Date, &[], 80, None),
            (GroupKey::Dimension(Dimension::Model), &days, 80, None),
        ] {
            assert_eq!(line(&app, &analysis(by, groups), width).as_deref(), expected);
        }
    }
}
