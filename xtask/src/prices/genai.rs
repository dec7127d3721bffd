//! What genai-prices knows: dates of price changes, models that the map does not have, other names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::format::{Block, File};
use centime_core::price::{
    Certainty, Circumstances, Found, Model, ModelRef, Options, Pattern, PriceBook, RateCard,
    RateRule, ServiceTier,
};
use centime_core::time::Timestamp;
use centime_prices::{Imported, header_of};

use super::{derive, history};

/// The data, and the day it was published.
pub(super) struct Genai {
    book: PriceBook,
    /// What of it no card expresses.
    pub(super) unexpressed: Vec<String>,
    at: Timestamp,
}

/// How cards name the data.
const SOURCE: &str = "genai-prices";

/// What a reader of the report should know of the two sources.
#[derive(Default)]
pub(super) struct Notes {
    /// Models whose present price the map has as it was before a dated change.
    pub(super) late: Vec<String>,
    /// Models that cost something else here than there.
    pub(super) disagreeing: Vec<String>,
    /// Models whose prices change with the hour.
    pub(super) hourly: Vec<String>,
    /// Names that are the start of names, and no model's.
    pub(super) nameless: Vec<String>,
}

impl Genai {
    pub(super) fn new(imported: Imported, at: Timestamp) -> Self {
        Self { book: imported.book, unexpressed: imported.unexpressed, at }
    }

    /// Gives a model what they know of it: the dates of its price changes, and the rates of tiers.
    pub(super) fn tell(&self, provider: &str, model: &mut Model, notes: &mut Notes) {
        let name = ModelRef { provider: Some(their_provider(provider)), model: &model.name };
        if let Ok(theirs) = self.book.resolve(name) {
            self.date(provider, model, &theirs.model, notes);
            self.add_tiers(model, &theirs.model);
        }
    }

    /// Gives a model the dates of its price changes, where the map's present price is theirs, or the
    /// one that they say it was before: then the map is late.
    fn date(&self, provider: &str, model: &mut Model, theirs: &Model, notes: &mut Notes) {
        let (Some(now), Some((in_force, _))) = (model.cards.last(), theirs.card_at(self.at)) else {
            return;
        };
        let theirs = &theirs.cards;
        if theirs.len() < 2 || theirs.iter().any(depends_on_hours) {
            return;
        }
        let mut before = theirs.iter().take_while(|card| card.from < in_force.from);
        let is_late = !self.charge_the_same(now, in_force);
        if is_late {
            if !before.any(|card| self.charge_the_same(now, card)) {
                return;
            }
            notes.late.push(difference(&format!("{provider}/{}", model.name), in_force, now));
        }
        // A price that changed after the map lost the model is a price that it was sold at.
        if model.until.is_some_and(|until| in_force.from >= until) {
            model.until = None;
        }
        let cards = RateCard::without_repeats(theirs.iter().map(standard));
        history::insert_announced(model, &cards, false);
    }

    /// Gives cards the rates of tiers that only they list, where both charge the same without one.
    /// What is true of a whole family of names is its batch rate; the other tiers are not sold for
    /// each of them.
    fn add_tiers(&self, model: &mut Model, theirs: &Model) {
        let present = model.card_index_at(self.at).map(|(index, _)| index);
        let is_itself = theirs.name == model.name;
        for (index, card) in model.cards.iter_mut().enumerate() {
            // They may have come to know of a tier after the last change of the price.
            let at = if present == Some(index) { self.at } else { card.from };
            let Some((their_card, _)) = theirs.card_at(at) else { continue };
            let base_of = |card: &RateCard, rule: &RateRule| {
                let base = RateRule { tier: ServiceTier::Standard, ..rule.clone() };
                card.rules().iter().find(|rule| rule.case() == base.case()).map(|rule| rule.rate)
            };
            let is_new = |rule: &&RateRule| {
                (is_itself && rule.tier != ServiceTier::Standard || rule.tier == ServiceTier::Batch)
                    && !rule.derived
                    && !card.lists_tier(rule.tier)
                    && base_of(card, rule) == base_of(their_card, rule)
            };
            let new: Vec<RateRule> = their_card.rules().iter().filter(is_new).cloned().collect();
            if new.is_empty() || !self.charge_the_same(card, their_card) {
                continue;
            }
            *card = card.with_rules([card.rules(), &new].concat());
            if !card.source.contains(SOURCE) {
                card.source = format!("{}, {SOURCE}", card.source);
            }
        }
    }

