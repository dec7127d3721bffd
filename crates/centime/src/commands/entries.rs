//! `centime entries`: rows of the ledger.

use centime_core::entry::{Entry, PricingStatus};
use centime_core::meter::Meter;
use centime_ledger::{Entries, Page};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::conditions::Conditions;
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Decimal, Table, Value, cost, count, print_json, print_line};

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
    let mut table = Table::new(FIELDS.iter().map(|(name, _)| (*name, Align::Left)));
    for entry in entries {
        table.row(FIELDS.iter().map(|(_, of)| of(entry).cell()).collect());
    }
    table
}

/// A field of an entry: its name, and its value.
type Field = (&'static str, for<'a> fn(&'a Entry) -> Value<'a>);

/// The fields of an entry in JSON and CSV.
const FIELDS: &[Field] = &[
    ("id", |entry| Value::text(entry.id())),
    ("uid", |entry| Value::text(entry.uid.to_string())),
    ("source", |entry| Value::text(&entry.source)),
    ("at", |entry| Value::text(entry.at.to_string())),
    ("recorded_at", |entry| Value::text(entry.recorded_at.to_string())),
    ("adjusts", |entry| match entry.adjusts {
        Some(uid) => Value::text(uid.to_string()),
        None => Value::Absent,
    }),
    ("request_id", |entry| match &entry.request_id {
        Some(id) => Value::text(id.to_string()),
        None => Value::Absent,
    }),
    ("attempt", |entry| Value::number(entry.attempt)),
    ("status", |entry| Value::text(entry.status.name())),
    ("usage_source", |entry| Value::text(entry.usage_source.name())),
    ("pricing_status", |entry| Value::text(entry.pricing_status.name())),
    ("provider", |entry| Value::optional(entry.provider.as_deref())),
    ("model", |entry| Value::text(&entry.model)),
    ("served_model", |entry| Value::optional(entry.served_model.as_deref())),
    ("service_tier", |entry| Value::optional(entry.service_tier.as_deref())),
    ("region", |entry| Value::optional(entry.region.as_deref())),
    ("batch", |entry| Value::Flag(entry.batch)),
    ("options", |entry| match entry.options.is_empty() {
        true => Value::Absent,
        false => Value::text(entry.options.to_string()),
    }),
    ("requests", |entry| Value::number(entry.requests)),
    ("input_tokens", |entry| Value::number(entry.input_tokens())),
    ("output_tokens", |entry| Value::number(entry.output_tokens())),
    ("total_tokens", |entry| {
        Value::number(entry.input_tokens().saturating_add(entry.output_tokens()))
    }),
    ("meters", |entry| json(&Meters(entry))),
    ("cost", |entry| {
        let is_known = entry.pricing_status != PricingStatus::Unpriced;
        Value::optional_number(is_known.then_some(entry.charge))
    }),
    ("reported_cost", |entry| Value::optional_number(entry.reported_cost)),
    ("saved", |entry| Value::number(entry.saved)),
    ("missing", |entry| json(&entry.missing().map(Meter::name).collect::<Vec<_>>())),
    ("price_version", |entry| Value::optional(entry.price_version.as_deref())),
    ("assumed", |entry| Value::Flag(entry.price_assumed)),
    ("output_limit_tokens", |entry| Value::optional_number(entry.output_limit_tokens)),
    ("response_id", |entry| Value::optional(entry.response_id.as_deref())),
    ("latency_ms", |entry| Value::optional_number(entry.latency_ms)),
    ("key", |entry| Value::optional(entry.attribution.key.as_deref())),
    ("user", |entry| Value::optional(entry.attribution.user.as_deref())),
    ("team", |entry| Value::optional(entry.attribution.team.as_deref())),
    ("project", |entry| Value::optional(entry.attribution.project.as_deref())),
    ("session", |entry| Value::optional(entry.attribution.session.as_deref())),
    ("tags", |entry| json(&entry.attribution.tags)),
    ("metadata", |entry| match &entry.attribution.metadata {
        Some(metadata) => Value::Json(metadata.as_str().into()),
        None => Value::Absent,
    }),
];

/// What is a list or an object in JSON, and that text in a cell.
fn json(value: &impl Serialize) -> Value<'static> {
    serde_json::to_string(value).map_or(Value::Absent, |text| Value::Json(text.into()))
}

/// An entry as JSON.
pub(crate) struct Document<'a>(pub &'a Entry);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIELDS.len()))?;
        for (name, of) in FIELDS {
            map.serialize_entry(name, &of(self.0))?;
        }
        map.end()
    }
}

struct Meters<'a>(&'a Entry);

impl Serialize for Meters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0.lines.iter().map(|line| (line.meter.name(), Decimal(line.quantity))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::samples::{entry, unpriced};

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
