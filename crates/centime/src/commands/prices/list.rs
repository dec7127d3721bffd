//! `centime prices list`: the models of the price book.

use std::collections::{BTreeMap, BTreeSet};

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::format::{Block, FormatError};
use centime_core::price::{
    Circumstances, Model, Options, PriceBook, ProviderBook, RateCard, ServiceTier,
};
use centime_core::time::Timestamp;
use serde::Serialize;

use super::rates::per_million;
use super::{Moment, damaged, sold_until};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Align, Decimal, Table, count, print_json};

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
    let at = args.moment.read(app)?;
    let book = app.price_book()?;
    let mut rows = select(&book, args, at)?;
    let found = rows.len();
    rows.truncate(args.limit.unwrap_or(found));
    match app.format {
        Format::Json => print_json(&rows)?,
        Format::Csv => csv(&rows).print_csv()?,
        Format::Table => table(&rows).print()?,
    }
    if found == 0 {
        output::note("no model is like that");
    } else if rows.len() < found {
        let (shown, found) = (rows.len(), count(i128::try_from(found).unwrap_or(i128::MAX)));
        output::note(&format!("{shown} of {found} models; `--limit` shows more"));
    }
    Ok(())
}

/// A model as it stands in the list.
#[derive(Serialize)]
struct Row {
    provider: String,
    model: String,
    mode: String,
    input_tokens_max: Option<u64>,
    output_tokens_max: Option<u64>,
    input_per_1m: Option<Decimal<Rate>>,
    output_per_1m: Option<Decimal<Rate>>,
    /// From when the rates hold.
    from: Option<String>,
    /// `exact` or `observed`.
    certainty: Option<&'static str>,
    /// Whether the rates are only assumed for the moment.
    assumed: bool,
    /// When it was last seen, where it is sold no more.
    sold_until: Option<String>,
}

impl Row {
    fn new(provider: &str, model: Model, at: Timestamp) -> Self {
        let (card, assumed) = model.card_at(at).unzip();
        let rate = |meter| card.and_then(|card| standard(card, meter, at)).map(Decimal);
        Self {
            provider: provider.to_owned(),
            input_per_1m: rate(Meter::Input),
            output_per_1m: rate(Meter::Output),
            from: card.map(|card| card.from.to_string()),
            certainty: card.map(|card| card.certainty.name()),
            assumed: assumed.unwrap_or(false),
            sold_until: sold_until(&model, at).map(|until| until.to_string()),
            input_tokens_max: model.limits.input_tokens_max,
            output_tokens_max: model.limits.output_tokens_max,
            mode: model.mode,
            model: model.name,
        }
    }

    /// What there is to know of it beside its figures.
    fn remark(&self) -> String {
        let date = |moment: &str| moment.trim_end_matches("T00:00:00Z").to_owned();
        match (&self.sold_until, &self.from) {
            (Some(until), _) => format!("sold until {}", date(until)),
            (None, None) => "no rates".to_owned(),
            (None, Some(from)) if self.assumed => {
                format!("known from {}", date(from))
            }
            (None, Some(_)) => String::new(),
        }
    }
}

/// The rate of a million, for a short prompt at the standard tier.
fn standard(card: &RateCard, meter: Meter, at: Timestamp) -> Option<Rate> {
    let tier = ServiceTier::Standard;
    let circumstances =
        Circumstances { tier, input_tokens: 0, at, region: None, options: Options::none() };
    per_million(card.rate(meter, &circumstances)?.rate)
}

