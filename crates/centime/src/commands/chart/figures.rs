//! The figures of a picture, from those of a report.

use std::collections::HashMap;

use centime_charts::{Bar, Bars, Columns, Figure, Gap, Series, Step};
use centime_core::money::TotalPicoUsd;
use centime_insight::Analysis;
use centime_ledger::{Dimension, Sums, Window};

use crate::app::App;
use crate::commands::times::Times;
use crate::failure::Failure;

/// Days or hours, by model.
pub(super) fn columns(
    app: &App,
    analysis: &Analysis,
    window: Window,
    step: Step,
) -> Result<Figure, Failure> {
    let names = analysis.groups.iter().filter_map(|group| group.key.first()?.as_deref());
    let times = Times::over(names, window, app.now, &app.zone, step, Columns::MAX);
    let times = times.ok_or_else(|| {
        let (units, other) = match step {
            Step::Day => ("days", ""),
            Step::Hour => ("hours", ", or draw it `daily`"),
        };
        Failure::Usage(format!(
            "the window has more than {} {units}, too many for one picture; choose a shorter one \
             with --since and --until{other}",
            Columns::MAX
        ))
    })?;
    let mut series: HashMap<&str, Vec<TotalPicoUsd>> = HashMap::new();
    for group in &analysis.groups {
        if let [Some(time), model] = group.key.as_slice()
            && let Some(column) = times.column(time)
        {
            let model = model.as_deref().unwrap_or("(no model)");
            let amounts = series.entry(model);
            let amounts = amounts.or_insert_with(|| vec![TotalPicoUsd::ZERO; times.starts.len()]);
            amounts[column] += group.sums.cost;
        }
    }
    let series =
        series.into_iter().map(|(name, amounts)| Series { name: name.to_owned(), amounts });
    Ok(Figure::Columns(Columns { step, starts: times.starts.clone(), series: series.collect() }))
}

/// The groups of a dimension.
pub(super) fn bars(analysis: &Analysis, dimension: &Dimension, limit: u16) -> Figure {
    let none = match dimension {
        Dimension::Tag(tag) => format!("(no {tag})"),
        dimension => format!("(no {dimension})"),
    };
    let bars = analysis.groups.iter().map(|group| Bar {
        name: group.key.first().cloned().flatten().unwrap_or_else(|| none.clone()),
        amount: group.sums.cost,
        gap: gap(&group.sums),
    });
    Figure::Bars(Bars { bars: bars.collect(), limit })
}

/// Whether sums leave something out, as the tables of reports have it.
fn gap(sums: &Sums) -> Gap {
    match sums.unpriced_requests {
        0 => Gap::None,
        all if all >= sums.requests && sums.cost == TotalPicoUsd::ZERO => Gap::All,
        _ => Gap::Some,
    }
}
