use centime_core::entry::Uid;
use centime_core::price::PriceBook;
use centime_ledger::memory::MemoryLedger;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{GroupKey, GroupRow, Ledger, ReportQuery, Sums, Verify as _, Visit};
use centime_providers::event::{Constants, read_event};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::ingest::{ChargePolicy, Ingest};

const NOW: &str = "2026-11-20T12:00:00Z";

fn pricer(models: &str) -> Pricer {
    let text = format!("provider acme\nmaker\n{models}");
    Pricer::new(PriceBook::from_texts("test", [text]).unwrap())
}

/// Rates of a million, such as `m input 1, output 2`, one model a line.
fn models(text: &str) -> String {
    let model = |line: &str| {
        let (name, rates) = line.trim().split_once(' ').unwrap();
        let rates: String = rates.split(", ").map(|rate| format!("  {rate}/1M\n")).collect();
        format!("\nmodel {name} chat\n from 2020-01-01 exact test\n{rates}")
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(model).collect()
}

fn entry(pricer: &mut Pricer, event: &str, policy: ChargePolicy) -> Entry {
    let read = read_event(event, &Constants::default(), &TimeZone::UTC).unwrap();
    let mut ingest = Ingest::new(pricer, "events", policy, crate::KeyNames::under(&[7; 32]));
    ingest.entry(read, event.as_bytes(), NOW.parse().unwrap()).unwrap()
}

fn asked(all: bool) -> Repricing {
    let filter = EntryFilter::default();
    Repricing { filter, all, dry_run: false, now: NOW.parse().unwrap() }
}

fn run(ledger: &mut impl Entries, pricer: &mut Pricer, asked: &Repricing) -> ModelRepriced {
    reprice(ledger, pricer, asked, &mut |_| {}).unwrap().total()
}

/// What an entry costs with its adjustments, in picodollars.
fn charge(ledger: &impl Entries, entry: &Entry) -> i128 {
    let adjustments = ledger.adjustments(entry.uid).unwrap();
    Adjusted::new(entry, &adjustments).charge().pico()
}

#[test]
fn what_had_no_price_gets_one_and_only_once() {
    let mut before = pricer(&models("a input 1\nb input 1"));
    let events = [
        r#"{"id":"whole","at":"2024-05-01","model":"a","meters":{"input":1000}}"#,
        r#"{"id":"half","at":"2024-05-01","model":"b","meters":{"input":1000,"output":10},"requests":3}"#,
        r#"{"id":"none","at":"2024-05-01","model":"c","meters":{"input":1000}}"#,
        r#"{"id":"never","at":"2024-05-01","model":"d","meters":{"input":1000}}"#,
        r#"{"id":"failed","at":"2024-05-01","model":"c","status":"error"}"#,
    ];
    let mut ledger = MemoryLedger::default();
    let entries = events.map(|event| entry(&mut before, event, ChargePolicy::Ours));
    ledger.append(&entries).unwrap();

    let mut after = pricer(&models("a input 9\nb input 1, output 2\nc input 5, request 5000"));
    let dry = run(&mut ledger, &mut after, &Repricing { dry_run: true, ..asked(false) });
    assert_eq!(
        ledger.entries(&EntryFilter::default(), &Page { limit: 99, after: None }).unwrap().len(),
        5
    );
    let done = run(&mut ledger, &mut after, &asked(false));
    assert_eq!(done, dry);
    assert_eq!((done.repriced, done.unchanged, done.still_unpriced), (3, 1, 1));
    assert_eq!(
        (done.before.to_string(), done.after.to_string()),
        ("0.001".into(), "0.01102".into())
    );
    assert_eq!(done.reason.as_deref(), Some("the price book knows no model `d`"));
    let charges = entries.each_ref().map(|entry| charge(&ledger, entry));
    assert_eq!(charges, [1_000_000_000, 1_020_000_000, 10_000_000_000, 0, 0]);

    let again = run(&mut ledger, &mut after, &asked(false));
    assert_eq!((again.repriced, again.unchanged, again.still_unpriced), (0, 1, 1));
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, []);

    let all = run(&mut ledger, &mut after, &asked(true));
    assert_eq!((all.repriced, all.unchanged, all.still_unpriced), (1, 4, 1));
    assert_eq!(charge(&ledger, &entries[0]), 9_000_000_000);
}

