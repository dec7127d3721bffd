//! Draws everything, and leaves it in `target/tmp/gallery` to be looked at.

#![allow(clippy::unwrap_used, reason = "a test says what failed by panicking")]

mod samples;

use std::path::Path;

use centime_charts::{Bar, Bars, Chart, Columns, Figure, Gap, Series, Size, Step};
use resvg::tiny_skia::Pixmap;

#[test]
fn every_picture_is_xml_and_pixels() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, chart) in samples::all() {
        let picture = chart.draw(Size::default());
        let document = roxmltree::Document::parse(picture.svg()).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"), "{name}");
        assert!(!root.descendants().any(|node| node.has_tag_name("script")), "{name}");
        let png = picture.png().unwrap();
        let pixels = Pixmap::decode_png(&png).unwrap();
        assert_eq!((pixels.width(), pixels.height()), picture.pixels(), "{name}");
        assert_eq!(pixels.width(), 1600, "{name}");
        let is_white = pixels.pixel(0, 0).unwrap() == pixels.pixel(1599, 0).unwrap();
        assert!(is_white && pixels.pixels().iter().all(|pixel| pixel.alpha() == 255), "{name}");
        std::fs::write(folder.join(format!("{name}.svg")), picture.svg()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }
}

#[test]
fn a_size_that_is_asked_for_is_had() {
    let charts = samples::all();
    for (width, height) in [(1200, 630), (600, 600), (3000, 601), (1601, 901)] {
        for (name, chart) in &charts {
            if ["days-30", "models-60", "models-2"].contains(name) {
                let picture = chart.draw(Size { width, height: Some(height) });
                assert_eq!(picture.pixels(), (width, height), "{name}");
            }
        }
    }
    let (_, chart) = &charts[0];
    assert_eq!(
        chart.draw(Size { width: 0, height: Some(u32::MAX) }).pixels(),
        (Size::MIN, Size::MAX)
    );
}
