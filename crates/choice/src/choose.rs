//! Choosing: of the models that fit, the cheapest that is good enough.

use std::cmp::Reverse;
use std::fmt;

use centime_core::meter::Meter;
use centime_core::money::PicoUsd;
use centime_core::score::Score;
use centime_core::time::Timestamp;
use centime_tokens::{Count, Text};

use crate::catalogue::{Catalogue, Offer};
use crate::cost;
use crate::features::Features;
use crate::kind::Kind;
use crate::quality::Known;
use crate::task::Task;

/// How many times the answer expected an answer left open is let be, where it may be limited.
const OPEN_OUTPUT_FACTOR: u64 = 2;

/// A call for which a model is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The task: what is asked of the model, and its prompt where `input_tokens` says nothing else.
    pub task: &'a str,
    /// The prompt, where it is more than the task; its tokens are counted instead of the task's.
    pub prompt: Option<&'a str>,
    /// When the call is made.
    pub at: Timestamp,
    /// What the task is about, where that is said; else it is read from the task.
    pub kind: Option<Kind>,
    /// How good the model has to be, where that is said; else it is read from the task.
    pub quality_min: Option<Score>,
    /// The tokens of the prompt, where they are known; else those of the task are counted.
    pub input_tokens: Option<u64>,
    /// The most tokens that the answer may have, where that is said; else the model's own limit holds.
    pub output_tokens_max: Option<u64>,
    /// The most that the call may cost.
    pub budget: Option<PicoUsd>,
    /// What the model has to be able to do beside text.
    pub features: Features,
    /// Whether whoever makes the call will limit an answer that was left open to what the budget pays for. A
    /// model then fits where the budget pays for twice the answer expected.
    pub limits_output: bool,
}

impl<'a> Ask<'a> {
    /// A call of which only the task is known.
    #[must_use]
    pub const fn new(task: &'a str, at: Timestamp) -> Self {
        Self {
            task,
            prompt: None,
            at,
            kind: None,
            quality_min: None,
            input_tokens: None,
            output_tokens_max: None,
            budget: None,
            features: Features::NONE,
            limits_output: false,
        }
    }
}

/// A model that was weighed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The model, by the provider's name for it.
    pub model: String,
    /// The provider.
    pub provider: String,
    /// What the call is expected to cost.
    pub estimated_cost: PicoUsd,
    /// What it costs at most; `None` where nothing limits the answer.
    pub worst_cost: Option<PicoUsd>,
    /// How good the model is at the task.
    pub quality: Score,
    /// How that is known.
    pub known: Known,
    /// The prompt's tokens, as estimated.
    pub input_tokens: u64,
    /// The most that they can be.
    pub input_tokens_max: u64,
}

/// Quality for a dollar: a ratio, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Efficiency(u128);

impl fmt::Display for Efficiency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:06}", self.0 % 1_000_000);
        match decimals.trim_end_matches('0') {
            "" => write!(out, "{}", self.0 / 1_000_000),
            decimals => write!(out, "{}.{decimals}", self.0 / 1_000_000),
        }
    }
}

impl Candidate {
    /// Its quality for a dollar of estimated cost; `None` where the call costs nothing.
    #[must_use]
    pub fn efficiency(&self) -> Option<Efficiency> {
        let pico = u128::try_from(self.estimated_cost.pico()).ok().filter(|pico| *pico > 0)?;
        Some(Efficiency(u128::from(self.quality.millionths()) * 1_000_000_000_000 / pico))
    }
}

/// The model to use, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The model. Where none fits the budget, the cheapest of those that it would take more for.
    pub chosen: Candidate,
    /// Whether it fits the budget.
    pub fits: bool,
    /// Why it is this one, for people to read.
    pub reason: String,
    /// What the task was read as.
    pub task: Task,
    /// All that fit context, features and budget: those good enough first, the cheapest first; then the
    /// others, the best first. The chosen one leads them. Empty where none fits.
    pub candidates: Vec<Candidate>,
}

/// Why there is no model at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoModel {
    /// Nothing is offered.
    #[error("there is no priced model for text to choose from")]
    NoneOffered,
    /// Nothing can do it.
    #[error("none of {offered} models takes a prompt of {input_tokens} tokens{}", also(.features))]
    NoneFits {
        /// How many were looked at.
        offered: usize,
        /// The tokens of the prompt, as the last of them counts.
        input_tokens: u64,
        /// What else was needed.
        features: Features,
    },
}

