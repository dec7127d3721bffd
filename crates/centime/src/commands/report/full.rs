//! `centime report full`: the whole report in one.

use centime_insight::{Analysis, Order, Question};
use centime_ledger::{Dimension, EntryFilter, GroupKey};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::rows::{Answer, Document, analysis_table, cost_of};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{counted, print_json, print_line, visible};

/// The most groups of a section.
const GROUPS_MAX: usize = 20;

struct Section {
    name: &'static str,
    title: &'static str,
    analysis: Analysis,
}

/// Runs the report.
pub(super) fn run(app: &App, filter: &EntryFilter) -> Outcome {
    let ledger = app.ledger()?;
    let ask = |key: GroupKey, order, limit| {
        let zone = app.zone.clone();
        let question = Question { filter: filter.clone(), by: vec![key], zone, order, limit };
        Analysis::of(&ledger, &question)
    };
    let by_cost = |dimension| ask(GroupKey::Dimension(dimension), Order::Cost, Some(GROUPS_MAX));
    let sections = [
        Section { name: "models", title: "By model", analysis: by_cost(Dimension::Model)? },
        Section { name: "users", title: "By user", analysis: by_cost(Dimension::User)? },
        Section {
            name: "daily",
            title: "By day",
            analysis: ask(GroupKey::Date, Order::Key, None)?,
        },
    ];
    match app.format {
        Format::Json => print_json(&Full { app, sections: &sections }),
        Format::Table => print(app, &sections),
        Format::Csv => {
            let message = "the full report is several tables; write each with `report models \
                           --format csv` and its like";
            Err(Failure::Usage(message.to_owned()))
        }
    }
}

fn print(app: &App, sections: &[Section]) -> Outcome {
    let heading = anstyle::Style::new().bold();
    for (index, section) in sections.iter().enumerate() {
        if index == 0 {
            let total = &section.analysis.total;
            let bound = |at: Option<centime_core::time::Timestamp>, open: &str| {
                at.map_or_else(|| open.to_owned(), |at| at.to_string())
            };
            let window = section.analysis.window;
            print_line(format_args!(
                "{heading}LLM cost{heading:#} from {} to {} ({})\n{} for {} and {}",
                bound(window.since, "the beginning"),
                bound(window.until, "now"),
                visible(&app.zone_name),
                cost_of(total),
                counted(total.requests.into(), ["request", "requests"]),
                counted(total.total_tokens(), ["token", "tokens"]),
            ))?;
        }
        print_line(format_args!("\n{heading}{}{heading:#}", section.title))?;
        analysis_table(&section.analysis).print()?;
    }
    if let Some(section) = sections.first() {
        super::warn_of_gaps(&section.analysis.total);
    }
    Ok(())
}

struct Full<'a> {
    app: &'a App,
    sections: &'a [Section],
}

impl Serialize for Full<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(Section { analysis, .. }) = self.sections.first() {
            let window = analysis.window;
            map.serialize_entry("since", &window.since.map(|since| since.to_string()))?;
            map.serialize_entry("until", &window.until.map(|until| until.to_string()))?;
            map.serialize_entry("tz", &self.app.zone_name)?;
            map.serialize_entry("total", &Document::total(&analysis.total))?;
        }
        for section in self.sections {
            let answer = Answer { analysis: &section.analysis, zone: &self.app.zone_name };
            map.serialize_entry(section.name, &answer.groups())?;
        }
        map.end()
    }
}
