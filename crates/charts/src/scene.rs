//! A picture before it is written: shapes at their places, in points.

use crate::fonts::Weight;
use crate::palette::Colour;

/// A picture.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// What it is, for those who cannot see it.
    pub(crate) title: String,
    /// What it shows, in words.
    pub(crate) description: String,
    /// From the back to the front.
    pub(crate) shapes: Vec<Shape>,
}

#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Bar(Bar),
    Rule(Rule),
    Text(Text),
}

impl Shape {
    /// The text that it is, if it is one.
    pub(crate) fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bar(_) | Self::Rule(_) => None,
        }
    }
}

/// A filled rectangle.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) colour: Colour,
    /// What it stands for, shown when it is pointed at.
    pub(crate) tip: String,
}

/// A thin straight line.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) from: (f64, f64),
    pub(crate) to: (f64, f64),
    pub(crate) colour: Colour,
}

/// A line of text.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) x: f64,
    /// Of the line that letters stand on.
    pub(crate) y: f64,
    pub(crate) anchor: Anchor,
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) colour: Colour,
    pub(crate) content: String,
    pub(crate) role: Role,
}

/// Which end of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// What a text is there for: its class in SVG, for style sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Title, subtitle, notes, and the word for nothing.
    Frame,
    /// The sum of everything.
    Total,
    /// The name of a series.
    Legend,
    /// An amount of the axis.
    Amount,
    /// A time of the axis.
    Time,
    /// The name of a bar.
    Name,
    /// What a bar or a column amounts to.
    Value,
    /// Which part of the whole that is.
    Share,
}

impl Role {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Total => "total",
            Self::Legend => "legend",
            Self::Amount => "amount",
            Self::Time => "time",
            Self::Name => "name",
            Self::Value => "value",
            Self::Share => "share",
        }
    }
}
