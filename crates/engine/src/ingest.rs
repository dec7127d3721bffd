//! From a usage event to a ledger entry.

use std::collections::HashMap;

use centime_core::entry::{Entry, EntryLine, PricingStatus, Status, StatusMoves, Uid, UsageSource};
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity};
use centime_core::rating::{Charge, RatingError};
use centime_core::time::Timestamp;
use centime_providers::event::Event;

use crate::key_names::KeyNames;
use crate::pricer::{Call, Priced, Pricer};

/// Whose figure becomes the charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChargePolicy {
    /// Ours, computed from the price book.
    #[default]
    Ours,
    /// The source's, where it reports one; ours elsewhere.
    Reported,
}

/// Why an event makes no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// It is from before there were models to call, or from tomorrow.
    #[error(
        "`at` is {at}: an event is from 1980 or later, and at most 24 hours ahead of the clock"
    )]
    Implausible {
        /// The event's moment.
        at: Timestamp,
    },
    /// Its charge is too large.
    #[error("{0}")]
    Charge(#[from] RatingError),
}

/// The moment that an event is priced at: its own, or the moment of reading.
///
/// # Errors
/// When the event's moment is before 1980 or over 24 hours ahead of `now`.
pub fn moment_of(event: &Event, now: Timestamp) -> Result<Timestamp, IngestError> {
    match event.at {
        Some(at) if !at.is_plausible(now) => Err(IngestError::Implausible { at }),
        Some(at) => Ok(at),
        None => Ok(now),
    }
}

/// What an event cost.
#[derive(Debug, Clone)]
pub struct PricedEvent {
    /// What it cost. A call answered from a cache cost nothing, whatever its model.
    pub priced: Priced,
    /// What a call answered from a cache would have cost; `None` where that is not known.
    pub saved: Option<PicoUsd>,
}

/// Prices an event.
///
/// # Errors
/// When its charge is more than an entry can hold.
pub fn price_event(
    pricer: &mut Pricer,
    event: &Event,
    at: Timestamp,
) -> Result<PricedEvent, RatingError> {
    let mut priced = pricer.price(&call_of(event, at))?;
    let mut saved = None;
    if event.status == Status::Cached {
        saved = priced.charge.take().map(|charge| charge.amount);
        priced.charge = Some(Charge::default());
        priced.status = PricingStatus::Priced;
        priced.unresolved = None;
    }
    Ok(PricedEvent { priced, saved })
}

/// The call that an event tells of.
pub(crate) fn call_of(event: &Event, at: Timestamp) -> Call<'_> {
    // Nobody charges for a call that was refused, nor do we for one that may never have been.
    let is_void =
        matches!(event.status, Status::Error | Status::InDoubt) && event.usage.meters().is_empty();
    Call {
        provider: event.provider.as_deref(),
        model: &event.model,
        served_model: event.served_model.as_deref(),
        service_tier: event.service_tier.as_deref(),
        region: event.region.as_deref(),
        options: &event.options,
        batch: event.batch,
        at,
        requests: if is_void { 0 } else { event.requests },
        usage: &event.usage,
    }
}

/// Makes entries of the events of one file: equal records without an id are counted in it.
#[derive(Debug)]
pub struct Ingest<'p> {
    pricer: &'p mut Pricer,
    source: String,
    policy: ChargePolicy,
    names: KeyNames,
    /// How often each record without an id was seen.
    ordinals: HashMap<Uid, u64>,
}

impl<'p> Ingest<'p> {
    /// Entries from `source`: the kind of record, not the file it came in, so that a record is known
    /// again wherever it turns up.
    ///
    /// Where an event has a key itself, its entry has the name that `names` gives it.
    pub fn new(
        pricer: &'p mut Pricer,
        source: impl Into<String>,
        policy: ChargePolicy,
        names: KeyNames,
    ) -> Self {
        Self { pricer, source: source.into(), policy, names, ordinals: HashMap::new() }
    }