    /// Notes where the book's present price of a model is not the one that they have.
    fn compare(&self, provider: &str, ours: &Model, theirs: &Model, notes: &mut Notes) {
        let (Some((left, _)), Some((right, _))) = (ours.card_at(self.at), theirs.card_at(self.at))
        else {
            return;
        };
        let named = format!("{provider}/{}", ours.name);
        if depends_on_hours(left) || depends_on_hours(right) {
            if !self.charge_the_same(left, right) || theirs.cards.len() > 1 {
                notes.hourly.push(named);
            }
            return;
        }
        let sides = plain(left, self.at).into_iter().zip(plain(right, self.at));
        if sides.into_iter().any(|(left, right)| left.zip(right).is_some_and(differ)) {
            notes.disagreeing.push(difference(&named, left, right));
        }
    }

    /// Whether two cards charge the same for plain tokens at every hour of a day and a Sunday.
    fn charge_the_same(&self, left: &RateCard, right: &RateCard) -> bool {
        const HALF_HOUR_US: i64 = 30 * 60 * 1_000_000;
        let moments = (0..7 * 48).map(|half| self.at.micros() + half * HALF_HOUR_US);
        moments.map(Timestamp::from_micros).all(|at| plain(left, at) == plain(right, at))
    }

    /// Adds the models that only they have, and the names that they give to models of ours.
    pub(super) fn complete(&self, files: &mut Vec<File>, notes: &mut Notes) -> Result<()> {
        let ours = PriceBook::from_files("merged", files.iter().cloned());
        let mut added: BTreeMap<String, BTreeMap<String, Block>> = BTreeMap::new();
        for provider in self.book.providers() {
            for block in provider.blocks() {
                let Block::Model(model) = block.context("genai-prices")? else { continue };
                let (their_name, at) =
                    (model.name.clone(), our_provider(provider.name(), &model.name));
                if their_name.ends_with('-') {
                    notes.nameless.push(format!("{at}/{their_name}"));
                    continue;
                }
                let known = known(&ours, &at, &their_name);
                let blocks = added.entry(at.clone()).or_default();
                let target = match known {
                    Some(found) => {
                        if found.model.name == their_name {
                            self.compare(&at, &found.model, &model, notes);
                        }
                        found.model.name
                    }
                    None => {
                        blocks.insert(their_name.clone(), Block::Model(self.own(&at, model)));
                        their_name.clone()
                    }
                };
                let patterns = provider.patterns().filter(|(_, model)| *model == their_name);
                for name in patterns.flat_map(|(pattern, _)| exact_names(pattern)) {
                    if known_as_written(&ours, &at, name) || name.contains(char::is_whitespace) {
                        continue;
                    }
                    let (name, target) = (name.to_owned(), target.clone());
                    let options = Options::NONE;
                    blocks.entry(name.clone()).or_insert(Block::Alias { name, target, options });
                }
            }
        }
        for (provider, blocks) in added.into_iter().filter(|(_, blocks)| !blocks.is_empty()) {
            add_to(files, &provider, blocks);
        }
        files.sort_by(|left, right| left.header.provider.cmp(&right.header.provider));
        Ok(())
    }

    /// A model of theirs as one of ours: what they do not date was so on the day of the data.
    fn own(&self, provider: &str, mut model: Model) -> Model {
        if let [only] = model.cards.as_mut_slice() {
            only.from = self.at;
        }
        derive::complete(provider, &mut model);
        model
    }
}

/// The model of a name, as far as a provider of ours has it.
fn known(ours: &PriceBook, provider: &str, model: &str) -> Option<Found> {
    ours.resolve(ModelRef { provider: Some(provider), model }).ok()
}

fn known_as_written(ours: &PriceBook, provider: &str, name: &str) -> bool {
    known(ours, provider, name).is_some()
}

/// Puts blocks into the file of a provider, which may be new; those that are there stay.
fn add_to(files: &mut Vec<File>, provider: &str, blocks: BTreeMap<String, Block>) {
    let place = files.iter().position(|file| file.header.provider == provider);
    let mut file = match place {
        Some(place) => files.swap_remove(place),
        None => File { header: header_of(provider), blocks: Vec::new() },
    };
    let there = file.blocks.into_iter().map(|block| (block.name().to_owned(), block));
    let mut all: BTreeMap<String, Block> = there.collect();
    for (name, block) in blocks {
        all.entry(name).or_insert(block);
    }
    let targets: BTreeSet<String> = all.keys().cloned().collect();
    let leads_somewhere = |block: &Block| match block {
        Block::Alias { target, .. } => targets.contains(target),
        Block::Model(_) => true,
    };
    file.blocks = all.into_values().filter(leads_somewhere).collect();
    files.push(file);
}

/// The names that a pattern is for, as far as it says them whole.
fn exact_names(pattern: &Pattern) -> Vec<&str> {
    match pattern {
        Pattern::Equals(name) => vec![name],
        Pattern::Any(patterns) => patterns.iter().flat_map(exact_names).collect(),
        _ => Vec::new(),
    }
}

