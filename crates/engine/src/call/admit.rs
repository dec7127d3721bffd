//! Admit: what a call may cost is set aside, or the call is refused.

use std::sync::Arc;

use centime_budgets::{Bank, Refused, Standing};
use centime_core::budget::Payer;
use centime_core::entry::Uid;
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_core::time::Timestamp;
use centime_providers::wire::error::Code;

use super::house::House;
use super::refusal::Refusal;
use super::worst::{Bound, Unbounded};

/// What is set aside for a call. Dropped without having been settled, it is given back.
#[derive(Debug)]
pub(super) struct Held {
    bank: Arc<Bank>,
    uid: Uid,
    /// How much it is.
    pub(super) worst: PicoUsd,
    is_open: bool,
}

impl Held {
    /// The call came to its end: this is what it did cost. Answers what the tightest budget has left.
    pub(super) fn settle(mut self, charge: PicoUsd, now: Timestamp) -> Option<TotalPicoUsd> {
        self.is_open = false;
        self.bank.settle(self.uid, charge, now)
    }

    /// Nobody knows what it did cost.
    pub(super) fn doubt(mut self) {
        self.is_open = false;
        self.bank.doubt(self.uid);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.is_open {
            self.bank.release(self.uid);
        }
    }
}

/// A call that was admitted.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) held: Held,
    /// The most that it may cost; `None` where nobody knows, and no budget had to.
    pub(super) quote: Option<PicoUsd>,
    /// The output limit that was put on it.
    pub(super) output_limit: Option<u64>,
    /// What the tightest budget has left.
    pub(super) remaining: Option<TotalPicoUsd>,
}

/// A call that asks to be admitted.
pub(super) struct Asking<'a> {
    pub(super) uid: Uid,
    pub(super) payer: &'a Arc<Payer>,
    /// The body of the client.
    pub(super) body: &'a [u8],
    pub(super) now: Timestamp,
    /// The most that it may cost, as its client says.
    pub(super) budget: Option<PicoUsd>,
    /// Its model stands in for another already.
    pub(super) is_downgraded: bool,
}

/// What becomes of a call that asks.
pub(super) enum Answer {
    Admitted(Admission),
    /// Another model is to be called.
    Downgrade(Box<str>),
    /// A budget does not pay for it now; when calls in flight have ended it may.
    Full(Refusal),
}

/// Sets aside what a call may cost in every budget that it touches. Where the client left the answer's
/// length open, it is limited to what the budgets pay for.
pub(super) fn admit(
    house: &House,
    bound: Result<Bound, Unbounded>,
    asking: &Asking<'_>,
) -> Result<Answer, Refusal> {
    let bank = &house.bank;
    let is_limited =
        || asking.budget.is_some() || bank.remaining(asking.payer, asking.now).is_some();
    let mut bound = match bound {
        Ok(bound) => Some(bound),
        Err(unbounded) => {
            if is_limited() {
                allow_unbounded(house, unbounded, asking.payer)?;
            }
            None
        }
    };
    let mut worst = match &bound {
        None => None,
        Some(bound) => match bound.cost() {
            Ok(cost) => Some(cost),
            // An answer that was left open is limited to what there is.
            Err(Unbounded::Limitless) if bound.is_open() => None,
            Err(unbounded) => {
                if is_limited() {
                    allow_unbounded(house, unbounded, asking.payer)?;
                }
                None
            }
        },
    };
    let mut output_limit = None;
    if worst.is_none()
        && let Some(bound) = bound.as_ref().filter(|bound| bound.is_open())
        && let Some(left) = left_of_both(bank.remaining(asking.payer, asking.now), asking.budget)
    {
        (worst, output_limit) = lowered(house, bound, left)
            .ok_or_else(|| open_ended(asking.payer))
            .map(|(cost, tokens)| (Some(cost), Some(tokens)))?;
    }
    let mut is_counted = false;
    if let (Some(budget), Some(bound)) = (asking.budget, &mut bound)
        && worst.is_some_and(|worst| worst > budget)
    {
        is_counted = true;
        (worst, output_limit) = within(house, bound, budget, asking)?;
    }
    // Others are admitted meanwhile: what was left a moment ago may not be there any more.
    for _ in 0..8 {
        let held = worst.unwrap_or_default();
        let admitted = bank.admit(asking.uid, asking.payer, held, asking.now, asking.is_downgraded);
        let standing = match admitted {
            Ok(admitted) => {
                let held =
                    Held { bank: Arc::clone(bank), uid: asking.uid, worst: held, is_open: true };
                return Ok(Answer::Admitted(Admission {
                    held,
                    quote: worst,
                    output_limit,
                    remaining: admitted.remaining,
                }));
            }
            Err(Refused::Downgrade(model)) => return Ok(Answer::Downgrade(model)),
            Err(Refused::Unknown) => return Err(unknown()),
            Err(Refused::Over(standing)) => standing,
        };
        let Some(bound) = &mut bound else { return full(house, &standing, held) };
        // The length of the body is a bound that costs nothing; near a limit it is worth counting.
        if !is_counted {
            is_counted = true;
            if bound.count(&asking.payer.provider, &asking.payer.model, asking.body)
                && let Ok(cost) = bound.cost()
            {
                worst = Some(cost);
                continue;
            }
        }
        let left = standing.remaining().pico();
        match lowered(house, bound, left).filter(|_| bound.is_open()) {
            Some((cost, tokens)) => (worst, output_limit) = (Some(cost), Some(tokens)),
            None => return full(house, &standing, held),
        }
    }
    Err(Refusal::new(
        Code::BudgetExceeded,
        "so many calls ask for the rest of the budget at once that it is gone before this one is \
         admitted; try again",
    ))
}

