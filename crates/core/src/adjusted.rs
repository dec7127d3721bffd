//! An attempt with its adjustments folded in, and the adjustment that leads on to other figures.
//!
//! ```text
//! attempt       input 200 unpriced      1 request     1 not priced
//! adjustment    input   0 +0.00025      0 requests   -1 not priced
//! ──────────────────────────────────────────────────────────────
//! together      input 200  0.00025      1 request     0 not priced
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::attribution::Attribution;
use crate::entry::{
    AppliedCard, Entry, EntryLine, Inconsistency, PricingStatus, Status, StatusMoves, Uid,
};
use crate::money::{PicoUsd, Quantity, TotalPicoUsd};
use crate::time::Timestamp;

/// An attempt and what its adjustments made of it.
#[derive(Debug, Clone)]
pub struct Adjusted<'e> {
    attempt: &'e Entry,
    adjustments: &'e [Entry],
    lines: Vec<EntryLine>,
    charge: TotalPicoUsd,
}

/// What an attempt comes to: what a price makes of its usage, or a charge as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The meters, with what each costs.
    pub lines: Vec<EntryLine>,
    /// What they cost together.
    pub charge: PicoUsd,
    /// Whether that covers all that was used.
    pub pricing_status: PricingStatus,
    /// The version of the price book.
    pub price_version: Option<String>,
    /// The rates.
    pub card: Option<Arc<AppliedCard>>,
    /// Whether those rates are assumed.
    pub price_assumed: bool,
}

impl<'e> Adjusted<'e> {
    /// An attempt and all its adjustments, in the order they were made.
    #[must_use]
    pub fn new(attempt: &'e Entry, adjustments: &'e [Entry]) -> Self {
        let all = || std::iter::once(attempt).chain(adjustments);
        let lines = folded(all().flat_map(|entry| &entry.lines));
        let charge = all().map(|entry| entry.charge).sum();
        Self { attempt, adjustments, lines, charge }
    }

    /// The meters, with what each costs now.
    #[must_use]
    pub fn lines(&self) -> &[EntryLine] {
        &self.lines
    }

    /// What it costs now.
    #[must_use]
    pub const fn charge(&self) -> TotalPicoUsd {
        self.charge
    }

    /// Whether that covers all that was used: an adjustment never takes a price away.
    #[must_use]
    pub fn pricing_status(&self) -> PricingStatus {
        let statuses = self.adjustments.iter().map(|adjustment| adjustment.pricing_status);
        statuses.fold(self.attempt.pricing_status, Ord::min)
    }

    /// Whether a meter that has a price would have none under these figures.
    #[must_use]
    pub fn would_lose(&self, figures: &Figures) -> bool {
        let is_missing = |line: &EntryLine| line.amount.is_none();
        figures.lines.iter().filter(|line| is_missing(line)).any(|missing| {
            self.lines.iter().any(|line| line.meter == missing.meter && line.amount.is_some())
        })
    }

    /// The adjustment that makes the attempt cost what these figures say; `None` where it does.
    ///
    /// Its identity says that it is the next one: of two programs that make it at the same time, the
    /// ledger takes one.
    #[must_use]
    pub fn adjustment(&self, figures: Figures, now: Timestamp) -> Option<Entry> {
        let lines = differences(&self.lines, &figures.lines)?;
        if lines.is_empty() && figures.pricing_status == self.pricing_status() {
            return None;
        }
        self.leading_to(figures, lines, 0, now)
    }