/// Their provider of ours.
fn their_provider(ours: &str) -> &str {
    match ours {
        "gemini" | "vertex_ai" => "google",
        "bigmodel" => "zhipuai",
        other => other,
    }
}

/// Our provider of theirs, some of which are several here.
fn our_provider(theirs: &str, model: &str) -> String {
    const GEMINI: [&str; 4] = ["gemini", "gemma", "learnlm", "embedding"];
    let ours = match theirs {
        "google" if GEMINI.iter().any(|start| model.starts_with(start)) => "gemini",
        "google" => "vertex_ai",
        "aws" => "bedrock",
        "x-ai" => "xai",
        "moonshotai" => "moonshot",
        "fireworks" => "fireworks_ai",
        "together" => "together_ai",
        "voyageai" => "voyage",
        "zhipuai" => "bigmodel",
        "openai-decisions" => "openai",
        other => return other.replace('-', "_"),
    };
    ours.to_owned()
}

/// A card without what depends on the tier or the hour.
fn standard(card: &RateCard) -> RateCard {
    let is_standard = |rule: &&RateRule| rule.tier == ServiceTier::Standard && rule.hours.is_none();
    card.with_rules(card.rules().iter().filter(is_standard).cloned().collect())
}

/// What plain tokens of a short prompt cost; a zero says as little as no price.
fn plain(card: &RateCard, at: Timestamp) -> [Option<Rate>; 2] {
    let tier = ServiceTier::Standard;
    let options = Options::none();
    let circumstances = Circumstances { tier, input_tokens: 0, at, region: None, options };
    [Meter::Input, Meter::Output].map(|meter| {
        let found = card.rate(meter, &circumstances).map(|found| found.rate);
        found.filter(|rate| *rate != Rate::FREE)
    })
}

fn depends_on_hours(card: &RateCard) -> bool {
    card.rules().iter().any(|rule| rule.hours.is_some())
}

/// Whether two rates differ by more than a rounding to a hundredth of them.
fn differ((left, right): (Rate, Rate)) -> bool {
    left.scaled().abs_diff(right.scaled()) > left.scaled().max(right.scaled()) / 100
}

