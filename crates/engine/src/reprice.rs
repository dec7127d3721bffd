//! Repricing: what is in the ledger, at the prices that are known now, by adjustments.
//!
//! No entry is changed. An attempt whose charge is not what the prices now known for its moment make
//! of it gets an adjustment: signed differences, so that the attempt and its adjustments together are
//! what the attempt would have been. A second run finds nothing to do.

use std::collections::BTreeMap;

use centime_core::adjusted::{Adjusted, Figures};
use centime_core::entry::{Entry, EntryLine, PricingStatus, Status};
use centime_core::meter::Meter;
use centime_core::money::{Quantity, TotalPicoUsd};
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use centime_ledger::{Appended, Dimension, Entries, EntryFilter, LedgerError, Match, Page};

use crate::ingest::lines_of;
use crate::pricer::{Call, Pricer};

/// What to reprice, and whether to do it.
#[derive(Debug, Clone)]
pub struct Repricing {
    /// Which entries.
    pub filter: EntryFilter,
    /// All of them, or only those whose charge leaves something out.
    pub all: bool,
    /// Only find out what would happen.
    pub dry_run: bool,
    /// The moment of writing.
    pub now: Timestamp,
}

/// What a repricing did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repriced {
    /// By provider and model, as entries name them.
    pub models: BTreeMap<(Option<String>, String), ModelRepriced>,
}

/// What became of the entries of a model. Those that were repriced and those that were not are all
/// that were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelRepriced {
    /// How many got an adjustment.
    pub repriced: u64,
    /// How many are as they were.
    pub unchanged: u64,
    /// Of both, how many leave something out that was used, or all of it.
    pub still_unpriced: u64,
    /// What they cost before.
    pub before: TotalPicoUsd,
    /// What they cost after.
    pub after: TotalPicoUsd,
    /// Why some leave something out: of the last one.
    pub reason: Option<String>,
}

impl Repriced {
    /// All models together.
    #[must_use]
    pub fn total(&self) -> ModelRepriced {
        let mut total = ModelRepriced::default();
        for model in self.models.values() {
            total.add(model);
        }
        total
    }

    fn count(&mut self, attempt: &Entry, judged: &Judged) {
        let key = (attempt.provider.clone(), attempt.model.clone());
        self.models.entry(key).or_default().add(&ModelRepriced {
            repriced: u64::from(judged.adjustment.is_some()),
            unchanged: u64::from(judged.adjustment.is_none()),
            still_unpriced: u64::from(judged.reason.is_some()),
            before: judged.before,
            after: judged.after,
            reason: judged.reason.clone(),
        });
    }
}

impl ModelRepriced {
    fn add(&mut self, other: &Self) {
        self.repriced += other.repriced;
        self.unchanged += other.unchanged;
        self.still_unpriced += other.still_unpriced;
        self.before += other.before;
        self.after += other.after;
        if other.reason.is_some() {
            self.reason.clone_from(&other.reason);
        }
    }
}

/// How many entries are in memory, and in a transaction, at a time.
const PAGE: usize = 2000;

/// How often an attempt is looked at that others adjust at the same time; another run does the rest.
const ROUNDS_MAX: usize = 100;

/// Reprices what is in a ledger, page by page. `progress` is told how many entries were looked at.
///
/// Stopped in between it leaves whole adjustments; another run does the rest. Left as they are:
/// answers from a cache, charges that the source itself reported, and entries that would lose a price
/// they have.
///
/// # Errors
/// When the ledger failed; what was appended before stays.
pub fn reprice(
    ledger: &mut impl Entries,
    pricer: &mut Pricer,
    asked: &Repricing,
    progress: &mut dyn FnMut(u64),
) -> Result<Repriced, LedgerError> {
    let mut repriced = Repriced::default();
    let mut looked_at = 0;
    let mut page = Page { limit: PAGE, after: None };
    let filter = if asked.all { asked.filter.clone() } else { not_fully_priced(&asked.filter) };
    loop {
        let entries = ledger.entries(&filter, &page)?;
        let Some(last) = entries.last() else { return Ok(repriced) };
        page.after = Some((last.at, last.uid));
        looked_at += u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let mut attempts: Vec<Entry> =
            entries.into_iter().filter(|entry| entry.adjusts.is_none()).collect();
        for _ in 0..ROUNDS_MAX {
            if attempts.is_empty() {
                break;
            }
            attempts = reprice_some(ledger, pricer, asked, attempts, &mut repriced)?;
        }
        progress(looked_at);
    }
}

/// An adjustment never takes a price away, so these are all that can leave something out.
fn not_fully_priced(filter: &EntryFilter) -> EntryFilter {
    let statuses = [PricingStatus::Partial, PricingStatus::Unpriced];
    let statuses = statuses.map(|status| status.name().to_owned()).to_vec();
    let mut filter = filter.clone();
    filter.conditions.push((Dimension::PricingStatus, Match::OneOf(statuses)));
    filter
}

