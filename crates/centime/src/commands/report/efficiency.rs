//! `centime report efficiency`: what was had for the money.

use centime_core::money::{Quantity, TotalPicoUsd};
use centime_insight::{Analysis, Efficiency, Group, Quality, Scores};
use centime_ledger::{Scored, Sums};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::rows::{Answer, Document, cost_of, figures_table, keys_of, rows_of};
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Table, Value, count, dollars, print_json, print_line};

/// A ratio: its name in JSON and CSV, and its value.
type Ratio<T> = (&'static str, fn(&T) -> Value<'static>);

/// The ratios of a group.
pub(super) const RATIOS: &[Ratio<Efficiency>] = &[
    ("cost_per_request", |of| Value::optional_number(of.cost_per_request)),
    ("cost_per_1k_tokens", |of| Value::optional_number(of.cost_per_1k_tokens)),
    ("tokens_per_request", |of| Value::optional_number(of.tokens_per_request)),
    ("cache_hit_share", |of| Value::optional_number(of.cache_hit_share)),
];

/// Those of its scored requests, where there are any in the report.
pub(super) const QUALITIES: &[Ratio<Quality>] = &[
    ("scored_requests", |of| Value::number(of.scored_requests)),
    ("average_score", |of| Value::optional_number(of.average_score)),
    ("cost_per_score", |of| Value::optional_number(of.cost_per_score)),
];

/// What was found: the groups, and what was scored in them.
pub(super) struct Found {
    pub(super) analysis: Analysis,
    pub(super) scores: Option<Scores>,
}

impl Found {
    /// The rows of the analysis, each with what was scored in it.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Group, Option<Scored>)> {
        let is_total = self.analysis.by.is_empty();
        let scored = self.scores.iter().flat_map(move |scores| {
            let total = is_total.then_some(scores.total);
            total.into_iter().chain(scores.groups.iter().copied()).chain(scores.rest)
        });
        let scored = scored.map(Some).chain(std::iter::repeat(None));
        rows_of(&self.analysis).into_iter().zip(scored)
    }

    fn total(&self) -> (&Sums, Option<Scored>) {
        (&self.analysis.total, self.scores.as_ref().map(|scores| scores.total))
    }

    /// The groups as JSON, the rest as the last one.
    pub(super) fn documents<'a>(&self, answer: &'a Answer<'_>) -> Vec<Efficient<'a>> {
        let groups = answer.groups().into_iter().zip(self.rows());
        groups.map(|(document, (_, scored))| Efficient(document, scored)).collect()
    }

    /// All together as JSON.
    pub(super) fn document(&self) -> Efficient<'_> {
        let (sums, scored) = self.total();
        Efficient(Document::total(sums), scored)
    }
}

/// Prints the report.
pub(super) fn print(app: &App, found: &Found) -> Outcome {
    match app.format {
        Format::Json => print_json(&Report { app, found }),
        Format::Csv => spreadsheet(found).print_csv(),
        Format::Table if super::is_nothing(&found.analysis) => print_line(super::NOTHING),
        Format::Table => {
            table(found).print()?;
            super::warn_of_gaps(&found.analysis.total);
            Ok(())
        }
    }
}

/// What people read.
pub(super) fn table(found: &Found) -> Table {
    let mut names = vec!["cost", "requests", "a request", "1K tokens", "tokens a request"];
    names.push("from cache");
    if found.scores.is_some() {
        names.extend(["scored", "score", "a full score"]);
    }
    let keys = keys_of(&found.analysis);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let rows: Vec<(Group, Option<Scored>)> = found.rows().collect();
    let rows = rows.iter().map(|(group, scored)| (group, figures(&group.sums, *scored)));
    let (total, scored) = found.total();
    figures_table(&keys, &names, rows, Some(figures(total, scored)))
}