fn also(features: &Features) -> String {
    match features.names() {
        names if names.is_empty() => String::new(),
        names => format!(" and can do {names}"),
    }
}

/// An offer that fits context and features, before names are copied.
struct Weighed<'a> {
    offer: &'a Offer,
    estimated: PicoUsd,
    worst: Option<PicoUsd>,
    quality: Score,
    known: Known,
    input_tokens: u64,
    input_tokens_max: u64,
}

impl Catalogue {
    /// The model to use for a call, of those offers that `is_open` lets in: among those that fit context,
    /// features and budget and are good enough the cheapest; where none is good enough the best.
    ///
    /// # Errors
    /// When no model fits context and features. Where some do and none fits the budget, the answer says so
    /// by [`Choice::fits`].
    pub fn choose(
        &self,
        ask: &Ask<'_>,
        is_open: impl Fn(&Offer) -> bool,
    ) -> Result<Choice, NoModel> {
        let read = Task::read(ask.task);
        let task = Task { kind: ask.kind.unwrap_or(read.kind), ..read };
        let needed = ask.quality_min.unwrap_or_else(|| task.level.quality_needed());
        let text = Text::new(ask.prompt.unwrap_or(ask.task));
        let mut offered = 0;
        let mut input_tokens = 0;
        let mut fitting: Vec<Weighed<'_>> = Vec::new();
        let mut beyond: Option<Weighed<'_>> = None;
        for offer in self.offers.iter().filter(|offer| offer.is_sold(ask.at) && is_open(offer)) {
            offered += 1;
            let count = counted(&text, offer, ask.input_tokens);
            input_tokens = count.tokens.saturating_add(count.framing_tokens);
            let Some(weighed) = weighed(offer, ask, task.kind, count) else { continue };
            if weighed.is_within(ask.budget) {
                fitting.push(weighed);
            } else if beyond.as_ref().is_none_or(|best| weighed.key() < best.key()) {
                beyond = Some(weighed);
            }
        }
        // The cheapest that is good enough first; then the rest, the best of them first.
        fitting.sort_by(|left, right| {
            let order = |it: &Weighed<'_>| {
                let is_good = it.quality >= needed;
                let quality = if is_good { Score::BEST } else { it.quality };
                (Reverse(is_good), Reverse(quality))
            };
            order(left).cmp(&order(right)).then_with(|| left.key().cmp(&right.key()))
        });
        let Some(best) = fitting.first().or(beyond.as_ref()) else {
            return Err(match offered {
                0 => NoModel::NoneOffered,
                _ => NoModel::NoneFits { offered, input_tokens, features: ask.features },
            });
        };
        let fits = !fitting.is_empty();
        let good = fitting.iter().filter(|it| it.quality >= needed).count();
        let reason = match (fits, good) {
            (false, _) => too_dear(best, ask),
            (true, 0) => best_there_is(best, &task, needed, ask, fitting.len()),
            (true, good) => cheapest(best, &task, needed, ask, good),
        };
        Ok(Choice {
            chosen: best.candidate(),
            fits,
            reason,
            task: Task { needed, ..task },
            candidates: fitting.iter().map(Weighed::candidate).collect(),
        })
    }
}

/// The prompt's tokens to an offer's model.
fn counted(text: &Text<'_>, offer: &Offer, said: Option<u64>) -> Count {
    match said {
        Some(tokens) => Count {
            tokens,
            framing_tokens: 0,
            method: centime_tokens::Method::Exact {
                vocabulary: centime_tokens::Vocabulary::O200kBase,
            },
        },
        None => text.count(offer.tokenizer),
    }
}

