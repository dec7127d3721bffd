//! The reader's memory of what the numbers in entries stand for.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use centime_core::entry::AppliedCard;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::REMEMBERED_MAX;
use super::codec;
use super::fault::Fault;
use super::schema::{CONTEXT_COLUMNS, CONTEXT_NAMES, ContextKey};

/// What numbers stand for, as far as it was read: what is in the ledger never changes.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    names: HashMap<i64, Arc<str>>,
    contexts: HashMap<i64, Arc<Context>>,
    tags: HashMap<i64, Arc<BTreeMap<String, String>>>,
    cards: HashMap<i64, Arc<AppliedCard>>,
}

/// What whole series of entries have in common.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) source: String,
    pub(super) model: String,
    pub(super) served_model: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) service_tier: Option<String>,
    pub(super) region: Option<String>,
    pub(super) price_version: Option<String>,
    pub(super) key: Option<String>,
    pub(super) user: Option<String>,
    pub(super) team: Option<String>,
    pub(super) project: Option<String>,
    pub(super) batch: bool,
}

impl Dictionary {
    /// The text of a name.
    pub(super) fn name(&mut self, db: &Connection, id: i64) -> Result<Arc<str>, Fault> {
        remembered(&mut self.names, id, || {
            find(db, "SELECT text FROM names WHERE id = ?1", id, "name", |row| row.get(0))
        })
    }

    /// The texts of a context.
    pub(super) fn context(&mut self, db: &Connection, id: i64) -> Result<Arc<Context>, Fault> {
        if let Some(context) = self.contexts.get(&id) {
            return Ok(Arc::clone(context));
        }
        let sql = format!("SELECT {CONTEXT_COLUMNS} FROM contexts WHERE id = ?1");
        let key = find(db, &sql, id, "context", context_key)?;
        let context = Arc::new(self.spell_out(db, key)?);
        remembered(&mut self.contexts, id, || Ok(context))
    }

    /// The tags of a number.
    pub(super) fn tags(
        &mut self,
        db: &Connection,
        id: i64,
    ) -> Result<Arc<BTreeMap<String, String>>, Fault> {
        if let Some(tags) = self.tags.get(&id) {
            return Ok(Arc::clone(tags));
        }
        let tags = Arc::new(codec::read_tags(&self.name(db, id)?)?);
        remembered(&mut self.tags, id, || Ok(tags))
    }

    /// The rates of a card.
    pub(super) fn card(&mut self, db: &Connection, id: i64) -> Result<Arc<AppliedCard>, Fault> {
        remembered(&mut self.cards, id, || {
            let sql = "SELECT content FROM cards WHERE id = ?1";
            let content: String = find(db, sql, id, "rate card", |row| row.get(0))?;
            codec::read_card(&content)
        })
    }

    fn spell_out(&mut self, db: &Connection, key: ContextKey) -> Result<Context, Fault> {
        let mut texts = [const { None }; CONTEXT_NAMES];
        for (text, id) in texts.iter_mut().zip(key.names) {
            *text = id.map(|id| self.name(db, id)).transpose()?.map(|name| name.to_string());
        }
        let [
            source,
            model,
            served_model,
            provider,
            service_tier,
            region,
            price_version,
            key_name,
            user,
            team,
            project,
        ] = texts;
        Ok(Context {
            // The schema lets no context be without these two.
            source: source.unwrap_or_default(),
            model: model.unwrap_or_default(),
            served_model,
            provider,
            service_tier,
            region,
            price_version,
            key: key_name,
            user,
            team,
            project,
            batch: key.batch,
        })
    }
}

fn context_key(row: &Row<'_>) -> rusqlite::Result<ContextKey> {
    let mut names = [None; CONTEXT_NAMES];
    for (column, name) in names.iter_mut().enumerate() {
        *name = row.get(column)?;
    }
    Ok(ContextKey { names, batch: row.get(names.len())? })
}

/// One row by its number, which an entry or a context refers to, so that it must be there.
fn find<T>(
    db: &Connection,
    sql: &str,
    id: i64,
    what: &str,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<T, Fault> {
    let found = db.prepare_cached(sql)?.query_row([id], read).optional()?;
    found.ok_or_else(|| Fault::Damaged(format!("its {what} {id} is not in the ledger")))
}

fn remembered<T: Clone>(
    known: &mut HashMap<i64, T>,
    id: i64,
    read: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    if let Some(value) = known.get(&id) {
        return Ok(value.clone());
    }
    let value = read()?;
    if known.len() >= REMEMBERED_MAX {
        known.clear();
    }
    known.insert(id, value.clone());
    Ok(value)
}
