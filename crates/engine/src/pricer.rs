//! Pricing a call: which model a name means, which card is in force, what the usage costs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use centime_core::entry::{AppliedCard, AppliedRate, PricingStatus};
use centime_core::price::{
    ANY_PROVIDER, Found, ModelRef, Options, PriceBook, RateCard, ServiceTier, Unresolved,
};
use centime_core::rating::{self, Charge, RatingError, Terms};
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use foldhash::fast::RandomState;

/// What the price of a call depends on.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The provider, where it was said.
    pub provider: Option<&'a str>,
    /// The model that was asked for.
    pub model: &'a str,
    /// The model that the provider named in its answer: where the book knows it, its price counts.
    pub served_model: Option<&'a str>,
    /// The tier that it was served in, in the provider's word.
    pub service_tier: Option<&'a str>,
    /// Where it was served, in the provider's word.
    pub region: Option<&'a str>,
    /// What its caller chose, beside what the model's name says.
    pub options: &'a Options,
    /// Whether it was part of a batch.
    pub batch: bool,
    /// When it was made.
    pub at: Timestamp,
    /// How many calls to charge for, where a provider charges for each: none for one that failed.
    pub requests: u32,
    /// What was used.
    pub usage: &'a Usage,
}

/// What a call cost, and by which card.
#[derive(Debug, Clone)]
pub struct Priced {
    asked: Asked,
    /// Whether the charge covers all that was used.
    pub status: PricingStatus,
    /// The charge; `None` where there is no rate card.
    pub charge: Option<Charge>,
    /// Whether the rates are assumed: the call is outside the card's known dates, was served in a
    /// tier that the card does not list, or chose an option that it lists with other values only.
    pub assumed: bool,
    /// Why there is no rate card.
    pub unresolved: Option<Unresolved>,
    found: Option<Arc<Found>>,
    card_index: usize,
    tier: ServiceTier,
}

/// Which model was asked for.
#[derive(Debug, Clone)]
enum Asked {
    /// One that the book knows.
    Known(Arc<Found>),
    /// Another, as it was said.
    Said { provider: Option<String>, model: String },
}

/// Prices calls from one book, remembering what names mean.
#[derive(Debug)]
pub struct Pricer {
    book: Arc<PriceBook>,
    /// By model, then by provider: looking a name up allocates nothing.
    names: HashMap<Box<str>, Vec<AtProvider>, RandomState>,
    /// How many resolutions are remembered.
    remembered: usize,
    cards: HashSet<Arc<AppliedCard>>,
}

type Resolution = Result<Arc<Found>, Unresolved>;
/// What a model's name means where this provider was said, or none.
type AtProvider = (Option<Box<str>>, Resolution);

/// How many names a pricer remembers: far more than there are models, and a bound for hostile input.
const NAMES_MAX: usize = 50_000;

impl Pricer {
    /// A pricer over a book, which several may share.
    #[must_use]
    pub fn new(book: impl Into<Arc<PriceBook>>) -> Self {
        Self { book: book.into(), names: HashMap::default(), remembered: 0, cards: HashSet::new() }
    }

    /// The book it prices from.
    #[must_use]
    pub fn book(&self) -> &PriceBook {
        &self.book
    }

    /// The model that a name means, as [`PriceBook::resolve`] has it.
    ///
    /// # Errors
    /// When the name means no model, or several.
    pub fn resolve(&mut self, provider: Option<&str>, model: &str) -> Resolution {
        let known = self.names.get(model).and_then(|known| {
            known.iter().find(|(of, _)| of.as_deref() == provider).map(|(_, resolution)| resolution)
        });
        if let Some(resolution) = known {
            return resolution.clone();
        }
        let resolution = self.book.resolve(ModelRef { provider, model }).map(Arc::new);
        if self.remembered >= NAMES_MAX {
            self.names.clear();
            self.remembered = 0;
        }
        self.remembered += 1;
        let known = self.names.entry(model.into()).or_default();
        known.push((provider.map(Into::into), resolution.clone()));
        resolution
    }

