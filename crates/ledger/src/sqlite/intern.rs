//! The writer's memory of which number each text, context and rate card has.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use centime_core::entry::{AppliedCard, Entry};
use rusqlite::{Connection, OptionalExtension as _, params, params_from_iter};

use super::REMEMBERED_MAX;
use super::codec;
use super::fault::Fault;
use super::identities::Identities;
use super::rollups::{Numbering, Rollups, families};
use super::schema::{
    CONTEXT_COLUMNS, CONTEXT_KINDS, CONTEXT_NAMES, ContextKey, Kind, context_texts,
};

/// Numbers by what they stand for.
type Remembered<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
/// Texts, one after the other, each behind its length.
type Spelling = Box<[u8]>;

/// What has a number, as far as the writer knows. Nothing in the ledger is ever renumbered, so what
/// was once committed stays true whoever else writes; what was rolled back must be forgotten.
#[derive(Debug, Default)]
pub(super) struct Interned {
    names: [Remembered<Box<str>, i64>; Kind::COUNT],
    /// By the spelling of all their texts, so that an entry costs one look.
    contexts: Remembered<Spelling, i64>,
    tags: Remembered<Spelling, i64>,
    /// By their place in memory: who prices calls has one for all calls alike. It is held here, so
    /// that no other can take its place.
    cards: Remembered<usize, (Arc<AppliedCard>, i64)>,
    spelling: Vec<u8>,
    identities: Identities,
    /// The rollups, of the families that the ledger had last.
    rollups: Option<Rollups>,
}

impl Interned {
    /// The number of a text, which is written where it is new.
    pub(super) fn name(&mut self, db: &Connection, kind: Kind, text: &str) -> Result<i64, Fault> {
        let names = &mut self.names[kind as usize];
        if let Some(&id) = names.get(text) {
            return Ok(id);
        }
        let find = "SELECT id FROM names WHERE kind = ?1 AND text = ?2";
        let add = "INSERT INTO names (kind, text) VALUES (?1, ?2)";
        let id = find_or_add(db, find, add, params![kind.word(), text])?;
        remember(names, text.into(), id);
        Ok(id)
    }

    /// The number of an entry's context, which is written where it is new.
    pub(super) fn context(&mut self, db: &Connection, entry: &Entry) -> Result<i64, Fault> {
        let texts = context_texts(entry);
        let batch = if entry.batch { "batch" } else { "" };
        spell(&mut self.spelling, texts.into_iter().chain([Some(batch)]));
        if let Some(&id) = self.contexts.get(self.spelling.as_slice()) {
            return Ok(id);
        }
        let spelling = self.spelling.as_slice().into();
        let mut key = ContextKey { names: [None; CONTEXT_NAMES], batch: entry.batch };
        for ((name, text), kind) in key.names.iter_mut().zip(texts).zip(CONTEXT_KINDS) {
            *name = text.map(|text| self.name(db, kind, text)).transpose()?;
        }
        let id = find_or_add_context(db, &key)?;
        remember(&mut self.contexts, spelling, id);
        Ok(id)
    }

    /// Hands out what is known of identities, until it is [put back](Self::put_back).
    pub(super) fn take_identities(&mut self) -> Identities {
        std::mem::take(&mut self.identities)
    }

    /// Hands out the rollups of the families that the ledger has, which another program may have
    /// added to, until they are [put back](Self::put_back).
    pub(super) fn take_rollups(&mut self, db: &Connection) -> Result<Rollups, Fault> {
        let families = families(db)?;
        let known = self.rollups.take().filter(|known| known.families() == families);
        Ok(known.unwrap_or_else(|| Rollups::new(Numbering::of_file(), families)))
    }

    /// Remembers the identities, and the series of rollups, for the next transaction.
    pub(super) fn put_back(&mut self, identities: Identities, rollups: Rollups) {
        self.identities = identities;
        self.rollups = Some(rollups);
    }

    /// The number of an entry's tags, which are written where they are new; `None` for none.
    pub(super) fn tags(&mut self, db: &Connection, entry: &Entry) -> Result<Option<i64>, Fault> {
        let tags = &entry.attribution.tags;
        spell(&mut self.spelling, tags.iter().flat_map(|(name, value)| [Some(name), Some(value)]));
        if let Some(&id) = self.tags.get(self.spelling.as_slice()) {
            return Ok(Some(id));
        }
        let spelling = self.spelling.as_slice().into();
        let Some(text) = codec::write_tags(tags)? else { return Ok(None) };
        let id = self.name(db, Kind::Tags, &text)?;
        remember(&mut self.tags, spelling, id);
        Ok(Some(id))
    }

    /// The number of a rate card, which is written where it is new.
    pub(super) fn card(&mut self, db: &Connection, card: &Arc<AppliedCard>) -> Result<i64, Fault> {
        let place = Arc::as_ptr(card).addr();
        if let Some((_, id)) = self.cards.get(&place) {
            return Ok(*id);
        }
        let find = "SELECT id FROM cards WHERE content = ?1";
        let add = "INSERT INTO cards (content) VALUES (?1)";
        let id = find_or_add(db, find, add, params![codec::write_card(card)?])?;
        remember(&mut self.cards, place, (Arc::clone(card), id));
        Ok(id)
    }
}

fn find_or_add_context(db: &Connection, key: &ContextKey) -> Result<i64, Fault> {
    // The expressions are those of the index `contexts_once`.
    let find = "SELECT id FROM contexts WHERE source = ?1 AND model = ?2 \
        AND ifnull(served_model, 0) = ifnull(?3, 0) AND ifnull(provider, 0) = ifnull(?4, 0) \
        AND ifnull(service_tier, 0) = ifnull(?5, 0) AND ifnull(region, 0) = ifnull(?6, 0) \
        AND ifnull(price_version, 0) = ifnull(?7, 0) AND ifnull(key, 0) = ifnull(?8, 0) \
        AND ifnull(user, 0) = ifnull(?9, 0) AND ifnull(team, 0) = ifnull(?10, 0) \
        AND ifnull(project, 0) = ifnull(?11, 0) AND batch = ?12";
    let add = format!(
        "INSERT INTO contexts ({CONTEXT_COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    );
    let values = key.names.into_iter().chain([Some(i64::from(key.batch))]);
    let values: Vec<Option<i64>> = values.collect();
    find_or_add(db, find, &add, params_from_iter(&values))
}

/// Finds a row's number, or adds the row: nobody else can in between, under the writer's lock.
fn find_or_add(
    db: &Connection,
    find: &str,
    add: &str,
    values: impl rusqlite::Params + Clone,
) -> Result<i64, Fault> {
    let found = db.prepare_cached(find)?.query_row(values.clone(), |row| row.get(0)).optional()?;
    match found {
        Some(id) => Ok(id),
        None => Ok(db.prepare_cached(add)?.insert(values)?),
    }
}

fn remember<K: Eq + Hash, V>(known: &mut Remembered<K, V>, key: K, value: V) {
    if known.len() >= REMEMBERED_MAX {
        known.clear();
    }
    known.insert(key, value);
}

/// Spells texts so that no two lists of texts are spelled alike.
fn spell<'a, T: AsRef<str> + ?Sized + 'a>(
    spelling: &mut Vec<u8>,
    texts: impl Iterator<Item = Option<&'a T>>,
) {
    spelling.clear();
    for text in texts {
        // No text has the length of the largest number.
        let text = text.map(AsRef::as_ref);
        spelling.extend_from_slice(&text.map_or(usize::MAX, str::len).to_le_bytes());
        spelling.extend_from_slice(text.unwrap_or_default().as_bytes());
    }
}