    /// Whether the outcome of the attempt is not known.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.in_doubt_requests() > 0
    }

    /// The adjustment that settles an attempt in doubt: it cost what these figures say, and its outcome
    /// is known. `None` where it is not in doubt, or the difference is more than an adjustment can hold.
    #[must_use]
    pub fn settlement(&self, figures: Figures, now: Timestamp) -> Option<Entry> {
        let lines = differences(&self.lines, &figures.lines)?;
        let in_doubt = self.in_doubt_requests();
        (in_doubt > 0).then(|| self.leading_to(figures, lines, -in_doubt, now)).flatten()
    }

    /// The figures of a charge as such, beside the same meters. `source` says who says so.
    #[must_use]
    pub fn flat(&self, charge: PicoUsd, source: &str) -> Figures {
        let mut entry = self.present();
        entry.charge_flat(charge, source);
        Figures {
            lines: entry.lines,
            charge,
            pricing_status: entry.pricing_status,
            price_version: entry.price_version,
            card: entry.card,
            price_assumed: entry.price_assumed,
        }
    }

    fn leading_to(
        &self,
        figures: Figures,
        lines: Vec<EntryLine>,
        in_doubt: i64,
        now: Timestamp,
    ) -> Option<Entry> {
        let charge = i128::from(figures.charge.pico()).checked_sub(self.charge.pico())?;
        let is_unpriced = figures.pricing_status != PricingStatus::Priced;
        let unpriced = if is_unpriced { i64::from(self.attempt.requests) } else { 0 };
        let attempt = self.attempt;
        let ordinal = u64::try_from(self.adjustments.len()).ok()?;
        let mut adjustment = Entry {
            uid: Uid::of_adjustment(attempt.uid, ordinal),
            own_id: None,
            content: 0,
            recorded_at: now,
            adjusts: Some(attempt.uid),
            moves: StatusMoves { unpriced: unpriced - self.unpriced_requests(), in_doubt },
            request_id: None,
            pricing_status: figures.pricing_status,
            requests: 0,
            output_limit_tokens: None,
            response_id: None,
            latency_ms: None,
            price_version: figures.price_version,
            card: figures.card,
            price_assumed: figures.price_assumed,
            lines,
            charge: PicoUsd::from_pico(i64::try_from(charge).ok()?),
            reported_cost: None,
            saved: PicoUsd::ZERO,
            held: None,
            attribution: Attribution { metadata: None, ..attempt.attribution.clone() },
            ..attempt.clone()
        };
        adjustment.content = adjustment.figures_digest();
        Some(adjustment)
    }

    /// Proves that the adjustments fit the attempt: as many requests as there are can be unpriced or
    /// in doubt, and under the rates of the last adjustment that has some, each line is its rate
    /// times its quantity. What is wrong is returned, all of it.
    #[must_use]
    pub fn inconsistencies(&self) -> Vec<Inconsistency> {
        let mut found = Vec::new();
        let requests = i64::from(self.attempt.requests);
        for (what, left) in
            [("not fully priced", self.unpriced_requests()), ("in doubt", self.in_doubt_requests())]
        {
            if !(0..=requests).contains(&left) {
                found.push(Inconsistency::Moves { what, left, requests });
            }
        }
        if let Some(last) = self.adjustments.last().filter(|last| last.card.is_some()) {
            let is_unpriced = last.pricing_status != PricingStatus::Priced;
            let expected = if is_unpriced { requests } else { 0 };
            let left = self.unpriced_requests();
            if left != expected && (0..=requests).contains(&left) {
                found.push(Inconsistency::Moves { what: "not fully priced", left, requests });
            }
            found.extend(self.present().inconsistencies());
        }
        found
    }

    /// The attempt as it would be, had it been made with the last price.
    #[must_use]
    pub fn present(&self) -> Entry {
        let priced = self.priced();
        Entry {
            lines: self.lines.clone(),
            charge: PicoUsd::from_pico(saturated(self.charge.pico())),
            pricing_status: self.pricing_status(),
            card: priced.card.clone(),
            price_version: priced.price_version.clone(),
            price_assumed: priced.price_assumed,
            ..self.attempt.clone()
        }
    }

    /// Whether its charge is a figure as such now.
    #[must_use]
    pub fn is_charged_flat(&self) -> bool {
        self.priced().is_charged_flat()
    }

    /// The entry with the last price.
    fn priced(&self) -> &'e Entry {
        let last = self.adjustments.iter().rev().find(|adjustment| adjustment.card.is_some());
        last.unwrap_or(self.attempt)
    }

    fn unpriced_requests(&self) -> i64 {
        let at_first = self.attempt.pricing_status != PricingStatus::Priced;
        self.left(at_first, |moves| moves.unpriced)
    }

    fn in_doubt_requests(&self) -> i64 {
        self.left(self.attempt.status == Status::InDoubt, |moves| moves.in_doubt)
    }

    fn left(&self, at_first: bool, of: impl Fn(StatusMoves) -> i64) -> i64 {
        let at_first = if at_first { i64::from(self.attempt.requests) } else { 0 };
        let moves = self.adjustments.iter().map(|adjustment| of(adjustment.moves));
        moves.fold(at_first, i64::saturating_add)
    }
}

