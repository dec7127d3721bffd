//! `centime choose`: the model to use for a task, and why.

use centime_choice::{Ask, Candidate, Catalogue, Choice, Efficiency, Features, Kind, Offer};
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_core::score::Score;
use serde::Serialize;

use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Align, Decimal, Table, count, dollars, print_json, print_line, visible};

/// Choose the model for a task: good enough, within the budget, the cheapest of those
///
/// The task says by its words what it is about and how good a model it needs. Of the models that take the
/// prompt and fit the budget, the cheapest that is good enough is chosen; where none is good enough, the
/// best. Without a configured provider every model of the price book is looked at. Exit code 1 where none
/// fits the budget.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime choose --task \"Analyze this contract for risks\" --budget 0.05 --max-output-tokens 2000
  centime choose --task \"Quick summary of a letter\" --input-tokens 3000
  centime choose --task \"Refactor a parser\" --kind code --min-quality 0.8 --format json")]
pub(crate) struct Args {
    /// What the model is to do
    #[arg(long, value_name = "TEXT")]
    task: String,

    /// The tokens of the prompt; those of the task by default
    #[arg(long, value_name = "N")]
    input_tokens: Option<u64>,

    /// The most tokens that the answer may have; the model's own limit by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_output_tokens: Option<u64>,

    /// The most that the call may cost, in US dollars: a bound on its worst case
    #[arg(long, value_name = "USD", value_parser = budget)]
    budget: Option<PicoUsd>,

    /// What the task is about, if not what its words say
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,

    /// How good the model has to be, from 0 to 1, if not what the task's words say
    #[arg(long, value_name = "Q")]
    min_quality: Option<Score>,

    /// What the model has to be able to do beside text
    #[arg(long, value_name = "FEATURES", value_delimiter = ',')]
    needs: Vec<Need>,

    /// The most candidates to show; of a table 10 by default, else all
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// What a call may need of a model beside text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Need {
    /// Pictures in the prompt
    Images,
    /// Tools that the model may ask for
    Tools,
    /// An answer in JSON of a given schema
    Json,
}

/// How many candidates a person wants to see.
const SHOWN: usize = 10;

/// The answer in JSON; money is exact, in US dollars.
#[derive(Serialize)]
struct Document<'a> {
    model: &'a str,
    provider: &'a str,
    reason: &'a str,
    estimated_cost: Decimal<PicoUsd>,
    quality: Decimal<Score>,
    candidates: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    model: &'a str,
    provider: &'a str,
    estimated_cost: Decimal<PicoUsd>,
    quality: Decimal<Score>,
    efficiency: Option<Decimal<Efficiency>>,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    if args.task.trim().is_empty() {
        return Err(Failure::Usage(
            "the task is empty; say in a few words what the model is to do".to_owned(),
        ));
    }
    let choice = chosen(app, args)?;
    let limit = args.limit.or((app.format == Format::Table).then_some(SHOWN));
    let shown = &choice.candidates
        [..limit.map_or(choice.candidates.len(), |limit| limit.min(choice.candidates.len()))];
    match app.format {
        Format::Json => print_json(&document(&choice, shown))?,
        Format::Csv => csv(shown).print_csv()?,
        Format::Table => print(&choice, shown)?,
    }
    if choice.fits { Ok(()) } else { Err(Failure::No(choice.reason)) }
}

fn chosen(app: &App, args: &Args) -> Result<Choice, Failure> {
    let ask = Ask {
        kind: args.kind,
        quality_min: args.min_quality,
        input_tokens: args.input_tokens,
        output_tokens_max: args.max_output_tokens,
        budget: args.budget,
        features: Features {
            vision: args.needs.contains(&Need::Images),
            tools: args.needs.contains(&Need::Tools),
            json: args.needs.contains(&Need::Json),
        },
        ..Ask::new(&args.task, app.now)
    };
    let book = app.price_book()?;
    let configured: Vec<&str> =
        app.config.gateway()?.providers.keys().map(String::as_str).collect();
    let catalogue = Catalogue::of(&book, &app.qualities()?, |provider| {
        configured.is_empty()
            || configured
                .iter()
                .any(|name| provider.name() == *name || provider.header.is_named(name))
    });
    // Of the whole book, what the list has for nothing is nothing that anybody can just call.
    let is_open = |offer: &Offer| !configured.is_empty() || !offer.is_free(app.now);
    catalogue.choose(&ask, is_open).map_err(|error| {
        let configured = match configured.as_slice() {
            [] => String::new(),
            names => format!("; looked at were the models of {}", names.join(", ")),
        };
        Failure::No(format!("{error}{configured}"))
    })
}