    /// Prices a call.
    ///
    /// # Errors
    /// When the charge is more than an entry can hold.
    pub fn price(&mut self, call: &Call<'_>) -> Result<Priced, RatingError> {
        let asked = self.resolve(call.provider, call.model);
        let named = match &asked {
            Ok(found) if found.provider != ANY_PROVIDER => Asked::Known(Arc::clone(found)),
            _ => self.as_named(call),
        };
        let mut priced = Priced::new(named, tier_of(call).unwrap_or_default());
        let served = self.served(call, priced.provider(), &asked);
        let found = match served.map_or(asked, Ok) {
            Ok(found) => found,
            Err(unresolved) => {
                priced.unresolved = Some(unresolved);
                return Ok(priced);
            }
        };
        if let Asked::Said { provider: provider @ None, .. } = &mut priced.asked
            && found.provider != ANY_PROVIDER
        {
            *provider = Some(found.provider.clone());
        }
        let Some((card_index, assumed)) = found.model.card_index_at(call.at) else {
            return Ok(priced);
        };
        let card = &found.model.cards[card_index];
        if card.rules().is_empty() {
            return Ok(priced);
        }
        let named;
        let options = match said_by_names(&priced.asked, &found) {
            None => call.options,
            Some(said) => {
                named = call.options.or(said);
                &named
            }
        };
        let terms = Terms {
            tier: priced.tier,
            at: call.at,
            region: call.region,
            options,
            requests: call.requests,
        };
        let charge = rating::rate(call.usage, card, terms)?;
        let is_whole = charge.missing.is_empty();
        priced.status = if is_whole { PricingStatus::Priced } else { PricingStatus::Partial };
        priced.assumed = assumed
            || tier_of(call).is_none_or(|tier| !card.lists_tier(tier))
            || !call.usage.meters().iter().all(|(meter, _)| card.lists_options(*meter, options));
        priced.card_index = card_index;
        priced.charge = Some(charge);
        priced.found = Some(found);
        Ok(priced)
    }

    /// A call that no price is asked for: what it used is kept, and what it cost is not known.
    #[must_use]
    pub fn unpriced(&mut self, call: &Call<'_>) -> Priced {
        let asked = match self.resolve(call.provider, call.model) {
            Ok(found) if found.provider != ANY_PROVIDER => Asked::Known(found),
            _ => self.as_named(call),
        };
        Priced::new(asked, tier_of(call).unwrap_or_default())
    }

    /// The model that the answer names, where the book knows it at the provider that was asked. A
    /// name that several providers have stays unanswered: the answer does not say which it was.
    fn served(
        &mut self,
        call: &Call<'_>,
        provider: Option<&str>,
        asked: &Resolution,
    ) -> Option<Arc<Found>> {
        let served = call.served_model.filter(|served| *served != call.model)?;
        match asked {
            Err(Unresolved::Ambiguous { .. }) => None,
            _ => self.resolve(provider, served).ok(),
        }
    }

    /// The provider and model as they were said, for a name that the book does not know.
    fn as_named(&self, call: &Call<'_>) -> Asked {
        let said = |provider, model: &str| Asked::Said { provider, model: model.to_owned() };
        let known = |name: &str| self.book.provider(name).map(|book| book.name().to_owned());
        if let Some(provider) = call.provider {
            let provider = known(provider).unwrap_or_else(|| provider.to_owned());
            return said(Some(provider), call.model);
        }
        match call.model.split_once('/').and_then(|(first, rest)| Some((known(first)?, rest))) {
            Some((provider, model)) => said(Some(provider), model),
            None => said(None, call.model),
        }
    }

    /// The card that a call was priced with, as an entry keeps it: one for all calls alike.
    pub fn applied_card(&mut self, priced: &Priced) -> Option<Arc<AppliedCard>> {
        let found = priced.found.as_ref()?;
        let charge = priced.charge.as_ref()?;
        let card = found.model.cards.get(priced.card_index)?;
        let applied = applied(found, card, priced.tier, charge);
        if let Some(kept) = self.cards.get(&applied) {
            return Some(Arc::clone(kept));
        }
        if self.cards.len() >= NAMES_MAX {
            self.cards.clear();
        }
        let applied = Arc::new(applied);
        self.cards.insert(Arc::clone(&applied));
        Some(applied)
    }
}

