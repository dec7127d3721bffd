//! PNG, drawn from the SVG itself, so that both look the same.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::fonts::{FAMILY, Fonts};

/// Pixels of a point: fine enough for the screens there are.
pub(crate) const PIXELS_PER_POINT: f64 = 2.0;

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// There is not the memory for so many pixels.
    #[error("no room for a picture of {width} × {height} pixels; ask for a smaller one")]
    TooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The rasteriser does not understand the picture.
    #[error("the picture cannot be drawn: {0}")]
    Rejected(String),
}

/// The pixels of an SVG, `width` across and `height` down, as a PNG file.
pub(crate) fn drawn(svg: &str, width: u32, height: u32) -> Result<Vec<u8>, PngError> {
    let options = Options {
        font_family: FAMILY.to_owned(),
        fontdb: Arc::new(Fonts::database()),
        ..Options::default()
    };
    let rejected = |error: &dyn std::fmt::Display| PngError::Rejected(error.to_string());
    let tree = Tree::from_str(svg, &options).map_err(|error| rejected(&error))?;
    let mut pixels = Pixmap::new(width, height).ok_or(PngError::TooLarge { width, height })?;
    #[allow(clippy::cast_possible_truncation, reason = "2 is 2")]
    let scale = PIXELS_PER_POINT as f32;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| rejected(&error))
}
