//! Who may spend what, as the file says it.

use centime_budgets::{Funds, Rules};
use centime_core::budget::{Action, Budget, Member, Plan, check_name};
use centime_core::money::PicoUsd;
use centime_core::window::Window;

use super::reader::{Section, Wrong};
use super::setting::Amount;

/// Reads `[budgets]`, `[plans]`, `[users]` and `[teams]`.
pub(super) fn read(root: &Section<'_>) -> Result<Rules, Wrong> {
    let mut rules = Rules::default();
    root.table("budgets", |table| {
        for name in names(table)? {
            let budget = table.table(&name, |section| budget(section, &name))?;
            rules.budgets.push(Funds { budget, raise: None });
        }
        Ok(())
    })?;
    root.table("plans", |table| {
        for name in names(table)? {
            let plan = table.table(&name, |section| {
                let limit = match section.optional::<Amount>("limit")? {
                    Some(limit) => Some(money(section, "limit", &limit)?),
                    None => None,
                };
                Ok(Plan { name: name.as_str().into(), limit, window: window(section)? })
            })?;
            rules.plans.push(plan);
        }
        Ok(())
    })?;
    root.table("users", |table| {
        for name in names(table)? {
            let member = table.table(&name, |section| {
                let plan: Option<String> = section.optional("plan")?;
                let team: Option<String> = section.optional("team")?;
                Ok(Member { plan: plan.map(Into::into), team: team.map(Into::into) })
            })?;
            rules.users.insert(name.into(), member);
        }
        Ok(())
    })?;
    root.table("teams", |table| {
        for name in names(table)? {
            let plan: Option<String> = table.table(&name, |section| section.optional("plan"))?;
            if let Some(plan) = plan {
                rules.teams.insert(name.into(), plan.into());
            }
        }
        Ok(())
    })?;
    Ok(rules)
}

fn names(table: &Section<'_>) -> Result<Vec<String>, Wrong> {
    let names = table.names();
    match names.iter().find(|name| check_name(name).is_err()) {
        Some(name) => Err(table.wrong(name, "is no name: it has no blanks, and up to 128 bytes")),
        None => Ok(names),
    }
}

fn budget(section: &Section<'_>, name: &str) -> Result<Budget, Wrong> {
    let limit: Option<Amount> = section.optional("limit")?;
    let limit = limit
        .ok_or_else(|| section.wrong("limit", "must say how much may be spent, in US dollars"))?;
    let scope: String = section.get("scope", "all")?;
    let action: String = section.get("action", "refuse")?;
    let scope =
        scope.parse().map_err(|error| section.wrong("scope", &format!("is wrong: {error}")));
    let action: Action =
        action.parse().map_err(|error| section.wrong("action", &format!("is wrong: {error}")))?;
    Ok(Budget {
        name: name.into(),
        scope: scope?,
        limit: money(section, "limit", &limit)?,
        window: window(section)?,
        action,
    })
}

fn window(section: &Section<'_>) -> Result<Window, Wrong> {
    let window: String = section.get("window", "month")?;
    window.parse().map_err(|error| section.wrong("window", &format!("is wrong: {error}")))
}

fn money(section: &Section<'_>, key: &str, amount: &Amount) -> Result<PicoUsd, Wrong> {
    let limit: PicoUsd = amount
        .0
        .parse()
        .map_err(|error| section.wrong(key, &format!("is no amount of US dollars: {error}")))?;
    if limit < PicoUsd::ZERO {
        return Err(section.wrong(key, "is below zero"));
    }
    Ok(limit)
}
