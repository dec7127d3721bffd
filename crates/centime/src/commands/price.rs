//! `centime price`: what a usage costs.

use std::io::{Write, stdout};
use std::path::PathBuf;

use centime_core::meter::Meter;
use centime_core::money::{Quantity, TotalPicoUsd};
use centime_core::price::{Certainty, ServiceTier};
use centime_core::rating::Terms;
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use centime_engine::{Call, Priced, Pricer};

use super::charge::push_priced;
use super::options::OptionFlags;
use super::{names, price_events, quote};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Align, Table, dollars};

/// What a usage costs at each model, itemised
///
/// The meters are disjoint: `--input` is what is left of the prompt when cached, audio and image
/// tokens are taken out.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime price gpt-4o claude-sonnet-4-5 gemini-2.5-pro --input 100000 --output 5000
  centime price gpt-3.5-turbo --input 1000000 --at 2023-12-01
  centime price dall-e-3 --images 10 --size 1024x1792 --quality hd
  centime price gpt-5 claude-sonnet-4-5 --prompt prompt.txt --max-output 2000
  centime price --jsonl events.jsonl > charges.jsonl")]
pub(crate) struct Args {
    /// The models: `gpt-5`, or `openai/gpt-5`
    #[arg(value_name = "MODEL", required_unless_present = "jsonl", conflicts_with = "jsonl")]
    models: Vec<String>,

    /// Price usage events, one a line, from this file or standard input: one charge a line comes out
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    jsonl: Option<PathBuf>,

    /// The service tier: batch, flex, priority, …
    #[arg(long, value_name = "T")]
    service_tier: Option<String>,

    /// Where it was served, as the provider names it: `eu`, `us-east-1`, …
    #[arg(long, value_name = "R")]
    region: Option<String>,

    /// Part of a batch: the same as `--service-tier batch`
    #[arg(long)]
    batch: bool,

    /// When the call was made: a call is priced at the rates in force then
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// How many calls the usage stands for
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    requests: u32,

    #[command(flatten)]
    options: OptionFlags,

    #[command(flatten)]
    text: quote::Flags,

    #[command(flatten)]
    meters: MeterFlags,
}

/// A flag for every meter: `--cache-read 1000`.
#[derive(Debug, Default)]
struct MeterFlags(Usage);

