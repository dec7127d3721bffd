//! `centime price --prompt`: what a text costs, as expected and at most.

use std::path::{Path, PathBuf};

use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_core::price::Found;
use centime_core::rating::{Charge, Terms};
use centime_core::usage::Usage;
use centime_engine::Pricer;
use centime_engine::quote::{Quote, QuoteTerms, is_quotable, quote};
use centime_tokens::{Count, Method, count};
use serde::Serialize;

use super::names;
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::input;
use crate::output::{self, Align, Decimal, Table, dollars, print_json};

/// What `price` is asked about a text.
#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    /// Quote a call that sends this file's text, or standard input's for `-`, as one user message
    ///
    /// Plain or gzipped, UTF-8, up to 64 MiB. The tokens are counted where the model's tokenizer is
    /// public and estimated elsewhere. Expected is an answer of `--output` tokens, or of 500; at most
    /// one of `--max-output`, or of the most that the model gives.
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Quote a text",
        conflicts_with_all = ["jsonl", "requests"]
    )]
    pub prompt: Option<PathBuf>,

    /// The most tokens that the answer to `--prompt` may have
    #[arg(long, value_name = "N", help_heading = "Quote a text", requires = "prompt")]
    max_output: Option<u64>,
}

/// One model's quote, with what it rests on.
struct Quoted {
    provider: String,
    model: String,
    count: Count,
    quote: Quote,
}

/// A text, and the call that would send it.
pub(crate) struct Asked<'a> {
    /// Where the text is.
    pub path: &'a Path,
    /// Whom it would be sent to.
    pub models: &'a [String],
    /// What was said of the meters: of them only the answer is open.
    pub usage: &'a Usage,
    /// On what terms.
    pub terms: Terms<'a>,
}

/// Prints what the text costs at each of the models.
pub(crate) fn run(app: &App, pricer: &mut Pricer, flags: &Flags, asked: &Asked<'_>) -> Outcome {
    let terms = QuoteTerms {
        terms: asked.terms,
        output_tokens_expected: expected_output(asked.usage)?,
        output_tokens_max: flags.max_output,
    };
    let mut found = Vec::new();
    for model in asked.models {
        found.push(pricer.resolve(None, model).map_err(|unresolved| {
            Failure::Usage(names::unresolved(pricer.book(), model, &unresolved))
        })?);
    }
    let text = input::read_text(asked.path, PROMPT_BYTES_MAX)?;
    let mut all = Vec::new();
    for found in found {
        let one = quoted(&found, &text, &terms)?;
        tell(&one, &found);
        all.push(one);
    }
    match app.format {
        Format::Json => {
            let version = pricer.book().version();
            print_json(&all.iter().map(|one| Document::of(one, version)).collect::<Vec<_>>())
        }
        Format::Csv => listed(&all, pricer.book().version()).print_csv(),
        Format::Table => side_by_side(&all).print(),
    }
}

/// The longest prompt that is read: many times what any model takes.
const PROMPT_BYTES_MAX: usize = 64 << 20;

/// What `--output` says. The other meters have no place beside a text: it is the whole prompt.
fn expected_output(usage: &Usage) -> Result<Option<u64>, Failure> {
    let other = usage.meters().iter().find(|(meter, _)| *meter != Meter::Output);
    if let Some((meter, _)) = other {
        let flag = meter.name().replace('_', "-");
        return Err(Failure::Usage(format!(
            "--{flag} beside --prompt: the text is all that goes in; of the meters only `--output`, \
             the answer expected, can be said"
        )));
    }
    let Some((_, quantity)) = usage.meters().first() else {
        return Ok(None);
    };
    let whole = quantity.as_whole().and_then(|whole| u64::try_from(whole).ok());
    whole.map(Some).ok_or_else(|| {
        Failure::Usage(format!("--output {quantity}: an answer is a whole number of tokens"))
    })
}

fn quoted(found: &Found, text: &str, terms: &QuoteTerms<'_>) -> Result<Quoted, Failure> {
    let count = count(&found.provider, &found.name, text);
    let quote = quote(found, &count, terms)
        .map_err(|error| Failure::Usage(format!("`{}`: {error}", found.name)))?;
    Ok(Quoted { provider: found.provider.clone(), model: found.name.clone(), count, quote })
}

/// Says beside the figures what they leave open.
fn tell(one: &Quoted, found: &Found) {
    let Quoted { model, quote, .. } = one;
    let limit = found.model.limits.input_tokens_max;
    let longest = output::count(i128::from(limit.unwrap_or_default()));
    if quote.fits_context == Some(false) {
        output::note(&format!(
            "`{model}` takes at most {longest} tokens, and the prompt is longer"
        ));
    } else if limit.is_some_and(|limit| quote.input_tokens_max > limit) {
        output::note(&format!(
            "`{model}` takes at most {longest} tokens, and the prompt may be longer"
        ));
    }
    let mode = found.model.mode.as_str();
    if !is_quotable(mode) {
        output::note(&format!(
            "`{model}` has no quote: its answers ({mode}) are not charged by tokens of text"
        ));
    } else if quote.expected.is_none() {
        output::note(&format!(
            "`{model}` has no quote: the price book has no rate for its input or its output"
        ));
    } else if quote.output_tokens_max.is_none() {
        output::note(&format!(
            "`{model}` has no limit of its own for the answer: say `--max-output N` to know what a \
             call costs at most"
        ));
    }
}

