//! Keys as they are printed.

use centime_answers::keys::Shown;
use centime_core::key::Key;
use centime_core::time::Timestamp;

use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Table, print_json, print_text, visible};

/// What spreadsheets get, in this order; the last is the secret or the state.
const COLUMNS: [&str; 12] = [
    "id",
    "name",
    "user",
    "team",
    "project",
    "tags",
    "models",
    "role",
    "requests_per_minute",
    "tokens_per_minute",
    "created_at",
    "expires_at",
];

fn text(moment: Option<Timestamp>) -> Option<String> {
    moment.map(|moment| moment.to_string())
}

fn tags(key: &Key) -> String {
    let tags = key.tags.iter().map(|(name, value)| format!("{name}={value}"));
    tags.collect::<Vec<_>>().join(",")
}

/// The cells of a spreadsheet's row.
pub(super) fn cells(key: &Key, last: &str) -> Vec<String> {
    let plain = |value: &Option<String>| value.clone().unwrap_or_default();
    let rate = |rate: Option<u64>| rate.map(|rate| rate.to_string()).unwrap_or_default();
    vec![
        key.id.clone(),
        plain(&key.name),
        plain(&key.user),
        plain(&key.team),
        plain(&key.project),
        tags(key),
        key.models.join(","),
        key.role.to_string(),
        rate(key.requests_per_minute),
        rate(key.tokens_per_minute),
        key.created_at.to_string(),
        text(key.expires_at).unwrap_or_default(),
        last.to_owned(),
    ]
}

/// A table for spreadsheets, whose last column is this.
pub(super) fn spreadsheet(last: &'static str) -> Table {
    Table::new(COLUMNS.into_iter().chain([last]).map(|name| (name, Align::Left)))
}

/// Prints a key with its secret: the one time that it is seen.
pub(super) fn print_secret(app: &App, key: &Key, secret: &str, done: &str) -> Outcome {
    match app.format {
        Format::Json => print_json(&Shown::with_secret(key, secret)),
        Format::Csv => {
            let mut table = spreadsheet("key");
            table.row(cells(key, secret));
            table.print_csv()
        }
        Format::Table => {
            let name = key.name.as_deref().map(|name| format!(" `{}`", visible(name)));
            let name = name.unwrap_or_default();
            print_text(&format!(
                "The key{name} ({}) {done}. Its secret is shown this once and kept nowhere:\n\n  \
                 {secret}\n",
                key.id
            ))
        }
    }
}

/// What a key is for and what it may, in a few words.
pub(super) fn bound(key: &Key) -> String {
    let named = [("user", &key.user), ("team", &key.team), ("project", &key.project)];
    let mut words: Vec<String> = named
        .into_iter()
        .filter_map(|(what, value)| Some(format!("{what} {}", value.as_ref()?)))
        .collect();
    if !key.tags.is_empty() {
        words.push(tags(key));
    }
    words.join(", ")
}

/// What a key may call, and how often, in a few words.
pub(super) fn limits(key: &Key) -> String {
    let mut words = Vec::new();
    if !key.models.is_empty() {
        words.push(key.models.join(" "));
    }
    let rates = [(key.requests_per_minute, "requests"), (key.tokens_per_minute, "tokens")];
    for (rate, what) in rates {
        words.extend(rate.map(|rate| format!("{rate} {what}/min")));
    }
    words.join(", ")
}
