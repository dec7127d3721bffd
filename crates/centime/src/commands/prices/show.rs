//! `centime prices show`: everything a rate card says.

use centime_answers::prices::sold_until;
use centime_core::money::Rate;
use centime_core::price::format::{Block, FormatError};
use centime_core::price::{ANY_PROVIDER, Certainty, Found, PriceBook, RateCard, RateRule};
use centime_core::time::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::rates::{CASE_COLUMNS, Case, unit};
use super::{Moment, damaged, date, date_of_card, find};
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{Align, Decimal, Table, count, print_json, print_text, visible};

/// All rates of a model and when they hold, their source, its limits and its other names
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime prices show gpt-4o
  centime prices show anthropic/claude-sonnet-4-5 --format json
  centime prices show o3 --at 2025-05-15")]
pub(super) struct Args {
    /// The model: `gpt-5`, or `openai/gpt-5`
    #[arg(value_name = "MODEL")]
    model: String,

    #[command(flatten)]
    moment: Moment,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let at = args.moment.read(app)?;
    let book = app.price_book()?;
    let found = find(&book, &args.model)?;
    let sheet = Sheet::new(&book, &found, at).map_err(|error| damaged(&error))?;
    match app.format {
        Format::Json => print_json(&sheet),
        Format::Csv => sheet.csv().print_csv(),
        Format::Table => {
            print_text(&sheet.head())?;
            if sheet.card.is_some_and(|card| !card.rules().is_empty()) {
                sheet.table().print()?;
            }
            print_text(&sheet.foot())
        }
    }
}

/// A model with the card in force at a moment.
struct Sheet<'a> {
    found: &'a Found,
    at: Timestamp,
    card: Option<&'a RateCard>,
    assumed: bool,
    /// The other names it goes by at its provider.
    aliases: Vec<String>,
    version: &'a str,
}

impl<'a> Sheet<'a> {
    fn new(book: &'a PriceBook, found: &'a Found, at: Timestamp) -> Result<Self, FormatError> {
        let (card, assumed) = found.model.card_at(at).unzip();
        let mut aliases = Vec::new();
        for block in book.provider(&found.provider).into_iter().flat_map(|book| book.blocks()) {
            match block? {
                Block::Alias { name, target, .. } if target == found.model.name => {
                    aliases.push(name);
                }
                _ => {}
            }
        }
        let assumed = assumed.unwrap_or(false);
        Ok(Self { found, at, card, assumed, aliases, version: book.version() })
    }

