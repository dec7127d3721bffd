//! `centime report full`: the whole report in one.

use centime_core::time::Timestamp;
use centime_insight::{Analysis, Group, Order, Question, Scores};
use centime_ledger::{Dimension, EntryFilter, GroupKey, Sums};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::efficiency::{self, Found, ratio_cells, ratio_names};
use super::rows::{Answer, Document, FIGURES, analysis_table, cost_of};
use super::{NOTHING, times};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{
    Align, Table, Value, count, counted, percent, print_json, print_line, visible,
};

/// The most groups of a section.
const GROUPS_MAX: usize = 20;

/// A part of the report: its name in JSON and CSV, its title, and the groups of everything.
struct Section {
    name: &'static str,
    title: &'static str,
    found: Found,
}

/// The sections. The first are days, whose total is that of all.
const SECTIONS: [(&str, &str, GroupKey); 7] = [
    ("daily", "By day", GroupKey::Date),
    ("models", "By model", GroupKey::Dimension(Dimension::Model)),
    ("providers", "By provider", GroupKey::Dimension(Dimension::Provider)),
    ("users", "By user", GroupKey::Dimension(Dimension::User)),
    ("teams", "By team", GroupKey::Dimension(Dimension::Team)),
    ("projects", "By project", GroupKey::Dimension(Dimension::Project)),
    ("keys", "By key", GroupKey::Dimension(Dimension::Key)),
];

/// A share of the requests: its name in JSON, in words, and how many they are.
type Share = (&'static str, &'static str, fn(&Sums) -> i64);

/// What the figures leave out or do not know for sure.
const SHARES: [Share; 5] = [
    ("unpriced", "not fully priced", |sums| sums.unpriced_requests),
    ("estimated", "with an estimated usage", |sums| sums.estimated_requests),
    ("in_doubt", "in doubt", |sums| sums.in_doubt_requests),
    ("failed", "failed", |sums| sums.failed_requests),
    ("cached", "answered from a cache", |sums| sums.cached_requests),
];

/// Runs the report.
pub(super) fn run(app: &App, filter: &EntryFilter) -> Outcome {
    let ledger = app.ledger()?;
    let section = |(name, title, key): (&'static str, &'static str, GroupKey)| {
        let (order, limit) = match key {
            GroupKey::Date | GroupKey::Hour => (Order::Key, None),
            GroupKey::Dimension(_) => (Order::Cost, Some(GROUPS_MAX)),
        };
        let (zone, filter) = (app.zone.clone(), filter.clone());
        let question = Question { filter, by: vec![key], zone, order, limit };
        let analysis = Analysis::of(&ledger, &question)?;
        let scores = Scores::of(&ledger, &question, &analysis)?;
        Ok::<_, Failure>(Section { name, title, found: Found { analysis, scores } })
    };
    let sections = SECTIONS.into_iter().map(section).collect::<Result<Vec<_>, _>>()?;
    let [days, models, ..] = sections.as_slice() else { return Ok(()) };
    let report = Full { app, sections: &sections, days: &days.found, models: &models.found };
    match app.format {
        Format::Json => print_json(&report),
        Format::Csv => report.spreadsheet().print_csv(),
        Format::Table => report.print(),
    }
}

struct Full<'a> {
    app: &'a App,
    sections: &'a [Section],
    days: &'a Found,
    models: &'a Found,
}

