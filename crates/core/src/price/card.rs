//! A rate card: the rates of one model at one provider, from a date, under conditions.

use std::str::FromStr;

use super::options::{OptionKey, Options};
use super::rule::{Circumstances, RateRule, Uplift};
use super::tier::ServiceTier;
use crate::meter::Meter;
use crate::money::Rate;
use crate::time::Timestamp;

/// How well the date of a rate card is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// The provider's own announcement.
    Exact,
    /// The first time it was seen in a public price map: it took effect by then.
    Observed,
}

impl Certainty {
    /// The word in the price book.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Observed => "observed",
        }
    }
}

impl FromStr for Certainty {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "exact" => Ok(Self::Exact),
            "observed" => Ok(Self::Observed),
            _ => Err(()),
        }
    }
}

/// A rate that was found for a meter, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResolvedRate {
    /// The price of one unit.
    pub rate: Rate,
    /// Whose rate it is: the meter itself, or the ancestor that stands in for it.
    pub of: Meter,
    /// Whether the rate was worked out, not listed.
    pub derived: bool,
}

/// The rates of one model at one provider from a date on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RateCard {
    /// From when these rates hold.
    pub from: Timestamp,
    /// How well `from` is known.
    pub certainty: Certainty,
    /// Who says so.
    pub source: String,
    /// What a region costs more.
    pub uplifts: Vec<Uplift>,
    /// Sorted by their cases; no two for the same one.
    rules: Vec<RateRule>,
}

impl RateCard {
    /// A card of these rules; of two for the same case the first counts.
    #[must_use]
    pub fn new(
        from: Timestamp,
        certainty: Certainty,
        source: String,
        mut rules: Vec<RateRule>,
    ) -> Self {
        rules.sort_by(|left, right| left.case().cmp(&right.case()));
        rules.dedup_by(|right, left| left.case() == right.case());
        Self { from, certainty, source, uplifts: Vec::new(), rules }
    }

    /// The same card with these uplifts.
    #[must_use]
    pub fn with_uplifts(mut self, mut uplifts: Vec<Uplift>) -> Self {
        uplifts.sort();
        uplifts.dedup();
        self.uplifts = uplifts;
        self
    }

    /// The card with other rules: the same date, source and uplifts.
    #[must_use]
    pub fn with_rules(&self, rules: Vec<RateRule>) -> Self {
        Self::new(self.from, self.certainty, self.source.clone(), rules)
            .with_uplifts(self.uplifts.clone())
    }

    /// Of cards in the order of their dates, those that charge something else than the one before.
    pub fn without_repeats(cards: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut kept: Vec<Self> = Vec::new();
        for card in cards {
            if kept.last().is_none_or(|before| !before.same_rates(&card)) {
                kept.push(card);
            }
        }
        kept
    }

    /// Whether another card, of any date, charges the same.
    #[must_use]
    pub fn same_rates(&self, other: &Self) -> bool {
        self.rules == other.rules && self.uplifts == other.uplifts
    }

    /// The rules, sorted by meter, tier, threshold, hours and options.
    #[must_use]
    pub fn rules(&self) -> &[RateRule] {
        &self.rules
    }

    /// The rate of a meter under the circumstances of a call.
    ///
    /// A meter without rates of its own has its parent's. A tier without a rate for the meter keeps
    /// the standard one. Of rules that differ in their options, the one holds that asks for the most
    /// of what the call chose. Where the list has only a rate for short prompts, of a tier or of a
    /// meter, and one for this prompt's length of the standard tier or of the parent, the long rate is
    /// worked out in proportion, if that is an exact decimal, and so is the rate of a tier that has
    /// none for the options; otherwise there is no rate: the short one would be too little. Nor is
    /// there one where every rate of a meter asks for options that the call did not choose.
    /// In a region with an uplift every rate of a token is multiplied by it.
    #[must_use]
    pub fn rate(&self, meter: Meter, circumstances: &Circumstances<'_>) -> Option<ResolvedRate> {
        let (of, rules) = meter.lineage().find_map(|of| {
            let own = self.rules_of(of);
            match OwnRules::holding(own, circumstances) {
                None if own.iter().any(|rule| !rule.options.is_empty()) => Some((of, None)),
                holding => Some((of, Some(holding?))),
            }
        })?;
        let (rule, rate, derived) = rules?.best()?;
        let (rate, derived) = self.lengthened(of, rule, rate, derived, circumstances)?;
        let found = ResolvedRate { rate, of, derived };
        let region = circumstances.region.filter(|_| meter.is_token());
        let uplift = region.and_then(|region| {
            let holding = self.uplifts.iter().filter(|uplift| uplift.holds_in(region));
            holding.max_by_key(|uplift| uplift.factor)
        });
        match uplift {
            None => Some(found),
            Some(uplift) => {
                let rate = found.rate.checked_mul_ratio(uplift.factor, Rate::ONE)?;
                Some(ResolvedRate { rate, derived: true, ..found })
            }
        }
    }

