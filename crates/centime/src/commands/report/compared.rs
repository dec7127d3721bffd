//! `centime report … --compare`: a window beside the one before it.

use centime_core::money::TotalPicoUsd;
use centime_insight::{Comparison, Group, Question};
use centime_ledger::sqlite::SqliteLedger;
use centime_ledger::{GroupKey, Sums};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::rows::{Answer, Document, cost_of, figures_table, keys_of, rows_of};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Table, Value, count, dollars, print_json, print_line};

/// Runs the report.
pub(super) fn run(app: &App, ledger: &SqliteLedger, question: &Question) -> Outcome {
    let Some(since) = question.filter.window.since else {
        let message = "--compare needs to know how long the window is: add `--since 30d`";
        return Err(Failure::Usage(message.to_owned()));
    };
    if question.by.iter().any(|key| matches!(key, GroupKey::Date | GroupKey::Hour)) {
        let message = "the window before has other days and hours; compare `total`, `models`, `users` \
                       and their like";
        return Err(Failure::Usage(message.to_owned()));
    }
    let found = Comparison::of(ledger, question, since, app.now)?;
    match app.format {
        Format::Json => print_json(&Report { app, found: &found }),
        Format::Csv => spreadsheet(&found).print_csv(),
        Format::Table if super::is_nothing(&found.analysis) => print_line(super::NOTHING),
        Format::Table => {
            table(&found).print()?;
            super::warn_of_gaps(&found.analysis.total);
            Ok(())
        }
    }
}

/// The groups as they are shown, the rest among them, and what each was before.
fn rows(found: &Comparison) -> Vec<(Group, Sums)> {
    let before = if found.analysis.by.is_empty() {
        vec![found.total]
    } else {
        found.groups.iter().copied().chain(found.rest).collect()
    };
    rows_of(&found.analysis).into_iter().zip(before).collect()
}

/// What a cost went up by, or down.
fn change(now: &Sums, before: &Sums) -> TotalPicoUsd {
    TotalPicoUsd::from_pico(now.cost.pico() - before.cost.pico())
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

fn table(found: &Comparison) -> Table {
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

fn spreadsheet(found: &Comparison) -> Table {
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

/// The report as JSON: that of the same groups, with what they were before.
struct Report<'a> {
    app: &'a App,
    found: &'a Comparison,
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { app, found } = self;
        let answer = Answer { analysis: &found.analysis, zone: &app.zone_name };
        let mut before = found.groups.iter().chain(&found.rest);
        let mut map = serializer.serialize_map(None)?;
        answer.write_window(&mut map)?;
        let total = Compared { now: Document::total(&found.analysis.total), before: &found.total };
        map.serialize_entry("total", &total)?;
        let groups = answer
            .groups()
            .into_iter()
            .map(|now| Compared { now, before: before.next().unwrap_or(&found.total) });
        map.serialize_entry("groups", &groups.collect::<Vec<_>>())?;
        map.serialize_entry("previous", &Previous(found))?;
        map.end()
    }
}

/// A group and what it was before.
struct Compared<'a> {
    now: Document<'a>,
    before: &'a Sums,
}

impl Serialize for Compared<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.now.write(&mut map)?;
        map.serialize_entry("previous_cost", &Value::number(self.before.cost))?;
        map.serialize_entry("previous_requests", &self.before.requests)?;
        map.serialize_entry("change", &Value::number(change(self.now.sums(), self.before)))?;
        map.end()
    }
}

/// The window before.
struct Previous<'a>(&'a Comparison);

impl Serialize for Previous<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let window = self.0.window;
        map.serialize_entry("since", &window.since.map(|since| since.to_string()))?;
        map.serialize_entry("until", &window.until.map(|until| until.to_string()))?;
        map.serialize_entry("total", &Document::total(&self.0.total))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
