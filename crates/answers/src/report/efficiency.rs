//! What was had for the money.

use centime_insight::{Analysis, Efficiency, Quality, Question, Scores};
use centime_ledger::{Ledger, LedgerError, Scored, Sums};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::groups::{self, Document};
use crate::Value;
use crate::schema::{self, Field, Kind};

/// The ratios of a group.
pub const RATIOS: &[Field<Efficiency>] = &[
    Field::new("cost_per_request", Kind::Maybe(&Kind::Money), "US dollars", |of| {
        Value::optional_number(of.cost_per_request)
    }),
    Field::new("cost_per_1k_tokens", Kind::Maybe(&Kind::Money), "US dollars", |of| {
        Value::optional_number(of.cost_per_1k_tokens)
    }),
    Field::new("tokens_per_request", Kind::Maybe(&Kind::Number), "", |of| {
        Value::optional_number(of.tokens_per_request)
    }),
    Field::new("cache_hit_share", Kind::Maybe(&Kind::Number), "of input tokens, 0 to 1", |of| {
        Value::optional_number(of.cache_hit_share)
    }),
];

/// Those of its scored requests, where there are any in the report.
pub const QUALITIES: &[Field<Quality>] = &[
    Field::new("scored_requests", Kind::Count, "that somebody gave a score", |of| {
        Value::number(of.scored_requests)
    }),
    Field::new("average_score", Kind::Maybe(&Kind::Number), "0 to 1", |of| {
        Value::optional_number(of.average_score)
    }),
    Field::new("cost_per_score", Kind::Maybe(&Kind::Money), "US dollars for a full score", |of| {
        Value::optional_number(of.cost_per_score)
    }),
];

/// What was found: the groups, and what was scored in them.
#[derive(Debug)]
pub struct Efficient {
    /// The groups.
    pub analysis: Analysis,
    /// What was scored in them.
    pub scores: Option<Scores>,
}

impl Efficient {
    /// Asks a ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn of(ledger: &dyn Ledger, question: &Question) -> Result<Self, LedgerError> {
        let analysis = Analysis::of(ledger, question)?;
        let scores = Scores::of(ledger, question, &analysis)?;
        Ok(Self { analysis, scores })
    }

    /// What was scored in each row: the groups, the rest as the last one; without keys the total alone.
    pub fn scored(&self) -> impl Iterator<Item = Option<Scored>> + use<'_> {
        let is_total = self.analysis.by.is_empty();
        let scored = self.scores.iter().flat_map(move |scores| {
            let total = is_total.then_some(scores.total);
            total.into_iter().chain(scores.groups.iter().copied()).chain(scores.rest)
        });
        scored.map(Some).chain(std::iter::repeat(None))
    }

    /// All together.
    #[must_use]
    pub fn total(&self) -> (&Sums, Option<Scored>) {
        (&self.analysis.total, self.scores.as_ref().map(|scores| scores.total))
    }

    /// The groups as JSON, the rest as the last one.
    pub(super) fn documents(&self) -> Vec<Rated<'_>> {
        let groups = Document::groups(&self.analysis).into_iter().zip(self.scored());
        groups.map(|(document, scored)| Rated(document, scored)).collect()
    }

    /// All together as JSON.
    pub(super) fn document(&self) -> Rated<'_> {
        let (sums, scored) = self.total();
        Rated(Document::total(sums), scored)
    }
}

/// The report as JSON: that of the same groups, with ratios.
pub(super) struct Report<'a> {
    pub(super) found: &'a Efficient,
    pub(super) zone: &'a str,
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { found, zone } = self;
        let mut map = serializer.serialize_map(None)?;
        groups::write_question(&mut map, &found.analysis, zone)?;
        map.serialize_entry("total", &found.document())?;
        map.serialize_entry("groups", &found.documents())?;
        map.end()
    }
}

/// A group with its ratios.
pub(super) struct Rated<'a>(Document<'a>, Option<Scored>);

impl Serialize for Rated<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.write(&mut map)?;
        let of = Efficiency::of(self.0.sums());
        for ratio in RATIOS {
            map.serialize_entry(ratio.name, &(ratio.of)(&of))?;
        }
        if let Some(scored) = &self.1 {
            let of = Quality::of(scored);
            for ratio in QUALITIES {
                map.serialize_entry(ratio.name, &(ratio.of)(&of))?;
            }
        }
        map.end()
    }
}

pub(super) fn schemas() -> Vec<schema::Named> {
    let rated = || {
        let sums = groups::sums_schema(RATIOS.iter().map(Field::member).collect());
        schema::with_optional(sums, QUALITIES.iter().map(Field::member))
    };
    let says = "What was had for the money, by group.";
    vec![
        ("RatedSums", rated()),
        ("RatedGroup", groups::group_schema(rated())),
        ("EfficiencyReport", groups::report_schema(says, "RatedSums", "RatedGroup")),
    ]
}