impl Priced {
    /// A call whose price is not known, yet.
    const fn new(asked: Asked, tier: ServiceTier) -> Self {
        Self {
            asked,
            status: PricingStatus::Unpriced,
            charge: None,
            assumed: false,
            unresolved: None,
            found: None,
            card_index: 0,
            tier,
        }
    }

    /// The provider, by the book's name where the book knows it.
    #[must_use]
    pub fn provider(&self) -> Option<&str> {
        match &self.asked {
            Asked::Known(found) => Some(&found.provider),
            Asked::Said { provider, .. } => provider.as_deref(),
        }
    }

    /// The model that was asked for, without its provider.
    #[must_use]
    pub fn model(&self) -> &str {
        match &self.asked {
            Asked::Known(found) => &found.name,
            Asked::Said { model, .. } => model,
        }
    }

    /// The card that the call was priced with.
    #[must_use]
    pub fn card(&self) -> Option<&RateCard> {
        self.found.as_ref()?.model.cards.get(self.card_index)
    }
}

/// What the name of a model states: the one that prices the call, else the one that was asked for.
fn said_by_names<'a>(asked: &'a Asked, found: &'a Found) -> Option<&'a Options> {
    let said = match asked {
        Asked::Known(asked) if found.options.is_empty() => &asked.options,
        _ => &found.options,
    };
    (!said.is_empty()).then_some(said)
}

/// The tier of a call; `None` where its name means none that a rate card knows.
fn tier_of(call: &Call<'_>) -> Option<ServiceTier> {
    match call.service_tier {
        _ if call.batch => Some(ServiceTier::Batch),
        None => Some(ServiceTier::Standard),
        Some(name) => ServiceTier::named(name),
    }
}