/// A quote in JSON; money is exact, in US dollars.
#[derive(Serialize)]
struct Document<'a> {
    provider: &'a str,
    model: &'a str,
    input_tokens: u64,
    input_tokens_max: u64,
    framing_tokens: u64,
    method: &'static str,
    vocabulary: Option<&'static str>,
    margin_percent: u64,
    basis: Option<&'static str>,
    output_tokens_expected: u64,
    output_tokens_max: Option<u64>,
    expected_cost: Option<Decimal<PicoUsd>>,
    max_cost: Option<Decimal<PicoUsd>>,
    fits_context: Option<bool>,
    assumed: bool,
    price_version: &'a str,
}

impl<'a> Document<'a> {
    fn of(one: &'a Quoted, price_version: &'a str) -> Self {
        let quote = &one.quote;
        let cost = |charge: &Option<Charge>| charge.as_ref().map(|charge| Decimal(charge.amount));
        let (vocabulary, basis) = match one.count.method {
            Method::Exact { vocabulary } => (Some(vocabulary.name()), None),
            Method::Approximate { basis, .. } => (None, Some(basis)),
        };
        Self {
            provider: &one.provider,
            model: &one.model,
            input_tokens: quote.input_tokens,
            input_tokens_max: quote.input_tokens_max,
            framing_tokens: quote.input_tokens.saturating_sub(one.count.tokens),
            method: one.count.method.name(),
            vocabulary,
            margin_percent: one.count.method.margin_percent(),
            basis,
            output_tokens_expected: quote.output_tokens_expected,
            output_tokens_max: quote.output_tokens_max,
            expected_cost: cost(&quote.expected),
            max_cost: cost(&quote.at_most),
            fits_context: quote.fits_context,
            assumed: quote.assumed,
            price_version,
        }
    }
}

/// A row a model, with the keys of the JSON.
fn listed(all: &[Quoted], version: &str) -> Table {
    use Align::{Left, Right};
    let mut table = Table::new([
        ("provider", Left),
        ("model", Left),
        ("input_tokens", Right),
        ("input_tokens_max", Right),
        ("framing_tokens", Right),
        ("method", Left),
        ("vocabulary", Left),
        ("margin_percent", Right),
        ("output_tokens_expected", Right),
        ("output_tokens_max", Right),
        ("expected_cost", Right),
        ("max_cost", Right),
        ("fits_context", Left),
        ("assumed", Left),
        ("price_version", Left),
    ]);
    let cost =
        |cost: Option<Decimal<PicoUsd>>| cost.map_or_else(String::new, |it| it.0.to_string());
    for one in all {
        let one = Document::of(one, version);
        table.row(vec![
            one.provider.to_owned(),
            one.model.to_owned(),
            one.input_tokens.to_string(),
            one.input_tokens_max.to_string(),
            one.framing_tokens.to_string(),
            one.method.to_owned(),
            one.vocabulary.unwrap_or_default().to_owned(),
            one.margin_percent.to_string(),
            one.output_tokens_expected.to_string(),
            one.output_tokens_max.map_or_else(String::new, |max| max.to_string()),
            cost(one.expected_cost),
            cost(one.max_cost),
            one.fits_context.map_or_else(String::new, |fits| fits.to_string()),
            one.assumed.to_string(),
            one.price_version.to_owned(),
        ]);
    }
    table
}

/// A column a model.
fn side_by_side(all: &[Quoted]) -> Table {
    let names = all.iter().map(|one| (one.model.clone(), Align::Right));
    let mut table = Table::new([(String::new(), Align::Left)].into_iter().chain(names));
    let mut row = |name: &str, cell: &dyn Fn(&Quoted) -> String| {
        table.row([name.to_owned()].into_iter().chain(all.iter().map(cell)).collect());
    };
    let tokens = |tokens: u64| output::count(i128::from(tokens));
    let cost = |charge: &Option<Charge>| match charge {
        Some(charge) => dollars(TotalPicoUsd::from(charge.amount)),
        None => "—".to_owned(),
    };
    row("provider", &|one| one.provider.clone());
    row("input", &|one| tokens(one.quote.input_tokens));
    row("counted", &|one| match one.count.method {
        Method::Exact { vocabulary } => format!("exactly, {vocabulary}"),
        Method::Approximate { margin_percent, .. } => format!("about, up to +{margin_percent} %"),
    });
    row("output expected", &|one| tokens(one.quote.output_tokens_expected));
    row("output at most", &|one| {
        one.quote.output_tokens_max.map_or_else(|| "no limit".to_owned(), tokens)
    });
    row("cost expected", &|one| cost(&one.quote.expected));
    let most = |one: &Quoted| cost(&one.quote.at_most);
    table.footer(["cost at most".to_owned()].into_iter().chain(all.iter().map(most)).collect());
    table
}
