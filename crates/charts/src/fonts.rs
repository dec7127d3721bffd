//! The fonts that pictures are measured and drawn with. They are part of the program, so that a
//! picture looks the same on every machine.

use std::sync::Arc;

use resvg::usvg::fontdb::{Database, Source};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

/// What most is written in.
static REGULAR: &[u8] = include_bytes!("../fonts/Inter-Regular.ttf");
/// Headings.
static SEMI_BOLD: &[u8] = include_bytes!("../fonts/Inter-SemiBold.ttf");
/// What the others have no glyph for: Hebrew, Arabic, Armenian, Georgian, symbols.
static FALLBACK: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");

/// The name of the first, as pictures ask for it.
pub(crate) const FAMILY: &str = "Inter";

/// How wide a character is taken to be that no font has, in ems: as wide as one gets.
const UNKNOWN_EM: f64 = 1.0;

/// How heavy a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    SemiBold,
}

/// The widths of characters.
pub(crate) struct Fonts {
    regular: Option<Face>,
    semi_bold: Option<Face>,
    fallback: Option<Face>,
}

struct Face {
    characters: Charmap<'static>,
    glyphs: GlyphMetrics<'static>,
}

impl Face {
    fn new(font: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(font).ok()?;
        let glyphs = font.glyph_metrics(Size::new(1.0), LocationRef::default());
        Some(Self { characters: font.charmap(), glyphs })
    }

    /// In ems.
    fn advance(&self, character: char) -> Option<f64> {
        self.glyphs.advance_width(self.characters.map(character)?).map(f64::from)
    }
}

impl Fonts {
    /// The fonts of the program.
    pub(crate) fn embedded() -> Self {
        Self {
            regular: Face::new(REGULAR),
            semi_bold: Face::new(SEMI_BOLD),
            fallback: Face::new(FALLBACK),
        }
    }

    /// The same for the rasteriser.
    pub(crate) fn database() -> Database {
        let mut database = Database::new();
        for font in [REGULAR, SEMI_BOLD, FALLBACK] {
            database.load_font_source(Source::Binary(Arc::new(font)));
        }
        database.set_sans_serif_family(FAMILY);
        database
    }

    /// How wide a character is at a size of 1.
    pub(crate) fn advance(&self, character: char, weight: Weight) -> f64 {
        let first = match weight {
            Weight::Regular => &self.regular,
            Weight::SemiBold => &self.semi_bold,
        };
        let advance = |face: &Option<Face>| face.as_ref()?.advance(character);
        advance(first).or_else(|| advance(&self.fallback)).unwrap_or(UNKNOWN_EM)
    }

    /// How wide a text is. Kerning and ligatures are left out: they change it by a hair.
    pub(crate) fn width(&self, text: &str, size: f64, weight: Weight) -> f64 {
        size * text.chars().map(|character| self.advance(character, weight)).sum::<f64>()
    }

    /// Whether a character can be drawn.
    pub(crate) fn has(&self, character: char) -> bool {
        let mut faces = [&self.regular, &self.fallback].into_iter().flatten();
        faces.any(|face| face.characters.map(character).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_font_is_there_and_knows_its_scripts() {
        let fonts = Fonts::embedded();
        assert!(fonts.regular.is_some() && fonts.semi_bold.is_some() && fonts.fallback.is_some());
        for character in "gG0$…—ßéЖΩאع\u{fffd}".chars() {
            assert!(fonts.has(character), "{character}");
            let width = fonts.advance(character, Weight::Regular);
            assert!((0.2..=1.1).contains(&width), "{character} {width}");
        }
        assert!(!fonts.has('日'));
        assert!(
            fonts.width("mmm", 10.0, Weight::SemiBold) > fonts.width("mmm", 10.0, Weight::Regular)
        );
        assert_eq!(Fonts::database().len(), 3);
    }
}
