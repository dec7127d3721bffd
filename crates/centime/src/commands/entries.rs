//! `centime entries`: rows of the ledger.

use centime_core::entry::{Entry, PricingStatus};
use centime_core::meter::Meter;
use centime_core::money::TotalPicoUsd;
use centime_ledger::{Entries, Page};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::conditions::Conditions;
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Decimal, Table, count, dollars, print_json};

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
        Format::Csv => table(&entries, |amount| amount.to_string()).print_csv(),
        Format::Table => table(&entries, dollars).print(),
    }
}

fn table(entries: &[Entry], money: impl Fn(TotalPicoUsd) -> String) -> Table {
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
        let cost = match entry.pricing_status {
            PricingStatus::Unpriced => String::new(),
            _ => money(entry.charge.into()),
        };
        table.row(vec![
            entry.id(),
            entry.at.to_string(),
            entry.status.to_string(),
            text(&entry.provider),
            entry.model.clone(),
            text(&entry.attribution.user),
            count(entry.input_tokens().into()),
            count(entry.output_tokens().into()),
            cost,
            entry.pricing_status.to_string(),
        ]);
    }
    table
}

/// An entry as JSON.
pub(crate) struct Document<'a>(pub &'a Entry);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = self.0;
        let attribution = &entry.attribution;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &entry.id())?;
        map.serialize_entry("uid", &entry.uid.to_string())?;
        map.serialize_entry("source", &entry.source)?;
        map.serialize_entry("at", &entry.at.to_string())?;
        map.serialize_entry("recorded_at", &entry.recorded_at.to_string())?;
        map.serialize_entry("adjusts", &entry.adjusts.map(|uid| uid.to_string()))?;
        map.serialize_entry("request_id", &entry.request_id)?;
        map.serialize_entry("attempt", &entry.attempt)?;
        map.serialize_entry("status", entry.status.name())?;
        map.serialize_entry("usage_source", entry.usage_source.name())?;
        map.serialize_entry("pricing_status", entry.pricing_status.name())?;
        map.serialize_entry("provider", &entry.provider)?;
        map.serialize_entry("model", &entry.model)?;
        map.serialize_entry("served_model", &entry.served_model)?;
        map.serialize_entry("service_tier", &entry.service_tier)?;
        map.serialize_entry("region", &entry.region)?;
        map.serialize_entry("batch", &entry.batch)?;
        map.serialize_entry("requests", &entry.requests)?;
        map.serialize_entry("input_tokens", &entry.input_tokens())?;
        map.serialize_entry("output_tokens", &entry.output_tokens())?;
        map.serialize_entry(
            "total_tokens",
            &(entry.input_tokens().saturating_add(entry.output_tokens())),
        )?;
        map.serialize_entry("meters", &Meters(entry))?;
        let cost = Some(Decimal(entry.charge));
        let cost = cost.filter(|_| entry.pricing_status != PricingStatus::Unpriced);
        map.serialize_entry("cost", &cost)?;
        map.serialize_entry("reported_cost", &entry.reported_cost.map(Decimal))?;
        map.serialize_entry("saved", &Decimal(entry.saved))?;
        map.serialize_entry("missing", &entry.missing().map(Meter::name).collect::<Vec<_>>())?;
        map.serialize_entry("price_version", &entry.price_version)?;
        map.serialize_entry("assumed", &entry.price_assumed)?;
        map.serialize_entry("output_limit_tokens", &entry.output_limit_tokens)?;
        map.serialize_entry("response_id", &entry.response_id)?;
        map.serialize_entry("latency_ms", &entry.latency_ms)?;
        map.serialize_entry("key", &attribution.key)?;
        map.serialize_entry("user", &attribution.user)?;
        map.serialize_entry("team", &attribution.team)?;
        map.serialize_entry("project", &attribution.project)?;
        map.serialize_entry("session", &attribution.session)?;
        map.serialize_entry("tags", &attribution.tags)?;
        let metadata = attribution.metadata.as_deref();
        let metadata = metadata.and_then(|json| serde_json::from_str::<&RawValue>(json).ok());
        map.serialize_entry("metadata", &metadata)?;
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
