//! `centime prices list`: the models of the price book.

use centime_answers::prices::{Asked, FIELDS, Row, Unlisted};
use centime_core::money::Rate;

use super::{Moment, damaged};
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{self, Align, Table, count, print_json};

/// The models of the price book, with the standard rates of a million tokens
///
/// The makers of their own models come first, then who else sells them.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime prices list sonnet
  centime prices list --provider openai --mode embedding
  centime prices list gpt-4 --at 2024-06-01 --format csv")]
pub(super) struct Args {
    /// Only models with this in their name, or in another name they go by
    #[arg(value_name = "NAME-PART")]
    part: Option<String>,

    /// Only this provider's
    #[arg(long, value_name = "P")]
    provider: Option<String>,

    /// Only models that do this: chat, embedding, image_generation, …
    #[arg(long, value_name = "M")]
    mode: Option<String>,

    /// The most models to show; all by default
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    moment: Moment,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let found = args.asked().list(&app.price_book()?, &app.asking());
    let found = found.map_err(|unlisted| match unlisted {
        Unlisted::Wrong(wrong) => wrong.into(),
        Unlisted::Damaged(error) => damaged(&error),
    })?;
    let (rows, models) = (found.rows, found.models);
    match app.format {
        Format::Json => print_json(&rows)?,
        Format::Csv => csv(&rows).print_csv()?,
        Format::Table => table(&rows).print()?,
    }
    if models == 0 {
        output::note("no model is like that");
    } else if rows.len() < models {
        let (shown, models) = (rows.len(), count(i128::try_from(models).unwrap_or(i128::MAX)));
        output::note(&format!("{shown} of {models} models; `--limit` shows more"));
    }
    Ok(())
}

impl Args {
    fn asked(&self) -> Asked {
        let Self { part, provider, mode, limit, moment } = self;
        Asked {
            part: part.clone(),
            provider: provider.clone(),
            mode: mode.clone(),
            limit: *limit,
            at: moment.at.clone(),
        }
    }
}

/// What there is to know of a model beside its figures.
fn remark(row: &Row) -> String {
    let date = |moment: &str| moment.trim_end_matches("T00:00:00Z").to_owned();
    match (&row.sold_until, &row.from) {
        (Some(until), _) => format!("sold until {}", date(until)),
        (None, None) => "no rates".to_owned(),
        (None, Some(from)) if row.assumed => format!("known from {}", date(from)),
        (None, Some(_)) => String::new(),
    }
}

fn table(rows: &[Row]) -> Table {
    use Align::{Left, Right};
    let mut table = Table::new([
        ("provider", Left),
        ("model", Left),
        ("mode", Left),
        ("input limit", Right),
        ("output limit", Right),
        ("input/1M", Right),
        ("output/1M", Right),
        ("", Left),
    ]);
    let limit = |tokens: Option<u64>| tokens.map(|n| count(n.into())).unwrap_or_default();
    let rate = |rate: Option<Rate>| rate.map(|rate| format!("${rate}")).unwrap_or_default();
    for row in rows {
        table.row(vec![
            row.provider.clone(),
            row.model.clone(),
            row.mode.clone(),
            limit(row.input_tokens_max),
            limit(row.output_tokens_max),
            rate(row.input_per_1m),
            rate(row.output_per_1m),
            remark(row),
        ]);
    }
    table
}

fn csv(rows: &[Row]) -> Table {
    let mut table = Table::new(FIELDS.iter().map(|field| (field.name, Align::Left)));
    for row in rows {
        table.row(FIELDS.iter().map(|field| (field.of)(row).cell()).collect());
    }
    table
}
