//! Charts of every kind that people have: what tests measure, and what to look at after a change.
//! Whoever includes this brings the types.

use centime_core::money::TotalPicoUsd;
use jiff::ToSpan;
use jiff::civil::DateTime;

use super::{Bar, Bars, Chart, Columns, Figure, Gap, Series, Step};

const DOLLAR: i128 = 1_000_000_000_000;

const MODELS: [&str; 8] = [
    "openai/gpt-5",
    "anthropic/claude-sonnet-4-5",
    "gemini/gemini-2.5-pro",
    "openai/gpt-5-mini",
    "anthropic/claude-haiku-4-5",
    "deepseek/deepseek-chat",
    "mistral/mistral-large-2411",
    "openai/text-embedding-3-small",
];

/// Numbers that look random and are the same in every run (SplitMix64).
fn rolls(seed: u64) -> impl FnMut(i128) -> i128 {
    let mut state = seed;
    move |sides| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i128::from(mixed ^ (mixed >> 31)) % sides
    }
}

fn chart(title: &str, notes: &[&str], figure: Figure) -> Chart {
    Chart {
        title: title.to_owned(),
        subtitle: "1 Nov 2025 – 31 Oct 2026 (Europe/Paris)".to_owned(),
        notes: notes.iter().map(|&note| note.to_owned()).collect(),
        figure,
    }
}

fn starts(columns: usize, step: Step) -> Vec<DateTime> {
    let first: DateTime = "2025-11-01T00:00".parse().unwrap();
    let span = if step == Step::Day { 1.day() } else { 1.hour() };
    first.series(span).take(columns).collect()
}

/// Spending that is lower at weekends.
fn over_time(columns: usize, step: Step, models: &[String], unit: i128) -> Chart {
    let mut roll = rolls(7);
    let series = models.iter().enumerate().map(|(rank, name)| {
        let weight = unit / i128::try_from(rank + 1).unwrap();
        let amount = |column: usize| {
            let is_quiet = step == Step::Day && matches!(column % 7, 0 | 1);
            let pico = weight * (40 + roll(60)) / if is_quiet { 400 } else { 100 };
            TotalPicoUsd::from_pico(pico)
        };
        Series { name: name.clone(), amounts: (0..columns).map(amount).collect() }
    });
    let title = if step == Step::Day { "LLM cost by day" } else { "LLM cost by hour" };
    let series = series.collect();
    chart(title, &[], Figure::Columns(Columns { step, starts: starts(columns, step), series }))
}

fn by_name(names: &[String], amount: impl Fn(usize) -> i128) -> Chart {
    let bar = |(index, name): (usize, &String)| Bar {
        name: name.clone(),
        amount: TotalPicoUsd::from_pico(amount(index)),
        gap: Gap::None,
    };
    let bars = names.iter().enumerate().map(bar).collect();
    chart("LLM cost by model", &[], Figure::Bars(Bars { bars, limit: 20 }))
}

fn names(count: usize) -> Vec<String> {
    let name = |index: usize| match MODELS.get(index) {
        Some(name) => (*name).to_owned(),
        None => format!("provider-{}/model-{index}", index % 7),
    };
    (0..count).map(name).collect()
}

fn shrinking(index: usize) -> i128 {
    1234 * DOLLAR / 10_i128.pow(3) * 1000 / (i128::try_from(index).unwrap() + 1).pow(2)
}

/// All of them, by name.
pub(crate) fn all() -> Vec<(&'static str, Chart)> {
    let hostile = [
        "<script>alert('x')</script>",
        "a\" onload=\"alert(1)",
        "\u{202e}gpt-4\u{0}\u{1b}[2J",
        "נסיון אחד",
        "تجربة",
        "日本語のチーム",
        "& &amp; ]]> <!--",
        "",
        "🦀",
    ];
    let mut partial = by_name(&names(4), shrinking);
    partial.notes.push(
        "3 requests are not fully priced: their cost is missing from these figures".to_owned(),
    );
    if let Figure::Bars(figure) = &mut partial.figure {
        figure.bars[1].gap = Gap::Some;
        figure.bars[3] =
            Bar { gap: Gap::All, amount: TotalPicoUsd::ZERO, name: "who/knows".to_owned() };
    }
    let mut adjusted = over_time(14, Step::Day, &names(3), 20 * DOLLAR);
    if let Figure::Columns(figure) = &mut adjusted.figure {
        figure.series[0].amounts[5] = TotalPicoUsd::from_pico(-12 * DOLLAR);
        figure.series[1].amounts[5] = TotalPicoUsd::from_pico(-3 * DOLLAR);
        figure.series[0].amounts[9] = TotalPicoUsd::from_pico(-9 * DOLLAR);
    }
    let long: Vec<String> = (0..8)
        .map(|index| match index {
            0 => "m".to_owned(),
            _ => format!("model-{index}-{}-end-{index}", "very-long-".repeat(20)),
        })
        .collect();
    let none = Figure::Columns(Columns {
        step: Step::Day,
        starts: starts(30, Step::Day),
        series: Vec::new(),
    });
    let notes = ["2 requests are not fully priced: their cost is missing from these figures"];
    vec![
        ("days-1", over_time(1, Step::Day, &names(2), 20 * DOLLAR)),
        ("days-7", over_time(7, Step::Day, &names(3), 20 * DOLLAR)),
        ("days-7-plain", over_time(7, Step::Day, &names(1), 20 * DOLLAR)),
        ("days-30", over_time(30, Step::Day, &names(8), 40 * DOLLAR)),
        ("days-90", over_time(90, Step::Day, &names(7), 40 * DOLLAR)),
        ("days-365", over_time(365, Step::Day, &names(60), 4000 * DOLLAR)),
        ("days-1100", over_time(1100, Step::Day, &names(2), 4000 * DOLLAR)),
        ("days-tiny", over_time(10, Step::Day, &names(2), 1_000_000)),
        ("days-huge", over_time(10, Step::Day, &names(2), 9_000_000 * DOLLAR)),
        ("days-adjusted", adjusted),
        ("days-long-names", over_time(30, Step::Day, &long, DOLLAR)),
        ("days-zero", over_time(7, Step::Day, &names(2), 0)),
        ("days-none", chart("LLM cost by day", &notes, none)),
        ("hours-24", over_time(24, Step::Hour, &names(4), DOLLAR)),
        ("hours-168", over_time(168, Step::Hour, &names(4), DOLLAR)),
        ("models-1", by_name(&names(1), shrinking)),
        ("models-2", by_name(&names(2), shrinking)),
        ("models-8", by_name(&names(8), shrinking)),
        ("models-60", by_name(&names(60), shrinking)),
        ("models-long-names", by_name(&long, shrinking)),
        ("models-hostile", by_name(&hostile.map(str::to_owned), shrinking)),
        ("models-partial", partial),
        (
            "models-tiny-and-huge",
            by_name(&names(6), |index| {
                9_000_000 * DOLLAR / 10_i128.pow(u32::try_from(index).unwrap() * 3)
            }),
        ),
        (
            "models-tiny",
            by_name(&names(5), |index| 1_000_000 * (6 - i128::try_from(index).unwrap())),
        ),
        (
            "models-negative",
            by_name(&names(5), |index| (25 - 10 * i128::try_from(index).unwrap()) * DOLLAR),
        ),
        ("models-zero", by_name(&names(3), |_| 0)),
        ("models-none", by_name(&[], |_| 0)),
    ]
}