    fn rules(&self) -> &'a [RateRule] {
        self.card.map_or(&[], RateCard::rules)
    }

    /// What stands above the rates.
    fn head(&self) -> String {
        let bold = anstyle::Style::new().bold();
        let model = &self.found.model;
        let provider = match self.found.provider.as_str() {
            ANY_PROVIDER => "any provider".into(),
            provider => visible(provider),
        };
        let mut out = format!(
            "{bold}{}{bold:#}  {} at {provider}\n",
            visible(&model.name),
            visible(&model.mode),
        );
        let limits = [
            ("prompts up to", model.limits.input_tokens_max),
            ("answers up to", model.limits.output_tokens_max),
        ];
        let limits = limits.into_iter().filter_map(|(what, tokens)| {
            tokens.map(|tokens| format!("{what} {} tokens", count(tokens.into())))
        });
        let limits: Vec<String> = limits.collect();
        if !limits.is_empty() {
            out.push_str(&format!("{}\n", limits.join(", ")));
        }
        if !self.aliases.is_empty() {
            let aliases: Vec<String> =
                self.aliases.iter().map(|name| visible(name).into_owned()).collect();
            out.push_str(&format!("also called {}\n", aliases.join(", ")));
        }
        out.push_str(&self.standing());
        out.push('\n');
        out
    }

    /// Since when the card holds, how sure that is, and who says so.
    fn standing(&self) -> String {
        let Some(card) = self.card else {
            return "there is no rate card for it: what it costs is not known\n".to_owned();
        };
        let since = match card.certainty {
            Certainty::Exact => format!("rates since {} (exact)", date_of_card(card.from)),
            Certainty::Observed if card.from == Timestamp::EARLIEST => "undated rates".to_owned(),
            Certainty::Observed => format!("rates first seen {} (observed)", date(card.from)),
        };
        let mut out = format!("{since}; source: {}\n", visible(&card.source));
        if let Some(until) = sold_until(&self.found.model, self.at) {
            let until = date(until);
            out.push_str(&format!("sold no more: last seen {until}, its last rates are assumed\n"));
        } else if self.assumed {
            out.push_str(&format!("assumed for {}: no earlier rates are known\n", date(self.at)));
        }
        out
    }

    fn table(&self) -> Table {
        use Align::{Left, Right};
        let rules = self.rules();
        let has_threshold = rules.iter().any(|rule| rule.above_input_tokens > 0);
        let has_hours = rules.iter().any(|rule| rule.hours.is_some());
        let has_options = rules.iter().any(|rule| !rule.options.is_empty());
        let has_derived = rules.iter().any(|rule| rule.derived);
        let columns = [
            (true, "meter", Left),
            (true, "tier", Left),
            (has_threshold, "prompt over", Right),
            (true, "rate", Right),
            (has_hours, "hours (UTC)", Left),
            (has_options, "chosen", Left),
            (has_derived, "", Left),
        ];
        let shown = columns.iter().filter(|(shown, _, _)| *shown);
        let mut table = Table::new(shown.map(|(_, name, align)| (*name, *align)));
        for rule in rules {
            let threshold = match rule.above_input_tokens {
                0 => String::new(),
                tokens => count(tokens.into()),
            };
            let cells = [
                rule.meter.to_string(),
                rule.tier.to_string(),
                threshold,
                Case::of(rule).shown(rule.rate),
                rule.hours.as_ref().map(ToString::to_string).unwrap_or_default(),
                visible(&rule.options.to_string()).into_owned(),
                if rule.derived { "derived" } else { "" }.to_owned(),
            ];
            let shown = cells.into_iter().zip(&columns).filter(|(_, (shown, _, _))| *shown);
            table.row(shown.map(|(cell, _)| cell).collect());
        }
        table
    }

    /// What stands below the rates.
    fn foot(&self) -> String {
        let mut out = String::from("\n");
        for uplift in self.card.map_or(&[][..], |card| card.uplifts.as_slice()) {
            let region = visible(&uplift.region);
            out.push_str(&format!("in region {region} every token costs × {}\n", uplift.factor));
        }
        out.push_str(&format!("price version {}\n", self.version));
        out
    }

    fn csv(&self) -> Table {
        let columns = CASE_COLUMNS.into_iter().chain(["unit", "rate", "derived"]);
        let mut table = Table::new(columns.map(|name| (name, Align::Left)));
        for rule in self.rules() {
            let unit = unit(rule.meter).to_owned();
            let cells = [unit, rule.rate.to_string(), rule.derived.to_string()];
            table.row([&Case::of(rule).cells()[..], &cells].concat());
        }
        for uplift in self.card.map_or(&[][..], |card| card.uplifts.as_slice()) {
            let case = Case::Uplift { region: uplift.region.clone() };
            let cells = [String::new(), uplift.factor.to_string(), false.to_string()];
            table.row([&case.cells()[..], &cells].concat());
        }
        table
    }
}

impl Serialize for Sheet<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let model = &self.found.model;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("provider", &self.found.provider)?;
        map.serialize_entry("model", &model.name)?;
        map.serialize_entry("mode", &model.mode)?;
        map.serialize_entry("aliases", &self.aliases)?;
        map.serialize_entry("input_tokens_max", &model.limits.input_tokens_max)?;
        map.serialize_entry("output_tokens_max", &model.limits.output_tokens_max)?;
        let sold_until = sold_until(model, self.at).map(|until| until.to_string());
        map.serialize_entry("sold_until", &sold_until)?;
        map.serialize_entry("at", &self.at.to_string())?;
        map.serialize_entry("assumed", &self.assumed)?;
        map.serialize_entry("price_version", self.version)?;
        map.serialize_entry("card", &self.card.map(CardDocument))?;
        map.end()
    }
}

/// A rate card as JSON.
struct CardDocument<'a>(&'a RateCard);

impl Serialize for CardDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_card(&mut map, self.0)?;
        map.end()
    }
}

/// What a rate card says, as fields of a JSON object.
pub(super) fn serialize_card<M: SerializeMap>(
    map: &mut M,
    card: &RateCard,
) -> Result<(), M::Error> {
    let rates: Vec<RuleDocument<'_>> = card.rules().iter().map(RuleDocument).collect();
    let uplifts = card.uplifts.iter();
    let uplifts =
        uplifts.map(|uplift| Factor { region: &uplift.region, factor: Decimal(uplift.factor) });
    map.serialize_entry("from", &card.from.to_string())?;
    map.serialize_entry("certainty", card.certainty.name())?;
    map.serialize_entry("source", &card.source)?;
    map.serialize_entry("rates", &rates)?;
    map.serialize_entry("uplifts", &uplifts.collect::<Vec<_>>())
}

#[derive(serde::Serialize)]
struct Factor<'a> {
    region: &'a str,
    factor: Decimal<Rate>,
}

struct RuleDocument<'a>(&'a RateRule);

impl Serialize for RuleDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        Case::of(self.0).serialize_into(&mut map)?;
        map.serialize_entry("rate", &Decimal(self.0.rate))?;
        map.serialize_entry("derived", &self.0.derived)?;
        map.end()
    }
}
