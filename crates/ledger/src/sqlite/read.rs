//! Reading entries back, and finding them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use centime_core::attribution::Attribution;
use centime_core::entry::{Entry, PricingStatus, Status, StatusMoves, Uid, UsageSource};
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use rusqlite::types::{FromSql, Value};
use rusqlite::{Connection, Params, Row, params_from_iter};

use super::codec;
use super::dictionary::Dictionary;
use super::fault::Fault;
use super::holds;
use super::identities;
use super::schema::Kind;
use super::select::Selection;
use crate::query::{EntryFilter, Page};
use crate::sums::Counted;

/// What [`read_counted`] reads, from the first column on.
pub(super) const COUNTED_COLUMNS: &str = "at, context, tags, session, status, usage_source, \
     pricing_status, requests, charge_pico_usd, saved_pico_usd, input_tokens, cache_read_tokens, \
     output_tokens, moved_unpriced, moved_in_doubt";

/// What [`read_entry`] reads, after [`COUNTED_COLUMNS`].
pub(super) const FURTHER_COLUMNS: &str = "uid, adjusts, content, recorded_at, at_assumed, \
     price_assumed, card, attempt, latency_ms, output_limit_tokens, reported_pico_usd, lines, \
     own_id, request_id, response_id, metadata, options";

/// The column of an entry's moment, in every reading.
pub(super) const AT: usize = 0;
/// The column of its context.
pub(super) const CONTEXT: usize = 1;
/// The column of its tags.
pub(super) const TAGS: usize = 2;
/// The column of its session.
pub(super) const SESSION: usize = 3;
/// The column after those that count.
pub(super) const AFTER_COUNTED: usize = 15;
/// The column of its identity, where whole entries are read.
pub(super) const UID: usize = AFTER_COUNTED;
/// The column after those of a whole entry.
pub(super) const AFTER_ENTRY: usize = 32;

/// The entry of an identity.
pub(super) fn entry(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    uid: Uid,
) -> Result<Option<Entry>, Fault> {
    Ok(of_uid(db, dictionary, uid)?.into_iter().next())
}

/// The entry of a number.
pub(super) fn numbered(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    seq: i64,
) -> Result<Option<Entry>, Fault> {
    Ok(select(db, dictionary, "WHERE seq = ?1", [seq])?.into_iter().next())
}

fn of_uid(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    uid: Uid,
) -> Result<Vec<Entry>, Fault> {
    select(db, dictionary, &format!("WHERE {}", identities::condition(db)?), [&uid.0])
}

/// The identities that were written after a place, and the place of each.
pub(super) fn written_after(
    db: &Connection,
    place: u64,
    limit: usize,
) -> Result<Vec<(u64, Uid)>, Fault> {
    let sql = "SELECT seq, uid FROM entries WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let mut statement = db.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query([place.cast_signed(), limit])?;
    let mut written = Vec::new();
    while let Some(row) = rows.next()? {
        written.push((row.get::<_, i64>(0)?.cast_unsigned(), Uid(row.get(1)?)));
    }
    Ok(written)
}

/// The entries that an id can mean, each found by its identity.
pub(super) fn entries_named(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    id: &str,
) -> Result<Vec<Entry>, Fault> {
    let mut found: Vec<Entry> = Vec::new();
    let named = Uid::parse(id).map(|uid| of_uid(db, dictionary, uid));
    found.extend(named.transpose()?.unwrap_or_default());
    // The identity of an entry with an id of its own is made of it and of its source.
    let mut sources = db.prepare_cached("SELECT text FROM names WHERE kind = ?1 ORDER BY id")?;
    let mut sources = sources.query([Kind::Source.word()])?;
    while let Some(row) = sources.next()? {
        let uid = Uid::of_own_id(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, id);
        found.extend(of_uid(db, dictionary, uid)?);
    }
    Ok(found)
}

/// The adjustments of an entry, in the order they were made.
pub(super) fn adjustments(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    uid: Uid,
) -> Result<Vec<Entry>, Fault> {
    select(db, dictionary, "WHERE adjusts = ?1 ORDER BY seq", [&uid.0])
}

/// A page of entries, newest first.
///
/// Entries of one moment can be many (dates without a time of day), so the page goes on in two
/// steps, each along the index: the rest of the moment where the last page ended, then what is older.
pub(super) fn page(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    filter: &EntryFilter,
    page: &Page,
) -> Result<Vec<Entry>, Fault> {
    let selection = Selection::of(db, filter)?;
    let read = |selection: Selection, limit: usize| {
        let newest_first = format!("{} ORDER BY at DESC, seq DESC LIMIT {limit}", selection.sql());
        select(db, dictionary, &newest_first, params_from_iter(selection.values()))
    };
    // More than 2^63 entries do not fit a ledger, let alone a page.
    let limit = page.limit.min(i64::MAX.unsigned_abs().try_into().unwrap_or(usize::MAX));
    let Some((at, uid)) = page.after else {
        return read(selection, limit);
    };
    let at = Value::Integer(at.micros());
    let mut same_moment = selection.clone();
    same_moment.require("at = ?", at.clone());
    // After an entry that is not there comes nothing of its moment.
    let last = identities::seq_of(db, uid)?;
    same_moment.require("seq < ?", last.map_or(Value::Null, Value::Integer));
    let mut entries = read(same_moment, limit)?;
    let mut older = selection;
    older.require("at < ?", at);
    entries.extend(read(older, limit - entries.len())?);
    Ok(entries)
}