    /// Makes the entry of an event that was read from `record`.
    ///
    /// # Errors
    /// When the event's moment is implausible or its charge too large.
    pub fn entry(
        &mut self,
        mut event: Event,
        record: &[u8],
        now: Timestamp,
    ) -> Result<Entry, IngestError> {
        if let Some(key) = event.own_key.take() {
            event.attribution.key = Some(self.names.name(key.expose().as_bytes()));
        }
        let at = moment_of(&event, now)?;
        let priced = price_event(self.pricer, &event, at)?;
        let uid = match &event.id {
            Some(id) => Uid::of_own_id(&self.source, id),
            None => self.uid_of_record(record),
        };
        let origin = Origin { uid, source: &self.source, policy: self.policy, at, now };
        Ok(entry_of(self.pricer, event, priced, &origin))
    }

    fn uid_of_record(&mut self, record: &[u8]) -> Uid {
        let first = Uid::of_record(&self.source, record, 0);
        let ordinal = self.ordinals.entry(first).or_insert(0);
        let uid =
            if *ordinal == 0 { first } else { Uid::of_record(&self.source, record, *ordinal) };
        *ordinal += 1;
        uid
    }
}

/// Where an entry comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// Its identity.
    pub(crate) uid: Uid,
    /// The kind of record.
    pub(crate) source: &'a str,
    /// Whose figure becomes the charge.
    pub(crate) policy: ChargePolicy,
    /// When the call was made, by which it was priced.
    pub(crate) at: Timestamp,
    /// The moment of writing.
    pub(crate) now: Timestamp,
}

/// Makes the entry of an event that was priced.
pub(crate) fn entry_of(
    pricer: &mut Pricer,
    event: Event,
    priced: PricedEvent,
    origin: &Origin<'_>,
) -> Entry {
    let PricedEvent { priced, saved } = priced;
    let card = pricer.applied_card(&priced);
    let mut entry = Entry {
        uid: origin.uid,
        own_id: event.id,
        source: origin.source.to_owned(),
        content: event.content,
        at: origin.at,
        at_assumed: event.at.is_none(),
        recorded_at: origin.now,
        adjusts: None,
        moves: StatusMoves::default(),
        request_id: None,
        attempt: 1,
        status: event.status,
        usage_source: UsageSource::Reported,
        pricing_status: priced.status,
        provider: priced.provider().map(str::to_owned),
        model: priced.model().to_owned(),
        served_model: event.served_model.filter(|served| served != priced.model()),
        service_tier: event.service_tier,
        region: event.region,
        batch: event.batch,
        options: event.options,
        requests: event.requests,
        output_limit_tokens: event.output_limit_tokens,
        response_id: event.response_id,
        latency_ms: event.latency_ms,
        price_version: card.as_ref().map(|_| pricer.book().version().to_owned()),
        card,
        price_assumed: priced.assumed,
        lines: lines_of(&event.usage, &priced),
        charge: priced.charge.as_ref().map_or(PicoUsd::ZERO, |charge| charge.amount),
        reported_cost: event.reported_cost,
        saved: saved.unwrap_or_default(),
        held: None,
        attribution: event.attribution,
    };
    if entry.status == Status::Cached {
        entry.charge_flat(PicoUsd::ZERO, "answered without calling a provider");
    } else if origin.policy == ChargePolicy::Reported
        && let Some(cost) = entry.reported_cost
    {
        entry.charge_flat(cost, "reported by the source of the event");
    }
    entry
}

