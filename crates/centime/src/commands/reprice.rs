//! `centime reprice`: what is in the ledger, at the prices that are known now.

use centime_core::money::TotalPicoUsd;
use centime_engine::reprice::{ModelRepriced, Repriced, Repricing, reprice};
use centime_ledger::sqlite::SqliteLedger;
use serde::Serialize;

use super::conditions::Conditions;
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{
    self, Align, Consent, Decimal, Progress, Table, count, counted, dollars, print_json,
};

/// Prices what had no price, by adjustments; no entry is changed
///
/// Entries that are `unpriced` or `partial` are priced at the rates now known for their moment: what was
/// set with `centime prices set`, imported, or came with a newer Centime. An adjustment carries the
/// difference. With `--all` every entry gets the present price for its moment. Left as they are: answers
/// from a cache, charges that the source reported, and entries that would lose a price they have. On a
/// terminal you are asked first.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime prices set mystery-1 input=0.10 output=0.40 --per 1M
  centime reprice --dry-run
  centime reprice --yes
  centime reprice --all --since 2026-11-01 --where model=gpt-5")]
pub(crate) struct Args {
    /// Reprice all entries, not only those that leave something out
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    consent: Consent,

    #[command(flatten)]
    conditions: Conditions,
}

/// Of how many models it is said why some of their entries have no price.
const NOTED_MAX: usize = 20;

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let filter = args.conditions.filter(app)?;
    let work = |dry_run| Repricing { filter: filter.clone(), all: args.all, dry_run, now: app.now };
    if args.consent.dry_run {
        return show(app, &reprice_all(app, app.ledger()?, &work(true))?, true);
    }
    if args.consent.is_asked() {
        let planned = reprice_all(app, app.ledger()?, &work(true))?;
        let repriced = planned.total().repriced;
        if repriced == 0 {
            return show(app, &planned, false);
        }
        let is_for_people = app.format == Format::Table;
        if is_for_people {
            show(app, &planned, true)?;
        } else {
            output::say(summary(&planned, true));
        }
        args.consent.ask(&format!("append {}?", adjustments(repriced)))?;
        if is_for_people {
            let done = reprice_all(app, app.ledger_for_writing()?, &work(false))?;
            output::say(summary(&done, false));
            return Ok(());
        }
    } else {
        // A ledger that is not there is not made.
        drop(app.ledger()?);
    }
    show(app, &reprice_all(app, app.ledger_for_writing()?, &work(false))?, false)
}

fn reprice_all(app: &App, mut ledger: SqliteLedger, work: &Repricing) -> Result<Repriced, Failure> {
    let mut pricer = app.pricer()?;
    let mut progress = Progress::new();
    progress.style("{spinner} {human_pos} entries looked at");
    let repriced = reprice(&mut ledger, &mut pricer, work, &mut |entries| {
        progress.step();
        progress.bar().set_position(entries);
    });
    Ok(repriced?)
}

fn show(app: &App, repriced: &Repriced, is_dry: bool) -> Outcome {
    match app.format {
        Format::Json => print_json(&Document::new(repriced, is_dry)),
        Format::Csv => spreadsheet(repriced).print_csv(),
        Format::Table => {
            if !repriced.models.is_empty() {
                table(repriced).print()?;
            }
            output::say(summary(repriced, is_dry));
            note_gaps(repriced);
            Ok(())
        }
    }
}

fn adjustments(number: u64) -> String {
    counted(number.into(), ["adjustment", "adjustments"])
}

/// What was done, or would be, in words.
fn summary(repriced: &Repriced, is_dry: bool) -> String {
    let total = repriced.total();
    let ModelRepriced { before, after, still_unpriced, .. } = total;
    let done = if is_dry { "would be repriced" } else { "repriced" };
    let entries = counted(total.repriced.into(), ["entry", "entries"]);
    let mut text = format!(
        "{entries} {done}, {} unchanged: {} → {}",
        count(total.unchanged.into()),
        dollars(before),
        dollars(after)
    );
    if still_unpriced > 0 {
        let still = counted(still_unpriced.into(), ["entry leaves", "entries leave"]);
        text.push_str(&format!("; {still} something out that has no price"));
    }
    text
}

/// Says why some entries leave something out: of each model the last reason.
fn note_gaps(repriced: &Repriced) {
    let gaps = repriced.models.iter().filter(|(_, found)| found.still_unpriced > 0);
    for ((_, model), found) in gaps.take(NOTED_MAX) {
        let entries = counted(found.still_unpriced.into(), ["entry", "entries"]);
        let reason = found.reason.as_deref().unwrap_or_default();
        output::note(&format!("{entries} of `{model}` still without a price: {reason}"));
    }
}

/// What people read.
fn table(repriced: &Repriced) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("provider", Left),
        ("model", Left),
        ("repriced", Right),
        ("unchanged", Right),
        ("before", Right),
        ("after", Right),
        ("still unpriced", Right),
    ];
    let mut table = Table::new(columns);
    for ((provider, model), found) in &repriced.models {
        table.row(vec![
            provider.clone().unwrap_or_else(|| "—".to_owned()),
            model.clone(),
            count(found.repriced.into()),
            count(found.unchanged.into()),
            dollars(found.before),
            dollars(found.after),
            count(found.still_unpriced.into()),
        ]);
    }
    table
}

/// What spreadsheets read: the models of JSON.
fn spreadsheet(repriced: &Repriced) -> Table {
    let columns = [
        "provider",
        "model",
        "repriced",
        "unchanged",
        "still_unpriced",
        "before",
        "after",
        "reason",
    ];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for ((provider, model), found) in &repriced.models {
        table.row(vec![
            provider.clone().unwrap_or_default(),
            model.clone(),
            found.repriced.to_string(),
            found.unchanged.to_string(),
            found.still_unpriced.to_string(),
            found.before.to_string(),
            found.after.to_string(),
            found.reason.clone().unwrap_or_default(),
        ]);
    }
    table
}

#[derive(Serialize)]
struct Document<'a> {
    dry_run: bool,
    #[serde(flatten)]
    total: Figures,
    models: Vec<Model<'a>>,
}

#[derive(Serialize)]
struct Model<'a> {
    provider: Option<&'a str>,
    model: &'a str,
    #[serde(flatten)]
    figures: Figures,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Figures {
    repriced: u64,
    unchanged: u64,
    still_unpriced: u64,
    before: Decimal<TotalPicoUsd>,
    after: Decimal<TotalPicoUsd>,
}

impl Figures {
    fn of(found: &ModelRepriced) -> Self {
        Self {
            repriced: found.repriced,
            unchanged: found.unchanged,
            still_unpriced: found.still_unpriced,
            before: Decimal(found.before),
            after: Decimal(found.after),
        }
    }
}

impl<'a> Document<'a> {
    fn new(repriced: &'a Repriced, dry_run: bool) -> Self {
        let model =
            |((provider, model), found): (&'a (Option<String>, String), &'a ModelRepriced)| {
                let (provider, reason) = (provider.as_deref(), found.reason.as_deref());
                Model { provider, model, figures: Figures::of(found), reason }
            };
        let models = repriced.models.iter().map(model).collect();
        Self { dry_run, total: Figures::of(&repriced.total()), models }
    }
}
