//! Amounts by name: one horizontal bar each, the highest first.

use centime_core::money::TotalPicoUsd;

use super::fold::{fold, other};
use super::{Area, Drawn, GAP, LABEL, Page, Scale, extent, frame, named};
use crate::money::{self, Labels};
use crate::palette::{AXIS, Colour, GRID, INK, MUTED, OTHER, SERIES};
use crate::scene::{self, Anchor, Role, Shape, Text};
use crate::text::shortened;
use crate::ticks::Ticks;
use crate::{Bar, Bars, Gap};

/// From one bar to the next: as it should be, and how far it may stretch and shrink.
const PITCH: f64 = 27.0;
const PITCH_MAX: f64 = 44.0;
const PITCH_MIN: f64 = 17.0;
/// Which part of the pitch is bar.
const THICKNESS: f64 = 0.62;
/// The labels of the axis, below.
const AXIS_HEIGHT: f64 = 26.0;
/// The least height of the bars together.
const HEIGHT_MIN: f64 = 120.0;
/// Which part of the width names may take.
const NAMES_MAX: f64 = 0.34;
/// How much width must be left beside the amounts for shares to be shown.
const SHARES_FROM: f64 = 260.0;
/// The least of a bar that is not zero.
const SLIVER: f64 = 1.0;

/// One line of the picture.
struct Row {
    name: String,
    amount: TotalPicoUsd,
    gap: Gap,
    colour: Colour,
}

/// How much height some bars want.
pub(super) fn height(figure: &Bars) -> f64 {
    let rows = figure.bars.len().min(limit(figure) + 1);
    let least = if rows == 0 { HEIGHT_MIN } else { HEIGHT_MIN.min(count(rows) * PITCH_MAX) };
    (count(rows) * PITCH).max(least) + AXIS_HEIGHT
}

fn limit(figure: &Bars) -> usize {
    figure.limit.clamp(1, Bars::MAX).into()
}

#[allow(clippy::cast_precision_loss, reason = "at most a hundred rows")]
fn count(rows: usize) -> f64 {
    rows as f64
}

