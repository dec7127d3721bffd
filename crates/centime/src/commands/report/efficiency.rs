//! `centime report efficiency`: what was had for the money.

use centime_answers::report::{Efficient, QUALITIES, RATIOS, keys_of};
use centime_core::money::{Quantity, TotalPicoUsd};
use centime_insight::{Efficiency, Group, Quality};
use centime_ledger::{Scored, Sums};

use super::rows::{cost_of, figures_table, rows_of};
use crate::output::{Align, Table, count, dollars};

/// The rows of the report, each with what was scored in it.
pub(super) fn rows(found: &Efficient) -> impl Iterator<Item = (Group, Option<Scored>)> {
    rows_of(&found.analysis).into_iter().zip(found.scored())
}

/// What people read.
pub(super) fn table(found: &Efficient) -> Table {
    let mut names = vec!["cost", "requests", "a request", "1K tokens", "tokens a request"];
    names.push("from cache");
    if found.scores.is_some() {
        names.extend(["scored", "score", "a full score"]);
    }
    let keys = keys_of(&found.analysis);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let rows: Vec<(Group, Option<Scored>)> = rows(found).collect();
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

/// What spreadsheets read.
pub(super) fn spreadsheet(found: &Efficient) -> Table {
    let keys = keys_of(&found.analysis);
    let names = keys.iter().map(String::as_str).chain(["cost", "requests", "unpriced_requests"]);
    let names = names.chain(ratio_names(found.scores.is_some()));
    let mut table = Table::new(names.map(|name| (name, Align::Left)));
    for (Group { key, sums }, scored) in rows(found) {
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
    let ratios = RATIOS.iter().map(|ratio| ratio.name);
    ratios.chain(qualities.iter().map(|ratio| ratio.name)).collect()
}

/// The ratios of a row, each exactly.
pub(super) fn ratio_cells(sums: &Sums, scored: Option<Scored>) -> impl Iterator<Item = String> {
    let of = Efficiency::of(sums);
    let qualities = scored.map(|scored| Quality::of(&scored)).into_iter().flat_map(|of| {
        let cells = QUALITIES.iter().map(|ratio| (ratio.of)(&of).cell());
        cells.collect::<Vec<_>>()
    });
    RATIOS.iter().map(move |ratio| (ratio.of)(&of).cell()).chain(qualities)
}
