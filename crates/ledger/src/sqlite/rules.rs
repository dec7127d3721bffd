//! Keeping who may spend what.

use centime_core::budget::{Budget, Member, Plan};
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::fault::Fault;
use super::migrate;
use crate::rules::{Raise, RuleChange, SetRules};

/// The first version of the schema that has the tables.
const SINCE_VERSION: u32 = 6;

/// How often the rules were changed.
pub(super) fn revision(db: &Connection) -> Result<u64, Fault> {
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(0);
    }
    let mut statement = db.prepare_cached("SELECT number FROM revisions WHERE what = 'rules'")?;
    let number: Option<i64> = statement.query_row((), |row| row.get(0)).optional()?;
    Ok(number.unwrap_or_default().cast_unsigned())
}

/// Everything that was set.
pub(super) fn rules(db: &Connection) -> Result<SetRules, Fault> {
    let mut rules = SetRules::default();
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(rules);
    }
    let sql = "SELECT name, scope, limit_pico_usd, window, action, raise_pico_usd, raise_until \
               FROM budgets";
    each(db, sql, |row| {
        let budget = Budget {
            name: name(row, 0)?,
            scope: read(row, 1)?,
            limit: PicoUsd::from_pico(row.get(2)?),
            window: read(row, 3)?,
            action: read(row, 4)?,
        };
        let raise: (Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?);
        let raise = match raise {
            (Some(more), Some(until)) => {
                Some((PicoUsd::from_pico(more), Timestamp::from_micros(until)))
            }
            _ => None,
        };
        rules.budgets.insert(budget.name.clone(), (budget, raise));
        Ok(())
    })?;
    each(db, "SELECT name, limit_pico_usd, window FROM plans", |row| {
        let limit = row.get::<_, Option<i64>>(1)?.map(PicoUsd::from_pico);
        let plan = Plan { name: name(row, 0)?, limit, window: read(row, 2)? };
        rules.plans.insert(plan.name.clone(), plan);
        Ok(())
    })?;
    each(db, "SELECT name, plan, team FROM members WHERE kind = 'user'", |row| {
        let plan: Option<String> = row.get(1)?;
        let team: Option<String> = row.get(2)?;
        let member = Member { plan: plan.map(Into::into), team: team.map(Into::into) };
        rules.users.insert(name(row, 0)?, member);
        Ok(())
    })?;
    each(db, "SELECT name, plan FROM members WHERE kind = 'team' AND plan IS NOT NULL", |row| {
        rules.teams.insert(name(row, 0)?, name(row, 1)?);
        Ok(())
    })?;
    Ok(rules)
}

fn each(
    db: &Connection,
    sql: &str,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

fn name(row: &Row<'_>, column: usize) -> Result<Box<str>, Fault> {
    Ok(row.get::<_, String>(column)?.into())
}

fn read<T: std::str::FromStr<Err: std::fmt::Display>>(
    row: &Row<'_>,
    column: usize,
) -> Result<T, Fault> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error| Fault::Damaged(format!("a rule cannot be read: {error}")))
}

/// Makes a change; whether there was anything to change.
pub(super) fn change(connection: &mut Connection, change: &RuleChange) -> Result<bool, Fault> {
    let db = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !rules(&db)?.change(change) {
        return Ok(false);
    }
    match change {
        RuleChange::SetBudget(budget, raise) => {
            let raise: Option<&Raise> = raise.as_ref();
            db.execute(
                "INSERT OR REPLACE INTO budgets (name, scope, limit_pico_usd, window, action, \
                 raise_pico_usd, raise_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    budget.name,
                    budget.scope.to_string(),
                    budget.limit.pico(),
                    budget.window.to_string(),
                    budget.action.to_string(),
                    raise.map(|(more, _)| more.pico()),
                    raise.map(|(_, until)| until.micros()),
                ],
            )?
        }
        RuleChange::RemoveBudget(name) => {
            db.execute("DELETE FROM budgets WHERE name = ?1", [name])?
        }
        RuleChange::SetPlan(plan) => db.execute(
            "INSERT OR REPLACE INTO plans (name, limit_pico_usd, window) VALUES (?1, ?2, ?3)",
            params![plan.name, plan.limit.map(PicoUsd::pico), plan.window.to_string()],
        )?,
        RuleChange::RemovePlan(name) => db.execute("DELETE FROM plans WHERE name = ?1", [name])?,
        RuleChange::SetUser(name, member) => db.execute(
            "INSERT OR REPLACE INTO members (kind, name, plan, team) VALUES ('user', ?1, ?2, ?3)",
            params![name, member.plan, member.team],
        )?,
        RuleChange::SetTeam(name, Some(plan)) => db.execute(
            "INSERT OR REPLACE INTO members (kind, name, plan) VALUES ('team', ?1, ?2)",
            params![name, plan],
        )?,
        RuleChange::SetTeam(name, None) => {
            db.execute("DELETE FROM members WHERE kind = 'team' AND name = ?1", [name])?
        }
    };
    db.execute(
        "INSERT INTO revisions (what, number) VALUES ('rules', 1) \
         ON CONFLICT (what) DO UPDATE SET number = number + 1",
        (),
    )?;
    db.commit()?;
    Ok(true)
}
