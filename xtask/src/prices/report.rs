//! What a reader should know of the book: how much there is, and what could not be done.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use centime_core::price::Model;
use centime_core::price::format::Block;

use super::merge::Merged;

/// Rules that are left out on purpose, or that say nothing about a price, and why.
const DECIDED: &[(&str, &str)] = &[
    (
        "search_free_requests",
        "searches that are free up to a number a day or a month: such an allowance is shared between calls, so \
         that no call can know whether it is used up. Every search has its list price, never less",
    ),
    (
        "provider_specific_entry.minimax_free_input_images",
        "the first images of a call are free: every image has its list price, never less",
    ),
    (
        "explicit_cache_read_input_token_cost",
        "a cheaper rate for tokens read from a cache that the caller made: the usage does not say \
         which cache a token was read from, so that all have the rate of the other, which is more",
    ),
    (
        "provider_specific_entry.dashscope_video_reference_input",
        "says in which field of a request a picture goes; not a price",
    ),
    (
        "provider_specific_entry.volcengine_video_frames",
        "says how many pixels a resolution has; not a price: the rates are by `resolution`",
    ),
    (
        "genai-prices: a pattern of names that cannot be read",
        "says which names mean a model, by looking ahead; not a price",
    ),
];

/// What stands in the way of the other rules.
const IN_THE_WAY: &[(&str, &str)] = &[
    (
        "input_cost_per_video_per_second_above_",
        "the map has a dearer rate for longer intervals between frames; Google sells shorter ones \
         dearer. Which is meant, the map does not say; the rate of the default interval is charged",
    ),
    (
        "genai-prices: the variant {\"route\"",
        "a price by the company that a router passes a call on to, which its usage does not name",
    ),
    (
        "genai-prices: the variant {\"search_type\"",
        "a price by the kind of search, which neither the usage nor any other source names",
    ),
];

/// Writes the report.
pub(super) fn write(version: &str, merged: &Merged) -> String {
    let mut out = format!(
        "# The price book, version {version}\n\n\
         Made by `cargo xtask prices` from the [sources](sources/README.md); do not edit.\n"
    );
    counts(&mut out, merged);
    let rules = || merged.unexpressed.iter();
    section(
        &mut out,
        "Rules that no rate card expresses",
        "A call that such a rule applies to is charged at the model's other rates.",
        rules().filter(|(rule, _)| reason(DECIDED, rule).is_none()).map(|(rule, models)| {
            let why = reason(IN_THE_WAY, rule).unwrap_or("not understood");
            format!("{}: {why}", some_of(rule, models))
        }),
    );
    section(
        &mut out,
        "Rules that are left out on purpose",
        "They make nothing cheaper than it is.",
        rules().filter_map(|(rule, models)| {
            Some(format!("{}: {}", some_of(rule, models), reason(DECIDED, rule)?))
        }),
    );
    section(
        &mut out,
        "Keys of the map that mean one model and disagree",
        "The key still in the newest map is taken, and of two such the one with the provider's prefix.",
        merged.disagreements.iter().cloned(),
    );
    section(
        &mut out,
        "Makers' models that cost nothing",
        "Their every rate is zero in the map: a free model, or a price that nobody entered.",
        merged.free.iter().cloned(),
    );
    section(
        &mut out,
        "Prices that the map had too late",
        "genai-prices dates a price change that the map does not have yet: what the map says was the \
         price before. The dated price was taken. In dollars for a million tokens of input and of output.",
        merged.notes.late.iter().cloned(),
    );
    section(
        &mut out,
        "Where the two sources disagree",
        "What was announced was taken (`known/`), else the map's price: it is the newer of the two files, \
         and none of these is one that genai-prices says it had before. Differences of less than a \
         hundredth are roundings and left out. In dollars for a million tokens of input and of output.",
        merged.notes.disagreeing.iter().cloned(),
    );
    section(
        &mut out,
        "Prices that depend on the hour",
        "genai-prices has other hours for these than the map, or dates of its own; the map's hours, which \
         know weekdays, and what was announced were taken.",
        merged.notes.hourly.iter().cloned(),
    );
    section(
        &mut out,
        "Names that are no model's",
        "genai-prices has a price for every name that starts so; the model that it was trained on has one.",
        merged.notes.nameless.iter().cloned(),
    );
    section(
        &mut out,
        "Rates with more than twelve decimals",
        "Taken as they are written: the shortest decimal that means the same binary number.",
        merged.float_noise.iter().cloned(),
    );
    out
}