/// Draws them.
pub(super) fn draw(page: &mut Page<'_>, figure: &Bars, area: Area) -> Drawn {
    let plot_bottom = area.bottom - AXIS_HEIGHT;
    let room = plot_bottom - area.top;
    let mut most = limit(figure);
    while most > 1 && count(figure.bars.len().min(most + 1)) * PITCH_MIN > room {
        most -= 1;
    }
    let rows = rows(figure, most);
    let amounts: Vec<TotalPicoUsd> = rows.iter().map(|row| row.amount).collect();
    let Labels { each, total } = money::labels(&amounts);
    if rows.is_empty() {
        page.word("No requests in this window", area);
        return Drawn { total, description: "no requests in this window".to_owned() };
    }
    let values: Vec<String> = each.into_iter().zip(&rows).map(value).collect();
    let values_width = page.widest(values.iter().map(String::as_str));
    let is_wide = area.right - area.left - values_width >= SHARES_FROM;
    let shares = money::shares(&amounts).filter(|_| rows.len() > 1 && is_wide);
    let share_of = |index: usize, row: &Row| {
        shares.as_ref().and_then(|shares| shares.get(index)).filter(|_| row.gap != Gap::All)
    };

    let names_width = page.widest(rows.iter().map(|row| row.name.as_str()));
    let names_width = names_width.min((area.right - area.left) * NAMES_MAX);
    let shares_width = page.widest(shares.iter().flatten().map(String::as_str));
    let beside = GAP + values_width + if shares.is_some() { GAP + shares_width } else { 0.0 };
    let left = area.left + names_width + GAP;
    let right = (area.right - beside).max(left + GAP);

    let (low, high) = extent(amounts.iter().copied());
    let (ticks, labels) = axis(page, low, high, left, right);
    let scale = Scale::new(&ticks, left, right);
    let pitch = (room / count(rows.len())).min(PITCH_MAX);
    let bottom = area.top + pitch * count(rows.len());
    let mut labelled_to = 0.0;
    for (value, label) in ticks.values.iter().zip(labels) {
        let x = scale.at(*value);
        page.rule((x, area.top), (x, bottom), if *value == 0 { AXIS } else { GRID });
        // On narrow paper even two labels may be too many.
        let half = page.width(&label) / 2.0;
        if x - half < labelled_to {
            continue;
        }
        labelled_to = x + half + GAP;
        page.text(Text {
            anchor: Anchor::Middle,
            colour: MUTED,
            role: Role::Amount,
            ..frame(x, bottom + 17.0, LABEL, label)
        });
    }
    let zero = scale.at(0);
    for (index, (row, value)) in rows.iter().zip(&values).enumerate() {
        let top = area.top + pitch * count(index);
        let baseline = top + pitch / 2.0 + LABEL * 0.36;
        let colour = if row.colour == OTHER { MUTED } else { INK };
        let name = shortened(
            page.fonts,
            &row.name,
            LABEL,
            crate::fonts::Weight::Regular,
            names_width + 0.01,
        );
        page.text(Text {
            anchor: Anchor::End,
            colour,
            role: Role::Name,
            ..frame(left - GAP, baseline, LABEL, name)
        });
        let end = scale.at(row.amount.pico());
        let (from, to) = (zero.min(end), zero.max(end));
        let width = if row.amount == TotalPicoUsd::ZERO { 0.0 } else { (to - from).max(SLIVER) };
        if width > 0.0 {
            let thickness = pitch * THICKNESS;
            page.shapes.push(Shape::Bar(scene::Bar {
                x: if end < zero { to - width } else { from },
                y: top + (pitch - thickness) / 2.0,
                width,
                height: thickness,
                colour: row.colour,
                tip: format!("{}: ${}", row.name, row.amount),
            }));
        }
        let x = to.max(from + width) + GAP * 0.7;
        page.text(Text { role: Role::Value, ..frame(x, baseline, LABEL, value.clone()) });
        if let Some(share) = share_of(index, row) {
            let x = x + page.width(value) + GAP * 0.8;
            page.text(Text {
                colour: MUTED,
                role: Role::Share,
                ..frame(x, baseline, LABEL, share.clone())
            });
        }
    }
    let words = rows.iter().zip(&values).map(|(row, value)| format!("{}: {value}", row.name));
    Drawn { total, description: words.collect::<Vec<_>>().join("; ") }
}

/// The largest, and one row for the others. A single other is shown as itself.
fn rows(figure: &Bars, most: usize) -> Vec<Row> {
    let mut kept: Vec<&Bar> = figure.bars.iter().collect();
    let most = if kept.len() == most + 1 { kept.len() } else { most };
    let rest = fold(&mut kept, most, |bar| (bar.amount, &bar.name));
    let mut rows: Vec<Row> = kept
        .into_iter()
        .map(|bar| Row {
            name: named(&bar.name),
            amount: bar.amount,
            gap: bar.gap,
            colour: SERIES[0],
        })
        .collect();
    if !rest.is_empty() {
        let all = |gap| rest.iter().all(|bar| bar.gap == gap);
        let gap = match (all(Gap::None), all(Gap::All)) {
            (true, _) => Gap::None,
            (_, true) => Gap::All,
            _ => Gap::Some,
        };
        let amount = rest.iter().map(|bar| bar.amount).sum();
        rows.push(Row { name: other(rest.len()), amount, gap, colour: OTHER });
    }
    rows
}

/// What stands beside a bar.
fn value((label, row): (String, &Row)) -> String {
    match row.gap {
        Gap::None => label,
        Gap::Some => label + "+",
        Gap::All => "unpriced".to_owned(),
    }
}

/// The finest axis whose labels have room between each other.
fn axis(page: &Page<'_>, low: i128, high: i128, left: f64, right: f64) -> (Ticks, Vec<String>) {
    let mut wanted = 6;
    loop {
        let ticks = Ticks::over(low, high, wanted);
        let labels = money::axis(&ticks.values, ticks.step.max(1));
        let widest = page.widest(labels.iter().map(String::as_str));
        let gaps = count(ticks.values.len().saturating_sub(1).max(1));
        if wanted == 1 || (right - left) / gaps >= widest + 2.0 * GAP {
            return (ticks, labels);
        }
        wanted -= 1;
    }
}