    /// A short prompt's rate of a meter, in proportion to its parent's where that has a longer one.
    fn lengthened(
        &self,
        of: Meter,
        rule: &RateRule,
        rate: Rate,
        derived: bool,
        circumstances: &Circumstances<'_>,
    ) -> Option<(Rate, bool)> {
        let standard = Circumstances { tier: ServiceTier::Standard, ..*circumstances };
        let parent = of
            .lineage()
            .skip(1)
            .find_map(|parent| OwnRules::holding(self.rules_of(parent), &standard)?.standard);
        let Some(long) = parent.filter(|long| long.above_input_tokens > rule.above_input_tokens)
        else {
            return Some((rate, derived));
        };
        let short = self.rules_of(long.meter).iter().find(|short| {
            short.tier == ServiceTier::Standard
                && short.above_input_tokens == rule.above_input_tokens
                && short.hours == long.hours
                && short.options == long.options
        });
        match short {
            Some(short) if rate.scaled() > 0 => {
                Some((rate.checked_mul_ratio(long.rate, short.rate)?, true))
            }
            _ => Some((rate, derived)),
        }
    }

    /// Whether any rate is listed for a tier.
    #[must_use]
    pub fn lists_tier(&self, tier: ServiceTier) -> bool {
        let is_listed = |tier| self.rules.iter().any(|rule: &RateRule| rule.tier == tier);
        is_listed(tier) || (tier == ServiceTier::Fast && is_listed(ServiceTier::Priority))
    }

    /// Whether the rate of a meter is that of the options that a call chose: `false` where other
    /// rates of the meter ask for an option that it chose, and none for these values.
    #[must_use]
    pub fn lists_options(&self, meter: Meter, stated: &Options) -> bool {
        if stated.is_empty() {
            return true;
        }
        let own = meter.lineage().map(|of| self.rules_of(of)).find(|own| !own.is_empty());
        let own = own.unwrap_or_default();
        let matter = |key: &OptionKey| own.iter().any(|rule| rule.options.has(*key));
        let mattering: Vec<OptionKey> = stated.keys().filter(matter).collect();
        own.iter().any(|rule| {
            rule.options.hold_for(stated) && mattering.iter().all(|key| rule.options.has(*key))
        })
    }

    /// Whether each call is charged for by itself, whatever it used.
    #[must_use]
    pub fn charges_requests(&self) -> bool {
        !self.rules_of(Meter::Request).is_empty()
    }

    fn rules_of(&self, meter: Meter) -> &[RateRule] {
        let start = self.rules.partition_point(|rule| rule.meter < meter);
        let end = self.rules.partition_point(|rule| rule.meter <= meter);
        &self.rules[start..end]
    }
}

/// The rules of one meter that hold for a call.
struct OwnRules<'a> {
    all: &'a [RateRule],
    standard: Option<&'a RateRule>,
    tiered: Option<&'a RateRule>,
}

