//! Writing batches of entries.

use centime_core::entry::Entry;
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, TransactionBehavior, params};

use super::codec;
use super::fault::Fault;
use super::intern::Interned;
use super::rollups::{Placed, Rollups};
use super::schema::Kind;
use crate::query::Dimension;
use crate::sums::{Counted, Sums};
use crate::traits::{Appended, Event};

/// Appends a batch in one transaction. After an error nothing of it is there, and `interned` may
/// remember numbers that were rolled back: forget it.
pub(super) fn append(
    connection: &mut Connection,
    interned: &mut Interned,
    batch: &[Entry],
) -> Result<Vec<Appended>, Fault> {
    // IMMEDIATE takes the writer's lock at once: what is found below stays true until the commit.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut writer = Writer::new(&transaction, interned)?;
    let appended = batch.iter().map(|entry| writer.append(entry)).collect::<Result<_, Fault>>()?;
    writer.finish()?;
    transaction.commit()?;
    Ok(appended)
}

/// The statements of one batch.
struct Writer<'batch> {
    db: &'batch Connection,
    interned: &'batch mut Interned,
    rollups: Rollups,
    find: CachedStatement<'batch>,
    add: CachedStatement<'batch>,
}

impl<'batch> Writer<'batch> {
    fn new(db: &'batch Connection, interned: &'batch mut Interned) -> Result<Self, Fault> {
        Ok(Self {
            find: db.prepare_cached("SELECT content, at, at_assumed FROM entries WHERE uid = ?1")?,
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
            db,
            interned,
        })
    }

    fn append(&mut self, entry: &Entry) -> Result<Appended, Fault> {
        match self.known(entry)? {
            Some(known) => Ok(known.again(Event::of(entry))),
            None => {
                self.insert(entry)?;
                Ok(Appended::New)
            }
        }
    }

    /// What the ledger has under the entry's identity, be it from this very batch.
    fn known(&mut self, entry: &Entry) -> Result<Option<Event>, Fault> {
        let event = |row: &rusqlite::Row<'_>| {
            Ok(Event {
                content: row.get::<_, i64>(0)?.cast_unsigned(),
                at: Timestamp::from_micros(row.get(1)?),
                at_assumed: row.get(2)?,
            })
        };
        Ok(self.find.query_row([&entry.uid.0], event).optional()?)
    }

    fn insert(&mut self, entry: &Entry) -> Result<(), Fault> {
        let context = self.interned.context(self.db, entry)?;
        let tags = self.interned.tags(self.db, entry)?;
        let session = entry.attribution.session.as_deref();
        let session = session.map(|text| self.interned.name(self.db, Kind::Session, text));
        let card = entry.card.as_ref().map(|card| self.interned.card(self.db, card));
        let counted = Counted::of(entry);
        self.add.execute(params![
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
        let value = |dimension: &Dimension| dimension.of(entry).map(str::to_owned);
        let placed = Placed { at_us: entry.at.micros(), context, tags, value: &value };
        self.rollups.add(self.db, &placed, Sums::of_counted(&counted))
    }

    /// Writes what the batch added to the rollups.
    fn finish(mut self) -> Result<(), Fault> {
        self.rollups.flush(self.db)?;
        self.interned.put_back(self.rollups);
        Ok(())
    }
}
