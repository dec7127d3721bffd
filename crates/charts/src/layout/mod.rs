//! Where everything stands. Pure: the same data is the same scene, which tests ask about its texts.

mod bars;
mod columns;
mod fold;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use centime_core::money::TotalPicoUsd;

use crate::fonts::{Fonts, Weight};
use crate::palette::{Colour, INK, MUTED, WARNING};
use crate::scene::{Anchor, Role, Rule, Scene, Shape, Text};
use crate::text::{clean, lines, shortened};
use crate::ticks::Ticks;
use crate::{Chart, Figure};

/// Empty paper around everything.
const MARGIN: f64 = 28.0;
/// Empty paper below everything.
const BOTTOM: f64 = 20.0;
/// From the top of the paper to the end of the heading.
const HEADER: f64 = 78.0;
/// Heights of texts.
const TITLE: f64 = 19.0;
const WORD: f64 = 15.0;
const SMALL: f64 = 12.0;
const LABEL: f64 = 11.5;
/// From one line of notes to the next.
const LEADING: f64 = 16.0;
/// The least empty paper between two labels on a line.
const GAP: f64 = 10.0;

/// A part of the paper.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// What a figure adds to the page besides its shapes.
struct Drawn {
    /// The sum of everything, as it is labelled.
    total: String,
    /// What is shown, in words.
    description: String,
}

/// The scene of a chart, in points; the height is the figure's own where none is given.
pub(crate) fn scene(chart: &Chart, fonts: &Fonts, width: f64, height: Option<f64>) -> Scene {
    let mut page = Page { fonts, shapes: Vec::new() };
    let notes: Vec<String> = chart
        .notes
        .iter()
        .flat_map(|note| lines(fonts, &clean(note), LABEL, width - 2.0 * MARGIN))
        .collect();
    #[allow(clippy::cast_precision_loss, reason = "a handful of lines")]
    let notes_height = LEADING * notes.len() as f64;
    let around = HEADER + notes_height + BOTTOM;
    let height = height.unwrap_or_else(|| match &chart.figure {
        Figure::Columns(_) => columns::HEIGHT,
        Figure::Bars(figure) => around + bars::height(figure),
    });
    let area =
        Area { left: MARGIN, top: HEADER, right: width - MARGIN, bottom: height + HEADER - around };
    let Drawn { total, description } = match &chart.figure {
        Figure::Columns(figure) => columns::draw(&mut page, figure, area),
        Figure::Bars(figure) => bars::draw(&mut page, figure, area),
    };
    page.header(chart, &total, width);
    let mut y = height - BOTTOM - notes_height + LEADING;
    for note in &notes {
        page.text(Text { colour: WARNING, ..frame(MARGIN, y, LABEL, note.clone()) });
        y += LEADING;
    }
    let mut words = vec![clean(&chart.subtitle), format!("total {total}"), description];
    words.extend(chart.notes.iter().map(|note| clean(note)));
    Scene {
        width,
        height,
        title: clean(&chart.title),
        description: words.join(". "),
        shapes: page.shapes,
    }
}

/// How many different characters of its texts no font has.
pub(crate) fn undrawable(scene: &Scene, fonts: &Fonts) -> usize {
    let texts = scene.shapes.iter().filter_map(Shape::text).map(|text| text.content.chars());
    texts.flatten().filter(|character| !fonts.has(*character)).collect::<HashSet<_>>().len()
}

/// Shapes in the making.
struct Page<'a> {
    fonts: &'a Fonts,
    shapes: Vec<Shape>,
}

impl Page<'_> {
    fn header(&mut self, chart: &Chart, total: &str, width: f64) {
        let (title_y, subtitle_y) = (MARGIN + 14.0, MARGIN + 33.0);
        let right = width - MARGIN;
        self.text(Text {
            anchor: Anchor::End,
            weight: Weight::SemiBold,
            role: Role::Total,
            ..frame(right, title_y, TITLE, total.to_owned())
        });
        self.text(Text {
            anchor: Anchor::End,
            colour: MUTED,
            ..frame(right, subtitle_y, SMALL, "total".to_owned())
        });
        let room = |fonts: &Fonts, beside: &str, size, weight| {
            (right - MARGIN - 2.0 * GAP - fonts.width(beside, size, weight)).max(0.0)
        };
        let title_room = room(self.fonts, total, TITLE, Weight::SemiBold);
        let title =
            shortened(self.fonts, &clean(&chart.title), TITLE, Weight::SemiBold, title_room);
        // Beside an enormous total on narrow paper there is no room for anything.
        if title_room >= TITLE {
            self.text(Text { weight: Weight::SemiBold, ..frame(MARGIN, title_y, TITLE, title) });
        }
        let subtitle_room = room(self.fonts, "total", SMALL, Weight::Regular);
        let subtitle =
            shortened(self.fonts, &clean(&chart.subtitle), SMALL, Weight::Regular, subtitle_room);
        self.text(Text { colour: MUTED, ..frame(MARGIN, subtitle_y, SMALL, subtitle) });
    }

    fn text(&mut self, text: Text) {
        self.shapes.push(Shape::Text(text));
    }

    fn rule(&mut self, from: (f64, f64), to: (f64, f64), colour: Colour) {
        self.shapes.push(Shape::Rule(Rule { from, to, colour }));
    }

    /// A word in the middle of an area where there is nothing else to see.
    fn word(&mut self, word: &str, area: Area) {
        let word = shortened(self.fonts, word, WORD, Weight::Regular, area.right - area.left);
        let middle = (f64::midpoint(area.left, area.right), f64::midpoint(area.top, area.bottom));
        self.text(Text {
            anchor: Anchor::Middle,
            colour: MUTED,
            ..frame(middle.0, middle.1, WORD, word)
        });
    }

    fn width(&self, text: &str) -> f64 {
        self.fonts.width(text, LABEL, Weight::Regular)
    }

    /// The widest of some labels.
    fn widest<'t>(&self, labels: impl IntoIterator<Item = &'t str>) -> f64 {
        labels.into_iter().map(|label| self.width(label)).fold(0.0, f64::max)
    }
}

/// What somebody called something.
fn named(name: &str) -> String {
    if name.trim().is_empty() { "(empty)".to_owned() } else { clean(name) }
}

/// A text of the frame; what differs is set by the caller.
fn frame(x: f64, y: f64, size: f64, content: String) -> Text {
    Text {
        x,
        y,
        anchor: Anchor::Start,
        size,
        weight: Weight::Regular,
        colour: INK,
        content,
        role: Role::Frame,
    }
}

/// Where amounts are between two ends of an axis.
struct Scale {
    low: i128,
    span: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn new(ticks: &Ticks, from: f64, to: f64) -> Self {
        let span = float(ticks.high() - ticks.low());
        Self { low: ticks.low(), span: if span > 0.0 { span } else { 1.0 }, from, to }
    }

    fn at(&self, pico: i128) -> f64 {
        let part = float(pico.saturating_sub(self.low)) / self.span;
        self.from + part.clamp(0.0, 1.0) * (self.to - self.from)
    }
}

/// An amount to measure with, never to be read.
#[allow(
    clippy::cast_precision_loss,
    reason = "a place on paper; labels are made from what is exact"
)]
fn float(pico: i128) -> f64 {
    pico as f64
}

/// The least and the most of some amounts.
fn extent(amounts: impl Iterator<Item = TotalPicoUsd>) -> (i128, i128) {
    amounts.fold((0, 0), |(low, high), amount| (low.min(amount.pico()), high.max(amount.pico())))
}
