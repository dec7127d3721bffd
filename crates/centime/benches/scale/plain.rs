//! What SQLite does with one plain table: the measure of the ledger.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use super::Result;
use super::draw::Call;

/// What was measured.
pub(super) struct Plain {
    /// How long the loop of `INSERT`s took, its commit included.
    pub(super) insert: Duration,
    /// How long naive questions take.
    pub(super) group_bys: Vec<(&'static str, Duration)>,
}

/// Fills one table by a loop of `INSERT`s in one transaction, and asks it naively.
pub(super) fn fill(path: &Path, entries: u64) -> Result<Plain> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut connection = Connection::open(path)?;
    connection.execute_batch(
        "CREATE TABLE calls (
           id INTEGER PRIMARY KEY, request TEXT NOT NULL, at INTEGER NOT NULL,
           provider TEXT NOT NULL, model TEXT NOT NULL, user TEXT, team TEXT, project TEXT, key TEXT,
           input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
           output_tokens INTEGER NOT NULL, cost_pico_usd INTEGER NOT NULL
         );
         CREATE INDEX calls_at ON calls (at);
         CREATE INDEX calls_user ON calls (user);",
    )?;
    let started = Instant::now();
    let transaction = connection.transaction()?;
    {
        let mut add = transaction.prepare(
            "INSERT INTO calls (request, at, provider, model, user, team, project, key, \
             input_tokens, cache_read_tokens, output_tokens, cost_pico_usd) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?;
        for number in 0..entries {
            let call = Call::of(number, entries);
            add.execute(params![
                format!("req-{number}"),
                call.at * 1_000_000,
                call.provider,
                call.model,
                format!("user-{}", call.user),
                format!("team-{}", call.user % 20),
                format!("project-{}", call.user % 50),
                format!("key-{}", call.user % 200),
                call.input.cast_signed(),
                call.cached.cast_signed(),
                call.output.cast_signed(),
                i64::try_from(call.input * 1_250_000 + call.output * 10_000_000)?,
            ])?;
        }
    }
    transaction.commit()?;
    let insert = started.elapsed();

    let mut group_bys = Vec::new();
    for (name, sql) in [
        (
            "naive GROUP BY model over raw rows",
            "SELECT model, count(*), sum(cost_pico_usd), sum(input_tokens) FROM calls GROUP BY model",
        ),
        (
            "naive GROUP BY user over raw rows",
            "SELECT user, count(*), sum(cost_pico_usd), sum(input_tokens) FROM calls GROUP BY user",
        ),
        (
            "naive GROUP BY day over raw rows",
            "SELECT at / 86400000000, count(*), sum(cost_pico_usd) FROM calls GROUP BY 1",
        ),
    ] {
        let started = Instant::now();
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        group_bys.push((name, started.elapsed()));
    }
    Ok(Plain { insert, group_bys })
}
