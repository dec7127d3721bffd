//! What a reader should know of the book: how much there is, and what could not be done.

use std::fmt::Write as _;

use centime_core::price::format::Block;

use super::merge::Merged;

/// Writes the report.
pub(super) fn write(version: &str, merged: &Merged) -> String {
    let blocks = || merged.files.iter().flat_map(|file| &file.blocks);
    let models = || {
        blocks().filter_map(|block| match block {
            Block::Model(model) => Some(model),
            Block::Alias { .. } => None,
        })
    };
    let cards: usize = models().map(|model| model.cards.len()).sum();
    let retired = models().filter(|model| model.until.is_some()).count();
    let mut out = format!(
        "# The price book, version {version}\n\n\
         Made by `cargo xtask prices` from the [sources](sources/README.md); do not edit.\n\n\
         | | |\n|---|---:|\n\
         | providers | {} |\n| models | {} |\n| of these sold no more | {retired} |\n\
         | other names | {} |\n| rate cards | {cards} |\n",
        merged.files.len(),
        models().count(),
        blocks().count() - models().count(),
    );
    section(
        &mut out,
        "Rules that no rate card expresses yet",
        "A call that such a rule applies to is charged at the model's other rates, which can be less.",
        merged.unexpressed.iter().map(|(rule, models)| {
            let some: Vec<String> = models.iter().take(3).map(|name| format!("`{name}`")).collect();
            format!("`{rule}`: {} models, such as {}", models.len(), some.join(", "))
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
        "Dates that are not used",
        "genai-prices dates the price changes of these, and has another present price than the map.",
        merged.undated.iter().cloned(),
    );
    section(
        &mut out,
        "Rates with more than twelve decimals",
        "Taken as they are written: the shortest decimal that means the same binary number.",
        merged.float_noise.iter().cloned(),
    );
    out
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