/// Reprices attempts in one transaction. Those that somebody else adjusted meanwhile are returned, to
/// be looked at again.
fn reprice_some(
    ledger: &mut impl Entries,
    pricer: &mut Pricer,
    asked: &Repricing,
    attempts: Vec<Entry>,
    repriced: &mut Repriced,
) -> Result<Vec<Entry>, LedgerError> {
    let mut batch = Vec::new();
    let mut open = Vec::new();
    for attempt in attempts {
        let adjustments = ledger.adjustments(attempt.uid)?;
        let adjusted = Adjusted::new(&attempt, &adjustments);
        if !asked.all && adjusted.pricing_status() == PricingStatus::Priced {
            continue;
        }
        let judged = judge(pricer, &attempt, &adjusted, asked.now);
        match &judged.adjustment {
            Some(adjustment) if !asked.dry_run => {
                batch.push(adjustment.clone());
                open.push((attempt, judged));
            }
            _ => repriced.count(&attempt, &judged),
        }
    }
    let mut again = Vec::new();
    for ((attempt, judged), appended) in open.into_iter().zip(ledger.append(&batch)?) {
        match appended {
            Appended::New | Appended::Known => repriced.count(&attempt, &judged),
            Appended::Conflict => again.push(attempt),
        }
    }
    Ok(again)
}

/// What a price makes of an attempt.
struct Judged {
    before: TotalPicoUsd,
    after: TotalPicoUsd,
    /// Why something is left out then, where it is.
    reason: Option<String>,
    adjustment: Option<Entry>,
}

fn judge(pricer: &mut Pricer, attempt: &Entry, adjusted: &Adjusted<'_>, now: Timestamp) -> Judged {
    let before = adjusted.charge();
    let is_priced = adjusted.pricing_status() == PricingStatus::Priced;
    let as_it_is = |reason: String| Judged {
        before,
        after: before,
        reason: (!is_priced).then_some(reason),
        adjustment: None,
    };
    if attempt.status == Status::Cached || adjusted.is_charged_flat() {
        return as_it_is("its charge is not ours".to_owned());
    }
    let (figures, reason) = match price(pricer, attempt, adjusted.lines()) {
        Ok(priced) => priced,
        Err(reason) => return as_it_is(reason),
    };
    if adjusted.would_lose(&figures) {
        return as_it_is("it would lose a price that it has".to_owned());
    }
    let after = figures.charge.into();
    match adjusted.adjustment(figures, now) {
        None => as_it_is(reason.unwrap_or_default()),
        adjustment => Judged { before, after, reason, adjustment },
    }
}

/// What the attempt costs at the prices now known for its moment, and what that leaves out.
///
/// # Errors
/// Says why there is no price.
fn price(
    pricer: &mut Pricer,
    attempt: &Entry,
    lines: &[EntryLine],
) -> Result<(Figures, Option<String>), String> {
    let usage = usage_of(attempt, lines)?;
    let has_failed = attempt.status == Status::Error && usage.meters().is_empty();
    let call = Call {
        provider: attempt.provider.as_deref(),
        model: &attempt.model,
        served_model: attempt.served_model.as_deref(),
        service_tier: attempt.service_tier.as_deref(),
        region: attempt.region.as_deref(),
        batch: attempt.batch,
        options: &attempt.options,
        at: attempt.at,
        requests: if has_failed { 0 } else { attempt.requests },
        usage: &usage,
    };
    let priced = pricer.price(&call).map_err(|error| error.to_string())?;
    let Some(charge) = &priced.charge else {
        let unresolved = priced.unresolved.as_ref().map(ToString::to_string);
        return Err(unresolved.unwrap_or_else(|| "the model has no rates".to_owned()));
    };
    let missing: Vec<&str> = charge.missing.iter().map(|(meter, _)| meter.name()).collect();
    let reason = (!missing.is_empty()).then(|| format!("no rate for {}", missing.join(", ")));
    let card = pricer.applied_card(&priced);
    let figures = Figures {
        lines: lines_of(&usage, &priced),
        charge: charge.amount,
        pricing_status: priced.status,
        price_version: card.as_ref().map(|_| pricer.book().version().to_owned()),
        card,
        price_assumed: priced.assumed,
    };
    Ok((figures, reason))
}

/// The usage that an attempt's lines are of. A card that charges for the call itself added a line for
/// it, and adds it again where the new one does.
fn usage_of(attempt: &Entry, lines: &[EntryLine]) -> Result<Usage, String> {
    let calls = Quantity::whole(u64::from(attempt.requests));
    let is_fee = |line: &&EntryLine| {
        line.meter == Meter::Request && line.amount.is_some() && line.quantity == calls
    };
    let mut usage = Usage::default();
    for line in lines.iter().filter(|line| !is_fee(line)) {
        usage.add(line.meter, line.quantity).map_err(|error| error.to_string())?;
    }
    Ok(usage)
}

#[cfg(test)]
mod tests;