/// Lines added up by meter. A meter of which nothing is left is none.
fn folded<'l>(lines: impl Iterator<Item = &'l EntryLine>) -> Vec<EntryLine> {
    let mut sums: BTreeMap<_, (i128, Option<i128>)> = BTreeMap::new();
    for line in lines {
        let (quantity, amount) = sums.entry(line.meter).or_default();
        *quantity = quantity.saturating_add(line.quantity.scaled());
        if let Some(more) = line.amount {
            *amount = Some(amount.unwrap_or_default().saturating_add(i128::from(more.pico())));
        }
    }
    let is_left = |(quantity, amount): &(i128, Option<i128>)| {
        *quantity != 0 || amount.is_some_and(|amount| amount != 0)
    };
    let left = sums.into_iter().filter(|(_, sums)| is_left(sums));
    left.map(|(meter, (quantity, amount))| EntryLine {
        meter,
        quantity: Quantity::from_scaled(quantity),
        amount: amount.map(|amount| PicoUsd::from_pico(saturated(amount))),
    })
    .collect()
}

/// What leads from some lines to others; `None` where it is more than a line can hold.
fn differences(from: &[EntryLine], to: &[EntryLine]) -> Option<Vec<EntryLine>> {
    let mut lines = Vec::new();
    let meters: std::collections::BTreeSet<_> =
        from.iter().chain(to).map(|line| line.meter).collect();
    for meter in meters {
        let of = |lines: &[EntryLine]| lines.iter().find(|line| line.meter == meter).copied();
        let (from, to) = (of(from), of(to));
        let quantity = |line: Option<EntryLine>| line.map_or(0, |line| line.quantity.scaled());
        let amount = |line: Option<EntryLine>| line.and_then(|line| line.amount);
        let more = quantity(to).checked_sub(quantity(from))?;
        let (before, after) = (amount(from), amount(to));
        let dearer = after.unwrap_or_default().checked_sub(before.unwrap_or_default())?;
        let is_priced_now = before.is_none() && after.is_some();
        if more != 0 || dearer != PicoUsd::ZERO || is_priced_now {
            let is_priced = before.is_some() || after.is_some();
            let quantity = Quantity::from_scaled(more);
            lines.push(EntryLine { meter, quantity, amount: is_priced.then_some(dearer) });
        }
    }
    Some(lines)
}