/// What the tighter of the two has left, in picodollars.
fn left_of_both(left: Option<TotalPicoUsd>, budget: Option<PicoUsd>) -> Option<i128> {
    let budget = budget.map(|budget| i128::from(budget.pico()));
    match (left.map(TotalPicoUsd::pico), budget) {
        (Some(left), Some(budget)) => Some(left.min(budget)),
        (left, budget) => left.or(budget),
    }
}

/// What a call costs at most that is made to fit its client's own budget, by counting its prompt and by
/// limiting an answer that was left open.
fn within(
    house: &House,
    bound: &mut Bound,
    budget: PicoUsd,
    asking: &Asking<'_>,
) -> Result<(Option<PicoUsd>, Option<u64>), Refusal> {
    let Payer { provider, model, .. } = &**asking.payer;
    bound.count(provider, model, asking.body);
    match bound.cost() {
        Ok(cost) if cost <= budget => return Ok((Some(cost), None)),
        _ if bound.is_open() => {
            if let Some((cost, tokens)) = lowered(house, bound, i128::from(budget.pico())) {
                return Ok((Some(cost), Some(tokens)));
            }
        }
        _ => {}
    }
    let worst = bound.cost().ok();
    let most = worst.map_or_else(|| "an unknown sum".to_owned(), |cost| format!("{cost} USD"));
    let message = format!(
        "the call of `{model}` may cost {most}, and `x-centime-budget` lets it cost {budget} USD; raise it, \
         or limit the answer"
    );
    let mut details = vec![("limit", budget.to_string())];
    details.extend(worst.map(|cost| ("worst_case", cost.to_string())));
    Err(Refusal::new(Code::InsufficientBudget, message).with(details))
}

/// A budget does not pay for a call: for good, or as long as it has something set aside.
fn full(house: &House, standing: &Standing, worst: PicoUsd) -> Result<Answer, Refusal> {
    let refusal = over(house, standing, worst);
    if standing.held.pico() > 0 { Ok(Answer::Full(refusal)) } else { Err(refusal) }
}

/// The longest answer that the money pays for, and what the call costs with it.
fn lowered(house: &House, bound: &Bound, pico: i128) -> Option<(PicoUsd, u64)> {
    let tokens = bound.affordable(pico)?;
    if tokens < house.limits.output_tokens_min.max(1) {
        return None;
    }
    Some((bound.cost_with(Some(tokens)).ok()?, tokens))
}

/// What cannot be bounded is refused under a hard budget, but for what has no price where that is
/// allowed.
fn allow_unbounded(house: &House, unbounded: Unbounded, payer: &Payer) -> Result<(), Refusal> {
    let Payer { model, .. } = payer;
    match unbounded {
        Unbounded::Nothing => Ok(()),
        Unbounded::Unpriced if house.limits.allows_unpriced => Ok(()),
        Unbounded::Unpriced => Err(Refusal::new(
            Code::UnpricedModel,
            format!(
                "the model `{model}` has no price, and a budget has to pay for it; set one with \
                 `centime prices set {model} input=… output=…`, or `unpriced = \"allow\"` in the \
                 configuration"
            ),
        )),
        Unbounded::Unmeterable => Err(Refusal::new(
            Code::Unmeterable,
            "what this call costs is not known when it is answered, and a budget has to pay for it; \
             make it where no budget applies, or with a key that has none",
        )),
        Unbounded::Limitless => Err(open_ended(payer)),
    }
}

fn open_ended(payer: &Payer) -> Refusal {
    let model = &payer.model;
    Refusal::new(
        Code::InsufficientBudget,
        format!(
            "nothing says how much this call of `{model}` may cost, and a budget has to pay for it; \
             set its output limit, and leave out what the provider fetches itself"
        ),
    )
}

fn unknown() -> Refusal {
    Refusal::new(
        Code::LedgerUnavailable,
        "the clock went back, and what was spent at that time is being read; try again in a second",
    )
}

/// A budget does not pay for it.
fn over(house: &House, standing: &Standing, worst: PicoUsd) -> Refusal {
    let Standing { budget, limit, settled, held, scope, window, .. } = standing;
    let remaining = standing.remaining();
    let is_untouched = settled.pico() == 0 && held.pico() == 0;
    let code = if is_untouched { Code::InsufficientBudget } else { Code::BudgetExceeded };
    let resets_at = standing.resets_at.map(|at| house.bank.local(at));
    let resets = resets_at.as_deref().map_or_else(
        || "it does not reset by itself".to_owned(),
        |at| format!("it resets at {at}"),
    );
    let what = if standing.plan.is_some() { "plan" } else { "budget" };
    let message = format!(
        "the call may cost {worst} USD, and the {what} `{budget}` ({scope}) has {remaining} USD left \
         of {limit} USD a {window}: {settled} spent, {held} held for calls in flight; {resets}"
    );
    let mut details = vec![
        ("budget", budget.to_string()),
        ("scope", scope.to_string()),
        ("window", window.to_string()),
        ("limit", limit.to_string()),
        ("spent", settled.to_string()),
        ("held", held.to_string()),
        ("remaining", remaining.to_string()),
        ("worst_case", worst.to_string()),
    ];
    details.extend(resets_at.map(|at| ("resets_at", at)));
    Refusal::new(code, message).with(details)
}
