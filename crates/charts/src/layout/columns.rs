//! Amounts over time: one column a day or an hour, stacked where there are several series.

use centime_core::money::TotalPicoUsd;
use jiff::civil::DateTime;

use super::fold::{fold, other};
use super::{Area, Drawn, GAP, LABEL, Page, Scale, extent, frame, named};
use crate::calendar::{Step, Tick, ticks};
use crate::fonts::Weight;
use crate::money::{self, Labels};
use crate::palette::{AXIS, Colour, GRID, MUTED, OTHER, SERIES};
use crate::scene::{self, Anchor, Role, Shape, Text};
use crate::text::shortened;
use crate::ticks::Ticks;
use crate::{Columns, Series};

/// The height of the whole picture.
pub(super) const HEIGHT: f64 = 450.0;
/// A line of the legend.
const LEGEND_LEADING: f64 = 20.0;
/// From the heading to the feet of its first line.
const LEGEND_TOP: f64 = 11.0;
/// The square that shows a colour.
const SWATCH: f64 = 10.0;
/// From the left of a colour to its name.
const NAME_AFTER: f64 = SWATCH + 6.0;
/// Which part of the height a legend may take.
const LEGEND_PART_MAX: f64 = 0.3;
/// The least from one line of the axis to the next.
const LINE_MIN: f64 = 16.0;
/// The widest name in a legend.
const LEGEND_NAME_MAX: f64 = 190.0;
/// Above the highest column: its label.
const HEADROOM: f64 = 20.0;
/// The labels of the axis, below.
const AXIS_HEIGHT: f64 = 26.0;
/// Which part of its slot a column takes, and the widest one.
const THICKNESS: f64 = 0.74;
const COLUMN_MAX: f64 = 84.0;
/// From which width of a slot on there is paper between columns, and between their parts.
const APART_FROM: f64 = 5.0;
/// From which width of a slot on edges are put on pixels.
const SNAPPED_FROM: f64 = 1.0;
/// The paper between two parts of a column.
const SEAM: f64 = 0.75;
/// What is less high than this cannot be drawn.
const HAIR: f64 = 0.01;
/// The least height of a column that is not zero.
const SLIVER: f64 = 1.0;

/// A series with its colour, an amount for every column, and their sum.
struct Layer {
    name: String,
    amounts: Vec<TotalPicoUsd>,
    sum: TotalPicoUsd,
    colour: Colour,
}

impl Layer {
    fn new(name: String, amounts: Vec<TotalPicoUsd>) -> Self {
        let sum = amounts.iter().copied().sum();
        Self { name, amounts, sum, colour: OTHER }
    }
}

/// Draws them.
pub(super) fn draw(page: &mut Page<'_>, figure: &Columns, area: Area) -> Drawn {
    let (layers, legend) = stacked(page, figure, area);
    let column = |index: usize| layers.iter().map(move |layer| layer.amounts[index]);
    let sums: Vec<TotalPicoUsd> = (0..figure.starts.len()).map(|at| column(at).sum()).collect();
    let Labels { each: values, total } = money::labels(&sums);
    let is_empty = layers.is_empty() || figure.starts.is_empty();
    let mut plot = Area { top: area.top + HEADROOM, bottom: area.bottom - AXIS_HEIGHT, ..area };
    plot.top += legend.height;
    legend.draw(page);
    // A stack reaches as far up as its positive parts, and as far down as its negative ones.
    let reach = |sign: i128| {
        (0..sums.len()).map(move |index| {
            column(index).filter(|amount| amount.pico().signum() == sign).sum::<TotalPicoUsd>()
        })
    };
    let (low, high) = extent(reach(-1).chain(reach(1)));
    let (ticks, labels) = axis(low, high, plot.bottom - plot.top);
    plot.left += page.widest(labels.iter().map(String::as_str)) + GAP;
    let scale = Scale::new(&ticks, plot.bottom, plot.top);
    for (value, label) in ticks.values.iter().zip(labels) {
        let y = snapped(scale.at(*value));
        page.rule((plot.left, y), (plot.right, y), if *value == 0 { AXIS } else { GRID });
        page.text(Text {
            anchor: Anchor::End,
            colour: MUTED,
            role: Role::Amount,
            ..frame(plot.left - GAP, y + LABEL * 0.36, LABEL, label)
        });
    }
    let slots = Slots::new(plot, figure.starts.len());
    for (index, start) in figure.starts.iter().enumerate() {
        stack(page, &layers, index, &when(*start, figure.step), &slots, &scale);
    }
    if slots.width >= page.widest(values.iter().map(String::as_str)) + GAP * 0.6 {
        for (index, value) in values.iter().enumerate() {
            let up: TotalPicoUsd = column(index).filter(|amount| amount.pico() > 0).sum();
            let y = scale.at(up.pico()).min(scale.at(0) - SLIVER) - 5.0;
            page.text(Text {
                anchor: Anchor::Middle,
                role: Role::Value,
                ..frame(slots.middle(index), y, LABEL, value.clone())
            });
        }
    }
    times(page, figure, &slots, area);
    if is_empty {
        page.word("No requests in this window", plot);
        return Drawn { total, description: "no requests in this window".to_owned() };
    }
    if low == 0 && high == 0 {
        page.word("Nothing was spent in this window", plot);
    }
    Drawn { total, description: description(figure, &layers) }
}