/// The models that were asked for, the makers' first, then by provider and name.
fn select(book: &PriceBook, args: &Args, at: Timestamp) -> Result<Vec<Row>, Failure> {
    let mut providers: Vec<&ProviderBook> = match &args.provider {
        Some(name) => vec![book.provider(name).ok_or_else(|| no_provider(book, name))?],
        None => book.providers().iter().collect(),
    };
    providers.sort_by_key(|provider| (provider.header.makes.is_empty(), provider.name()));
    let part = args.part.as_ref().map(|part| part.to_lowercase());
    let mut rows = Vec::new();
    let mut modes = BTreeSet::new();
    for provider in providers {
        let (models, other_names) = read(provider).map_err(|error| damaged(&error))?;
        for model in models {
            let has_part = |name: &str, part: &str| {
                format!("{}/{name}", provider.name()).to_lowercase().contains(part)
            };
            let others = other_names.get(&model.name).map_or(&[][..], Vec::as_slice);
            let is_named = part.as_ref().is_none_or(|part| {
                has_part(&model.name, part) || others.iter().any(|name| has_part(name, part))
            });
            let is_wanted = args.mode.as_ref().is_none_or(|mode| *mode == model.mode);
            if !modes.contains(&model.mode) {
                modes.insert(model.mode.clone());
            }
            if is_named && is_wanted {
                rows.push(Row::new(provider.name(), model, at));
            }
        }
    }
    if let Some(mode) = args.mode.as_ref().filter(|mode| !modes.contains(*mode)) {
        let modes: Vec<String> = modes.into_iter().collect();
        let message = format!("no model has the mode `{mode}`; the modes are {}", modes.join(", "));
        return Err(Failure::Usage(message));
    }
    Ok(rows)
}

/// The other names of models, by their own.
type OtherNames = BTreeMap<String, Vec<String>>;

/// The models of a provider, sorted by name, and the other names of each.
fn read(provider: &ProviderBook) -> Result<(Vec<Model>, OtherNames), FormatError> {
    let mut models = Vec::new();
    let mut other_names = OtherNames::new();
    for block in provider.blocks() {
        match block? {
            Block::Model(model) => models.push(model),
            Block::Alias { name, target, .. } => other_names.entry(target).or_default().push(name),
        }
    }
    Ok((models, other_names))
}

fn no_provider(book: &PriceBook, name: &str) -> Failure {
    const FAR: usize = 2;
    let known = book.providers().iter().map(ProviderBook::name);
    let mut near: Vec<(usize, &str)> = known
        .map(|known| (strsim::osa_distance(known, name), known))
        .filter(|(distance, known)| *distance <= FAR || known.starts_with(name))
        .collect();
    near.sort_unstable();
    let near: Vec<String> = near.iter().take(5).map(|(_, known)| format!("`{known}`")).collect();
    let mut message = format!("the price book knows no provider `{name}`");
    if !near.is_empty() {
        message.push_str(&format!("\n  near it are {}", near.join(", ")));
    }
    Failure::Usage(message)
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
    let rate = |rate: &Option<Decimal<Rate>>| match rate {
        Some(Decimal(rate)) => format!("${rate}"),
        None => String::new(),
    };
    for row in rows {
        table.row(vec![
            row.provider.clone(),
            row.model.clone(),
            row.mode.clone(),
            limit(row.input_tokens_max),
            limit(row.output_tokens_max),
            rate(&row.input_per_1m),
            rate(&row.output_per_1m),
            row.remark(),
        ]);
    }
    table
}

fn csv(rows: &[Row]) -> Table {
    let columns = [
        "provider",
        "model",
        "mode",
        "input_tokens_max",
        "output_tokens_max",
        "input_per_1m",
        "output_per_1m",
        "from",
        "certainty",
        "assumed",
        "sold_until",
    ];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    let number = |tokens: Option<u64>| tokens.map(|n| n.to_string()).unwrap_or_default();
    let rate = |rate: &Option<Decimal<Rate>>| {
        rate.as_ref().map(|Decimal(rate)| rate.to_string()).unwrap_or_default()
    };
    for row in rows {
        table.row(vec![
            row.provider.clone(),
            row.model.clone(),
            row.mode.clone(),
            number(row.input_tokens_max),
            number(row.output_tokens_max),
            rate(&row.input_per_1m),
            rate(&row.output_per_1m),
            row.from.clone().unwrap_or_default(),
            row.certainty.unwrap_or_default().to_owned(),
            row.assumed.to_string(),
            row.sold_until.clone().unwrap_or_default(),
        ]);
    }
    table
}
