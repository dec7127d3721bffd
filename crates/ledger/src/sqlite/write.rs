//! Writing entries, in transactions of one batch or of many.

use std::cell::RefCell;

use centime_core::entry::{Entry, Uid};
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use rusqlite::{CachedStatement, Connection, Row, Transaction, TransactionBehavior, params};

use super::codec;
use super::dictionary::Dictionary;
use super::fault::Fault;
use super::holds;
use super::identities::Identities;
use super::intern::Interned;
use super::marks;
use super::read;
use super::rollups::{Placed, Rollups};
use super::schema::Kind;
use crate::journal::Mark;
use crate::query::Dimension;
use crate::sums::{Counted, Sums};
use crate::traits::{Appended, Event};

/// A transaction that entries are appended in. Dropped before its end, it leaves nothing behind.
pub(super) struct Writer<'ledger> {
    // The statements go before the transaction that they are of.
    find: CachedStatement<'ledger>,
    add: CachedStatement<'ledger>,
    transaction: Transaction<'ledger>,
    db: &'ledger Connection,
    interned: Interned,
    identities: Identities,
    rollups: Rollups,
}

impl<'ledger> Writer<'ledger> {
    /// Begins a transaction. What is known to be interned is not looked up again; it is given back at
    /// the end, and lost with a transaction that fails: some of it is rolled back then.
    pub(super) fn begin(db: &'ledger Connection, mut interned: Interned) -> Result<Self, Fault> {
        // IMMEDIATE takes the writer's lock at once: what is found below stays true until the commit.
        let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
        let mut identities = interned.take_identities();
        identities.catch_up(db)?;
        Ok(Self {
            find: db.prepare_cached("SELECT content, at, at_assumed FROM entries WHERE seq = ?1")?,
            add: db.prepare_cached(
                "INSERT INTO entries (at, context, tags, session, status, usage_source, pricing_status, \
                 requests, charge_pico_usd, saved_pico_usd, input_tokens, cache_read_tokens, \
                 output_tokens, moved_unpriced, moved_in_doubt, uid, adjusts, content, recorded_at, \
                 at_assumed, price_assumed, card, attempt, latency_ms, output_limit_tokens, \
                 reported_pico_usd, lines, own_id, request_id, response_id, metadata, \
                 options) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
                 ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)",
            )?,
            rollups: interned.take_rollups(db)?,
            identities,
            transaction,
            db,
            interned,
        })
    }

    /// Appends an entry, unless its identity is taken.
    pub(super) fn append(&mut self, entry: &Entry) -> Result<Appended, Fault> {
        match self.identities.find(self.db, entry.uid)? {
            Some(seq) => Ok(self.find.query_row([seq], event)?.again(Event::of(entry))),
            None => {
                self.insert(entry)?;
                Ok(Appended::New)
            }
        }
    }

    fn insert(&mut self, entry: &Entry) -> Result<(), Fault> {
        let context = self.interned.context(self.db, entry)?;
        let tags = self.interned.tags(self.db, entry)?;
        let session = entry.attribution.session.as_deref();
        let session = session.map(|text| self.interned.name(self.db, Kind::Session, text));
        let card = entry.card.as_ref().map(|card| self.interned.card(self.db, card));
        let counted = Counted::of(entry);
        let seq = self.add.insert(params![
            entry.at.micros(),
            context,
            tags,
            session.transpose()?,
            counted.status.code(),
            counted.usage_source.code(),
            counted.pricing_status.code(),
            counted.requests,
            counted.charge.pico(),
            counted.saved.pico(),
            counted.input_tokens,
            counted.cache_read_tokens,
            counted.output_tokens,
            counted.moves.unpriced,
            counted.moves.in_doubt,
            entry.uid.0,
            entry.adjusts.map(|uid| uid.0),
            // SQLite's integers are signed: the bits are what is kept.
            entry.content.cast_signed(),
            entry.recorded_at.micros(),
            entry.at_assumed,
            entry.price_assumed,
            card.transpose()?,
            entry.attempt,
            entry.latency_ms.map(u64::cast_signed),
            entry.output_limit_tokens.map(u64::cast_signed),
            entry.reported_cost.map(PicoUsd::pico),
            codec::write_lines(&entry.lines),
            entry.own_id,
            entry.request_id,
            entry.response_id,
            entry.attribution.metadata,
            codec::write_options(&entry.options),
        ])?;
        self.identities.add(self.db, entry.uid, seq)?;
        if let Some(held) = entry.held {
            holds::keep(self.db, entry.uid, held)?;
        }
        let value = |dimension: &Dimension| dimension.of(entry).map(str::to_owned);
        let placed = Placed { at_us: entry.at.micros(), context, tags, value: &value };
        self.rollups.add(self.db, &placed, &Sums::of_counted(&counted))?;
        if self.rollups.is_full() { self.rollups.flush(self.db) } else { Ok(()) }
    }

    /// Keeps how far journals are, with the entries that came through them.
    pub(super) fn keep(&self, marks: &[Mark]) -> Result<(), Fault> {
        marks::keep(self.db, marks)
    }

    /// The entry with this identity, be it from this very transaction.
    pub(super) fn entry(
        &mut self,
        dictionary: &RefCell<Dictionary>,
        uid: Uid,
    ) -> Result<Option<Entry>, Fault> {
        let seq = self.identities.find(self.db, uid)?;
        Ok(seq.map(|seq| read::numbered(self.db, dictionary, seq)).transpose()?.flatten())
    }

    /// The adjustments of an attempt, be they from this very transaction.
    pub(super) fn adjustments(
        &self,
        dictionary: &RefCell<Dictionary>,
        attempt: Uid,
    ) -> Result<Vec<Entry>, Fault> {
        read::adjustments(self.db, dictionary, attempt)
    }

    /// Writes what is still in memory, and ends the transaction.
    pub(super) fn commit(mut self) -> Result<Interned, Fault> {
        self.identities.flush(self.db)?;
        self.rollups.flush(self.db)?;
        let Self { transaction, mut interned, identities, rollups, .. } = self;
        transaction.commit()?;
        interned.put_back(identities, rollups);
        Ok(interned)
    }
}

/// What is compared of an entry that is there.
fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        content: row.get::<_, i64>(0)?.cast_unsigned(),
        at: Timestamp::from_micros(row.get(1)?),
        at_assumed: row.get(2)?,
    })
}
