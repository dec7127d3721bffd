//! How good models are at each kind of task, from 0 to 1.
//!
//! What is known are the ratings in `*.txt`, each with its source and date. A rating becomes a quality by
//! one rule, [`of_rating`]; a model that nobody rated has the quality of the newest rated one before it in
//! its line, else one by its price ([`by_price`]); the configuration beats all of them.

mod table;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use centime_core::meter::Meter;
use centime_core::price::{Model, RateCard};
use centime_core::score::Score;
use foldhash::fast::RandomState;

use crate::kind::Kind;
use crate::name::{line_and_version, plain};

pub use table::QualityError;
use table::Ratings;

const KINDS: usize = Kind::ALL.len();

/// How the quality of a model is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    /// The configuration says it, of this kind of task.
    Configured,
    /// It was rated.
    Rated,
    /// An older model of its line was.
    Successor,
    /// Nobody rated it: what models at its price are like, cautiously.
    Price,
}

impl Known {
    /// The word in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Rated => "rated",
            Self::Successor => "successor",
            Self::Price => "price",
        }
    }
}

/// How good a model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quality {
    scores: [(Score, Known); KINDS],
}

impl Quality {
    /// How good it is at a kind of task, and how that is known.
    #[must_use]
    pub const fn at(&self, kind: Kind) -> (Score, Known) {
        self.scores[kind.index()]
    }
}

/// What is known of the quality of models.
#[derive(Debug, Clone)]
pub struct Qualities {
    /// By the plain names of models.
    rated: HashMap<String, [Score; KINDS], RandomState>,
    /// By line: the versions that were rated, in order.
    lines: HashMap<String, Vec<(Vec<u32>, String)>, RandomState>,
    /// What the configuration says, by the name it says.
    configured: HashMap<String, [Option<Score>; KINDS], RandomState>,
}

impl Qualities {
    /// What is part of the program.
    ///
    /// # Errors
    /// Only when the program was built from a damaged table, which a test prevents.
    pub fn embedded() -> Result<Self, QualityError> {
        Self::of_texts(table::EMBEDDED)
    }

    fn of_texts(texts: &[&str]) -> Result<Self, QualityError> {
        let mut rated: HashMap<String, [Score; KINDS], RandomState> = HashMap::default();
        let mut lines: HashMap<String, Vec<(Vec<u32>, String)>, RandomState> = HashMap::default();
        for text in texts {
            for (model, ratings) in table::read(text)? {
                let name = plain(&model);
                let (line, version) = line_and_version(&name);
                // The first that is listed counts: the newest table comes first.
                if let Entry::Vacant(free) = rated.entry(name) {
                    lines.entry(line).or_default().push((version, free.key().clone()));
                    free.insert(of_ratings(ratings));
                }
            }
        }
        lines.values_mut().for_each(|versions| versions.sort());
        Ok(Self { rated, lines, configured: HashMap::default() })
    }

    /// Says how good a model is at a kind of task, whatever else is known: `gpt-5-mini`, or
    /// `openai/gpt-5-mini` where only that provider's is meant.
    pub fn set(&mut self, model: &str, kind: Kind, score: Score) {
        self.configured.entry(model.to_owned()).or_default()[kind.index()] = Some(score);
    }

    /// How good a model is.
    pub(crate) fn of(&self, provider: &str, model: &Model) -> Quality {
        let (scores, known) = self.unconfigured(model);
        let mut scores = scores.map(|score| (score, known));
        if !self.configured.is_empty() {
            let whole = format!("{provider}/{}", model.name);
            for name in [model.name.as_str(), whole.as_str()] {
                let said = self.configured.get(name).into_iter().flatten();
                for (score, said) in scores.iter_mut().zip(said) {
                    if let Some(said) = *said {
                        *score = (said, Known::Configured);
                    }
                }
            }
        }
        Quality { scores }
    }

    fn unconfigured(&self, model: &Model) -> ([Score; KINDS], Known) {
        let name = plain(&model.name);
        if let Some(scores) = self.rated.get(&name) {
            return (*scores, Known::Rated);
        }
        let (line, version) = line_and_version(&name);
        let before = self.lines.get(&line).and_then(|versions| {
            let older =
                versions.iter().rev().find(|(rated, _)| *rated < version && !rated.is_empty());
            self.rated.get(&older?.1)
        });
        match before {
            Some(scores) => (*scores, Known::Successor),
            None => ([by_price(model.cards.last()); KINDS], Known::Price),
        }
    }
}

/// Each kind by its own rating, else by the overall one.
fn of_ratings(ratings: Ratings) -> [Score; KINDS] {
    ratings.by_kind.map(|rating| of_rating(rating.unwrap_or(ratings.overall)))
}

/// A rating of people's preferences (an Elo-like scale) as a quality: 1000 is 0 and 1550 is 1, and it grows
/// evenly between.
fn of_rating(rating: u32) -> Score {
    let millionths = u64::from(rating.clamp(RATING_WORST, RATING_BEST) - RATING_WORST) * 1_000_000
        / u64::from(RATING_BEST - RATING_WORST);
    let millionths = millionths / 1000 * 1000;
    u32::try_from(millionths).ok().and_then(Score::from_millionths).unwrap_or(Score::BEST)
}

const RATING_WORST: u32 = 1000;
const RATING_BEST: u32 = 1550;

/// What nobody rated, by the price of a million tokens of its answers: from 10 USD 0.65, from 2 USD 0.55,
/// from 0.4 USD 0.45, else 0.35. A model of little cost is not taken to be good, nor one of great cost to be
/// among the best.
fn by_price(card: Option<&RateCard>) -> Score {
    let rules = card.map(RateCard::rules).unwrap_or_default();
    let output =
        rules.iter().filter(|rule| rule.meter == Meter::Output).map(|rule| rule.rate).max();
    let scaled = output.map_or(0, centime_core::money::Rate::scaled);
    let per_million =
        |usd_tenths: u128| centime_core::money::Rate::ONE.scaled() / 1_000_000 * usd_tenths / 10;
    let millionths = match scaled {
        _ if scaled >= per_million(100) => 650_000,
        _ if scaled >= per_million(20) => 550_000,
        _ if scaled >= per_million(4) => 450_000,
        _ => 350_000,
    };
    Score::from_millionths(millionths).unwrap_or(Score::BEST)
}
