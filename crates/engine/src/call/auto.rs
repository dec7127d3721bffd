//! Choose: which model serves a call that names none but `auto`.
//!
//! Of the models that the configured providers of the call's own format serve, that have a price and that
//! the key may call: the cheapest that is good enough for what the user said last, within the budget that
//! the call may spend (`x-centime-budget`) and what its budgets have left.

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use centime_choice::{Ask, Candidate, Catalogue, Features, NoModel, Offer};
use centime_core::attribution::Attribution;
use centime_core::budget::Payer;
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use centime_providers::wire::error::Code;
use centime_providers::wire::request::Asked;
use centime_providers::wire::{self, Door, Endpoint, Gemini, Wire};
use http::{HeaderMap, HeaderName};

use super::house::Worker;
use super::keyring::Holder;
use super::provider::Provider;
use super::refusal::Refusal;
use super::resolve::Route;
use super::worst::Bound;

/// The name that lets the gateway choose.
pub(super) const AUTO: &str = "auto";

/// What the call may cost at most, in US dollars.
const BUDGET: HeaderName = HeaderName::from_static("x-centime-budget");

/// The longest prompt whose tokens are counted while its call waits; of a longer one every third byte is
/// taken for one.
const COUNTED_BYTES_MAX: usize = 64 * 1024;
/// How many models are held against the proven worst case of the call before it is given up.
const TRIED_MAX: usize = 32;

/// What a call may cost at most, as its client says.
///
/// # Errors
/// When the header is no amount of US dollars, or is there twice.
pub(super) fn budget_of(headers: &HeaderMap) -> Result<Option<PicoUsd>, Refusal> {
    let mut values = headers.get_all(&BUDGET).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let amount = value.to_str().ok().and_then(|text| text.trim().parse::<PicoUsd>().ok());
    match amount.filter(|amount| *amount >= PicoUsd::ZERO && values.next().is_none()) {
        Some(amount) => Ok(Some(amount)),
        None => Err(Refusal::bad_request(
            "`x-centime-budget` is no amount of US dollars: write it once, such as `0.05`",
        )),
    }
}

/// A call whose model is to be chosen.
pub(super) struct Undecided<'a> {
    pub(super) door: &'a Door<'a>,
    pub(super) asked: &'a Asked<'a>,
    pub(super) body: &'a Bytes,
    pub(super) holder: Option<&'a Arc<Holder>>,
    pub(super) now: Timestamp,
    /// What it may cost at most.
    pub(super) budget: Option<PicoUsd>,
}

impl Worker {
    /// Where a call goes that lets us choose.
    ///
    /// # Errors
    /// As [`Worker::choose`], and where the client's own key would go to whomever we choose.
    pub(super) fn choose_for(
        &self,
        headers: &HeaderMap,
        call: &Undecided<'_>,
    ) -> Result<Route, Refusal> {
        if headers.contains_key("x-centime-passthrough") {
            return Err(Refusal::bad_request(
                "a key of one provider is not passed on to whichever is chosen: name the model, or leave \
                 `x-centime-passthrough` out",
            ));
        }
        self.choose(call)
    }

    /// Where a call goes, by what it wants.
    ///
    /// # Errors
    /// When it is no conversation, nobody serves it, or nothing fits its budget.
    fn choose(&self, call: &Undecided<'_>) -> Result<Route, Refusal> {
        if !is_conversation(call.door.endpoint) {
            return Err(Refusal::bad_request(
                "`auto` chooses among models that converse: name the model of this call",
            ));
        }
        let wanted = wire::wanted(call.body);
        let prompt = wire::prompt_text(call.body);
        let is_long = prompt.len() > COUNTED_BYTES_MAX;
        let third = || u64::try_from(prompt.len() / 3).unwrap_or(u64::MAX);
        let limit = call.asked.output_limit_tokens;
        let ask = Ask {
            prompt: Some(&prompt).filter(|_| !is_long).map(String::as_str),
            input_tokens: is_long.then(third),
            output_tokens_max: limit,
            budget: call.budget,
            features: Features {
                vision: wanted.has_images,
                tools: wanted.has_tools,
                json: wanted.has_json,
            },
            limits_output: limit.is_none(),
            ..Ask::new(&wanted.task, call.now)
        };
        let catalogue = self.catalogue();
        let chosen = catalogue.choose(&ask, |offer| self.is_open_to(call, offer));
        let choice = chosen.map_err(|none| unserved(&none, call.door.wire))?;
        if !choice.fits {
            return Err(Refusal::new(Code::InsufficientBudget, choice.reason));
        }
        // The estimate has a margin; what is set aside is proven, and may be more.
        let payable = choice.candidates.iter().take(TRIED_MAX);
        let Some(found) = payable.into_iter().find(|candidate| self.is_payable(call, candidate))
        else {
            let budget = call.budget.unwrap_or_default();
            let message = format!(
                "no model is sure to cost no more than {budget} USD for this call; raise the budget, or \
                 limit the answer"
            );
            return Err(Refusal::new(Code::InsufficientBudget, message));
        };
        let provider = self.house.directory.providers.get(&found.provider).cloned();
        let provider = provider.ok_or_else(|| unserved(&NoModel::NoneOffered, call.door.wire))?;
        Ok(Route { provider, model: found.model.clone() })
    }