fn select(
    db: &Connection,
    dictionary: &RefCell<Dictionary>,
    which: &str,
    values: impl Params,
) -> Result<Vec<Entry>, Fault> {
    let sql = format!("SELECT {COUNTED_COLUMNS}, {FURTHER_COLUMNS} FROM entries {which}");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let entry = read_entry(row, db, &mut dictionary.borrow_mut());
        entries.push(entry.map_err(|fault| of_entry(fault, row))?);
    }
    Ok(entries)
}

/// Names the entry whose row makes no sense.
pub(super) fn of_entry(fault: Fault, row: &Row<'_>) -> Fault {
    match (fault, row.get(UID)) {
        (Fault::Damaged(what), Ok(uid)) => Fault::Damaged(format!("entry `{}`: {what}", Uid(uid))),
        (fault, _) => fault,
    }
}

/// The parts of a row that sums are made of.
pub(super) fn read_counted(row: &Row<'_>) -> Result<Counted, Fault> {
    counted(row).map_err(|fault| fault.in_row(row))
}

fn counted(row: &Row<'_>) -> Result<Counted, Fault> {
    let unknown = |what: &str, code: u8| Fault::Damaged(format!("no {what} has the code {code}"));
    let (status, usage_source, pricing_status) = (row.get(4)?, row.get(5)?, row.get(6)?);
    Ok(Counted {
        status: Status::from_code(status).ok_or_else(|| unknown("status", status))?,
        usage_source: UsageSource::from_code(usage_source)
            .ok_or_else(|| unknown("usage source", usage_source))?,
        pricing_status: PricingStatus::from_code(pricing_status)
            .ok_or_else(|| unknown("pricing status", pricing_status))?,
        requests: row.get(7)?,
        charge: PicoUsd::from_pico(row.get(8)?),
        saved: PicoUsd::from_pico(row.get(9)?),
        input_tokens: row.get(10)?,
        cache_read_tokens: row.get(11)?,
        output_tokens: row.get(12)?,
        moves: StatusMoves { unpriced: row.get(13)?, in_doubt: row.get(14)? },
    })
}

/// The entry of a row.
pub(super) fn read_entry(
    row: &Row<'_>,
    db: &Connection,
    dictionary: &mut Dictionary,
) -> Result<Entry, Fault> {
    whole(row, db, dictionary).map_err(|fault| fault.in_row(row))
}

fn whole(row: &Row<'_>, db: &Connection, dictionary: &mut Dictionary) -> Result<Entry, Fault> {
    let counted = counted(row)?;
    let context = dictionary.context(db, row.get(CONTEXT)?)?;
    let tags: Option<i64> = row.get(TAGS)?;
    let tags = tags.map(|id| dictionary.tags(db, id)).transpose()?;
    let session: Option<i64> = row.get(SESSION)?;
    let session = session.map(|id| dictionary.name(db, id)).transpose()?;
    let mut further = Further { row, column: UID };
    // In the order of the columns.
    Ok(Entry {
        uid: Uid(further.next()?),
        adjusts: further.next::<Option<[u8; 16]>>()?.map(Uid),
        content: further.next::<i64>()?.cast_unsigned(),
        recorded_at: Timestamp::from_micros(further.next()?),
        at_assumed: further.next()?,
        price_assumed: further.next()?,
        card: match further.next::<Option<i64>>()? {
            Some(id) => Some(dictionary.card(db, id)?),
            None => None,
        },
        attempt: further.next()?,
        latency_ms: further.next::<Option<i64>>()?.map(i64::cast_unsigned),
        output_limit_tokens: further.next::<Option<i64>>()?.map(i64::cast_unsigned),
        reported_cost: further.next::<Option<i64>>()?.map(PicoUsd::from_pico),
        lines: codec::read_lines(&further.next::<String>()?)?,
        own_id: further.next()?,
        request_id: further.next()?,
        response_id: further.next()?,
        attribution: Attribution {
            metadata: further.next()?,
            key: context.key.clone(),
            user: context.user.clone(),
            team: context.team.clone(),
            project: context.project.clone(),
            session: session.map(|session| session.to_string()),
            tags: tags.map_or_else(BTreeMap::new, |tags| (*tags).clone()),
        },
        options: codec::read_options(further.next()?)?,
        at: Timestamp::from_micros(row.get(AT)?),
        status: counted.status,
        usage_source: counted.usage_source,
        pricing_status: counted.pricing_status,
        requests: counted.requests,
        charge: counted.charge,
        saved: counted.saved,
        held: match counted.status {
            Status::InDoubt => holds::of(db, row.get(UID)?)?,
            _ => None,
        },
        moves: counted.moves,
        source: context.source.clone(),
        model: context.model.clone(),
        served_model: context.served_model.clone(),
        provider: context.provider.clone(),
        service_tier: context.service_tier.clone(),
        region: context.region.clone(),
        price_version: context.price_version.clone(),
        batch: context.batch,
    })
}

/// The columns of a row that are not read yet, one after the other.
struct Further<'row, 'statement> {
    row: &'row Row<'statement>,
    column: usize,
}

impl Further<'_, '_> {
    fn next<T: FromSql>(&mut self) -> Result<T, Fault> {
        self.column += 1;
        Ok(self.row.get(self.column - 1)?)
    }
}