/// The largest series, in the order of their colours, and one for the others.
fn layers(figure: &Columns, most: usize) -> Vec<Layer> {
    let columns = figure.starts.len();
    let layer = |series: &Series| {
        let amounts = series.amounts.iter().copied().chain(std::iter::repeat(TotalPicoUsd::ZERO));
        Layer::new(named(&series.name), amounts.take(columns).collect())
    };
    let mut layers: Vec<Layer> = figure.series.iter().map(layer).collect();
    let rest = fold(&mut layers, most, |layer| (layer.sum, &layer.name));
    for (layer, colour) in layers.iter_mut().zip(SERIES) {
        layer.colour = colour;
    }
    match rest.as_slice() {
        [] => {}
        [_] => layers.extend(rest),
        _ => {
            let sum = |column| rest.iter().map(|layer| layer.amounts[column]).sum();
            layers.push(Layer::new(other(rest.len()), (0..columns).map(sum).collect()));
        }
    }
    layers
}

/// The series to stack, and their legend: as many as leave the columns most of the height.
fn stacked(page: &Page<'_>, figure: &Columns, area: Area) -> (Vec<Layer>, Legend) {
    let mut most = SERIES.len();
    loop {
        let layers = layers(figure, most);
        let legend = Legend::of(page, &layers, area);
        if most == 1 || legend.height <= LEGEND_PART_MAX * (area.bottom - area.top) {
            return (layers, legend);
        }
        most -= 1;
    }
}

/// Names beside their colours, in as many lines as they need.
struct Legend {
    places: Vec<Place>,
    height: f64,
}

/// Where the colour and the name of a series stand.
struct Place {
    x: f64,
    y: f64,
    colour: Colour,
    name: String,
}

impl Legend {
    /// One series alone needs none.
    fn of(page: &Page<'_>, layers: &[Layer], area: Area) -> Self {
        if layers.len() < 2 {
            return Self { places: Vec::new(), height: 0.0 };
        }
        let (mut x, mut y) = (area.left, area.top + LEGEND_TOP);
        let mut places = Vec::new();
        let room = LEGEND_NAME_MAX.min(area.right - area.left - NAME_AFTER);
        for layer in layers {
            let name = shortened(page.fonts, &layer.name, LABEL, Weight::Regular, room);
            let width = NAME_AFTER + page.width(&name);
            if x > area.left && x + width > area.right {
                x = area.left;
                y += LEGEND_LEADING;
            }
            places.push(Place { x, y, colour: layer.colour, name });
            x += width + 2.0 * GAP;
        }
        Self { places, height: y + GAP * 0.4 - area.top }
    }

    fn draw(self, page: &mut Page<'_>) {
        for Place { x, y, colour, name } in self.places {
            page.shapes.push(Shape::Bar(scene::Bar {
                x,
                y: y - SWATCH + 1.0,
                width: SWATCH,
                height: SWATCH,
                colour,
                tip: String::new(),
            }));
            page.text(Text { role: Role::Legend, ..frame(x + NAME_AFTER, y, LABEL, name) });
        }
    }
}

/// The finest axis whose labels have room above each other.
fn axis(low: i128, high: i128, height: f64) -> (Ticks, Vec<String>) {
    let wanted = (2..=5).rev().find(|&lines| height / f64::from(lines + 2) >= LINE_MIN);
    let ticks = Ticks::over(low, high, wanted.unwrap_or(1));
    let labels = money::axis(&ticks.values, ticks.step.max(1));
    (ticks, labels)
}

/// Where the columns stand.
struct Slots {
    left: f64,
    width: f64,
}