#[test]
fn some_charges_are_left_as_they_are() {
    let mut before = pricer(&models("a input 1, output 1"));
    let mut after = pricer(&models("a input 2\nc input 2, output 2"));
    let mut ledger = MemoryLedger::default();
    for (event, policy) in [
        // The source said what it cost.
        (r#"{"model":"a","meters":{"input":1},"reported_cost":5}"#, ChargePolicy::Reported),
        (r#"{"model":"c","meters":{"input":1},"reported_cost":0}"#, ChargePolicy::Reported),
        // Nobody charged for it.
        (r#"{"model":"c","meters":{"input":1},"status":"cached"}"#, ChargePolicy::Ours),
        // Its output would have no price any more.
        (r#"{"model":"a","meters":{"input":1,"output":1}}"#, ChargePolicy::Ours),
    ] {
        ledger.append(&[entry(&mut before, event, policy)]).unwrap();
    }
    for all in [false, true] {
        let done = run(&mut ledger, &mut after, &asked(all));
        assert_eq!((done.repriced, done.still_unpriced), (0, 0));
        assert_eq!((done.before, done.unchanged), (done.after, if all { 4 } else { 0 }));
    }
}

#[test]
fn a_name_is_priced_as_the_entry_shows_it() {
    let mut before = pricer("");
    for (event, set) in [
        (r#"{"model":"mystery-1","meters":{"input":1000}}"#, "* mystery-1"),
        (r#"{"provider":"nobody","model":"mystery-1","meters":{"input":1000}}"#, "* mystery-1"),
        (
            r#"{"provider":"nobody","model":"mystery-1","meters":{"input":1000}}"#,
            "nobody mystery-1",
        ),
        (r#"{"model":"nobody/mystery-1","meters":{"input":1000}}"#, "nobody mystery-1"),
        (r#"{"model":"mystery-1","meters":{"input":1000}}"#, "nobody mystery-1"),
        (r#"{"model":"acme/new","meters":{"input":1000}}"#, "acme new"),
    ] {
        let (provider, model) = set.split_once(' ').unwrap();
        let first = entry(&mut before, event, ChargePolicy::Ours);
        let mut ledger = MemoryLedger::default();
        ledger.append(std::slice::from_ref(&first)).unwrap();
        let text = format!("provider {provider}\n{}", models(&format!("{model} input 2")));
        let book = before.book().clone().revised([(1, &*text)]).unwrap();
        run(&mut ledger, &mut Pricer::new(book), &asked(false));
        assert_eq!(charge(&ledger, &first), 2_000_000_000, "{event} {set}");
        let adjustment = ledger.adjustments(first.uid).unwrap().remove(0);
        assert_eq!((adjustment.provider, adjustment.model), (first.provider, first.model));
        assert_eq!(adjustment.price_version.as_deref(), Some("test+1"));
    }
}

/// Somebody who adjusts an entry just before we do.
struct Faster {
    ledger: MemoryLedger,
    other: Pricer,
    times: u32,
}

impl Entries for Faster {
    fn append(&mut self, batch: &[Entry]) -> Result<Vec<Appended>, LedgerError> {
        if self.times > 0 {
            self.times -= 1;
            run(&mut self.ledger, &mut self.other, &asked(true));
        }
        self.ledger.append(batch)
    }

    fn entry(&self, uid: Uid) -> Result<Option<Entry>, LedgerError> {
        self.ledger.entry(uid)
    }

    fn entries_named(&self, id: &str) -> Result<Vec<Entry>, LedgerError> {
        self.ledger.entries_named(id)
    }

    fn adjustments(&self, uid: Uid) -> Result<Vec<Entry>, LedgerError> {
        self.ledger.adjustments(uid)
    }

    fn entries(&self, filter: &EntryFilter, page: &Page) -> Result<Vec<Entry>, LedgerError> {
        self.ledger.entries(filter, page)
    }

    fn written_after(&self, place: u64, limit: usize) -> Result<Vec<(u64, Uid)>, LedgerError> {
        self.ledger.written_after(place, limit)
    }

    fn at_one_moment(
        &self,
        look: &mut dyn FnMut() -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        self.ledger.at_one_moment(look)
    }

    fn visit_attempts(
        &self,
        filter: &EntryFilter,
        visit: &mut Visit<'_>,
    ) -> Result<(), LedgerError> {
        self.ledger.visit_attempts(filter, visit)
    }
}

#[test]
fn of_two_who_reprice_at_the_same_time_neither_counts_twice() {
    for (theirs, adjustments) in [("a input 3", 2), ("a input 2", 1)] {
        let first =
            entry(&mut pricer(""), r#"{"model":"a","meters":{"input":1000}}"#, ChargePolicy::Ours);
        let mut ledger = MemoryLedger::default();
        ledger.append(std::slice::from_ref(&first)).unwrap();
        let mut faster = Faster { ledger, other: pricer(&models(theirs)), times: 1 };
        run(&mut faster, &mut pricer(&models("a input 2")), &asked(true));
        assert_eq!(charge(&faster, &first), 2_000_000_000, "{theirs}");
        assert_eq!(faster.adjustments(first.uid).unwrap().len(), adjustments, "{theirs}");
        assert_eq!(faster.ledger.verify(&mut |_| {}).unwrap().differences, []);
    }
}

fn events() -> impl Strategy<Value = Vec<String>> {
    let event = (
        select(&["a", "b", "c", "acme/d"]),
        1_u32..3_000_000,
        0_u32..1000,
        1_u32..4,
        select(&["ok", "error", "in_doubt", "cached", "aborted"]),
        select(&["ann", "bob"]),
        0_u32..400,
    );
    let event = event.prop_map(|(model, input, output, requests, status, user, day)| {
        let at = Timestamp::from_micros(i64::from(day) * 86_400_000_000 + 1_700_000_000_000_000);
        format!(
            "{{\"model\":\"{model}\",\"meters\":{{\"input\":{input},\"output\":{output}}},\
             \"requests\":{requests},\"status\":\"{status}\",\"user\":\"{user}\",\"at\":\"{at}\"}}"
        )
    });
    proptest::collection::vec(event, 1..30)
}

/// Books: of each model no rate, one, two, or those and a fee for each call.
fn books() -> impl Strategy<Value = String> {
    let rates = (0_u32..4, 0_u32..2000, 0_u32..2000);
    proptest::collection::vec(rates, 4).prop_map(|rates| {
        let model = |(name, (how, input, output)): (&str, (u32, u32, u32))| match how {
            0 => String::new(),
            1 => format!("{name} input {input}\n"),
            2 => format!("{name} input {input}, output 0.{output}\n"),
            _ => format!("{name} input {input}, output {output}, request 7\n"),
        };
        models(&["a", "b", "c", "d"].into_iter().zip(rates).map(model).collect::<String>())
    })
}

fn groups(ledger: &dyn Ledger, by: &str) -> Vec<GroupRow> {
    let by = by.split(',').map(|key| key.parse::<GroupKey>().unwrap()).collect();
    let query = ReportQuery { filter: EntryFilter::default(), by, zone: TimeZone::UTC };
    let mut groups = ledger.report(&query).unwrap();
    groups.sort_by(|left, right| left.key.cmp(&right.key));
    groups
}

const GROUPINGS: [&str; 6] =
    ["model", "provider,user", "date", "hour,model", "status", "pricing_status"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_repriced_every_grouping_adds_up(
        events in events(),
        books in proptest::collection::vec((books(), any::<bool>()), 1..5),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centime.db");
        let mut sqlite = SqliteLedger::open(&path, OpenMode::Write).unwrap();
        let mut memory = MemoryLedger::default();
        let mut first = pricer(&books[0].0);
        let entries: Vec<Entry> =
            events.iter().map(|event| entry(&mut first, event, ChargePolicy::Ours)).collect();
        sqlite.append(&entries).unwrap();
        memory.append(&entries).unwrap();
        let at_first: Sums = groups(&memory, "model").iter().map(|group| group.sums).sum();
        for (book, all) in &books {
            let mut pricer = pricer(book);
            let done = reprice(&mut memory, &mut pricer, &asked(*all), &mut |_| {}).unwrap();
            prop_assert_eq!(&reprice(&mut sqlite, &mut pricer, &asked(*all), &mut |_| {}).unwrap(), &done);
            let again = run(&mut sqlite, &mut pricer, &asked(*all));
            prop_assert_eq!((again.repriced, again.still_unpriced), (0, done.total().still_unpriced));
            if *all {
                let total: Sums = groups(&memory, "model").iter().map(|group| group.sums).sum();
                prop_assert_eq!(total.cost, done.total().after);
            }
        }
        let total: Sums = groups(&memory, "model").iter().map(|group| group.sums).sum();
        prop_assert_eq!((total.requests, total.input_tokens), (at_first.requests, at_first.input_tokens));
        for by in GROUPINGS {
            let rows = groups(&sqlite, by);
            prop_assert_eq!(&rows, &groups(&memory, by));
            prop_assert_eq!(rows.iter().map(|row| row.sums).sum::<Sums>(), total);
        }
        let verified = sqlite.verify(&mut |_| {}).unwrap();
        prop_assert_eq!(&verified.differences, &[]);
        prop_assert_eq!(verified.total, total.cost);
        for entry in &entries {
            prop_assert_eq!(sqlite.entry(entry.uid).unwrap(), memory.entry(entry.uid).unwrap());
            // What the last book can price whole costs what it costs in a new ledger.
            let mut last = pricer(&books[books.len() - 1].0);
            let fresh = price(&mut last, entry, &entry.lines).ok().map(|(figures, _)| figures);
            let is_ours = entry.status != Status::Cached;
            if let Some(fresh) = fresh.filter(|fresh| is_ours && fresh.pricing_status == PricingStatus::Priced)
                && books[books.len() - 1].1
            {
                prop_assert_eq!(charge(&sqlite, entry), i128::from(fresh.charge.pico()));
            }
        }
    }
}
