//! Keeping what was told, and what has to be told still.

use centime_core::alert::Alert;
use centime_core::money::TotalPicoUsd;
use centime_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::fault::Fault;
use super::migrate;
use super::wide::Wide;
use crate::alerts::{ChannelState, Delivery, Message, Raised, Sent};
use crate::traits::Announce;

/// The first version of the schema that has the tables.
const SINCE_VERSION: u32 = 8;
/// Nobody takes a message on for longer, in microseconds: a later moment is of a clock that went back.
const TAKEN_US_MAX: i64 = 600_000_000;
/// For how long messages that went out are kept, in microseconds.
const KEPT_US: i64 = 90 * 24 * 3600 * 1_000_000;

/// The states of a message.
const WAITING: i64 = 0;
const DELIVERED: i64 = 1;
const GIVEN_UP: i64 = 2;

/// Raises what was not raised in its window yet, with the messages that tell of it.
pub(super) fn raise(
    connection: &mut Connection,
    alerts: &[Alert],
    at: Timestamp,
    announce: &mut Announce<'_>,
) -> Result<usize, Fault> {
    let db = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut new = Vec::new();
    for alert in alerts {
        let sql = "INSERT INTO alerts (rule, subject, \"window\", step, severity, amount_pico_usd, \
                   limit_pico_usd, since, message, raised_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING";
        let raised = db.prepare_cached(sql)?.execute(params![
            alert.rule,
            alert.subject,
            alert.window,
            alert.step,
            alert.severity.word(),
            Wide(alert.amount.pico()),
            Wide(alert.limit.pico()),
            alert.since.map(Timestamp::micros),
            alert.message,
            at.micros(),
        ])?;
        if raised > 0 {
            new.push(alert);
        }
    }
    if !new.is_empty() {
        put(&db, &announce(&new), at)?;
        db.commit()?;
    }
    Ok(new.len())
}

/// Puts messages in, and notes up to when digests were made; whether it was noted by nobody else.
pub(super) fn post(
    connection: &mut Connection,
    messages: &[Message],
    at: Timestamp,
    digest: Option<Timestamp>,
) -> Result<bool, Fault> {
    let db = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(digest) = digest {
        let sql = "INSERT INTO revisions (what, number) VALUES ('digest', ?1) \
                   ON CONFLICT (what) DO UPDATE SET number = ?1 WHERE number < ?1";
        if db.execute(sql, [digest.micros()])? == 0 {
            return Ok(false);
        }
    }
    put(&db, messages, at)?;
    let sql = "DELETE FROM messages WHERE state <> 0 AND ended_at < ?1";
    db.execute(sql, [at.micros().saturating_sub(KEPT_US)])?;
    db.commit()?;
    Ok(true)
}

fn put(db: &Connection, messages: &[Message], at: Timestamp) -> Result<(), Fault> {
    let sql = "INSERT INTO messages (id, channel, kind, body, created_at, due_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (id) DO NOTHING";
    let mut statement = db.prepare_cached(sql)?;
    for Message { id, channel, kind, body } in messages {
        statement.execute(params![id, channel, kind, body, at.micros()])?;
    }
    Ok(())
}

/// Up to when digests were made.
pub(super) fn digested(db: &Connection) -> Result<Option<Timestamp>, Fault> {
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(None);
    }
    let sql = "SELECT number FROM revisions WHERE what = 'digest'";
    let number: Option<i64> = db.query_row(sql, (), |row| row.get(0)).optional()?;
    Ok(number.map(Timestamp::from_micros))
}