impl Slots {
    fn new(plot: Area, columns: usize) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "a number of columns")]
        let width = (plot.right - plot.left) / columns.max(1) as f64;
        Self { left: plot.left, width }
    }

    fn middle(&self, index: usize) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "a number of columns")]
        let index = index as f64;
        self.left + (index + 0.5) * self.width
    }

    fn are_apart(&self) -> bool {
        self.width >= APART_FROM
    }

    /// Left and right of a column.
    fn column(&self, index: usize) -> (f64, f64) {
        let part = if self.are_apart() { THICKNESS } else { 1.0 };
        let half = (self.width * part).min(COLUMN_MAX) / 2.0;
        let (left, right) = (self.middle(index) - half, self.middle(index) + half);
        if self.width < SNAPPED_FROM { (left, right) } else { (snapped(left), snapped(right)) }
    }
}

/// On the edge of a pixel, of which a point has two.
fn snapped(at: f64) -> f64 {
    (at * 2.0).round() / 2.0
}

/// The parts of one column: what is above zero from zero up, what is below from zero down.
fn stack(
    page: &mut Page<'_>,
    layers: &[Layer],
    index: usize,
    when: &str,
    slots: &Slots,
    scale: &Scale,
) {
    let (left, right) = slots.column(index);
    for sign in [1, -1] {
        let parts: Vec<&Layer> =
            layers.iter().filter(|layer| layer.amounts[index].pico().signum() == sign).collect();
        let reach = |layers: &[&Layer]| -> f64 {
            let sum: TotalPicoUsd = layers.iter().map(|layer| layer.amounts[index]).sum();
            scale.at(sum.pico())
        };
        let is_thin = (reach(&parts) - scale.at(0)).abs() < SLIVER;
        for (place, layer) in parts.iter().enumerate() {
            let (mut near, mut far) = (reach(&parts[..place]), reach(&parts[..=place]));
            if is_thin {
                // Too little to see: the largest part stands for all, and is seen.
                if place > 0 {
                    break;
                }
                (near, far) = (
                    scale.at(0),
                    if sign > 0 { scale.at(0) - SLIVER } else { scale.at(0) + SLIVER },
                );
            }
            let (top, bottom) = (near.min(far), near.max(far));
            if bottom - top < HAIR {
                continue;
            }
            let has_seam = place > 0 && slots.are_apart() && bottom - top > 3.0 * SEAM;
            let seam = if has_seam { SEAM } else { 0.0 };
            let (top, bottom) = if sign > 0 { (top, bottom - seam) } else { (top + seam, bottom) };
            page.shapes.push(Shape::Bar(scene::Bar {
                x: left,
                y: top,
                width: right - left,
                height: bottom - top,
                colour: layer.colour,
                tip: format!("{when}, {}: ${}", layer.name, layer.amounts[index]),
            }));
        }
    }
}

/// The labels of the times: the finest set that has room.
fn times(page: &mut Page<'_>, figure: &Columns, slots: &Slots, area: Area) {
    let placed = |page: &Page<'_>, set: Vec<Tick>| -> Vec<(f64, f64, String)> {
        let place = |tick: Tick| {
            let half = page.width(&tick.text) / 2.0;
            let middle = slots.middle(tick.column).min(area.right - half).max(area.left + half);
            (middle - half, middle + half, tick.text)
        };
        set.into_iter().map(place).collect()
    };
    let has_room =
        |set: &[(f64, f64, String)]| set.windows(2).all(|pair| pair[0].1 + GAP <= pair[1].0);
    let mut sets = ticks(&figure.starts, figure.step).into_iter().map(|set| placed(page, set));
    let Some(set) = sets.find(|set| has_room(set)) else {
        return;
    };
    for (left, right, text) in set {
        page.text(Text {
            anchor: Anchor::Middle,
            colour: MUTED,
            role: Role::Time,
            ..frame(f64::midpoint(left, right), area.bottom - AXIS_HEIGHT + 18.0, LABEL, text)
        });
    }
}

fn when(start: DateTime, step: Step) -> String {
    match step {
        Step::Day => start.date().to_string(),
        Step::Hour => start.strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

fn description(figure: &Columns, layers: &[Layer]) -> String {
    let sums: Vec<TotalPicoUsd> = layers.iter().map(|layer| layer.sum).collect();
    let labels = money::labels(&sums).each;
    let parts = layers.iter().zip(labels).map(|(layer, label)| format!("{}: {label}", layer.name));
    let columns = figure.starts.len();
    let unit = match (figure.step, columns) {
        (Step::Day, 1) => "day",
        (Step::Day, _) => "days",
        (Step::Hour, 1) => "hour",
        (Step::Hour, _) => "hours",
    };
    format!("{columns} {unit}; {}", parts.collect::<Vec<_>>().join("; "))
}
