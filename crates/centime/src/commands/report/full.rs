//! `centime report full`: the whole report in one.

use centime_answers::report::{Efficient, FIGURES, SHARES, Section};
use centime_core::time::Timestamp;
use centime_insight::Group;
use centime_ledger::{Raised, Sums};

use super::efficiency::{self, ratio_cells, ratio_names};
use super::rows::{analysis_table, cost_of};
use super::{NOTHING, times};
use crate::app::App;
use crate::failure::Outcome;
use crate::output::{Align, Table, count, counted, percent, print_line, visible};

/// Prints the report.
pub(super) fn print(app: &App, sections: &[Section], raised: &[Raised]) -> Outcome {
    let [Section { found: days, .. }, Section { found: models, .. }, ..] = sections else {
        return Ok(());
    };
    print_head(app, days)?;
    if days.analysis.groups.is_empty() {
        return print_line(NOTHING);
    }
    for Section { title, found, .. } in sections {
        // A dimension that nothing here has a value of says nothing.
        let has_value = |group: &Group| group.key.iter().any(Option::is_some);
        if found.analysis.groups.iter().any(has_value) {
            print_title(title)?;
            times::print(app, &found.analysis)?;
            analysis_table(&found.analysis).print()?;
        }
    }
    print_title("Efficiency")?;
    efficiency::table(models).print()?;
    if !raised.is_empty() {
        print_title("Alerts")?;
    }
    for Raised { alert, .. } in raised {
        print_line(format_args!("{}: {}", alert.severity, visible(&alert.message)))?;
    }
    super::warn_of_gaps(&days.analysis.total);
    Ok(())
}

/// The window, the total, and which part of it is not as sure as the rest.
fn print_head(app: &App, days: &Efficient) -> Outcome {
    let heading = anstyle::Style::new().bold();
    let bound =
        |at: Option<Timestamp>, open: &str| at.map_or_else(|| open.to_owned(), |at| at.to_string());
    let (window, total) = (days.analysis.window, &days.analysis.total);
    print_line(format_args!(
        "{heading}LLM cost{heading:#} from {} to {} ({})\n{} for {} and {}",
        bound(window.since, "the beginning"),
        bound(window.until, "now"),
        visible(&app.zone_name),
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
pub(super) fn spreadsheet(sections: &[Section]) -> Table {
    let days = sections.first().map(|section| &section.found);
    let is_scored = days.is_some_and(|days| days.scores.is_some());
    let names = ["section", "group"].into_iter().chain(FIGURES.iter().map(|field| field.name));
    let names = names.chain(ratio_names(is_scored));
    let mut table = Table::new(names.map(|name| (name, Align::Left)));
    let mut row = |section: &str, key: String, sums: &Sums, scored| {
        let figures = FIGURES.iter().map(|field| (field.of)(sums).cell());
        let cells = [section.to_owned(), key].into_iter().chain(figures);
        table.row(cells.chain(ratio_cells(sums, scored)).collect());
    };
    if let Some((total, scored)) = days.map(Efficient::total) {
        row("total", String::new(), total, scored);
    }
    for Section { name, found, .. } in sections {
        for (Group { key, sums }, scored) in efficiency::rows(found) {
            let key = key.into_iter().next().flatten().unwrap_or_default();
            row(name, key, &sums, scored);
        }
    }
    table
}

fn print_title(title: &str) -> Outcome {
    let heading = anstyle::Style::new().bold();
    print_line(format_args!("\n{heading}{title}{heading:#}"))
}