fn figures(sums: &Sums, scored: Option<Scored>) -> Vec<String> {
    let of = Efficiency::of(sums);
    let figures = [
        cost_of(sums),
        count(sums.requests.into()),
        money(of.cost_per_request, sums.unpriced_requests),
        money(of.cost_per_1k_tokens, sums.unpriced_requests),
        or_none(of.tokens_per_request.map(|tokens| count(tokens.floor().into()))),
        or_none(of.cache_hit_share.map(percent)),
    ];
    let scored = scored.into_iter().flat_map(|scored| {
        let of = Quality::of(&scored);
        [
            count(of.scored_requests.into()),
            or_none(of.average_score.map(hundredths)),
            money(of.cost_per_score, scored.unpriced_requests),
        ]
    });
    figures.into_iter().chain(scored).collect()
}

/// What was not priced costs something too: a ratio of what is known alone says so.
fn money(amount: Option<TotalPicoUsd>, unpriced_requests: i64) -> String {
    match amount {
        Some(amount) if unpriced_requests == 0 => dollars(amount),
        Some(amount) if amount.pico() != 0 => format!("{}+", dollars(amount)),
        _ => "—".to_owned(),
    }
}

fn or_none(text: Option<String>) -> String {
    text.unwrap_or_else(|| "—".to_owned())
}

/// Tenths of a percent, cut.
fn percent(share: Quantity) -> String {
    let tenths = share.scaled() / 1_000_000_000;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// A score to two decimals, cut.
fn hundredths(score: Quantity) -> String {
    let hundredths = score.scaled() / 10_000_000_000;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn spreadsheet(found: &Found) -> Table {
    let keys = keys_of(&found.analysis);
    let names = keys.iter().map(String::as_str).chain(["cost", "requests", "unpriced_requests"]);
    let names = names.chain(ratio_names(found.scores.is_some()));
    let mut table = Table::new(names.map(|name| (name, Align::Left)));
    for (Group { key, sums }, scored) in found.rows() {
        let key = key.into_iter().map(Option::unwrap_or_default);
        let counts =
            [sums.cost.to_string(), sums.requests.to_string(), sums.unpriced_requests.to_string()];
        table.row(key.chain(counts).chain(ratio_cells(&sums, scored)).collect());
    }
    table
}

/// The names of the ratios of a row.
pub(super) fn ratio_names(is_scored: bool) -> Vec<&'static str> {
    let qualities = if is_scored { QUALITIES } else { &[] };
    let ratios = RATIOS.iter().map(|(name, _)| *name);
    ratios.chain(qualities.iter().map(|(name, _)| *name)).collect()
}

/// The ratios of a row, each exactly.
pub(super) fn ratio_cells(sums: &Sums, scored: Option<Scored>) -> impl Iterator<Item = String> {
    let of = Efficiency::of(sums);
    let qualities = scored.map(|scored| Quality::of(&scored)).into_iter().flat_map(|of| {
        let cells = QUALITIES.iter().map(|(_, ratio)| ratio(&of).cell());
        cells.collect::<Vec<_>>()
    });
    RATIOS.iter().map(move |(_, ratio)| ratio(&of).cell()).chain(qualities)
}

/// The report as JSON: that of the same groups, with ratios.
struct Report<'a> {
    app: &'a App,
    found: &'a Found,
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { app, found } = self;
        let answer = Answer { analysis: &found.analysis, zone: &app.zone_name };
        let mut map = serializer.serialize_map(None)?;
        answer.write_window(&mut map)?;
        map.serialize_entry("total", &found.document())?;
        map.serialize_entry("groups", &found.documents(&answer))?;
        map.end()
    }
}

/// A group with its ratios.
pub(super) struct Efficient<'a>(Document<'a>, Option<Scored>);

impl Serialize for Efficient<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.write(&mut map)?;
        let of = Efficiency::of(self.0.sums());
        for (name, ratio) in RATIOS {
            map.serialize_entry(name, &ratio(&of))?;
        }
        if let Some(scored) = &self.1 {
            let of = Quality::of(scored);
            for (name, ratio) in QUALITIES {
                map.serialize_entry(name, &ratio(&of))?;
            }
        }
        map.end()
    }
}