fn saturated(pico: i128) -> i64 {
    i64::try_from(pico).unwrap_or(if pico < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{AppliedRate, UsageSource};
    use crate::meter::Meter;
    use crate::money::Rate;
    use crate::price::{Certainty, ServiceTier};
    use proptest::prelude::*;

    fn attempt(lines: Vec<EntryLine>, requests: u32) -> Entry {
        let at = Timestamp::EARLIEST;
        Entry {
            uid: Uid([1; 16]),
            own_id: Some("a".to_owned()),
            source: "events".to_owned(),
            content: 7,
            at,
            at_assumed: false,
            recorded_at: at,
            adjusts: None,
            moves: StatusMoves::default(),
            request_id: None,
            attempt: 1,
            status: Status::Ok,
            usage_source: UsageSource::Reported,
            pricing_status: PricingStatus::Unpriced,
            provider: None,
            model: "m".to_owned(),
            served_model: None,
            service_tier: None,
            region: None,
            batch: false,
            options: crate::price::Options::NONE,
            requests,
            output_limit_tokens: None,
            response_id: Some("r".to_owned()),
            latency_ms: Some(5),
            price_version: None,
            card: None,
            price_assumed: false,
            lines,
            charge: PicoUsd::ZERO,
            reported_cost: None,
            saved: PicoUsd::ZERO,
            held: None,
            attribution: Attribution { user: Some("ann".to_owned()), ..Attribution::default() },
        }
    }

    fn unpriced(meters: &[(Meter, u64)]) -> Vec<EntryLine> {
        let line = |&(meter, units): &(Meter, u64)| EntryLine {
            meter,
            quantity: Quantity::whole(units),
            amount: None,
        };
        meters.iter().map(line).collect()
    }

    /// Whole picodollars a unit; a meter without one has no rate.
    fn figures(meters: &[(Meter, u64)], rates: &[(Meter, i64)]) -> Figures {
        let rate_of =
            |meter: Meter| rates.iter().find(|(of, _)| *of == meter).map(|(_, pico)| *pico);
        let mut lines = unpriced(meters);
        for line in &mut lines {
            let units = line.quantity.as_whole().unwrap();
            line.amount = rate_of(line.meter).map(|pico| PicoUsd::from_pico(pico * units));
        }
        let sum: TotalPicoUsd = lines.iter().filter_map(|line| line.amount).sum();
        let applied = lines.iter().filter(|line| line.amount.is_some()).map(|line| {
            let scaled = u128::try_from(rate_of(line.meter).unwrap()).unwrap() * 10_u128.pow(12);
            let (rate, meter) = (Rate::from_scaled(scaled), line.meter);
            AppliedRate { meter, rate, rate_of: meter, derived: false }
        });
        let card = AppliedCard {
            provider: "p".to_owned(),
            model: "m".to_owned(),
            from: Timestamp::EARLIEST,
            certainty: Certainty::Exact,
            source: "test".to_owned(),
            tier: ServiceTier::Standard,
            rates: applied.collect(),
        };
        let is_whole = lines.iter().all(|line| line.amount.is_some());
        Figures {
            charge: PicoUsd::from_pico(i64::try_from(sum.pico()).unwrap()),
            lines,
            pricing_status: if is_whole { PricingStatus::Priced } else { PricingStatus::Partial },
            price_version: Some("v".to_owned()),
            card: Some(Arc::new(card)),
            price_assumed: false,
        }
    }

    const USED: [(Meter, u64); 2] = [(Meter::Input, 200), (Meter::Output, 50)];
    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    #[test]
    fn an_adjustment_leads_from_one_price_to_the_next() {
        let first = attempt(unpriced(&USED), 3);
        let mut adjustments: Vec<Entry> = Vec::new();
        for (rates, charge, moved, status) in [
            (&[(Meter::Input, 10)][..], 2000, 0, PricingStatus::Partial),
            (&[(Meter::Input, 10), (Meter::Output, 40)], 4000, -3, PricingStatus::Priced),
            (&[(Meter::Input, 1), (Meter::Output, 40)], 2200, 0, PricingStatus::Priced),
            (&[(Meter::Input, 0), (Meter::Output, 0)], 0, 0, PricingStatus::Priced),
        ] {
            let figures = figures(&USED, rates);
            let before = Adjusted::new(&first, &adjustments);
            assert!(!before.would_lose(&figures));
            let adjustment = before.adjustment(figures.clone(), NOW).unwrap();
            assert_eq!(adjustment.inconsistencies(), []);
            assert_eq!((adjustment.requests, adjustment.moves.unpriced), (0, moved));
            assert_eq!((adjustment.latency_ms, adjustment.response_id.clone()), (None, None));
            assert_eq!(adjustment.attribution.user.as_deref(), Some("ann"));
            adjustments.push(adjustment);
            let after = Adjusted::new(&first, &adjustments);
            assert_eq!(after.charge().pico(), charge);
            assert_eq!((after.lines(), after.pricing_status()), (&figures.lines[..], status));
            assert_eq!(after.inconsistencies(), []);
            assert_eq!(after.adjustment(figures, NOW), None, "once is enough");
        }
        let uids: std::collections::BTreeSet<Uid> =
            adjustments.iter().map(|entry| entry.uid).collect();
        assert_eq!(uids.len(), adjustments.len());
        let fewer = figures(&USED, &[(Meter::Input, 1)]);
        assert!(Adjusted::new(&first, &adjustments).would_lose(&fewer));
    }

    #[test]
    fn a_settlement_leads_to_a_known_outcome_once() {
        let priced = figures(&USED, &[(Meter::Input, 10), (Meter::Output, 40)]);
        let in_doubt = |lines: Vec<EntryLine>, status| Entry {
            status: Status::InDoubt,
            pricing_status: status,
            ..attempt(lines, 3)
        };
        let unpriced = in_doubt(unpriced(&USED), PricingStatus::Unpriced);
        let known = Entry {
            charge: priced.charge,
            card: priced.card.clone(),
            price_version: priced.price_version.clone(),
            ..in_doubt(priced.lines.clone(), PricingStatus::Priced)
        };
        let nothing = Entry { card: priced.card, ..in_doubt(vec![], PricingStatus::Priced) };
        for (first, unpriced) in [(&unpriced, -3), (&known, 0), (&nothing, 0)] {
            for pico in [0, 1, 4000, i64::MAX] {
                let charge = PicoUsd::from_pico(pico);
                let before = Adjusted::new(first, &[]);
                assert!(before.is_in_doubt());
                let settlement = before.settlement(before.flat(charge, "me"), NOW);
                let settlement = settlement.unwrap();
                assert_eq!(settlement.moves, StatusMoves { unpriced, in_doubt: -3 });
                assert_eq!(settlement.inconsistencies(), []);
                let all = [settlement];
                let after = Adjusted::new(first, &all);
                assert_eq!((after.charge(), after.is_in_doubt()), (charge.into(), false));
                assert!(after.is_charged_flat());
                assert_eq!(after.inconsistencies(), []);
                assert_eq!(after.settlement(after.flat(PicoUsd::ZERO, "me"), NOW), None);
            }
        }
        let sure = attempt(vec![], 1);
        let sure = Adjusted::new(&sure, &[]);
        assert_eq!(sure.settlement(sure.flat(PicoUsd::ZERO, "me"), NOW), None);
    }

    #[test]
    fn a_fee_for_the_call_itself_comes_and_goes() {
        let first = attempt(unpriced(&USED), 1);
        let rates = [(Meter::Input, 1), (Meter::Output, 1), (Meter::Request, 5)];
        let with_fee = [USED[0], USED[1], (Meter::Request, 1)];
        let mut adjustments = Vec::new();
        for (meters, charge) in [(&with_fee[..], 255), (&USED[..], 250), (&with_fee[..], 255)] {
            let figures = figures(meters, &rates);
            let adjustment = Adjusted::new(&first, &adjustments).adjustment(figures, NOW).unwrap();
            adjustments.push(adjustment);
            let after = Adjusted::new(&first, &adjustments);
            assert_eq!((after.charge().pico(), after.lines().len()), (charge, meters.len()));
            assert_eq!(after.inconsistencies(), []);
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let first = attempt(unpriced(&USED), 2);
        let good = figures(&USED, &[(Meter::Input, 10), (Meter::Output, 40)]);
        let good = Adjusted::new(&first, &[]).adjustment(good, NOW).unwrap();
        for (spoil, expected) in [
            (
                &(|entry: &mut Entry| entry.moves.unpriced = -3) as &dyn Fn(&mut Entry),
                "-1 of 2 requests are not fully priced",
            ),
            (&|entry| entry.moves.unpriced = -1, "1 of 2 requests are not fully priced"),
            (&|entry| entry.moves.in_doubt = 3, "3 of 2 requests are in doubt"),
            (
                &|entry| entry.pricing_status = PricingStatus::Partial,
                "0 of 2 requests are not fully priced",
            ),
            (
                &|entry| {
                    entry.lines[0].amount = Some(PicoUsd::from_pico(2001));
                    entry.charge = PicoUsd::from_pico(4001);
                },
                "`input` is charged 0.000000002001, and its rate times its quantity is 0.000000002",
            ),
        ] {
            let mut bad = good.clone();
            spoil(&mut bad);
            let found = Adjusted::new(&first, std::slice::from_ref(&bad)).inconsistencies();
            assert_eq!(found.first().map(ToString::to_string).as_deref(), Some(expected));
        }
        let counted = Entry { requests: 1, ..good };
        assert_eq!(counted.inconsistencies().len(), 1);
        let moved = Entry { moves: StatusMoves { unpriced: 1, in_doubt: 0 }, ..first };
        assert_eq!(moved.inconsistencies().len(), 1);
    }

    proptest! {
        #[test]
        fn any_series_of_prices_ends_at_the_last(
            requests in 0_u32..9,
            series in proptest::collection::vec((0_i64..1000, 0_i64..1000), 1..6),
        ) {
            let first = attempt(unpriced(&USED), requests);
            let mut adjustments = Vec::new();
            for (input, output) in series {
                let figures = figures(&USED, &[(Meter::Input, input), (Meter::Output, output)]);
                let before = Adjusted::new(&first, &adjustments);
                let adjustment = before.adjustment(figures.clone(), NOW);
                adjustments.extend(adjustment);
                let after = Adjusted::new(&first, &adjustments);
                prop_assert_eq!(after.charge(), figures.charge.into());
                prop_assert_eq!(after.lines(), &figures.lines[..]);
                prop_assert_eq!(after.inconsistencies(), vec![]);
            }
        }
    }
}
