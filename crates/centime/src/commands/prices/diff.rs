//! `centime prices diff`: what changed between two price files.

use std::path::Path;

use centime_core::price::PriceBook;
use centime_core::time::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::changes::{Change, aligned};
use super::compare::{Comparison, Difference, Fate, compare};
use super::rates::{CASE_COLUMNS, Figure};
use super::{Moment, damaged, date};
use crate::app::{App, embedded_book, read_prices};
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Align, Table, count, print_json, print_text, visible};

/// What changed between two price files: models added and removed, and rates from and to
///
/// LiteLLM's price map, genai-prices' data or Centime's own format, plain or gzipped; `embedded` is
/// the book inside the program.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime prices diff embedded model_prices_and_context_window.json
  centime prices diff march.json.gz april.json.gz --format csv
  centime prices diff embedded my.prices --at 2026-11-01")]
pub(super) struct Args {
    /// The price file before
    #[arg(value_name = "OLD")]
    old: String,

    /// The price file after
    #[arg(value_name = "NEW")]
    new: String,

    #[command(flatten)]
    moment: Moment,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let at = args.moment.read(app)?;
    if app.prices.is_some() {
        let message = "`prices diff` compares the two files it names: leave `--prices` out";
        return Err(Failure::Usage(message.to_owned()));
    }
    let (old, new) = (open(&args.old)?, open(&args.new)?);
    let comparison = compare(&old, &new, at).map_err(|error| damaged(&error))?;
    let diff = Diff { names: [&args.old, &args.new], books: [&old, &new], at, comparison };
    match app.format {
        Format::Json => print_json(&diff),
        Format::Csv => csv(&diff.comparison.differences).print_csv(),
        Format::Table => print_text(&diff.changelog()),
    }
}

/// The word for the book inside the program.
const EMBEDDED: &str = "embedded";

fn open(name: &str) -> Result<PriceBook, Failure> {
    if name == EMBEDDED {
        return embedded_book();
    }
    let imported = read_prices(Path::new(name))?;
    if let Some(first) = imported.unexpressed.first() {
        let others = match imported.unexpressed.len() {
            1 => String::new(),
            many => format!(" and {} more", many - 1),
        };
        output::note(&format!("{name}: not understood, and left out: {first}{others}"));
    }
    Ok(imported.book)
}

/// Two books and what differs between them.
struct Diff<'a> {
    names: [&'a str; 2],
    books: [&'a PriceBook; 2],
    at: Timestamp,
    comparison: Comparison,
}

impl Diff<'_> {
    fn changelog(&self) -> String {
        let bold = anstyle::Style::new().bold();
        let unchanged = shown(self.comparison.unchanged);
        let summary = match counts(&self.comparison.differences) {
            None => format!("no model changed, {unchanged} are the same"),
            Some(counts) => format!("{counts}, {unchanged} unchanged"),
        };
        let [old, new] = self.names.map(visible);
        let mut out = format!("{bold}{summary}{bold:#}\n{old} → {new}, at {}\n", date(self.at));
        let by_provider =
            self.comparison.differences.chunk_by(|left, right| left.provider == right.provider);
        for differences in by_provider {
            let provider = differences.first().map_or("", |first| &first.provider);
            let counts = counts(differences).unwrap_or_default();
            out.push_str(&format!("\n{bold}{}{bold:#}: {counts}\n", visible(provider)));
            for difference in differences {
                out.push_str(&told(difference, ""));
            }
        }
        out
    }
}

/// `2 added, 1 changed`; `None` where nothing is.
pub(super) fn counts<'d>(differences: impl IntoIterator<Item = &'d Difference>) -> Option<String> {
    let fates: Vec<Fate> = differences.into_iter().map(|difference| difference.fate).collect();
    let counts = Fate::ALL.iter().filter_map(|&fate| {
        let count = fates.iter().filter(|&&found| found == fate).count();
        (count > 0).then(|| format!("{} {}", shown(count), fate.name()))
    });
    let counts: Vec<String> = counts.collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

fn shown(number: usize) -> String {
    count(i128::try_from(number).unwrap_or(i128::MAX))
}

/// A model in the changelog; `from` says since when, where that is worth a word.
pub(super) fn told(difference: &Difference, from: &str) -> String {
    use anstyle::AnsiColor::{Green, Red, Yellow};
    let (sign, colour) = match difference.fate {
        Fate::Added => ('+', Green),
        Fate::Removed => ('-', Red),
        Fate::Changed => ('~', Yellow),
    };
    let style = colour.on_default();
    let name = visible(&difference.model);
    let head = format!("  {style}{sign} {name}{style:#}{from}");
    let changes = &difference.changes;
    match difference.fate {
        Fate::Added => format!("{head}  {}\n", in_short(changes, |change| change.to)),
        Fate::Removed => format!("{head}  was {}\n", in_short(changes, |change| change.from)),
        Fate::Changed => {
            let lines = changes.iter().map(|change| (change.case.label(), change.told()));
            format!("{head}\n{}", aligned(&lines.collect::<Vec<_>>(), "      "))
        }
    }
}

/// The standard rates in a line, and how many others there are.
fn in_short(changes: &[Change], figure: impl Fn(&Change) -> Option<Figure>) -> String {
    let standard = changes.iter().filter(|change| change.case.is_standard());
    let mut parts: Vec<String> = standard
        .filter_map(|change| {
            Some(format!("{} {}", change.case.label(), change.case.shown(figure(change)?.rate)))
        })
        .collect();
    match changes.iter().filter(|change| figure(change).is_some()).count() - parts.len() {
        0 if parts.is_empty() => return "without rates".to_owned(),
        0 => {}
        1 => parts.push("1 more rate".to_owned()),
        more => parts.push(format!("{more} more rates")),
    }
    parts.join(", ")
}

pub(super) fn csv<'d>(differences: impl IntoIterator<Item = &'d Difference>) -> Table {
    let columns = ["change", "provider", "model", "mode"].into_iter();
    let columns = columns.chain(CASE_COLUMNS).chain(["from", "to", "percent"]);
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for difference in differences {
        let start = [
            difference.fate.name().to_owned(),
            difference.provider.clone(),
            difference.model.clone(),
            difference.mode.clone(),
        ];
        for change in &difference.changes {
            table.row([&start[..], &change.case.cells(), &change.cells()].concat());
        }
        if difference.changes.is_empty() {
            table.row([&start[..], &vec![String::new(); CASE_COLUMNS.len() + 3]].concat());
        }
    }
    table
}

impl Serialize for Diff<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [old, new] = self.names;
        let [old_book, new_book] = self.books;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("old", old)?;
        map.serialize_entry("new", new)?;
        map.serialize_entry("old_version", old_book.version())?;
        map.serialize_entry("new_version", new_book.version())?;
        map.serialize_entry("at", &self.at.to_string())?;
        for fate in Fate::ALL {
            map.serialize_entry(fate.name(), &self.comparison.count(fate))?;
        }
        map.serialize_entry("unchanged", &self.comparison.unchanged)?;
        map.serialize_entry("models", &self.comparison.differences)?;
        map.end()
    }
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("provider", &self.provider)?;
        map.serialize_entry("model", &self.model)?;
        map.serialize_entry("mode", &self.mode)?;
        map.serialize_entry("change", self.fate.name())?;
        map.serialize_entry("rates", &self.changes)?;
        map.end()
    }
}
