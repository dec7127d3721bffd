//! `centime report efficiency`: what was had for the money.

use centime_insight::{Analysis, Efficiency, Group};
use centime_ledger::Sums;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::rows::{Answer, Document, cost_of, keys_of, rows_of};
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Table, Value, count, dollars, print_json};

/// A ratio: its name in JSON and CSV, and its value.
type Ratio = (&'static str, fn(&Efficiency) -> Value<'static>);

/// The ratios of a group.
const RATIOS: &[Ratio] = &[
    ("cost_per_request", |of| Value::optional_number(of.cost_per_request)),
    ("cost_per_1k_tokens", |of| Value::optional_number(of.cost_per_1k_tokens)),
    ("tokens_per_request", |of| Value::optional_number(of.tokens_per_request)),
    ("cache_hit_share", |of| Value::optional_number(of.cache_hit_share)),
];

/// Prints the report.
pub(super) fn print(app: &App, analysis: &Analysis) -> Outcome {
    match app.format {
        Format::Json => print_json(&Report { app, analysis }),
        Format::Csv => spreadsheet(analysis).print_csv(),
        Format::Table => {
            table(analysis).print()?;
            super::warn_of_gaps(&analysis.total);
            Ok(())
        }
    }
}

fn table(analysis: &Analysis) -> Table {
    const FIGURES: [&str; 6] =
        ["cost", "requests", "a request", "1K tokens", "tokens a request", "from cache"];
    let keys = keys_of(analysis);
    let columns = keys.iter().map(|key| (key.as_str(), Align::Left));
    let mut table = Table::new(columns.chain(FIGURES.map(|name| (name, Align::Right))));
    for Group { key, sums } in rows_of(analysis) {
        let key = key.into_iter().map(|value| value.unwrap_or_else(|| "—".to_owned()));
        table.row(key.chain(figures(&sums)).collect());
    }
    let mut total = vec![String::new(); keys.len()];
    if let Some(first) = total.first_mut() {
        *first = "total".to_owned();
    }
    table.footer(total.into_iter().chain(figures(&analysis.total)).collect());
    table
}

fn figures(sums: &Sums) -> [String; 6] {
    let of = Efficiency::of(sums);
    // What was not priced costs something too: a ratio of what is known alone says so.
    let is_known = sums.unpriced_requests == 0;
    let money = |amount: Option<centime_core::money::TotalPicoUsd>| match amount {
        Some(amount) if is_known => dollars(amount),
        Some(amount) if amount.pico() != 0 => format!("{}+", dollars(amount)),
        _ => "—".to_owned(),
    };
    let tokens = of.tokens_per_request.map(|tokens| count(tokens.floor().into()));
    // Tenths of a percent, cut.
    let share = of.cache_hit_share.map(|share| {
        let tenths = share.scaled() / 1_000_000_000;
        format!("{}.{} %", tenths / 10, tenths % 10)
    });
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "—".to_owned());
    [
        cost_of(sums),
        count(sums.requests.into()),
        money(of.cost_per_request),
        money(of.cost_per_1k_tokens),
        or_none(tokens),
        or_none(share),
    ]
}

fn spreadsheet(analysis: &Analysis) -> Table {
    let keys = keys_of(analysis);
    let names = keys.iter().map(String::as_str).chain(["cost", "requests", "unpriced_requests"]);
    let names = names.chain(RATIOS.iter().map(|(name, _)| *name));
    let mut table = Table::new(names.map(|name| (name, Align::Left)));
    for Group { key, sums } in rows_of(analysis) {
        let of = Efficiency::of(&sums);
        let key = key.into_iter().map(Option::unwrap_or_default);
        let counts =
            [sums.cost.to_string(), sums.requests.to_string(), sums.unpriced_requests.to_string()];
        let ratios = RATIOS.iter().map(|(_, ratio)| ratio(&of).cell());
        table.row(key.chain(counts).chain(ratios).collect());
    }
    table
}

/// The report as JSON: that of the same groups, with ratios.
struct Report<'a> {
    app: &'a App,
    analysis: &'a Analysis,
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let answer = Answer { analysis: self.analysis, zone: &self.app.zone_name };
        answer.serialize_with(serializer, Efficient)
    }
}

/// A group with its ratios.
struct Efficient<'a>(Document<'a>);

impl Serialize for Efficient<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.write(&mut map)?;
        let of = Efficiency::of(self.0.sums());
        for (name, ratio) in RATIOS {
            map.serialize_entry(name, &ratio(&of))?;
        }
        map.end()
    }
}