impl Full<'_> {
    fn total(&self) -> &Sums {
        &self.days.analysis.total
    }

    fn print(&self) -> Outcome {
        self.print_head()?;
        if self.days.analysis.groups.is_empty() {
            return print_line(NOTHING);
        }
        for Section { title, found, .. } in self.sections {
            // A dimension that nothing here has a value of says nothing.
            let has_value = |group: &Group| group.key.iter().any(Option::is_some);
            if found.analysis.groups.iter().any(has_value) {
                print_title(title)?;
                times::print(self.app, &found.analysis)?;
                analysis_table(&found.analysis).print()?;
            }
        }
        print_title("Efficiency")?;
        efficiency::table(self.models).print()?;
        super::warn_of_gaps(self.total());
        Ok(())
    }

    /// The window, the total, and which part of it is not as sure as the rest.
    fn print_head(&self) -> Outcome {
        let heading = anstyle::Style::new().bold();
        let bound = |at: Option<Timestamp>, open: &str| {
            at.map_or_else(|| open.to_owned(), |at| at.to_string())
        };
        let (window, total) = (self.days.analysis.window, self.total());
        print_line(format_args!(
            "{heading}LLM cost{heading:#} from {} to {} ({})\n{} for {} and {}",
            bound(window.since, "the beginning"),
            bound(window.until, "now"),
            visible(&self.app.zone_name),
            cost_of(total),
            counted(total.requests.into(), ["request", "requests"]),
            counted(total.total_tokens(), ["token", "tokens"]),
        ))?;
        for (_, words, of) in SHARES {
            let requests = i128::from(of(total));
            if let Some(share) = percent(requests, total.requests.into()).filter(|_| requests > 0) {
                print_line(format_args!("{share} {words} ({})", count(requests)))?;
            }
        }
        Ok(())
    }

    /// One table of all: a row a group, under the section that it belongs to.
    fn spreadsheet(&self) -> Table {
        let is_scored = self.days.scores.is_some();
        let names = ["section", "group"].into_iter().chain(FIGURES.iter().map(|(name, _)| *name));
        let names = names.chain(ratio_names(is_scored));
        let mut table = Table::new(names.map(|name| (name, Align::Left)));
        let mut row = |section: &str, key: String, sums: &Sums, scored| {
            let figures = FIGURES.iter().map(|(_, of)| of(sums).cell());
            let cells = [section.to_owned(), key].into_iter().chain(figures);
            table.row(cells.chain(ratio_cells(sums, scored)).collect());
        };
        let scored = self.days.scores.as_ref().map(|scores| scores.total);
        row("total", String::new(), self.total(), scored);
        for Section { name, found, .. } in self.sections {
            for (Group { key, sums }, scored) in found.rows() {
                let key = key.into_iter().next().flatten().unwrap_or_default();
                row(name, key, &sums, scored);
            }
        }
        table
    }
}

fn print_title(title: &str) -> Outcome {
    let heading = anstyle::Style::new().bold();
    print_line(format_args!("\n{heading}{title}{heading:#}"))
}

impl Serialize for Full<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let window = self.days.analysis.window;
        map.serialize_entry("since", &window.since.map(|since| since.to_string()))?;
        map.serialize_entry("until", &window.until.map(|until| until.to_string()))?;
        map.serialize_entry("tz", &self.app.zone_name)?;
        map.serialize_entry("total", &Document::total(self.total()))?;
        map.serialize_entry("shares", &Shares(self.total()))?;
        for Section { name, found, .. } in self.sections {
            let answer = Answer { analysis: &found.analysis, zone: &self.app.zone_name };
            map.serialize_entry(name, &answer.groups())?;
        }
        map.serialize_entry("efficiency", &Efficiencies(self))?;
        map.end()
    }
}

/// What was had for the money, in all and by model.
struct Efficiencies<'a>(&'a Full<'a>);

impl Serialize for Efficiencies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let models = self.0.models;
        let answer = Answer { analysis: &models.analysis, zone: &self.0.app.zone_name };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("total", &models.document())?;
        map.serialize_entry("models", &models.documents(&answer))?;
        map.end()
    }
}

/// Shares of the requests, 0 to 1 to six decimals; `null` where there are none.
struct Shares<'a>(&'a Sums);

impl Serialize for Shares<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, _, of) in SHARES {
            let share = centime_insight::share(of(self.0).into(), self.0.requests.into());
            map.serialize_entry(name, &Value::optional_number(share))?;
        }
        map.end()
    }
}
