//! What must hold of every picture: texts are on the paper and do not cover each other, and what is
//! labelled adds up.

use proptest::prelude::*;

use super::*;
use crate::scene::Role;
use crate::{Bar, Bars, Columns, Gap, Series, Step};

#[path = "../../tests/gallery/samples.rs"]
mod samples;

/// Left, top, right and bottom of a text.
fn bounds(text: &Text, fonts: &Fonts) -> [f64; 4] {
    // How far letters reach above and below the line that they stand on, in ems.
    const ASCENT: f64 = 0.8;
    const DESCENT: f64 = 0.22;
    let width = fonts.width(&text.content, text.size, text.weight);
    let left = match text.anchor {
        Anchor::Start => text.x,
        Anchor::Middle => text.x - width / 2.0,
        Anchor::End => text.x - width,
    };
    [left, text.y - text.size * ASCENT, left + width, text.y + text.size * DESCENT]
}

fn texts(scene: &Scene) -> Vec<&Text> {
    scene.shapes.iter().filter_map(Shape::text).collect()
}

fn of_role(scene: &Scene, role: Role) -> Vec<&str> {
    let texts = texts(scene).into_iter().filter(|text| text.role == role);
    texts.map(|text| text.content.as_str()).collect()
}

/// Everything that is wrong with a scene.
fn faults(scene: &Scene, fonts: &Fonts) -> Vec<String> {
    let mut faults = Vec::new();
    let texts: Vec<(&Text, [f64; 4])> =
        texts(scene).into_iter().map(|text| (text, bounds(text, fonts))).collect();
    for (text, [left, top, right, bottom]) in &texts {
        if *left < 0.0 || *top < 0.0 || *right > scene.width || *bottom > scene.height {
            faults.push(format!("`{}` is off the paper", text.content));
        }
    }
    for (index, (text, one)) in texts.iter().enumerate() {
        for (beside, other) in &texts[index + 1..] {
            let apart = one[2] <= other[0]
                || other[2] <= one[0]
                || one[3] <= other[1]
                || other[3] <= one[1];
            if !apart && !text.content.is_empty() && !beside.content.is_empty() {
                faults.push(format!("`{}` covers `{}`", text.content, beside.content));
            }
        }
    }
    for shape in &scene.shapes {
        if let Shape::Bar(bar) = shape {
            let is_on_paper = bar.x >= 0.0
                && bar.y >= 0.0
                && bar.x + bar.width <= scene.width
                && bar.y + bar.height <= scene.height;
            if !is_on_paper || bar.width <= 0.0 || bar.height <= 0.0 {
                faults.push(format!("a bar is off the paper: {bar:?}"));
            }
        }
    }
    faults
}

#[test]
fn texts_are_on_the_paper_and_apart() {
    let fonts = Fonts::embedded();
    for (name, chart) in samples::all() {
        for (width, height) in [
            (800.0, None),
            (800.0, Some(450.0)),
            (600.0, Some(315.0)),
            (300.0, None),
            (300.0, Some(300.0)),
            (3000.0, Some(3000.0)),
            (400.0, Some(1200.0)),
        ] {
            let scene = scene(&chart, &fonts, width, height);
            let faults = faults(&scene, &fonts);
            assert!(faults.is_empty(), "{name} {width} {height:?}: {faults:#?}");
            assert_eq!(scene.width, width);
            assert!(height.is_none_or(|height| scene.height == height));
        }
    }
}

/// What a label says, in picodollars; `None` where it only says that there is something.
fn said(label: &str) -> Option<i128> {
    if label.starts_with(['<', '>']) {
        return None;
    }
    let dollars: centime_core::money::Quantity = label.replace(['$', ','], "").parse().unwrap();
    Some(dollars.scaled())
}

fn bars(amounts: &[i128], limit: u16) -> Chart {
    let bar = |(index, &pico): (usize, &i128)| Bar {
        name: format!("{index} {}", "wide ".repeat(index % 50)),
        amount: TotalPicoUsd::from_pico(pico),
        gap: Gap::None,
    };
    let bars = amounts.iter().enumerate().map(bar).collect();
    of(Figure::Bars(Bars { bars, limit }))
}

