//! Pictures of what LLM calls cost: amounts over time as columns, amounts by name as bars; as SVG, and
//! as PNG drawn from it.
//!
//! A picture is made of plain data and of nothing else: no clock, no file, no font of the machine. Money
//! comes in exactly, and what is labelled adds up to the total that is shown; only where a shape stands is
//! worked out in floating point.
//!
//! ```
//! use centime_charts::{Bar, Bars, Chart, Figure, Size};
//! use centime_core::money::TotalPicoUsd;
//!
//! let bar = |name: &str, dollars: i128| Bar {
//!     name: name.to_owned(),
//!     amount: TotalPicoUsd::from_pico(dollars * 1_000_000_000_000),
//!     gap: Default::default(),
//! };
//! let chart = Chart {
//!     title: "LLM cost by model".to_owned(),
//!     subtitle: "November 2026 (UTC)".to_owned(),
//!     notes: Vec::new(),
//!     figure: Figure::Bars(Bars { bars: vec![bar("gpt-5", 30), bar("o3", 12)], limit: 20 }),
//! };
//! let picture = chart.draw(Size::default());
//! assert!(picture.svg().contains("$42.00"));
//! ```

mod fonts;
mod money;
mod palette;
mod text;

mod calendar;
mod ticks;

mod scene;

mod layout;

mod png;
mod svg;

use centime_core::money::TotalPicoUsd;
use jiff::civil::DateTime;

pub use calendar::Step;
pub use png::PngError;

use scene::Scene;

/// What a picture shows.
#[derive(Debug, Clone)]
pub struct Chart {
    /// The heading.
    pub title: String,
    /// The line below it: the window, the zone, the conditions.
    pub subtitle: String,
    /// What the figures leave out, one sentence each.
    pub notes: Vec<String>,
    /// The figures.
    pub figure: Figure,
}

/// Figures, by their form.
#[derive(Debug, Clone)]
pub enum Figure {
    /// Amounts over time.
    Columns(Columns),
    /// Amounts by name.
    Bars(Bars),
}

/// Amounts over time. Where there are several series, the largest are stacked, each in its colour, and
/// the others are one more.
#[derive(Debug, Clone)]
pub struct Columns {
    /// How long a column lasts.
    pub step: Step,
    /// When each column starts, the earliest first.
    pub starts: Vec<DateTime>,
    /// What is added up.
    pub series: Vec<Series>,
}

impl Columns {
    /// The most columns that have room.
    pub const MAX: usize = 1100;
}

/// One part of the columns.
#[derive(Debug, Clone)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// One amount a column. A missing one is nothing.
    pub amounts: Vec<TotalPicoUsd>,
}

/// Amounts by name, in any order: they are drawn highest first.
#[derive(Debug, Clone)]
pub struct Bars {
    /// All of them.
    pub bars: Vec<Bar>,
    /// The most to draw; the others are one more, at most [`Bars::MAX`].
    pub limit: u16,
}

impl Bars {
    /// The most bars that a limit may ask for.
    pub const MAX: u16 = 100;
}

/// One amount and its name.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Whose it is.
    pub name: String,
    /// How much.
    pub amount: TotalPicoUsd,
    /// Whether some of it is not known.
    pub gap: Gap,
}

/// Whether an amount leaves something out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gap {
    /// It is the whole.
    #[default]
    None,
    /// Some of it has no price: shown with a `+`.
    Some,
    /// None of it has a price: shown as `unpriced`.
    All,
}

/// How large a picture is, in pixels of its PNG. An SVG has half as many units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Across.
    pub width: u32,
    /// Down; `None` for as much as the figures need.
    pub height: Option<u32>,
}

impl Size {
    /// The smallest width and height that text fits into.
    pub const MIN: u32 = 600;
    /// The largest width and height.
    pub const MAX: u32 = 6000;
}

impl Default for Size {
    fn default() -> Self {
        Self { width: 1600, height: None }
    }
}

impl Chart {
    /// Draws the picture. A size beyond the limits is taken to the nearest.
    #[must_use]
    pub fn draw(&self, size: Size) -> Picture {
        let fonts = fonts::Fonts::embedded();
        let limited = |pixels: u32| f64::from(pixels.clamp(Size::MIN, Size::MAX));
        let points = |pixels: u32| limited(pixels) / png::PIXELS_PER_POINT;
        let scene = layout::scene(self, &fonts, points(size.width), size.height.map(points));
        let undrawable = layout::undrawable(&scene, &fonts);
        Picture { svg: svg::document(&scene), scene, undrawable }
    }
}

/// A picture that is ready to be kept.
#[derive(Debug, Clone)]
pub struct Picture {
    scene: Scene,
    svg: String,
    undrawable: usize,
}

impl Picture {
    /// The picture as an SVG document: texts are texts, and every bar says its exact amount when it is
    /// pointed at.
    #[must_use]
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// The same as a PNG file.
    ///
    /// # Errors
    /// When there is no memory for its pixels.
    pub fn png(&self) -> Result<Vec<u8>, PngError> {
        let (width, height) = self.pixels();
        png::drawn(&self.svg, width, height)
    }

    /// How large the PNG is: pixels across and down.
    #[must_use]
    pub fn pixels(&self) -> (u32, u32) {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "both are laid out between the limits of `Size`, or saturate"
        )]
        let pixels = |points: f64| (points * png::PIXELS_PER_POINT).ceil() as u32;
        (pixels(self.scene.width), pixels(self.scene.height))
    }

    /// How many different characters of the picture no embedded font has: the PNG shows them as boxes.
    #[must_use]
    pub fn undrawable(&self) -> usize {
        self.undrawable
    }
}
