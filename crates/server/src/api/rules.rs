//! `/api/v1/budgets`, `/plans` and `/users`: who may spend what, for who administers it from afar. What the
//! configuration says is changed there.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use bytes::Bytes;
use centime_answers::Decimal;
use centime_budgets::Rules;
use centime_core::budget::{Budget, Member, Plan, check_name};
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use centime_core::window::Window;
use centime_engine::accounts::rules_of;
use centime_ledger::RuleChange;
use http::request::Parts;
use http_body::Body;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::changes::{Refused, answered, asked, document};
use super::{Answer, Api, Store};

/// A budget as it is asked for. Amounts are kept as they were written: no digit of them is lost.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedBudget {
    name: String,
    limit: Box<RawValue>,
    window: String,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    raise: Option<Box<RawValue>>,
    #[serde(default)]
    raise_until: Option<String>,
}

/// A plan as it is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedPlan {
    name: String,
    #[serde(default)]
    limit: Option<Box<RawValue>>,
    #[serde(default)]
    window: Option<String>,
}

/// What a user is to be given. What is left out stays; `null` takes it away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedUser {
    user: String,
    #[serde(default, deserialize_with = "given")]
    plan: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    team: Option<Option<String>>,
}

/// A member that is there, `null` or not.
fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[derive(Serialize)]
struct Changed<'a> {
    name: &'a str,
    changed: bool,
}

#[derive(Serialize)]
struct ShownPlan<'a> {
    name: &'a str,
    limit: Option<Decimal<PicoUsd>>,
    window: String,
}

#[derive(Serialize)]
struct ShownUser<'a> {
    user: &'a str,
    plan: Option<&'a str>,
    team: Option<&'a str>,
}

/// Sets a budget, or changes one.
pub(super) async fn set_budget<B>(api: &Api, parts: &Parts, body: B) -> Answer
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    asked(api, parts, body, |store, wanted: &WantedBudget| {
        let name = named("name", &wanted.name)?;
        let is_configured = store.configured().budgets.iter().any(|it| *it.budget.name == *name);
        not_configured(is_configured, "budgets", &name)?;
        let raise = match (&wanted.raise, &wanted.raise_until) {
            (None, None) => None,
            (Some(more), Some(until)) => {
                let until = Timestamp::parse_in(until, &store.zone());
                let until = until.map_err(|error| wrong("raise_until", &error))?;
                if until <= store.now() {
                    return Err(wrong("raise_until", &"it is over already"));
                }
                Some((amount("raise", more)?, until))
            }
            _ => return Err(wrong("raise", &"`raise` and `raise_until` go together")),
        };
        let budget = Budget {
            name: name.clone(),
            scope: read("scope", wanted.scope.as_deref().unwrap_or("all"))?,
            limit: amount("limit", &wanted.limit)?,
            window: read("window", &wanted.window)?,
            action: read("action", wanted.action.as_deref().unwrap_or("refuse"))?,
        };
        let changed = store.change_rules(&RuleChange::SetBudget(budget, raise))?;
        document(&Changed { name: &name, changed })
    })
    .await
}

/// Takes a budget away.
pub(super) async fn remove_budget(api: &Api, parts: &Parts, name: &str) -> Answer {
    let name: Box<str> = name.into();
    let remove = move |store: &dyn Store| {
        let is_configured = store.configured().budgets.iter().any(|it| it.budget.name == name);
        not_configured(is_configured, "budgets", &name)?;
        match store.change_rules(&RuleChange::RemoveBudget(name.clone()))? {
            true => document(&Changed { name: &name, changed: true }),
            false => Err(Refused::Nothing(
                "there is no budget of this name; `GET /api/v1/budgets` lists them",
            )),
        }
    };
    answered(api, parts, remove).await
}

/// Lists the plans.
pub(super) async fn plans(api: &Api, parts: &Parts) -> Answer {
    let list = |store: &dyn Store| {
        let mut plans = rules(store)?.plans;
        plans.sort_by_key(|plan| (plan.limit.is_none(), plan.limit, plan.name.clone()));
        document(&plans.iter().map(shown_plan).collect::<Vec<_>>())
    };
    answered(api, parts, list).await
}

