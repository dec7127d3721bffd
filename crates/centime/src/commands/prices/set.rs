//! `centime prices set`: a price of one's own.

use centime_core::money::Rate;
use centime_core::price::format::parse_rate;
use centime_core::price::{
    ANY_PROVIDER, Found, Limits, Model, ModelRef, PriceBook, RateCard, RateRule, ServiceTier,
    Unresolved,
};
use centime_core::time::Timestamp;

use super::draft::{Current, Draft, Revised};
use super::offers::revised;
use super::shown::Shown;
use crate::app::App;
use crate::commands::names;
use crate::failure::{Failure, Outcome};
use crate::output::{self, visible};
use crate::rates::{bare_header, cards_with, meter_named, units, writable};

/// Sets rates of a model from a date on; all its other rates stay
///
/// What is set stands in the ledger and counts wherever it prices something. Of a model that the price
/// book knows, the named meters get one rate instead of all they had; from the date on, and with them
/// what was set before for later dates. A name that no provider has (`mystery-1`) holds wherever it is
/// called; `acme/mystery-1` is that of `acme` alone. Calls from before a model's first date are priced by
/// its earliest rates.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime prices set mystery-1 input=0.10 output=0.40 --per 1M
  centime prices set acme/llama-x input=0.10 output=0.40 cache-read=0.01 --per 1M --from 2026-01-01
  centime prices set gpt-4o web_search=0.01
  centime prices set gpt-5 input=0.50 --per 1M --service-tier flex

What was imported without a price gets one with `centime reprice`.")]
pub(super) struct Args {
    /// The model: `gpt-5`, or `openai/gpt-5`
    #[arg(value_name = "MODEL")]
    model: String,

    /// A meter (input, output, cache_read, …) and what one unit of it costs in US dollars
    #[arg(value_name = "METER=RATE", required = true)]
    rates: Vec<String>,

    /// How many units the rates are for: `1M`, `1K` or a number
    #[arg(long, value_name = "UNITS", default_value = "1", value_parser = units)]
    per: u64,

    /// From this moment on; now by default
    #[arg(long, value_name = "DATE")]
    from: Option<String>,

    /// The service tier that the rates are for, and no other: batch, flex, priority, …
    #[arg(long, value_name = "T")]
    service_tier: Option<String>,
}

/// Who says so, in the rate card.
const SOURCE: &str = "centime prices set";

/// How often it is tried beside others that set prices.
const ATTEMPTS: u32 = 20;

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let from = match &args.from {
        Some(text) => app.bound("from", text)?,
        None => app.second(),
    };
    let rates = rates(args)?;
    for _ in 0..ATTEMPTS {
        let current = Current::read(app)?;
        let (header, before, model) = set(&current.book, &args.model, &rates, from)?;
        let Some(model) = writable(&header, model) else {
            return Err(Failure::Usage(format!(
                "`{}` is no name that can be kept: it has no blanks and at most 256 bytes",
                args.model
            )));
        };
        let name = format!("{}/{}", header.provider, model.name);
        let revised: Vec<Revised> = revised(&header, before.as_ref(), &model).into_iter().collect();
        if revised.is_empty() {
            output::note(&format!("nothing changes: that is what `{name}` costs already"));
            return Shown::unmade(&revised, &current).print(app);
        }
        let draft = Draft { origin: "prices set".to_owned(), revised };
        let (book, revision) = current.with(&draft, app)?;
        if Current::keep(app, &revision)? {
            hint_at_per(args, &rates);
            match before {
                None => note_new(&current.book, &header.provider, &args.model),
                Some(_) if !name.ends_with(&args.model) => {
                    output::note(&format!("`{}` means `{name}`", args.model));
                }
                Some(_) => {}
            }
            let shown = Shown::unmade(&draft.revised, &current);
            return shown.made(book.version(), revision.number).print(app);
        }
    }
    Err(Failure::Environment("others set prices all the time; try again".to_owned()))
}

/// The model as it is and as it will be, with the header of its provider.
fn set(
    book: &PriceBook,
    name: &str,
    rates: &[RateRule],
    from: Timestamp,
) -> Result<(centime_core::price::format::Header, Option<Model>, Model), Failure> {
    match book.resolve(ModelRef { provider: None, model: name }) {
        Ok(Found { provider, model, .. }) => {
            let cards = RateCard::without_repeats(cards_with(&model, rates, from, SOURCE));
            let until = model.until.filter(|&until| until > from);
            let after = Model { cards, until, ..model.clone() };
            Ok((bare_header(&provider), Some(model), after))
        }
        Err(Unresolved::Unknown { .. }) => {
            let (header, model) = new_model(book, name);
            let mut model = Model { cards: cards_with(&model, rates, from, SOURCE), ..model };
            model.cards.truncate(1);
            Ok((header, None, model))
        }
        Err(unresolved @ Unresolved::Ambiguous { .. }) => Err(Failure::Usage(format!(
            "{unresolved}; or `{ANY_PROVIDER}/{name}` wherever it is called without a provider"
        ))),
        Err(unresolved @ Unresolved::Damaged { .. }) => {
            Err(Failure::Environment(unresolved.to_string()))
        }
    }
}