/// Who says what a model costs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Map,
    History,
    Genai,
    Hand,
}

impl Origin {
    const ALL: [Self; 4] = [Self::Map, Self::History, Self::Genai, Self::Hand];

    fn of(model: &Model) -> Self {
        let is_from = |source: &str| model.cards.iter().any(|card| card.source.starts_with(source));
        match model.until {
            _ if !is_from("litellm") && !is_from("tokencost") && is_from("genai-prices") => {
                Self::Genai
            }
            _ if !is_from("litellm") && !is_from("tokencost") => Self::Hand,
            Some(_) => Self::History,
            None => Self::Map,
        }
    }
}

/// How much there is, by kind and by source.
fn counts(out: &mut String, merged: &Merged) {
    let blocks = || merged.files.iter().flat_map(|file| &file.blocks);
    let models: Vec<&Model> = blocks()
        .filter_map(|block| match block {
            Block::Model(model) => Some(model),
            Block::Alias { .. } => None,
        })
        .collect();
    let cards: usize = models.iter().map(|model| model.cards.len()).sum();
    let retired = models.iter().filter(|model| model.until.is_some()).count();
    let aliases = blocks().count() - models.len();
    let _ = write!(
        out,
        "\n| | |\n|---|---:|\n| providers | {} |\n| models | {} |\n| of these sold no more | {retired} |\n\
         | other names | {aliases} |\n| rate cards | {cards} |\n",
        merged.files.len(),
        models.len(),
    );
    let _ = write!(
        out,
        "\n## Models by kind and source\n\n\
         A model that the map and others have counts as the map's.\n\n\
         | kind | the map | only its history | only genai-prices | only by hand | |\n\
         |---|---:|---:|---:|---:|---:|\n"
    );
    let mut by_kind: BTreeMap<&str, BTreeMap<Origin, usize>> = BTreeMap::new();
    for model in models {
        for kind in [model.mode.as_str(), "~"] {
            *by_kind.entry(kind).or_default().entry(Origin::of(model)).or_default() += 1;
        }
    }
    for (kind, origins) in by_kind {
        let kind = if kind == "~" { "all" } else { kind };
        let _ = write!(out, "| {kind} |");
        for origin in Origin::ALL {
            let _ = write!(out, " {} |", origins.get(&origin).copied().unwrap_or(0));
        }
        let _ = writeln!(out, " {} |", origins.values().sum::<usize>());
    }
}

fn reason(list: &[(&str, &'static str)], rule: &str) -> Option<&'static str> {
    list.iter().find(|(start, _)| rule.starts_with(start)).map(|(_, reason)| *reason)
}

/// A rule with some of the models that have it.
fn some_of(rule: &str, models: &[String]) -> String {
    let some: Vec<String> = models.iter().take(3).map(|name| format!("`{name}`")).collect();
    let count = match models.len() {
        1 => "1 model".to_owned(),
        many => format!("{many} models, such as"),
    };
    format!("`{rule}` ({count} {})", some.join(", "))
}

fn section(out: &mut String, title: &str, what: &str, lines: impl Iterator<Item = String>) {
    let _ = write!(out, "\n## {title}\n\n{what}\n\n");
    let before = out.len();
    for line in lines {
        let _ = writeln!(out, "- {line}");
    }
    if out.len() == before {
        out.push_str("None.\n");
    }
}
