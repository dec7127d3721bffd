//! One entry's charge, line by line.

use centime_core::adjusted::Adjusted;
use centime_core::entry::{Entry, PricingStatus};
use centime_core::price::Certainty;
use centime_core::rating::{Charge, ChargeLine};
use centime_core::score::Score;
use centime_ledger::{Ledger, LedgerError};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::entries::{self, Document};
use crate::schema::{self, Field, Kind};
use crate::{Decimal, Value};

/// All there is to say of an entry.
#[derive(Debug)]
pub struct Explanation {
    /// What it was when it was written.
    pub first: State,
    /// What it is with its adjustments.
    pub present: State,
    /// The adjustments, in the order they were made.
    pub adjustments: Vec<Entry>,
    /// How good the answer was.
    pub score: Option<Score>,
}

impl Explanation {
    /// Asks a ledger about an entry of it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn of(ledger: &dyn Ledger, entry: Entry) -> Result<Self, LedgerError> {
        let adjustments = ledger.adjustments(entry.uid)?;
        let score = ledger.score(entry.uid)?;
        let present = State::of(Adjusted::new(&entry, &adjustments).present());
        Ok(Self { first: State::of(entry), present, adjustments, score })
    }
}

/// An entry as it was made or as it is now, and its charge.
#[derive(Debug)]
pub struct State {
    /// The entry.
    pub entry: Entry,
    /// Its charge; what has no rate is `missing` in it.
    pub charge: Charge,
}

impl State {
    /// Of an entry.
    #[must_use]
    pub fn of(entry: Entry) -> Self {
        let charge = entry.itemised().unwrap_or_else(|| Charge {
            missing: entry.lines.iter().map(|line| (line.meter, line.quantity)).collect(),
            ..Charge::default()
        });
        Self { entry, charge }
    }

    fn lines(&self) -> Vec<Line<'_>> {
        self.charge.lines.iter().map(Line).collect()
    }
}

/// A line of a charge, as JSON.
pub struct Line<'a>(pub &'a ChargeLine);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("meter", line.meter.name())?;
        map.serialize_entry("quantity", &Decimal(line.quantity))?;
        map.serialize_entry("rate", &Decimal(line.rate))?;
        map.serialize_entry("amount", &Decimal(line.amount))?;
        if line.rate_of != line.meter {
            map.serialize_entry("rate_of", line.rate_of.name())?;
        }
        if line.derived {
            map.serialize_entry("derived", &true)?;
        }
        map.end()
    }
}

/// The whole answer: the entry's own fields, where its charge comes from, and what its adjustments
/// made of it.
impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let adjustments: Vec<_> = self.adjustments.iter().map(Document).collect();
        let mut map = serializer.serialize_map(None)?;
        for field in entries::FIELDS {
            map.serialize_entry(field.name, &(field.of)(&self.first.entry))?;
        }
        map.serialize_entry("lines", &self.first.lines())?;
        map.serialize_entry("card", &Card::of(&self.first.entry))?;
        map.serialize_entry("adjustments", &adjustments)?;
        map.serialize_entry("present", &Present::of(&self.present))?;
        map.serialize_entry("score", &self.score.map(Decimal))?;
        map.end()
    }
}

/// What an entry costs with its adjustments.
#[derive(Serialize)]
struct Present<'a> {
    pricing_status: &'a str,
    cost: Value<'a>,
    price_version: Option<&'a str>,
    lines: Vec<Line<'a>>,
    card: Option<Card<'a>>,
}

impl<'a> Present<'a> {
    fn of(present: &'a State) -> Self {
        let entry = &present.entry;
        let is_known = entry.pricing_status != PricingStatus::Unpriced;
        Self {
            pricing_status: entry.pricing_status.name(),
            cost: Value::optional_number(is_known.then_some(entry.charge)),
            price_version: entry.price_version.as_deref(),
            lines: present.lines(),
            card: Card::of(entry),
        }
    }
}

/// The rate card that was applied.
#[derive(Serialize)]
struct Card<'a> {
    provider: &'a str,
    model: &'a str,
    from: String,
    certainty: &'a str,
    source: &'a str,
    tier: &'a str,
}

impl<'a> Card<'a> {
    fn of(entry: &'a Entry) -> Option<Self> {
        entry.card.as_deref().map(|card| Self {
            provider: &card.provider,
            model: &card.model,
            from: card.from.to_string(),
            certainty: card.certainty.name(),
            source: &card.source,
            tier: card.tier.name(),
        })
    }
}

/// The names of certainties.
pub(crate) fn certainties() -> Vec<&'static str> {
    [Certainty::Exact, Certainty::Observed].map(Certainty::name).to_vec()
}

pub(crate) fn schemas() -> Vec<schema::Named> {
    let member = |kind: Kind, says| schema::described(kind.schema(), says);
    let line = schema::object(
        "A line of a charge.",
        [
            ("meter", member(Kind::Text, "what was used")),
            ("quantity", member(Kind::Number, "how much of it")),
            ("rate", member(Kind::Money, "US dollars for one")),
            ("amount", member(Kind::Money, "US dollars")),
        ],
    );
    let line = schema::with_optional(
        line,
        [
            ("rate_of", member(Kind::Text, "the meter whose rate it is, where it is another's")),
            ("derived", member(Kind::Flag, "whether the rate follows from others")),
        ],
    );
    let card = schema::object(
        "The rate card that was applied.",
        [
            ("provider", member(Kind::Text, "")),
            ("model", member(Kind::Text, "")),
            ("from", member(Kind::Moment, "from when it holds")),
            ("certainty", member(Kind::OneOf(certainties), "whether that is known or was seen")),
            ("source", member(Kind::Text, "where the rates are written")),
            ("tier", member(Kind::Text, "the service tier")),
        ],
    );
    let lines = || schema::list(&schema::named("ChargeLine"));
    let card_of = || schema::or_null(schema::named("AppliedCard"));
    let present = schema::object(
        "What it costs with its adjustments.",
        [
            ("pricing_status", member(Kind::OneOf(entries::pricing_statuses), "what was priced")),
            ("cost", member(Kind::Maybe(&Kind::Money), "US dollars; null: unpriced")),
            ("price_version", member(Kind::Maybe(&Kind::Text), "")),
            ("lines", lines()),
            ("card", card_of()),
        ],
    );
    let members = [
        ("lines", lines()),
        ("card", card_of()),
        ("adjustments", schema::list(&schema::named("Entry"))),
        ("present", present),
        ("score", member(Kind::Maybe(&Kind::Number), "how good the answer was, 0 to 1")),
    ];
    let explained = entries::FIELDS.iter().map(Field::member).chain(members);
    vec![
        ("ChargeLine", line),
        ("AppliedCard", card),
        ("ExplainedEntry", schema::object("An entry and where its charge comes from.", explained)),
    ]
}