/// An offer that fits context and features with what the call costs there; else `None`.
fn weighed<'a>(offer: &'a Offer, ask: &Ask<'_>, kind: Kind, count: Count) -> Option<Weighed<'a>> {
    if offer.features.is_some_and(|features| !features.have(ask.features)) {
        return None;
    }
    let input_tokens = count.tokens.saturating_add(count.framing_tokens);
    let input_tokens_max = count.at_most().saturating_add(count.framing_tokens);
    let limits = offer.model.limits;
    let expected = kind.output_tokens_expected();
    let expected = ask.output_tokens_max.map_or(expected, |max| max.min(expected));
    let own_max = limits.output_tokens_max;
    let longest = ask.output_tokens_max.unwrap_or(expected);
    if own_max.is_some_and(|own| longest > own) {
        return None;
    }
    // Some count the answer into the window, and some do not: it has to hold both.
    let together = input_tokens_max.saturating_add(longest);
    if limits.input_tokens_max.is_some_and(|window| together > window) {
        return None;
    }
    let open = ask.limits_output.then(|| expected.saturating_mul(OPEN_OUTPUT_FACTOR));
    let most = match (ask.output_tokens_max, open) {
        (Some(said), _) => Some(said),
        (None, Some(open)) => Some(own_max.map_or(open, |own| own.min(open))),
        (None, None) => own_max,
    };
    let (card, _) = offer.model.card_at(ask.at)?;
    let estimated = cost::of_call(card, ask.at, input_tokens, (Meter::Output, expected))?;
    let worst = match most {
        Some(most) => Some(cost::at_most(card, ask.at, input_tokens_max, most)?),
        None => None,
    };
    let (quality, known) = offer.quality.at(kind);
    Some(Weighed { offer, estimated, worst, quality, known, input_tokens, input_tokens_max })
}

impl Weighed<'_> {
    /// Whether a budget pays for its worst case. What nothing limits no budget pays for.
    fn is_within(&self, budget: Option<PicoUsd>) -> bool {
        budget.is_none_or(|budget| self.worst.is_some_and(|worst| worst <= budget))
    }

    /// The cheaper first; of two that cost the same the better, then its maker's, then the shorter name.
    fn key(&self) -> impl Ord + '_ {
        let Offer { provider, model, is_makers, .. } = self.offer;
        let quality = Reverse(self.quality);
        (self.estimated, quality, !is_makers, model.name.len(), &model.name, provider)
    }

    fn candidate(&self) -> Candidate {
        Candidate {
            model: self.offer.model.name.clone(),
            provider: self.offer.provider.clone(),
            estimated_cost: self.estimated,
            worst_cost: self.worst,
            quality: self.quality,
            known: self.known,
            input_tokens: self.input_tokens,
            input_tokens_max: self.input_tokens_max,
        }
    }

    fn whole_name(&self) -> String {
        format!("{}/{}", self.offer.provider, self.offer.model.name)
    }
}

/// ` within 0.05 USD`, where there is a budget.
fn within(ask: &Ask<'_>) -> String {
    ask.budget.map_or_else(String::new, |budget| format!(" within {budget} USD"))
}

fn cheapest(best: &Weighed<'_>, task: &Task, needed: Score, ask: &Ask<'_>, good: usize) -> String {
    let Weighed { quality, known, .. } = best;
    let (kind, within) = (task.kind, within(ask));
    let among = match good {
        1 => format!("it is the only model{within} that is good enough"),
        _ => format!("it is the cheapest of {good} models{within} that are good enough"),
    };
    format!(
        "{among} for this task ({kind}, quality {needed} needed{}): {quality}{}",
        task.because(ask.quality_min.is_some()),
        known_by(*known)
    )
}

fn best_there_is(
    best: &Weighed<'_>,
    task: &Task,
    needed: Score,
    ask: &Ask<'_>,
    fitting: usize,
) -> String {
    let Weighed { quality, known, .. } = best;
    let (kind, within) = (task.kind, within(ask));
    format!(
        "no model{within} is as good as this task needs ({kind}, quality {needed} needed{}); of the \
         {fitting} that fit it is the best: {quality}{}",
        task.because(ask.quality_min.is_some()),
        known_by(*known)
    )
}

fn too_dear(best: &Weighed<'_>, ask: &Ask<'_>) -> String {
    let (name, budget) = (best.whole_name(), ask.budget.unwrap_or_default());
    match best.worst {
        Some(worst) => format!(
            "no model fits the budget of {budget} USD: `{name}`, the cheapest that takes the prompt, may \
             cost {worst} USD; raise the budget, or limit the answer"
        ),
        None => format!(
            "no model fits the budget of {budget} USD: nothing limits the answer of `{name}`, the cheapest \
             that takes the prompt; say how long the answer may be"
        ),
    }
}

fn known_by(known: Known) -> &'static str {
    match known {
        Known::Configured => ", as configured",
        Known::Rated => "",
        Known::Successor => ", taken from an older model of its line",
        Known::Price => ", a cautious guess from its price: nobody rated it",
    }
}