fn budget(text: &str) -> Result<PicoUsd, String> {
    let budget: PicoUsd =
        text.parse().map_err(|error| format!("no amount of US dollars: {error}"))?;
    if budget < PicoUsd::ZERO {
        return Err("a budget is not below zero".to_owned());
    }
    Ok(budget)
}

fn document<'a>(choice: &'a Choice, shown: &'a [Candidate]) -> Document<'a> {
    let Candidate { model, provider, estimated_cost, quality, .. } = &choice.chosen;
    Document {
        model,
        provider,
        reason: &choice.reason,
        estimated_cost: Decimal(*estimated_cost),
        quality: Decimal(*quality),
        candidates: shown.iter().map(row).collect(),
    }
}

fn row(candidate: &Candidate) -> Row<'_> {
    Row {
        model: &candidate.model,
        provider: &candidate.provider,
        estimated_cost: Decimal(candidate.estimated_cost),
        quality: Decimal(candidate.quality),
        efficiency: candidate.efficiency().map(Decimal),
    }
}

fn csv(shown: &[Candidate]) -> Table {
    use Align::{Left, Right};
    let mut table = Table::new([
        ("model", Left),
        ("provider", Left),
        ("estimated_cost", Right),
        ("quality", Right),
        ("efficiency", Right),
    ]);
    for candidate in shown {
        let efficiency = candidate.efficiency();
        table.row(vec![
            candidate.model.clone(),
            candidate.provider.clone(),
            candidate.estimated_cost.to_string(),
            candidate.quality.to_string(),
            efficiency.map_or_else(String::new, |efficiency| efficiency.to_string()),
        ]);
    }
    table
}

/// The choice in a sentence, and the candidates beside each other.
fn print(choice: &Choice, shown: &[Candidate]) -> Outcome {
    use Align::{Left, Right};
    let Candidate { model, provider, estimated_cost, .. } = &choice.chosen;
    if choice.fits {
        print_line(format_args!("{}", visible(&format!("{provider}/{model}"))))?;
        print_line(format_args!("{}", visible(&choice.reason)))?;
        let cost = dollars(TotalPicoUsd::from(*estimated_cost));
        print_line(format_args!("expected to cost {cost}"))?;
        print_line("")?;
    }
    let mut table = Table::new([
        ("model", Left),
        ("provider", Left),
        ("quality", Right),
        ("known by", Left),
        ("expected", Right),
        ("at most", Right),
        ("quality/$", Right),
    ]);
    for candidate in shown {
        let most = candidate.worst_cost;
        let efficiency = candidate.efficiency().map(|efficiency| efficiency.to_string());
        table.row(vec![
            visible(&candidate.model).into_owned(),
            visible(&candidate.provider).into_owned(),
            candidate.quality.to_string(),
            candidate.known.name().to_owned(),
            dollars(TotalPicoUsd::from(candidate.estimated_cost)),
            most.map_or_else(|| "no limit".to_owned(), |most| dollars(TotalPicoUsd::from(most))),
            efficiency
                .as_deref()
                .and_then(|it| it.split('.').next())
                .unwrap_or_default()
                .to_owned(),
        ]);
    }
    if !shown.is_empty() {
        table.print()?;
    }
    let all = choice.candidates.len();
    if shown.len() < all {
        let all = count(i128::try_from(all).unwrap_or(i128::MAX));
        output::note(&format!("{} of {all} candidates; `--limit` shows more", shown.len()));
    }
    Ok(())
}
