//! `centime config`: the configuration in force.

use std::path::Path;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::app::App;
use crate::cli::Format;
use crate::config::{Origin, Row};
use crate::failure::Outcome;
use crate::output::{Align, Table, print_json};

/// Prints the configuration in force, and where each value came from
///
/// Of a key or another secret it shows only that it is set, and from where. Where the file names a
/// variable of the environment that is not set, the gateway would not start, and this says so.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime config
  centime config --config /etc/centime.toml --format json")]
pub(crate) struct Args {}

/// Runs the command.
pub(crate) fn run(app: &App, _: &Args) -> Outcome {
    let rows = &app.config.rows;
    match app.format {
        Format::Json => print_json(&Document { app })?,
        Format::Table => table(app, rows).print()?,
        Format::Csv => table(app, rows).print_csv()?,
    }
    app.config.gateway().map(drop)
}

fn table(app: &App, rows: &[Row]) -> Table {
    let mut table = Table::new(["KEY", "VALUE", "FROM"].map(|name| (name, Align::Left)));
    for row in rows {
        table.row(vec![row.key.clone(), row.value.clone().cell(), from(app, &row.origin)]);
    }
    table
}

/// Where a value came from, in a few words.
fn from(app: &App, origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::File { line, variable } => {
            let file = app.config.file.as_deref().unwrap_or(Path::new("")).display();
            match variable {
                Some(name) => format!("{file}:{line}, environment {name}"),
                None => format!("{file}:{line}"),
            }
        }
        Origin::Environment(name) => format!("environment {name}"),
        Origin::Flag(name) => format!("flag {name}"),
    }
}

struct Document<'a> {
    app: &'a App,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let config = &self.app.config;
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("file", &config.file.as_ref().map(|file| file.display().to_string()))?;
        map.serialize_entry("settings", &config.rows.iter().map(Setting).collect::<Vec<_>>())?;
        map.end()
    }
}

struct Setting<'a>(&'a Row);

impl Serialize for Setting<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Row { key, value, origin } = self.0;
        let (from, line, name) = match origin {
            Origin::Default => ("default", None, None),
            Origin::File { line, variable } => ("file", Some(line), variable.as_deref()),
            Origin::Environment(name) => ("environment", None, Some(name.as_str())),
            Origin::Flag(name) => ("flag", None, Some(*name)),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("key", key)?;
        map.serialize_entry("value", value)?;
        map.serialize_entry("from", from)?;
        map.serialize_entry("line", &line)?;
        map.serialize_entry("name", &name)?;
        map.end()
    }
}