impl<'a> OwnRules<'a> {
    /// `None` where none of them holds.
    fn holding(all: &'a [RateRule], circumstances: &Circumstances<'_>) -> Option<Self> {
        let best = |tier| {
            let holds = |rule: &&RateRule| rule.tier == tier && rule.holds(circumstances);
            // Of rules for the same prompts, one for some hours stands behind the one for all, and
            // one that asks for more options behind one that asks for fewer.
            let last = all.iter().rev().find(holds)?;
            if last.options.is_empty() {
                return Some(last);
            }
            // Of two that ask for as many, the dearer: the other could be too little.
            let alike = |rule: &&RateRule| {
                holds(rule)
                    && !rule.is_narrower_than(last)
                    && !last.is_narrower_than(rule)
                    && rule.hours == last.hours
            };
            all.iter().filter(alike).max_by_key(|rule| rule.rate)
        };
        let standard = best(ServiceTier::Standard);
        let tiered = match circumstances.tier {
            ServiceTier::Standard => None,
            // What Anthropic sells as fast, OpenAI lists as its priority tier's other name.
            ServiceTier::Fast => best(ServiceTier::Fast).or_else(|| best(ServiceTier::Priority)),
            tier => best(tier),
        };
        (standard.is_some() || tiered.is_some()).then_some(Self { all, standard, tiered })
    }

    /// The rule that holds, its rate, and whether the rate was worked out; `None` where one should
    /// hold and is no exact decimal.
    fn best(&self) -> Option<(&'a RateRule, Rate, bool)> {
        match (self.standard, self.tiered) {
            (Some(narrow), Some(tiered)) if narrow.is_narrower_than(tiered) => {
                let wide = self.all.iter().find(|rule| {
                    rule.tier == ServiceTier::Standard
                        && rule.above_input_tokens == tiered.above_input_tokens
                        && rule.hours == tiered.hours
                        && rule.options == tiered.options
                })?;
                let rate = narrow.rate.checked_mul_ratio(tiered.rate, wide.rate)?;
                Some((narrow, rate, true))
            }
            (_, Some(rule)) | (Some(rule), None) => Some((rule, rule.rate, rule.derived)),
            (None, None) => None,
        }
    }
}

/// What a model can take and give at once, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Limits {
    /// The longest prompt.
    pub input_tokens_max: Option<u64>,
    /// The longest answer.
    pub output_tokens_max: Option<u64>,
}

/// A model at a provider, with its rate cards over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The name the provider's interface takes.
    pub name: String,
    /// What it does: `chat`, `embedding`, `image_generation`, …
    pub mode: String,
    /// What it can take and give.
    pub limits: Limits,
    /// When it was last seen on sale, for a model that is sold no more.
    pub until: Option<Timestamp>,
    /// The cards, earliest first.
    pub cards: Vec<RateCard>,
}

impl Model {
    /// The card in force at a moment, and whether that is an assumption: before the first known
    /// date the earliest card is assumed, after the last known one the latest.
    ///
    /// `None` where the model has no card at all.
    #[must_use]
    pub fn card_at(&self, at: Timestamp) -> Option<(&RateCard, bool)> {
        let (index, assumed) = self.card_index_at(at)?;
        Some((&self.cards[index], assumed))
    }