/// The lines of an entry: those of the charge, and the meters that have no rate.
pub(crate) fn lines_of(usage: &centime_core::usage::Usage, priced: &Priced) -> Vec<EntryLine> {
    let without_rate =
        |&(meter, quantity): &(Meter, Quantity)| EntryLine { meter, quantity, amount: None };
    let Some(charge) = &priced.charge else {
        return usage.meters().iter().map(without_rate).collect();
    };
    let charged = charge.lines.iter().map(|line| EntryLine {
        meter: line.meter,
        quantity: line.quantity,
        amount: Some(line.amount),
    });
    let mut lines: Vec<EntryLine> =
        charged.chain(charge.missing.iter().map(without_rate)).collect();
    lines.sort_by_key(|line| line.meter);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::PriceBook;
    use centime_providers::event::{Constants, read_event};
    use jiff::tz::TimeZone;

    const BOOK: &str = "\
provider openai
maker

model gpt-x chat
 from 2024-01-01 exact test
  input 1/1M
  output 2/1M
";

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn entries(lines: &[&str], policy: ChargePolicy) -> Vec<Result<Entry, IngestError>> {
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [BOOK]).unwrap());
        let mut ingest = Ingest::new(&mut pricer, "events", policy, KeyNames::under(&[7; 32]));
        let entry = |line: &&str| {
            let event = read_event(line, &Constants::default(), &TimeZone::UTC).unwrap();
            ingest.entry(event, line.as_bytes(), now())
        };
        lines.iter().map(entry).collect()
    }

    #[test]
    fn every_entry_proves_itself() {
        let lines = [
            r#"{"model":"gpt-x","meters":{"input":1000,"output":7},"at":"2026-11-01"}"#,
            r#"{"model":"gpt-x","meters":{"input":1000,"seconds":7.5}}"#,
            r#"{"model":"who","meters":{"input":1000}}"#,
            r#"{"model":"gpt-x","meters":{"input":1000},"reported_cost":0.00123}"#,
            r#"{"model":"who","meters":{"input":5},"reported_cost":0}"#,
            r#"{"model":"gpt-x","meters":{"input":1000},"status":"cached"}"#,
        ];
        for policy in [ChargePolicy::Ours, ChargePolicy::Reported] {
            for entry in entries(&lines, policy) {
                let entry = entry.unwrap();
                assert_eq!(entry.inconsistencies(), [], "{entry:?}");
            }
        }
    }

    #[test]
    fn the_policy_says_whose_figure_is_the_charge() {
        let line = r#"{"model":"gpt-x","meters":{"input":1000},"reported_cost":0.00123}"#;
        for (policy, expected) in
            [(ChargePolicy::Ours, "0.001"), (ChargePolicy::Reported, "0.00123")]
        {
            let entry = entries(&[line], policy).remove(0).unwrap();
            assert_eq!(entry.charge.to_string(), expected);
            assert_eq!(entry.reported_cost.unwrap().to_string(), "0.00123");
            assert_eq!(entry.input_tokens(), 1000);
        }
    }

    #[test]
    fn equal_records_without_an_id_are_told_apart_and_known_again() {
        let line = r#"{"model":"gpt-x","meters":{"input":1000},"at":"2026-11-01"}"#;
        let uids = || -> Vec<Uid> {
            entries(&[line, line, line], ChargePolicy::Ours)
                .into_iter()
                .map(|entry| entry.unwrap().uid)
                .collect()
        };
        let first = uids();
        assert!(first[0] != first[1] && first[1] != first[2] && first[0] != first[2]);
        assert_eq!(uids(), first);
    }

    #[test]
    fn what_was_refused_or_cached_costs_nothing() {
        let book = BOOK.replace("  input 1/1M\n", "  input 1/1M\n  request 0.005\n");
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [book]).unwrap());
        for (line, cost, saved) in [
            (r#"{"model":"gpt-x","meters":{"input":1000}}"#, "0.006", None),
            (r#"{"model":"gpt-x","meters":{"input":1000},"status":"error"}"#, "0.006", None),
            (r#"{"model":"gpt-x","status":"error"}"#, "0", None),
            (r#"{"model":"gpt-x","meters":{"input":1000},"status":"cached"}"#, "0", Some("0.006")),
            (r#"{"model":"who","meters":{"input":1000},"status":"cached"}"#, "0", None),
        ] {
            let event = read_event(line, &Constants::default(), &TimeZone::UTC).unwrap();
            let priced = price_event(&mut pricer, &event, now()).unwrap();
            assert_eq!(priced.priced.charge.unwrap().amount.to_string(), cost, "{line}");
            assert_eq!(priced.saved.map(|saved| saved.to_string()).as_deref(), saved, "{line}");
        }
    }

    #[test]
    fn moments_that_cannot_be_are_refused() {
        for (at, is_refused) in [
            ("1979-12-31T23:59:59Z", true),
            ("1980-01-01T00:00:00Z", false),
            ("2026-11-21T12:00:00Z", false),
            ("2026-11-21T12:00:01Z", true),
        ] {
            let line = format!(r#"{{"model":"gpt-x","meters":{{"input":1}},"at":"{at}"}}"#);
            let entry = entries(&[&line], ChargePolicy::Ours).remove(0);
            assert_eq!(entry.is_err(), is_refused, "{at}");
        }
    }
}