/// A model that the book does not know, and its provider.
fn new_model(book: &PriceBook, name: &str) -> (centime_core::price::format::Header, Model) {
    let (provider, model) = name.split_once('/').unwrap_or((ANY_PROVIDER, name));
    let known = book.provider(provider).map(centime_core::price::ProviderBook::name);
    let mut header = bare_header(known.unwrap_or(provider));
    if provider == ANY_PROVIDER {
        header.makes.push(String::new());
    }
    let mode = "chat".to_owned();
    let name = model.to_owned();
    (header, Model { name, mode, limits: Limits::default(), until: None, cards: Vec::new() })
}

/// A name nobody knew may be a slip of the pen.
fn note_new(book: &PriceBook, provider: &str, name: &str) {
    if provider == ANY_PROVIDER {
        output::note(&format!(
            "no provider has `{name}`: these rates hold wherever it is called; \
             `PROVIDER/{name}` sets those of one provider"
        ));
    }
    let near = names::near(book, name);
    if !near.is_empty() {
        output::hint(&format!("if you meant another model, near it are {}", near.join(", ")));
    }
}

/// The rates as the command line gives them.
fn rates(args: &Args) -> Result<Vec<RateRule>, Failure> {
    let tier = match args.service_tier.as_deref() {
        None => ServiceTier::Standard,
        Some(name) => ServiceTier::named(name).ok_or_else(|| {
            let tiers: Vec<_> = ServiceTier::ALL.iter().map(|tier| tier.name()).collect();
            Failure::Usage(format!(
                "no rate card knows the service tier `{name}`; the tiers are {}",
                tiers.join(", ")
            ))
        })?,
    };
    let mut rates: Vec<RateRule> = Vec::new();
    for text in &args.rates {
        let wrong = |what: String| Failure::Usage(format!("`{text}`: {what}"));
        let (meter, rate) = text
            .split_once('=')
            .ok_or_else(|| wrong("write METER=RATE, such as `input=0.10`".to_owned()))?;
        let meter = meter_named(meter.trim()).map_err(wrong)?;
        let rate = rate.trim().trim_start_matches('$');
        let rate = match rate.split_once('/') {
            Some(_) if args.per != 1 => Err("it says for how many units; leave `--per` out".into()),
            Some(_) => parse_rate(rate),
            None => Rate::per(rate, args.per).map_err(|error| error.to_string()),
        };
        let rule = RateRule { tier, ..RateRule::standard(meter, rate.map_err(wrong)?) };
        if rates.iter().any(|other| other.meter == meter) {
            return Err(wrong(format!("`{meter}` has a rate already")));
        }
        rates.push(rule);
    }
    Ok(rates)
}

/// Nobody sells tokens at a cent each.
fn hint_at_per(args: &Args, rates: &[RateRule]) {
    let dear = Rate::ONE.scaled() / 100;
    let is_dear = |rule: &&RateRule| rule.meter.is_token() && rule.rate.scaled() >= dear;
    if let Some(rule) = rates.iter().find(is_dear).filter(|_| args.per == 1) {
        output::hint(&format!(
            "that is ${} a token of `{}`; did you mean `--per 1M`? Then set it again",
            rule.rate,
            visible(rule.meter.name())
        ));
    }
}

#[cfg(test)]
mod tests {
    use centime_core::meter::Meter;

    use super::*;

    const BOOK: &str = "\
provider acme
maker

model big chat until=2026-06-01
 from 2024-01-01 exact launch
  input 1/1M
  input 2/1M above=1000
  input 0.5/1M tier=batch
  output 4/1M
  uplift 1.1 region=eu
 from 2025-01-01 exact cut
  input 1/1M
  output 3/1M
";

    #[test]
    fn only_what_is_named_changes_from_the_date_on() {
        let book = PriceBook::from_texts("v", [BOOK]).unwrap();
        let rule = |tier| RateRule {
            tier,
            ..RateRule::standard(Meter::Input, Rate::per("9", 1_000_000).unwrap())
        };
        let after = |tier, from: &str| {
            let (_, before, after) =
                set(&book, "big", &[rule(tier)], from.parse().unwrap()).unwrap();
            let until = after.until.map(|until| until.to_string());
            (before.unwrap().succeeded_by(after), until)
        };
        let rates = |model: &Model, at: &str| {
            let (card, _) = model.card_at(at.parse().unwrap()).unwrap();
            let rules = card.rules().iter();
            let written = rules.map(|rule| {
                format!("{} {} {}", rule.meter, rule.tier, rule.rate.scaled() / 10_u128.pow(17))
            });
            (written.collect::<Vec<_>>(), card.uplifts.len())
        };
        let (standard, until) = after(ServiceTier::Standard, "2024-06-01");
        assert_eq!(until.as_deref(), Some("2026-06-01T00:00:00Z"));
        assert_eq!(rates(&standard, "2024-05-31").0.len(), 4);
        let set = ["input standard 90", "output standard 40"].map(str::to_owned).to_vec();
        assert_eq!(rates(&standard, "2024-06-01"), (set, 1));
        let set = ["input standard 90", "output standard 30"].map(str::to_owned).to_vec();
        assert_eq!(rates(&standard, "2025-06-01"), (set, 0));
        let (flex, _) = after(ServiceTier::Flex, "2024-06-01");
        assert_eq!(rates(&flex, "2024-06-01").0.len(), 5);
        assert_eq!(after(ServiceTier::Standard, "2026-07-01").1, None);
    }
}