fn columns(step: Step, amounts: &[i128], series: usize) -> Chart {
    let first: jiff::civil::DateTime = "2025-12-30T22:00".parse().unwrap();
    let span = jiff::Span::new();
    let span = if step == Step::Day { span.days(1) } else { span.hours(1) };
    let series = (0..series).map(|index| Series {
        name: format!("series {index} {}", "wide ".repeat(index % 50)),
        amounts: amounts.iter().skip(index).copied().map(TotalPicoUsd::from_pico).collect(),
    });
    let series = series.collect();
    let starts = first.series(span).take(amounts.len()).collect();
    of(Figure::Columns(Columns { step, starts, series }))
}

fn of(figure: Figure) -> Chart {
    let notes = vec!["a note that is longer than narrow paper is wide, and goes on".to_owned()];
    Chart { title: "A title".to_owned(), subtitle: "a subtitle".to_owned(), notes, figure }
}

fn amounts(most: usize) -> impl Strategy<Value = Vec<i128>> {
    const DOLLAR: i128 = 1_000_000_000_000;
    let amount = prop_oneof![
        Just(0),
        0..1_000_000_i128,
        -100 * DOLLAR..100 * DOLLAR,
        0..9_000_000 * DOLLAR,
    ];
    proptest::collection::vec(amount, 0..most)
}

#[test]
fn the_highest_come_first_and_the_others_are_one() {
    let names = |count: i128, limit| {
        let amounts: Vec<i128> = (1..=count).collect();
        let scene = scene(&bars(&amounts, limit), &Fonts::embedded(), 800.0, None);
        let first = |name: &&str| name.split(" wide").next().unwrap().trim().to_owned();
        of_role(&scene, Role::Name).iter().map(first).collect::<Vec<_>>()
    };
    assert_eq!(names(3, 20), ["2", "1", "0"]);
    assert_eq!(names(3, 1), ["2", "(other, 2)"]);
    assert_eq!(names(3, 2), ["2", "1", "0"]);
    assert_eq!(names(60, 20).len(), 21);
    assert_eq!(names(60, 20).last().unwrap(), "(other, 40)");
    assert_eq!(names(300, u16::MAX).last().unwrap(), "(other, 200)");
}

#[test]
fn one_series_needs_no_legend_and_many_are_folded() {
    let legend = |series| {
        let chart = columns(Step::Day, &[40, 30, 20, 10, 9, 8, 7, 6, 5, 4, 3], series);
        let scene = scene(&chart, &Fonts::embedded(), 1600.0, None);
        of_role(&scene, Role::Legend).len()
    };
    assert_eq!([1, 2, 7, 8, 9].map(legend), [0, 2, 7, 7, 7]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn bars_add_up_to_the_total_that_is_shown(amounts in amounts(60), limit in 1..30_u16) {
        let scene = scene(&bars(&amounts, limit), &Fonts::embedded(), 800.0, None);
        let values = of_role(&scene, Role::Value);
        let total = of_role(&scene, Role::Total);
        let sum: i128 = values.iter().filter_map(|label| said(label)).sum();
        prop_assert_eq!(sum, said(total[0]).unwrap_or(0), "{:?}", values);
        let shares = of_role(&scene, Role::Share);
        let tenths = shares.iter().filter_map(|share| share.replace(['.', '%'], "").parse::<i64>().ok());
        prop_assert!(shares.is_empty() || tenths.sum::<i64>() == 1000, "{:?}", shares);
    }

    #[test]
    fn no_bars_are_off_the_paper(
        amounts in amounts(120), limit in 1..120_u16, width in 300..1500_u32,
        height in proptest::option::of(300..1500_u32),
    ) {
        let fonts = Fonts::embedded();
        let scene = scene(&bars(&amounts, limit), &fonts, width.into(), height.map(f64::from));
        prop_assert_eq!(faults(&scene, &fonts), [] as [String; 0]);
    }

    #[test]
    fn no_columns_are_off_the_paper(
        amounts in amounts(400), series in 0..12_usize, width in 300..1500_u32,
        height in proptest::option::of(300..1500_u32), by_hour: bool,
    ) {
        let fonts = Fonts::embedded();
        let chart = columns(if by_hour { Step::Hour } else { Step::Day }, &amounts, series);
        let scene = scene(&chart, &fonts, width.into(), height.map(f64::from));
        prop_assert_eq!(faults(&scene, &fonts), [] as [String; 0]);
    }
}