    /// The index of the card that [`Model::card_at`] finds.
    #[must_use]
    pub fn card_index_at(&self, at: Timestamp) -> Option<(usize, bool)> {
        let after = self.cards.partition_point(|card| card.from <= at);
        match after.checked_sub(1) {
            Some(index) => Some((index, self.until.is_some_and(|until| at >= until))),
            None => (!self.cards.is_empty()).then_some((0, true)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::Hours;

    fn rule(meter: Meter, tier: ServiceTier, above: u64, rate: &str) -> RateRule {
        let rate = Rate::per(rate, 1_000_000).unwrap();
        RateRule { tier, above_input_tokens: above, ..RateRule::standard(meter, rate) }
    }

    fn case(tier: ServiceTier, input_tokens: u64) -> Circumstances<'static> {
        Circumstances {
            tier,
            input_tokens,
            at: Timestamp::EARLIEST,
            region: None,
            options: Options::none(),
        }
    }

    fn card(rules: Vec<RateRule>) -> RateCard {
        RateCard::new(Timestamp::EARLIEST, Certainty::Exact, "test".into(), rules)
    }

    #[test]
    fn tiers_and_thresholds_meet_as_providers_mean_them() {
        use Meter::{CacheRead, CacheReadAudio, CacheWrite1h, Input, Output, Reasoning, WebSearch};
        use ServiceTier::{Batch, Flex, Priority, Standard};
        let card = card(vec![
            rule(Input, Standard, 0, "2"),
            rule(Input, Standard, 200_000, "4"),
            rule(Input, Batch, 0, "1"),
            rule(Input, Priority, 0, "3"),
            rule(Input, Priority, 200_000, "7"),
            rule(Output, Standard, 0, "10"),
            rule(Output, Batch, 0, "5"),
            rule(CacheRead, Standard, 0, "3"),
            rule(CacheRead, Standard, 200_000, "10"),
            rule(CacheRead, Batch, 0, "1"),
            rule(CacheReadAudio, Standard, 0, "6"),
        ]);
        // meter, tier, prompt, expected per million, whose rate, derived
        for (meter, tier, prompt, expected) in [
            (Input, Standard, 0, Some(("2", Input, false))),
            (Input, Standard, 200_000, Some(("2", Input, false))),
            (Input, Standard, 200_001, Some(("4", Input, false))),
            (Input, Batch, 10, Some(("1", Input, false))),
            (Input, Batch, 200_001, Some(("2", Input, true))),
            (Input, Priority, 200_001, Some(("7", Input, false))),
            (Input, Flex, 200_001, Some(("4", Input, false))),
            (Output, Batch, 300_000, Some(("5", Output, false))),
            // The list has no long rate for cached audio; its parent's is three times as dear.
            (CacheReadAudio, Standard, 200_000, Some(("6", CacheReadAudio, false))),
            (CacheReadAudio, Standard, 200_001, Some(("20", CacheReadAudio, true))),
            (Reasoning, Batch, 10, Some(("5", Output, false))),
            (CacheWrite1h, Standard, 10, Some(("2", Input, false))),
            (CacheRead, Batch, 10, Some(("1", CacheRead, false))),
            // 10 × 1/3 is no decimal: rather no rate than too low a one.
            (CacheRead, Batch, 200_001, None),
            (WebSearch, Standard, 10, None),
        ] {
            let expected = expected.map(|(rate, of, derived)| ResolvedRate {
                rate: Rate::per(rate, 1_000_000).unwrap(),
                of,
                derived,
            });
            assert_eq!(card.rate(meter, &case(tier, prompt)), expected, "{meter} {tier} {prompt}");
        }
    }

    fn options(text: &str) -> Options {
        text.parse().unwrap()
    }

    #[test]
    fn the_rule_holds_that_asks_for_most_of_what_was_chosen() {
        use Meter::{Images, InputImages, OutputSeconds, Seconds, WebSearch};
        use ServiceTier::{Batch, Standard};
        let chosen = |meter, tier, text: &str, rate| RateRule {
            options: options(text),
            ..rule(meter, tier, 0, rate)
        };
        let card = card(vec![
            rule(Images, Standard, 0, "40"),
            chosen(Images, Standard, "quality=hd", "80"),
            chosen(Images, Standard, "size=1x2", "70"),
            chosen(Images, Standard, "size=1x2 quality=hd", "120"),
            rule(Images, Batch, 0, "20"),
            chosen(InputImages, Standard, "size=1x2", "5"),
            rule(Seconds, Standard, 0, "1"),
            chosen(OutputSeconds, Standard, "resolution=4k", "9"),
            rule(WebSearch, Standard, 0, "8"),
            chosen(WebSearch, Standard, "search_context=high", "12"),
            rule(WebSearch, Batch, 0, "3"),
        ]);
        // meter, tier, what was chosen, expected rate, whether the list has it
        for (meter, tier, stated, expected, listed) in [
            (Images, Standard, "", Some(("40", false)), true),
            (Images, Standard, "quality=hd", Some(("80", false)), true),
            (Images, Standard, "quality=low", Some(("40", false)), false),
            (Images, Standard, "quality=hd size=1x2 steps=3", Some(("120", false)), true),
            (Images, Standard, "quality=hd size=9x9", Some(("80", false)), false),
            (Images, Standard, "resolution=4k", Some(("40", false)), true),
            (Images, Batch, "quality=hd", Some(("40", true)), true),
            (Images, Batch, "", Some(("20", false)), true),
            (InputImages, Standard, "size=1x2", Some(("5", false)), true),
            // Nothing was chosen, or something without a price: rather none than a wrong one.
            (InputImages, Standard, "", None, true),
            (InputImages, Standard, "size=2x2", None, false),
            (OutputSeconds, Standard, "resolution=4k", Some(("9", false)), true),
            (OutputSeconds, Standard, "", None, true),
            (WebSearch, Standard, "search_context=high", Some(("12", false)), true),
            (WebSearch, Batch, "search_context=high", Some(("4.5", true)), true),
        ] {
            let stated = &options(stated);
            let circumstances = Circumstances { options: stated, ..case(tier, 1) };
            let found = card.rate(meter, &circumstances);
            let expected =
                expected.map(|(rate, derived)| (Rate::per(rate, 1_000_000).unwrap(), derived));
            let found = found.map(|found| (found.rate, found.derived));
            assert_eq!(found, expected, "{meter} {tier} {stated}");
            assert_eq!(card.lists_options(meter, stated), listed, "{meter} {stated}");
        }
    }

    #[test]
    fn of_two_that_ask_for_as_much_the_dearer_holds() {
        let chosen = |text: &str, rate| RateRule {
            options: options(text),
            ..rule(Meter::Images, ServiceTier::Standard, 0, rate)
        };
        let stated = &options("size=1x2 quality=hd");
        for (small, fine) in [("70", "80"), ("80", "70")] {
            let card = card(vec![chosen("size=1x2", small), chosen("quality=hd", fine)]);
            let circumstances = Circumstances { options: stated, ..case(ServiceTier::Standard, 1) };
            let found = card.rate(Meter::Images, &circumstances).unwrap();
            assert_eq!(found.rate, Rate::per("80", 1_000_000).unwrap());
        }
    }

    #[test]
    fn hours_and_regions_change_the_rate() {
        let nights: Hours = "16:30-00:30".parse().unwrap();
        let cheap =
            RateRule { hours: Some(nights), ..rule(Meter::Input, ServiceTier::Standard, 0, "0.5") };
        let factor = "1.1".parse().unwrap();
        let uplift = |region: &str| Uplift { region: region.into(), factor };
        let rules = vec![
            cheap,
            rule(Meter::Input, ServiceTier::Standard, 0, "1"),
            rule(Meter::WebSearch, ServiceTier::Standard, 0, "10000"),
        ];
        let europe = card(rules.clone()).with_uplifts(vec![uplift("eu")]);
        let regional = card(rules).with_uplifts(vec![uplift("regional")]);
        for (card, meter, at, region, expected) in [
            (&europe, Meter::Input, "2026-11-01T12:00:00Z", None, "1"),
            (&europe, Meter::Input, "2026-11-01T23:00:00Z", None, "0.5"),
            (&europe, Meter::Input, "2026-11-01T23:00:00Z", Some("eu"), "0.55"),
            (&europe, Meter::Input, "2026-11-01T12:00:00Z", Some("EU-west-1"), "1.1"),
            (&europe, Meter::Input, "2026-11-01T12:00:00Z", Some("europa"), "1"),
            (&europe, Meter::WebSearch, "2026-11-01T12:00:00Z", Some("eu"), "10000"),
            (&regional, Meter::Input, "2026-11-01T12:00:00Z", Some("asia-south1"), "1.1"),
            (&regional, Meter::Input, "2026-11-01T12:00:00Z", Some("global"), "1"),
        ] {
            let at = at.parse().unwrap();
            let circumstances = Circumstances { at, region, ..case(ServiceTier::Standard, 1) };
            let rate = card.rate(meter, &circumstances).unwrap().rate;
            assert_eq!(rate, Rate::per(expected, 1_000_000).unwrap(), "{meter} {at} {region:?}");
        }
    }

    #[test]
    fn outside_the_known_dates_the_nearest_card_is_assumed() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let on = |from: &str| RateCard::new(at(from), Certainty::Exact, "test".into(), vec![]);
        let model = Model {
            name: "m".into(),
            mode: "chat".into(),
            limits: Limits::default(),
            until: Some(at("2025-01-01")),
            cards: vec![on("2023-01-01"), on("2024-01-01")],
        };
        for (moment, from, assumed) in [
            ("2022-06-01", "2023-01-01", true),
            ("2023-01-01", "2023-01-01", false),
            ("2023-12-31T23:59:59Z", "2023-01-01", false),
            ("2024-01-01", "2024-01-01", false),
            ("2025-06-01", "2024-01-01", true),
        ] {
            let (card, was_assumed) = model.card_at(at(moment)).unwrap();
            assert_eq!((card.from, was_assumed), (at(from), assumed), "{moment}");
        }
    }
}