/// `p/m: $1 and $2 a million tokens, and not $3 and $4`, seen at midnight.
fn difference(name: &str, taken: &RateCard, other: &RateCard) -> String {
    let shown = |card: &RateCard| {
        let rates = plain(card, card.from.max(Timestamp::EARLIEST)).map(|rate| match rate {
            Some(rate) => format!("${}", Rate::from_scaled(rate.scaled() * 1_000_000)),
            None => "nothing".to_owned(),
        });
        let date = (card.certainty == Certainty::Exact).then(|| {
            let from = card.from.to_string();
            format!(" since {}", from.split('T').next().unwrap_or_default())
        });
        format!("{} and {}{}", rates[0], rates[1], date.unwrap_or_default())
    };
    format!("{name}: {}, not {}", shown(taken), shown(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::format::{parse_file, write_file};

    const THEIRS: &str = r#"[
        {"id": "google", "models": [
            {"id": "gemini-x", "match": {"or": [{"equals": "gemini-x"}, {"equals": "gemini-x-001"}]},
             "prices": [{"prices": {"input_mtok": 4}},
                {"constraint": {"start_date": "2026-10-19"}, "prices": {"input_mtok": 2}},
                {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 9}}]},
            {"id": "claude-y", "match": {"starts_with": "claude-y"},
             "prices": {"input_mtok": 1, "output_mtok": 3}},
            {"id": "gemini-batch", "match": {"equals": "gemini-batch"}, "prices": {"input_mtok": 8},
             "price_variants": [{"when": {"processing": "batch"}, "prices": {"input_mtok": 4}}]},
            {"id": "gemini-ft-", "match": {"starts_with": "gemini-ft-"}, "prices": {"input_mtok": 1}}
        ]},
        {"id": "new-one", "models": [
            {"id": "Big/M", "match": {"equals": "Big/M"}, "prices": {"input_mtok": 1}},
            {"id": "dated", "match": {"equals": "dated"}, "prices": [{"prices": {"input_mtok": 4}},
                {"constraint": {"start_date": "2026-10-19"}, "prices": {"input_mtok": 2}}]}
        ]}
    ]"#;

    fn theirs() -> Genai {
        Genai::new(centime_prices::read(THEIRS).unwrap(), "2026-11-22".parse().unwrap())
    }

    fn file(cards: &str) -> File {
        parse_file(&format!("provider gemini\nmaker\n\nmodel gemini-x chat\n{cards}")).unwrap()
    }

    fn model(file: File) -> Model {
        match file.blocks.into_iter().next() {
            Some(Block::Model(model)) => model,
            _ => unreachable!("the text holds a model"),
        }
    }

    #[test]
    fn their_dates_hold_where_the_map_agrees_or_is_late() {
        for (cards, expected, late) in [
            // The map agrees: it noticed after the date.
            (
                " from 2026-06-01 observed map\n  input 4/1M\n from 2026-11-01 observed map\n  input 2/1M\n",
                vec![("2026-06-01", "4"), ("2026-10-19", "2"), ("2027-01-01", "9")],
                0,
            ),
            // The map still has the price before.
            (
                " from 2026-06-01 observed map\n  input 4/1M\n",
                vec![("2026-06-01", "4"), ("2026-10-19", "2"), ("2027-01-01", "9")],
                1,
            ),
            // The map knows a price that they do not.
            (" from 2026-06-01 observed map\n  input 3/1M\n", vec![("2026-06-01", "3")], 0),
        ] {
            let (mut model, mut notes) = (model(file(cards)), Notes::default());
            theirs().tell("gemini", &mut model, &mut notes);
            let found = model.cards.iter().map(|card| {
                let rate = Rate::from_scaled(card.rules()[0].rate.scaled() * 1_000_000);
                (card.from, rate.to_string())
            });
            let expected: Vec<(Timestamp, String)> = expected
                .into_iter()
                .map(|(from, rate)| (from.parse().unwrap(), rate.to_owned()))
                .collect();
            assert_eq!(found.collect::<Vec<_>>(), expected, "{cards}");
            assert_eq!(notes.late.len(), late, "{cards}");
        }
    }

    #[test]
    fn their_tiers_hold_where_the_price_without_one_is_theirs() {
        for (cards, expected) in [
            (
                " from 2026-06-01 observed map\n  input 7/1M\n from 2026-07-01 observed map\n  input 8/1M\n",
                " from 2026-06-01 observed map\n  input 7/1M\n \
                 from 2026-07-01 observed map, genai-prices\n  input 8/1M\n  input 4/1M tier=batch\n",
            ),
            (
                " from 2026-06-01 observed map\n  input 8/1M\n  input 5/1M tier=batch\n",
                " from 2026-06-01 observed map\n  input 8/1M\n  input 5/1M tier=batch\n",
            ),
        ] {
            let file = file(cards);
            let mut model = Model { name: "gemini-batch".to_owned(), ..model(file.clone()) };
            theirs().tell("gemini", &mut model, &mut Notes::default());
            let written = write_file(&File { blocks: vec![Block::Model(model)], ..file }, "");
            assert_eq!(written.split_once("chat\n").unwrap().1, expected);
        }
    }

    #[test]
    fn a_model_whose_price_changed_is_still_sold() {
        for (until, is_sold) in [("2026-09-01", true), ("2026-10-20", false)] {
            let mut model = model(file(" from 2026-06-01 observed map\n  input 4/1M\n"));
            model.until = Some(until.parse().unwrap());
            theirs().tell("gemini", &mut model, &mut Notes::default());
            assert_eq!(model.until.is_none(), is_sold, "{until}");
        }
    }

    #[test]
    fn their_models_and_names_come_in_and_ours_stay() {
        let mut files = vec![file(" from 2026-06-01 observed map\n  input 3/1M\n")];
        let mut notes = Notes::default();
        theirs().complete(&mut files, &mut notes).unwrap();
        let texts: Vec<String> = files.iter().map(|file| write_file(file, "")).collect();
        assert_eq!(
            texts,
            [
                "provider gemini\nmaker\n\nmodel gemini-batch chat\n \
                 from 2026-11-22 observed genai-prices\n  input 8/1M\n  input 4/1M tier=batch\n\n\
                 model gemini-x chat\n from 2026-06-01 observed map\n  \
                 input 3/1M\n\nalias gemini-x-001 gemini-x\n",
                "provider new_one\n\nmodel Big/M chat\n from 2026-11-22 observed genai-prices\n  \
                 input 1/1M\n\nmodel dated chat\n from 1980-01-01 observed genai-prices\n  input 4/1M\n \
                 from 2026-10-19 exact genai-prices\n  input 2/1M\n",
                "provider vertex_ai\nalso vertex google_vertex google_vertex_ai vertexai gcp.vertex_ai\n\n\
                 model claude-y chat\n from 2026-11-22 observed genai-prices\n  input 1/1M\n  \
                 output 3/1M\n",
            ]
        );
        assert_eq!(notes.disagreeing.len(), 1, "{:?}", notes.disagreeing);
        assert!(
            notes.disagreeing[0].contains("$3 and nothing, not $2 and nothing since 2026-10-19")
        );
        assert_eq!(notes.nameless, ["gemini/gemini-ft-"]);
        for file in &files {
            assert!(file.blocks.is_sorted_by(|left, right| left.name() < right.name()));
        }
    }
}
