//! `centime entries`: rows of the ledger.

use centime_answers::entries::{Document, FIELDS};
use centime_core::entry::Entry;
use centime_ledger::{Entries, Page};
use jiff::tz::TimeZone;

use super::conditions::Conditions;
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Table, cost, count, print_json, print_line};

/// Rows of the ledger, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime entries --limit 10
  centime entries --where user=alice --where pricing_status=unpriced --format json")]
pub(crate) struct Args {
    /// The most entries to show
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,

    #[command(flatten)]
    conditions: Conditions,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let filter = args.conditions.filter(app)?;
    let page = Page { limit: args.limit, after: None };
    let entries = app.ledger()?.entries(&filter, &page)?;
    match app.format {
        Format::Json => {
            let documents: Vec<Document<'_>> = entries.iter().map(Document).collect();
            print_json(&documents)
        }
        Format::Csv => spreadsheet(&entries).print_csv(),
        Format::Table if entries.is_empty() => print_line("no entries match"),
        Format::Table => table(&entries, &app.zone).print(),
    }
}

/// What people read: the moment to the second, on their own clocks.
fn table(entries: &[Entry], zone: &TimeZone) -> Table {
    use Align::{Left, Right};
    let mut table = Table::new([
        ("id", Left),
        ("at", Left),
        ("status", Left),
        ("provider", Left),
        ("model", Left),
        ("user", Left),
        ("input tokens", Right),
        ("output tokens", Right),
        ("cost", Right),
        ("pricing", Left),
    ]);
    for entry in entries {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        table.row(vec![
            entry.id(),
            entry.at.in_zone(zone).strftime("%Y-%m-%d %H:%M:%S").to_string(),
            entry.status.to_string(),
            text(&entry.provider),
            entry.model.clone(),
            text(&entry.attribution.user),
            count(entry.input_tokens().into()),
            count(entry.output_tokens().into()),
            cost(entry.charge.into(), entry.pricing_status),
            match entry.adjusts {
                Some(_) => format!("{} (adjustment)", entry.pricing_status),
                None => entry.pricing_status.to_string(),
            },
        ]);
    }
    table
}

/// What spreadsheets read: every field, as in JSON.
fn spreadsheet(entries: &[Entry]) -> Table {
    let mut table = Table::new(FIELDS.iter().map(|field| (field.name, Align::Left)));
    for entry in entries {
        table.row(FIELDS.iter().map(|field| (field.of)(entry).cell()).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::samples::{entry, unpriced};
    use centime_core::entry::PricingStatus;

    #[test]
    fn spreadsheets_get_every_field_of_json_exactly() {
        let entries = [entry()];
        let csv = spreadsheet(&entries).csv();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let row = reader.records().next().unwrap().unwrap();
        let json: serde_json::Value =
            serde_json::from_str(&serde_json::to_string(&Document(&entries[0])).unwrap()).unwrap();
        let mut sorted = names.clone();
        sorted.sort();
        let keys: Vec<String> = json.as_object().unwrap().keys().cloned().collect();
        assert_eq!(sorted, keys);
        let cell = |name: &str| &row[names.iter().position(|known| known == name).unwrap()];
        assert_eq!(cell("cost"), "0.00755");
        assert_eq!(cell("input_tokens"), "4000");
        assert_eq!(cell("user"), "ann");
        assert_eq!(cell("metadata"), r#"{"a":{"b":[1,{}]}}"#);
        assert_eq!(cell("provider"), "acme");
        assert_eq!(spreadsheet(&[]).csv().trim_end().split(',').count(), FIELDS.len());
    }

    #[test]
    fn people_are_told_what_has_no_price() {
        let text = table(&[entry(), unpriced()], &TimeZone::UTC).text();
        let cells = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let rows: Vec<Vec<String>> = text.lines().map(cells).collect();
        assert!(
            rows[1].contains(&"$0.00755".to_owned()) && rows[1].contains(&"4,000".to_owned()),
            "{text}"
        );
        assert!(rows[2].ends_with(&["unpriced".to_owned(), "unpriced".to_owned()]), "{text}");
        let partial = Entry { pricing_status: PricingStatus::Partial, ..entry() };
        assert!(table(&[partial], &TimeZone::UTC).text().contains("$0.00755+"));
    }
}