impl clap::Args for MeterFlags {
    fn augment_args(command: clap::Command) -> clap::Command {
        let flag = |meter: &Meter| {
            let flag = clap::Arg::new(meter.name())
                .long(flag_name(*meter))
                .value_name("N")
                .help_heading("Meters")
                .allow_hyphen_values(true)
                .value_parser(quantity);
            match meter {
                Meter::CacheWrite5m => flag.visible_alias("cache-write"),
                _ => flag,
            }
        };
        let flags = Meter::ALL.iter().filter(|&&meter| meter != Meter::Reported).map(flag);
        command.args(flags)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for MeterFlags {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        let mut usage = Usage::default();
        for &meter in Meter::ALL.iter().filter(|&&meter| meter != Meter::Reported) {
            if let Some(&quantity) = matches.get_one::<Quantity>(meter.name()) {
                usage.add(meter, quantity).map_err(|error| {
                    clap::Error::raw(clap::error::ErrorKind::ValueValidation, format!("{error}\n"))
                })?;
            }
        }
        Ok(Self(usage))
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// `cache_read` is `--cache-read`. The names live as long as the program: there are few.
fn flag_name(meter: Meter) -> &'static str {
    static NAMES: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    let names = NAMES
        .get_or_init(|| Meter::ALL.iter().map(|meter| meter.name().replace('_', "-")).collect());
    let index = Meter::ALL.iter().position(|&known| known == meter);
    index.map_or(meter.name(), |index| &names[index])
}

fn quantity(text: &str) -> Result<Quantity, String> {
    let quantity: Quantity = text.replace('_', "").parse().map_err(|error| format!("{error}"))?;
    if quantity.is_negative() { Err("a quantity cannot be negative".into()) } else { Ok(quantity) }
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    match &args.jsonl {
        Some(path) => price_events::run(app, path),
        None => price_models(app, &mut app.pricer()?, args),
    }
}

fn price_models(app: &App, pricer: &mut Pricer, args: &Args) -> Outcome {
    let at = match &args.at {
        Some(text) => app.bound("at", text)?,
        None => app.now,
    };
    if let Some(tier) = &args.service_tier
        && ServiceTier::named(tier).is_none()
    {
        let tiers: Vec<_> = ServiceTier::ALL.iter().map(|tier| tier.name()).collect();
        let message = format!(
            "no rate card knows the service tier `{tier}`; the tiers are {}",
            tiers.join(", ")
        );
        return Err(Failure::Usage(message));
    }
    if let Some(path) = &args.text.prompt {
        let terms = Terms {
            tier: tier(args),
            region: args.region.as_deref(),
            options: &args.options.0,
            ..Terms::at(at)
        };
        let usage = &args.meters.0;
        let asked = quote::Asked { path, models: &args.models, usage, terms };
        return quote::run(app, pricer, &args.text, &asked);
    }
    let mut all = Vec::new();
    for model in &args.models {
        if let Err(unresolved) = pricer.resolve(None, model) {
            return Err(Failure::Usage(names::unresolved(pricer.book(), model, &unresolved)));
        }
        let call = Call {
            provider: None,
            model,
            served_model: None,
            service_tier: args.service_tier.as_deref(),
            region: args.region.as_deref(),
            options: &args.options.0,
            batch: args.batch,
            at,
            requests: args.requests,
            usage: &args.meters.0,
        };
        let priced = pricer.price(&call);
        all.push(priced.map_err(|error| Failure::Usage(format!("`{model}`: {error}")))?);
    }
    if args.meters.0.meters().is_empty() {
        output::hint("say what was used, such as `--input 100000 --output 5000`");
    }
    match app.format {
        Format::Json => print_array(&all, pricer.book().version()),
        Format::Csv => itemised(&all).print_csv(),
        Format::Table => side_by_side(&all, at).print(),
    }
}

fn tier(args: &Args) -> ServiceTier {
    let named = || args.service_tier.as_deref().and_then(ServiceTier::named);
    if args.batch { ServiceTier::Batch } else { named().unwrap_or_default() }
}

fn print_array(all: &[Priced], version: &str) -> Outcome {
    let mut out = vec![b'['];
    for (index, priced) in all.iter().enumerate() {
        out.extend_from_slice(if index > 0 { b",\n " } else { b"" });
        push_priced(&mut out, None, priced, version);
    }
    out.extend_from_slice(b"]\n");
    Ok(stdout().write_all(&out)?)
}

/// A row a charge line: what a spreadsheet adds up itself.
fn itemised(all: &[Priced]) -> Table {
    use Align::{Left, Right};
    let mut table = Table::new([
        ("provider", Left),
        ("model", Left),
        ("status", Left),
        ("meter", Left),
        ("quantity", Right),
        ("rate", Right),
        ("amount", Right),
    ]);
    for priced in all {
        let start = || {
            let provider = priced.provider().unwrap_or_default().to_owned();
            vec![provider, priced.model().to_owned(), priced.status.to_string()]
        };
        let Some(charge) = &priced.charge else {
            table.row([start(), vec![String::new(); 4]].concat());
            continue;
        };
        for line in &charge.lines {
            let cells = [
                line.meter.to_string(),
                line.quantity.to_string(),
                line.rate.to_string(),
                line.amount.to_string(),
            ];
            table.row([start(), cells.to_vec()].concat());
        }
        for (meter, quantity) in &charge.missing {
            let cells = [meter.to_string(), quantity.to_string(), String::new(), String::new()];
            table.row([start(), cells.to_vec()].concat());
        }
    }
    table
}

/// A column a model, a row a meter.
fn side_by_side(all: &[Priced], at: Timestamp) -> Table {
    let names = all.iter().map(|priced| (priced.model().to_owned(), Align::Right));
    let mut table = Table::new([(String::new(), Align::Left)].into_iter().chain(names));
    let mut row = |name: &str, cell: &dyn Fn(&Priced) -> String| {
        table.row([name.to_owned()].into_iter().chain(all.iter().map(cell)).collect());
    };
    row("provider", &|priced| priced.provider().unwrap_or("—").to_owned());
    for &meter in Meter::ALL {
        let is_used = |priced: &Priced| cell_of(priced, meter).is_some();
        if all.iter().any(is_used) {
            row(meter.name(), &|priced| cell_of(priced, meter).unwrap_or_default());
        }
    }
    row("rates", &|priced| rates_since(priced, at));
    let total = |priced: &Priced| match &priced.charge {
        Some(charge) => dollars(charge.amount.into()),
        None => "unpriced".to_owned(),
    };
    table.footer(["total".to_owned()].into_iter().chain(all.iter().map(total)).collect());
    table
}

fn cell_of(priced: &Priced, meter: Meter) -> Option<String> {
    let charge = priced.charge.as_ref()?;
    if let Some((_, quantity)) = charge.missing.iter().find(|(missing, _)| *missing == meter) {
        return Some(format!("{quantity} × no rate"));
    }
    let line = charge.lines.iter().find(|line| line.meter == meter)?;
    let amount = dollars(TotalPicoUsd::from(line.amount));
    let quantity = match line.quantity.as_whole() {
        Some(whole) => output::count(i128::from(whole)),
        None => line.quantity.to_string(),
    };
    let by_million = meter.is_input_token() || meter.is_output_token();
    let rate = match line.rate.scaled().checked_mul(1_000_000).filter(|_| by_million) {
        Some(scaled) => format!("${}/1M", centime_core::money::Rate::from_scaled(scaled)),
        None => format!("${}", line.rate),
    };
    let derived = if line.derived { " (derived)" } else { "" };
    Some(format!("{quantity} × {rate}{derived} = {amount}"))
}

fn rates_since(priced: &Priced, at: Timestamp) -> String {
    let Some(card) = priced.card() else {
        return "none".to_owned();
    };
    let from = card.from.to_string();
    let date = from.split('T').next().unwrap_or_default();
    match (priced.assumed, card.certainty) {
        (true, _) if card.from > at => format!("assumed: known from {date}"),
        (true, _) => "assumed: sold no more".to_owned(),
        (false, Certainty::Exact) => format!("since {date}"),
        (false, Certainty::Observed) => format!("seen {date}"),
    }
}
