//! `centime prices history`: how the rates of a model came to be what they are.

use centime_core::price::{Found, RateCard};
use centime_core::time::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::changes::{Change, aligned, changes};
use super::rates::CASE_COLUMNS;
use super::show::serialize_card;
use super::{date, date_of_card, find};
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Table, print_json, print_text, visible};

/// The price changes of a model, earliest first
///
/// `exact` dates were announced; `observed` ones are when a change was first seen in a public price
/// map: it was in force by then.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime prices history o3
  centime prices history azure/gpt-4o --format json")]
pub(super) struct Args {
    /// The model: `gpt-5`, or `openai/gpt-5`
    #[arg(value_name = "MODEL")]
    model: String,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let found = find(&app.price_book()?, &args.model)?;
    let steps = steps(&found);
    match app.format {
        Format::Json => print_json(&steps),
        Format::Csv => csv(&steps).print_csv(),
        Format::Table => print_text(&changelog(&found, &steps)),
    }
}

/// A card of a model, and what it changed.
struct Step<'a> {
    found: &'a Found,
    card: &'a RateCard,
    /// When the next card took its place, or the model was last seen.
    until: Option<Timestamp>,
    changes: Vec<Change>,
}

fn steps(found: &Found) -> Vec<Step<'_>> {
    let cards = &found.model.cards;
    let before = std::iter::once(None).chain(cards.iter().map(Some));
    let after = cards.iter().skip(1).map(|next| Some(next.from)).chain([found.model.until]);
    let steps = cards.iter().zip(before).zip(after).map(|((card, before), until)| {
        let changes = changes(before, Some(card));
        Step { found, card, until, changes }
    });
    steps.collect()
}

fn changelog(found: &Found, steps: &[Step<'_>]) -> String {
    let bold = anstyle::Style::new().bold();
    let (name, provider) = (visible(&found.model.name), visible(&found.provider));
    let mut out = format!("{bold}{name}{bold:#}  {} at {provider}\n", visible(&found.model.mode));
    for (index, step) in steps.iter().enumerate() {
        let card = step.card;
        let told = if index == 0 { Change::told_first } else { Change::told };
        let lines = step.changes.iter().map(|change| (change.case.label(), told(change)));
        let lines: Vec<(String, String)> = lines.collect();
        // A card that only confirms the one before it is no change.
        if lines.is_empty() && index > 0 {
            continue;
        }
        out.push_str(&format!(
            "\n{bold}{}{bold:#}  {}, {}\n",
            date_of_card(card.from),
            card.certainty.name(),
            visible(&card.source)
        ));
        out.push_str(&aligned(&lines, "  "));
    }
    if steps.is_empty() {
        out.push_str("\nthere is no rate card for it: what it costs is not known\n");
    }
    if let Some(until) = found.model.until {
        out.push_str(&format!("\n{bold}{}{bold:#}  last seen on sale\n", date(until)));
    }
    out
}

fn csv(steps: &[Step<'_>]) -> Table {
    let columns = ["provider", "model", "date", "certainty", "source"];
    let columns = columns.into_iter().chain(CASE_COLUMNS).chain(["from", "to", "percent"]);
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for step in steps {
        let (found, card) = (step.found, step.card);
        let start = [
            found.provider.clone(),
            found.model.name.clone(),
            date(card.from),
            card.certainty.name().to_owned(),
            card.source.clone(),
        ];
        for change in &step.changes {
            table.row([&start[..], &change.case.cells(), &change.cells()].concat());
        }
    }
    table
}

impl Serialize for Step<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("provider", &self.found.provider)?;
        map.serialize_entry("model", &self.found.model.name)?;
        serialize_card(&mut map, self.card)?;
        map.serialize_entry("until", &self.until.map(|until| until.to_string()))?;
        map.serialize_entry("changes", &self.changes)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::{ModelRef, PriceBook};

    #[test]
    fn a_history_reads_as_a_changelog() {
        let text = "provider acme\n\nmodel m chat until=2026-01-01\n \
                    from 2024-01-01 exact a page\n  input 10/1M\n  web_search 0.01\n \
                    from 2025-01-01 observed a map\n  input 5/1M\n  output 20/1M tier=batch\n \
                    from 2025-06-01 observed a map\n  input 5/1M derived\n  output 20/1M tier=batch\n";
        let book = PriceBook::from_texts("test", [text]).unwrap();
        let found = book.resolve(ModelRef { provider: None, model: "m" }).unwrap();
        let told = changelog(&found, &steps(&found));
        let expected = "\
m  chat at acme

2024-01-01  exact, a page
  input       $10/1M
  web_search  $0.01/search

2025-01-01  observed, a map
  input          $10/1M → $5/1M (-50%)
  output, batch  new, $20/1M
  web_search     gone, was $0.01/search

2026-01-01  last seen on sale
";
        assert_eq!(anstream::adapter::strip_str(&told).to_string(), expected);
    }
}