fn applied(found: &Found, card: &RateCard, tier: ServiceTier, charge: &Charge) -> AppliedCard {
    let rates = charge.lines.iter().map(|line| AppliedRate {
        meter: line.meter,
        rate: line.rate,
        rate_of: line.rate_of,
        derived: line.derived,
    });
    AppliedCard {
        provider: found.provider.clone(),
        model: found.model.name.clone(),
        from: card.from,
        certainty: card.certainty,
        source: card.source.clone(),
        tier,
        rates: rates.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::meter::Meter;
    use centime_core::money::Quantity;

    const BOOK: &str = "\
provider openai
maker

model gpt-nothing chat

model gpt-x chat
 from 2024-01-01 exact test
  input 1/1M
  input 0.5/1M tier=batch
  output 2/1M

model gpt-x-2024-06-01 chat
 from 2024-06-01 exact test
  input 3/1M
  output 4/1M
";

    fn usage() -> Usage {
        let mut usage = Usage::default();
        usage.add(Meter::Input, Quantity::whole(1_000_000)).unwrap();
        usage
    }

    fn call<'a>(model: &'a str, usage: &'a Usage) -> Call<'a> {
        Call {
            provider: None,
            model,
            served_model: None,
            service_tier: None,
            region: None,
            options: Options::none(),
            batch: false,
            at: "2024-07-01".parse().unwrap(),
            requests: 1,
            usage,
        }
    }

    #[test]
    fn the_served_model_prices_the_call_where_the_book_knows_it() {
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [BOOK]).unwrap());
        let usage = usage();
        for (served, expected) in [
            (None, "1"),
            (Some("gpt-x-2024-06-01"), "3"),
            (Some("gpt-x-2030-01-01"), "1"),
            (Some("gpt-x"), "1"),
        ] {
            let call = Call { served_model: served, ..call("gpt-x", &usage) };
            let priced = pricer.price(&call).unwrap();
            assert_eq!(priced.model(), "gpt-x");
            assert_eq!(priced.charge.unwrap().amount.to_string(), expected, "{served:?}");
        }
    }

    #[test]
    fn a_name_states_options_whatever_the_answer_is_called() {
        let book = "provider openai\nmaker\n\nmodel art x\n from 2024-01-01 exact test\n  \
                    images 1\n  images 2 quality=hd\n  images 3 quality=max\n\n\
                    alias hd/art art quality=hd\n";
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [book]).unwrap());
        let mut usage = Usage::default();
        usage.add(Meter::Images, Quantity::whole(1)).unwrap();
        let chosen: Options = "quality=max".parse().unwrap();
        for (model, served, options, expected) in [
            ("art", None, Options::none(), "1"),
            ("hd/art", None, Options::none(), "2"),
            ("hd/art", Some("art"), Options::none(), "2"),
            ("art", Some("hd/art"), Options::none(), "2"),
            // What the call itself says is closer to it than a name.
            ("hd/art", None, &chosen, "3"),
        ] {
            let call = Call { served_model: served, options, ..call(model, &usage) };
            let priced = pricer.price(&call).unwrap();
            assert_eq!(priced.charge.unwrap().amount.to_string(), expected, "{model} {served:?}");
            assert!(!priced.assumed);
        }
    }

    #[test]
    fn unknown_models_are_unpriced_and_keep_their_name() {
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [BOOK]).unwrap());
        let usage = usage();
        for (provider, model, expected) in [
            (None, "mystery", (None, "mystery")),
            (Some("openai"), "mystery", (Some("openai"), "mystery")),
            (None, "openai/mystery", (Some("openai"), "mystery")),
            (None, "someone/mystery", (None, "someone/mystery")),
            (None, "gpt-nothing", (Some("openai"), "gpt-nothing")),
        ] {
            let priced = pricer.price(&Call { provider, ..call(model, &usage) }).unwrap();
            assert_eq!((priced.provider(), priced.model()), expected);
            assert_eq!(priced.status, PricingStatus::Unpriced);
            assert!(priced.charge.is_none());
        }
    }

    #[test]
    fn an_answer_is_never_priced_at_another_provider() {
        let other =
            "provider other\n\nmodel shared chat\n from 2024-01-01 exact test\n  input 9/1M\n";
        let third =
            "provider third\n\nmodel shared chat\n from 2024-01-01 exact test\n  input 8/1M\n";
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [BOOK, other, third]).unwrap());
        let usage = usage();
        for (model, served, expected) in [
            ("other/mystery", "gpt-x", None),
            ("shared", "gpt-x", None),
            ("other/mystery", "shared", Some("9")),
            ("openai/mystery", "gpt-x", Some("1")),
        ] {
            let call = Call { served_model: Some(served), ..call(model, &usage) };
            let priced = pricer.price(&call).unwrap();
            let amount = priced.charge.map(|charge| charge.amount.to_string());
            assert_eq!(amount.as_deref(), expected, "{model} served as {served}");
        }
    }

    #[test]
    fn rates_of_a_tier_that_is_not_listed_are_assumed() {
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [BOOK]).unwrap());
        let usage = usage();
        for (tier, expected) in [
            (None, false),
            (Some("default"), false),
            (Some("Batch"), false),
            (Some("flex"), true),
            (Some("priorty"), true),
        ] {
            let call = Call { service_tier: tier, ..call("gpt-x", &usage) };
            assert_eq!(pricer.price(&call).unwrap().assumed, expected, "{tier:?}");
        }
    }

    #[test]
    fn a_batch_has_its_own_rates_and_one_card_serves_all_calls_alike() {
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [BOOK]).unwrap());
        let usage = usage();
        let batch = pricer.price(&Call { batch: true, ..call("gpt-x", &usage) }).unwrap();
        let tier = Call { service_tier: Some("batch"), ..call("openai/gpt-x", &usage) };
        let tier = pricer.price(&tier).unwrap();
        assert_eq!(batch.charge.as_ref().unwrap().amount.to_string(), "0.5");
        let first = pricer.applied_card(&batch).unwrap();
        assert!(Arc::ptr_eq(&first, &pricer.applied_card(&tier).unwrap()));
    }
}