/// Takes on the oldest message of a channel, if it is due and nobody else has.
pub(super) fn take(
    connection: &mut Connection,
    channel: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Delivery>, Fault> {
    // Most of the time there is nothing, and nobody has to wait for that.
    if first(connection, channel, now)?.is_none() {
        return Ok(None);
    }
    let db = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(delivery) = first(&db, channel, now)? else { return Ok(None) };
    let sql = "UPDATE messages SET taken_until = ?2 WHERE id = ?1";
    db.execute(sql, params![delivery.message.id, until.micros()])?;
    db.commit()?;
    Ok(Some(delivery))
}

/// The oldest message of a channel, where it may be sent now: messages go out in order.
fn first(db: &Connection, channel: &str, now: Timestamp) -> Result<Option<Delivery>, Fault> {
    let sql = "SELECT id, channel, kind, body, created_at, attempts, due_at, taken_until \
               FROM messages WHERE channel = ?1 AND state = 0 ORDER BY number LIMIT 1";
    let mut statement = db.prepare_cached(sql)?;
    let found = statement
        .query_row([channel], |row| {
            let message = Message {
                id: row.get(0)?,
                channel: row.get(1)?,
                kind: row.get(2)?,
                body: row.get(3)?,
            };
            let created_at = Timestamp::from_micros(row.get(4)?);
            let delivery = Delivery { message, created_at, attempts: row.get(5)? };
            Ok((delivery, row.get::<_, i64>(6)?, row.get::<_, i64>(7)?))
        })
        .optional()?;
    let now = now.micros();
    Ok(found.and_then(|(delivery, due_at, taken_until)| {
        let is_taken = taken_until > now && taken_until - now <= TAKEN_US_MAX;
        (due_at <= now && !is_taken).then_some(delivery)
    }))
}

/// Writes down what became of a delivery.
pub(super) fn end(
    connection: &mut Connection,
    id: &str,
    now: Timestamp,
    sent: &Sent,
) -> Result<(), Fault> {
    let db = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match sent {
        Sent::Delivered | Sent::GivenUp { .. } => {
            let (state, why) = match sent {
                Sent::GivenUp { why } => (GIVEN_UP, Some(why)),
                _ => (DELIVERED, None),
            };
            let sql = "UPDATE messages SET state = ?2, ended_at = ?3, attempts = attempts + 1, \
                       error = ifnull(?4, error) WHERE id = ?1 AND state = 0";
            db.execute(sql, params![id, state, now.micros(), why])?
        }
        Sent::Later { due_at, why } => {
            let sql = "UPDATE messages SET due_at = ?2, attempts = attempts + 1, taken_until = 0, \
                       error = ?3 WHERE id = ?1 AND state = 0";
            db.execute(sql, params![id, due_at.micros(), why])?
        }
    };
    Ok(db.commit()?)
}

/// The alerts that were raised last, newest first.
pub(super) fn raised(db: &Connection, limit: usize) -> Result<Vec<Raised>, Fault> {
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(Vec::new());
    }
    let sql = "SELECT rule, subject, \"window\", step, severity, amount_pico_usd, limit_pico_usd, since, \
               message, raised_at FROM alerts ORDER BY number DESC LIMIT ?1";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(raised_of(row).map_err(|fault| fault.in_row(row))?);
    }
    Ok(found)
}

fn raised_of(row: &Row<'_>) -> Result<Raised, Fault> {
    let severity: String = row.get(4)?;
    let alert = Alert {
        rule: row.get::<_, String>(0)?.into(),
        subject: row.get::<_, String>(1)?.into(),
        window: row.get(2)?,
        step: row.get(3)?,
        severity: severity
            .parse()
            .map_err(|_| Fault::Cell(4, format!("cannot be `{severity}`")))?,
        amount: TotalPicoUsd::from_pico(row.get::<_, Wide>(5)?.0),
        limit: TotalPicoUsd::from_pico(row.get::<_, Wide>(6)?.0),
        since: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_micros),
        message: row.get(8)?,
    };
    Ok(Raised { alert, at: Timestamp::from_micros(row.get(9)?) })
}

/// How far the messages of a channel are.
pub(super) fn channel(db: &Connection, channel: &str) -> Result<ChannelState, Fault> {
    let mut state = ChannelState::default();
    if migrate::version_of(db)? < SINCE_VERSION {
        return Ok(state);
    }
    let sql = "SELECT state, count(*) FROM messages WHERE channel = ?1 GROUP BY state";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([channel])?;
    while let Some(row) = rows.next()? {
        let count = row.get::<_, i64>(1)?.cast_unsigned();
        match row.get::<_, i64>(0)? {
            WAITING => state.waiting = count,
            DELIVERED => state.delivered = count,
            _ => state.given_up = count,
        }
    }
    let sql = "SELECT error FROM messages WHERE channel = ?1 AND error IS NOT NULL AND state <> 1 \
               ORDER BY number DESC LIMIT 1";
    state.last_error = db.query_row(sql, [channel], |row| row.get(0)).optional()?;
    Ok(state)
}
