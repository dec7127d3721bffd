//! `centime chart`: a picture of what was spent.

mod figures;
mod file;
mod words;

use std::path::PathBuf;

use centime_charts::{Bars, Chart, Size};
use centime_insight::{Analysis, Order, Question};
use centime_ledger::{Dimension, GroupKey};

use crate::app::App;
use crate::commands::conditions::Conditions;
use crate::commands::report::gaps;
use crate::commands::times;
use crate::failure::{Failure, Outcome};
use crate::output::{counted, note, say, visible};
use file::{Kind, Target};

/// A picture of what was spent: over time, or by whom and on what
///
/// Days and hours are columns, the largest models stacked; everything else is bars, the highest first.
/// The same figures as in `centime report`: what is labelled adds up to the total in the corner, and
/// requests that could not be priced are named below. A window without requests is a picture that says
/// so.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime chart daily --since 30d -o november.png
  centime chart models --where team=search --limit 10 -o models.svg
  centime chart hourly --since 24h --tz Europe/Paris -o today.png
  centime chart tag:app --since 2026-01-01 -o - > apps.svg")]
pub(crate) struct Args {
    /// daily, hourly, models, users, teams, projects, keys, providers, sessions or tag:NAME
    #[arg(value_name = "KIND", value_parser = subject)]
    subject: Subject,

    /// Where to draw it: a `.png` or a `.svg` file; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// What to draw on standard output, which has no name to tell it
    #[arg(long = "as", value_enum, value_name = "KIND")]
    kind: Option<Kind>,

    /// The most bars; the rest is one more, so that they still add up
    #[arg(long, value_name = "N", value_parser = bars())]
    limit: Option<u16>,

    /// Pixels across, of a PNG; an SVG has half as many units
    #[arg(long, value_name = "PIXELS", value_parser = pixels(), default_value = "1600")]
    width: u32,

    /// Pixels down; as many as the figures need by default
    #[arg(long, value_name = "PIXELS", value_parser = pixels())]
    height: Option<u32>,

    #[command(flatten)]
    conditions: Conditions,
}

/// How many bars there are when nobody says.
const BARS: u16 = 20;

fn bars() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(1..=i64::from(Bars::MAX))
}

fn pixels() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(i64::from(Size::MIN)..=i64::from(Size::MAX))
}

/// What a picture is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    /// Columns of days or hours.
    Times(centime_charts::Step),
    /// Bars by this.
    Groups(Dimension),
}

fn subject(name: &str) -> Result<Subject, String> {
    use centime_charts::Step;
    let groups = |dimension| Ok(Subject::Groups(dimension));
    match name {
        "daily" => Ok(Subject::Times(Step::Day)),
        "hourly" => Ok(Subject::Times(Step::Hour)),
        "models" => groups(Dimension::Model),
        "users" => groups(Dimension::User),
        "teams" => groups(Dimension::Team),
        "projects" => groups(Dimension::Project),
        "keys" => groups(Dimension::Key),
        "providers" => groups(Dimension::Provider),
        "sessions" => groups(Dimension::Session),
        _ => match name.strip_prefix("tag:").filter(|tag| !tag.is_empty()) {
            Some(tag) => groups(Dimension::Tag(tag.to_owned())),
            None => Err("choose daily, hourly, models, users, teams, projects, keys, providers, \
                         sessions or tag:NAME"
                .to_owned()),
        },
    }
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let target = Target::new(&args.output, args.kind)?;
    if matches!(args.subject, Subject::Times(_)) && args.limit.is_some() {
        let message = "--limit is for bars; days and hours have a column each".to_owned();
        return Err(Failure::Usage(message));
    }
    let filter = args.conditions.filter(app)?;
    let window = filter.window;
    let by = match &args.subject {
        Subject::Times(step) => {
            vec![times::group_key(*step), GroupKey::Dimension(Dimension::Model)]
        }
        Subject::Groups(dimension) => vec![GroupKey::Dimension(dimension.clone())],
    };
    let question = Question { filter, by, zone: app.zone.clone(), order: Order::Cost, limit: None };
    let ledger = app.ledger()?;
    let analysis = Analysis::of(&ledger, &question)?;
    let figure = match &args.subject {
        Subject::Times(step) => figures::columns(app, &analysis, window, *step)?,
        Subject::Groups(dimension) => {
            figures::bars(&analysis, dimension, args.limit.unwrap_or(BARS))
        }
    };
    let chart = Chart {
        title: words::title(&args.subject),
        subtitle: words::subtitle(app, &words::span(app, window, &figure), &args.conditions),
        notes: gaps(&analysis.total),
        figure,
    };
    if analysis.groups.is_empty() {
        note("no requests in this window; the picture says so");
    }
    let picture = chart.draw(Size { width: args.width, height: args.height });
    target.write(&picture, ledger.path())?;
    let undrawable = picture.undrawable();
    if target.kind == Kind::Png && undrawable > 0 {
        let characters = counted(
            i128::try_from(undrawable).unwrap_or(i128::MAX),
            ["character has", "characters have"],
        );
        note(&format!("{characters} no glyph here and are boxes in the PNG; an SVG keeps them"));
    }
    if let Some(path) = &target.path {
        say(format_args!("{}: drawn", visible(&path.display().to_string())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_have_the_names_of_reports() {
        for (name, expected) in [
            ("daily", Subject::Times(centime_charts::Step::Day)),
            ("hourly", Subject::Times(centime_charts::Step::Hour)),
            ("models", Subject::Groups(Dimension::Model)),
            ("keys", Subject::Groups(Dimension::Key)),
            ("tag:app", Subject::Groups(Dimension::Tag("app".to_owned()))),
        ] {
            assert_eq!(subject(name), Ok(expected), "{name}");
        }
        for wrong in ["total", "full", "tag:", "", "model"] {
            assert!(subject(wrong).is_err(), "{wrong}");
        }
    }
}
