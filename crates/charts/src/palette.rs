//! The colours.

/// A colour as SVG has it.
pub(crate) type Colour = &'static str;

/// What is read.
pub(crate) const INK: Colour = "#1b2230";
/// What is read second. 4.5:1 and more against white.
pub(crate) const MUTED: Colour = "#5b6574";
/// What must not be overlooked.
pub(crate) const WARNING: Colour = "#9a3b00";
/// The zero line.
pub(crate) const AXIS: Colour = "#8b94a3";
/// Lines behind.
pub(crate) const GRID: Colour = "#e4e7ec";
/// The paper.
pub(crate) const PAPER: Colour = "#ffffff";
/// What stands for many.
pub(crate) const OTHER: Colour = "#a3abb8";

/// Series, the largest first: the colours of Okabe and Ito, which people with any kind of colour vision
/// tell apart (<https://jfly.uni-koeln.de/color/>); its yellow and black are left out, the one being
/// lost on white, the other too loud.
pub(crate) const SERIES: [Colour; 6] =
    ["#0072b2", "#e69f00", "#009e73", "#56b4e9", "#d55e00", "#cc79a7"];