/// Sets a plan, or changes one.
pub(super) async fn set_plan<B>(api: &Api, parts: &Parts, body: B) -> Answer
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    asked(api, parts, body, |store, wanted: &WantedPlan| {
        let name = named("name", &wanted.name)?;
        let is_configured = store.configured().plans.iter().any(|plan| plan.name == name);
        not_configured(is_configured, "plans", &name)?;
        let limit = wanted.limit.as_deref().filter(|limit| limit.get() != "null");
        let limit = limit.map(|limit| amount("limit", limit)).transpose()?;
        let window: Window = read("window", wanted.window.as_deref().unwrap_or("month"))?;
        let plan = Plan { name, limit, window };
        store.change_rules(&RuleChange::SetPlan(plan.clone()))?;
        document(&shown_plan(&plan))
    })
    .await
}

/// Takes a plan away; one that stands ready is as it was.
pub(super) async fn remove_plan(api: &Api, parts: &Parts, name: &str) -> Answer {
    let name: Box<str> = name.into();
    let remove = move |store: &dyn Store| {
        let is_configured = store.configured().plans.iter().any(|plan| plan.name == name);
        not_configured(is_configured, "plans", &name)?;
        match store.change_rules(&RuleChange::RemovePlan(name.clone()))? {
            true => document(&Changed { name: &name, changed: true }),
            false => Err(Refused::Nothing(
                "the ledger has no plan of this name; `GET /api/v1/plans` lists what there is",
            )),
        }
    };
    answered(api, parts, remove).await
}

/// Lists the users that have been given something.
pub(super) async fn users(api: &Api, parts: &Parts) -> Answer {
    let list = |store: &dyn Store| {
        let users: BTreeMap<Box<str>, Member> = rules(store)?.users.into_iter().collect();
        document(&users.iter().map(|(user, member)| shown_user(user, member)).collect::<Vec<_>>())
    };
    answered(api, parts, list).await
}

/// Gives a user a plan or a team.
pub(super) async fn set_user<B>(api: &Api, parts: &Parts, body: B) -> Answer
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    asked(api, parts, body, |store, wanted: &WantedUser| {
        let user = named("user", &wanted.user)?;
        not_configured(store.configured().users.contains_key(&user), "users", &user)?;
        let rules = rules(store)?;
        let mut member = rules.users.get(&user).cloned().unwrap_or_default();
        if let Some(plan) = &wanted.plan {
            let plan = plan.as_deref().map(Box::<str>::from);
            if let Some(plan) = &plan
                && !rules.plans.iter().any(|known| known.name == *plan)
            {
                return Err(wrong(
                    "plan",
                    &"there is no such plan; `GET /api/v1/plans` lists them",
                ));
            }
            member.plan = plan;
        }
        if let Some(team) = &wanted.team {
            member.team = team.as_deref().map(|team| named("team", team)).transpose()?;
        }
        store.change_rules(&RuleChange::SetUser(user.clone(), member.clone()))?;
        document(&shown_user(&user, &member))
    })
    .await
}

/// The rules in force.
fn rules(store: &dyn Store) -> Result<Rules, Refused> {
    Ok(rules_of(store.configured(), &store.reader()?.rules()?))
}

fn shown_plan(plan: &Plan) -> ShownPlan<'_> {
    let Plan { name, limit, window } = plan;
    ShownPlan { name, limit: limit.map(Decimal), window: window.to_string() }
}

fn shown_user<'a>(user: &'a str, member: &'a Member) -> ShownUser<'a> {
    ShownUser { user, plan: member.plan.as_deref(), team: member.team.as_deref() }
}

fn wrong(member: &str, what: &impl Display) -> Refused {
    Refused::Wrong(format!("`{member}`: {what}"))
}

fn named(member: &str, name: &str) -> Result<Box<str>, Refused> {
    check_name(name).map_err(|error| wrong(member, &error))?;
    Ok(name.into())
}

fn read<T: FromStr<Err: Display>>(member: &str, text: &str) -> Result<T, Refused> {
    text.parse().map_err(|error| wrong(member, &error))
}

/// An amount of US dollars: a number, or a text of one.
fn amount(member: &str, raw: &RawValue) -> Result<PicoUsd, Refused> {
    let literal = raw.get();
    let text = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let amount: PicoUsd = read(member, text.unwrap_or(literal))?;
    match amount < PicoUsd::ZERO {
        true => Err(wrong(member, &"it is below zero")),
        false => Ok(amount),
    }
}

fn not_configured(is_configured: bool, table: &str, name: &str) -> Result<(), Refused> {
    match is_configured {
        true => Err(Refused::Configured(format!(
            "it stands in the configuration, as `[{table}.{name}]`; change it there"
        ))),
        false => Ok(()),
    }
}