    /// A cheaper choice, where the budgets that the call touches have less left than it may cost; `None`
    /// where the first choice stands, or nothing fits: the budgets then say why.
    pub(super) fn choose_within_budgets(
        &self,
        call: &Undecided<'_>,
        attribution: &Attribution,
        (provider, model): (&Provider, &str),
    ) -> Option<Route> {
        let payer = Payer {
            attribution: attribution.clone(),
            provider: provider.name.clone(),
            model: model.to_owned(),
        };
        let left = self.house.bank.remaining(&payer, call.now)?.pico();
        if call.budget.is_some_and(|budget| i128::from(budget.pico()) <= left) {
            return None;
        }
        let left = PicoUsd::from_pico(i64::try_from(left).unwrap_or(i64::MAX).max(0));
        self.choose(&Undecided { budget: Some(left), ..*call }).ok()
    }

    /// Whether an offer may serve a call: of a configured provider that has a key and speaks its format,
    /// and the caller's key may call it.
    fn is_open_to(&self, call: &Undecided<'_>, offer: &Offer) -> bool {
        let Some(provider) = self.house.directory.providers.get(&offer.provider) else {
            return false;
        };
        let speaks = match call.door.endpoint {
            // What only answers by `/v1/responses` answers nowhere else; and only its maker has the path.
            Endpoint::Responses => provider.name == "openai",
            _ => offer.model.mode != "responses",
        };
        let long = || format!("{}/{}", offer.provider, offer.model.name);
        provider.wire == call.door.wire
            && (provider.has_key || !provider.needs_key)
            && speaks
            && call.holder.is_none_or(|holder| {
                holder.check_model(&[AUTO, &offer.model.name, &long()]).is_ok()
            })
    }

    /// Whether the budget of a call pays for what a candidate may cost at most, proven.
    fn is_payable(&self, call: &Undecided<'_>, candidate: &Candidate) -> bool {
        let Some(budget) = call.budget else { return true };
        let Candidate { provider, model, .. } = candidate;
        let asked = (call.asked, &**call.body);
        let bound =
            self.with_pricer(|pricer| Bound::of(pricer, provider, model, asked, call.now, true));
        let Ok(mut bound) = bound else { return false };
        let least = self.house.limits.output_tokens_min.max(1);
        bound.is_payable(budget, least, (provider, model), call.body)
    }

    /// The models of the configured providers, read from the book in force once.
    fn catalogue(&self) -> Rc<Catalogue> {
        self.with_catalogue(|book| {
            let providers = &self.house.directory.providers;
            Catalogue::of(book, &self.house.qualities, |provider| {
                providers.contains_key(provider.name())
            })
        })
    }
}

const fn is_conversation(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::ChatCompletions
            | Endpoint::Responses
            | Endpoint::AnthropicMessages
            | Endpoint::Gemini(Gemini::Generate | Gemini::StreamGenerate)
    )
}

fn unserved(none: &NoModel, wire: Wire) -> Refusal {
    match none {
        NoModel::NoneOffered => {
            let format = match wire {
                Wire::OpenAi => "OpenAI's",
                Wire::Anthropic => "Anthropic's",
                Wire::Gemini => "Gemini's",
            };
            Refusal::unknown_model(format!(
                "`auto` has nothing to choose from: no configured provider with a key serves a priced model \
                 in {format} format that this key may call"
            ))
        }
        NoModel::NoneFits { .. } => Refusal::new(Code::InsufficientBudget, none.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_one_amount() {
        for (values, expected) in [
            (&[][..], Ok(None)),
            (&["0.05"], Ok(Some("0.05"))),
            (&[" 1 "], Ok(Some("1"))),
            (&["0"], Ok(Some("0"))),
            (&["-1"], Err(400)),
            (&["much"], Err(400)),
            (&[""], Err(400)),
            (&["1", "1"], Err(400)),
            (&["1e400"], Err(400)),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(BUDGET, value.parse().unwrap());
            }
            let found = budget_of(&headers).map_err(|refusal| refusal.code.status());
            assert_eq!(
                found,
                expected.map(|it| it.map(|text| text.parse().unwrap())),
                "{values:?}"
            );
        }
    }
}
