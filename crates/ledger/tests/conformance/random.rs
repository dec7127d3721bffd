//! Whatever entries and questions there are, the SQLite ledger answers as the oracle does.

use centime_core::entry::{Entry, PricingStatus, Status, StatusMoves, Uid, UsageSource};
use centime_core::meter::Meter;
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_ledger::{
    Appended, Dimension, Entries, EntryFilter, GroupKey, Ledger, Match, Page, ReportQuery, Reports,
    Sums, Window,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use crate::homes;
use crate::samples::{adjustment, at, price, sorted, unpriced};

/// Moments at which some zone does something that clocks should not do.
const MOMENTS: [&str; 10] = [
    "2026-03-29T01:00:00Z", // Paris: an hour is left out
    "2026-10-25T01:00:00Z", // Paris: an hour comes twice
    "2010-03-14T03:31:00Z", // Newfoundland: at a minute past midnight
    "2010-11-07T02:31:00Z", // Newfoundland: back into the day before
    "2026-10-03T15:30:00Z", // Lord Howe: half an hour
    "2026-04-04T15:00:00Z",
    "1985-12-31T18:30:00Z", // Nepal: a quarter of an hour, for good
    "2025-12-31T23:59:59.999999Z",
    "2024-02-29T12:00:00Z",
    "1980-01-01T00:00:00Z",
];
const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Paris",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
];
/// Few values, so that groups have members, and among them those that trip programs up.
const VALUES: [&str; 6] = ["", "alice", "bob", "o'brien\"; --", "%_", "é\0|"];
const DIMENSIONS: [&str; 13] = [
    "model",
    "provider",
    "user",
    "team",
    "project",
    "key",
    "session",
    "tag:app",
    "tag:env",
    "source",
    "status",
    "pricing_status",
    "usage_source",
];
const METERS: [Meter; 8] = [
    Meter::Input,
    Meter::CacheRead,
    Meter::CacheReadAudio,
    Meter::InputAudio,
    Meter::Output,
    Meter::Reasoning,
    Meter::Seconds,
    Meter::WebSearch,
];

fn moments() -> impl Strategy<Value = Timestamp> {
    let near = prop_oneof![Just(0), -2_i64..2, -10_000_000_000_i64..10_000_000_000];
    (select(&MOMENTS), near)
        .prop_map(|(moment, shift)| Timestamp::from_micros(at(moment).micros() + shift))
}

fn value() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(select(&VALUES).prop_map(str::to_owned))
}

fn quantities() -> impl Strategy<Value = String> {
    prop_oneof![
        (1_u64..5000).prop_map(|units| units.to_string()),
        (0_u64..100, 1_u64..1_000_000_000_000)
            .prop_map(|(whole, rest)| format!("{whole}.{rest:012}")),
        (1_u64..100_000_000_000).prop_map(|units| units.to_string()),
    ]
}

prop_compose! {
    /// A sound entry: few ids, so that some come again, with the same content or with other.
    fn entries()(
        id in 0..24_u8,
        content in 0..3_u64,
        own in any::<bool>(),
        at in moments(),
        at_assumed in any::<bool>(),
        recorded_at in any::<i64>(),
        meters in proptest::collection::btree_map(select(&METERS), quantities(), 0..4),
        dollars in proptest::option::of(prop_oneof![Just("9223372.036854775807"), Just("0.000000000001")]),
        has_price in any::<bool>(),
        texts in proptest::array::uniform12(value()),
        status in select(Status::ALL),
        usage_source in select(UsageSource::ALL),
        numbers in any::<(u64, u64, u16, bool)>(),
        requests in prop_oneof![Just(1_u32), Just(0), Just(u32::MAX), 2..9_u32],
        saved in any::<i64>(),
    ) -> Entry {
        let name = format!("id-{id}");
        let mut meters: Vec<(Meter, &str)> =
            meters.iter().map(|(meter, quantity)| (*meter, quantity.as_str())).collect();
        let mut entry = unpriced(&name, &meters);
        if let Some(dollars) = dollars {
            // The dearest charge leaves no room for other lines.
            meters.clear();
            meters.push((Meter::Reported, dollars));
        }
        if has_price {
            price(&mut entry, &meters);
        }
        let [user, team, project, key, session, app, env, provider, region, tier, served, metadata] = texts;
        let tags = [("app", app), ("env", env)];
        let tags = tags.into_iter().filter_map(|(name, tag)| Some((name.to_owned(), tag?)));
        entry.attribution = centime_core::attribution::Attribution {
            key, user, team, project, session, tags: tags.collect(), metadata,
        };
        if !own {
            entry.own_id = None;
            entry.uid = Uid::of_record("events", name.as_bytes(), 0);
        }
        (entry.provider, entry.region, entry.service_tier, entry.served_model) = (provider, region, tier, served);
        (entry.output_limit_tokens, entry.latency_ms) = (Some(numbers.0), Some(numbers.1));
        (entry.attempt, entry.batch) = (numbers.2, numbers.3);
        entry.content = content.wrapping_sub(1);
        (entry.at, entry.at_assumed) = (at, at_assumed);
        entry.recorded_at = Timestamp::from_micros(recorded_at);
        (entry.status, entry.usage_source, entry.requests) = (status, usage_source, requests);
        entry.saved = PicoUsd::from_pico(saved);
        entry
    }
}

/// Batches of entries, some with their first adjustment at a random later place.
fn batches() -> impl Strategy<Value = Vec<Vec<Entry>>> {
    let adjusted = (entries(), proptest::option::of((0_i64..=i64::MAX, any::<Index>())));
    let drafts = proptest::collection::vec(adjusted, 1..40);
    (drafts, 1..17_usize).prop_map(|(drafts, size)| {
        let mut all: Vec<Entry> = drafts.iter().map(|(entry, _)| entry.clone()).collect();
        for (entry, adjusting) in drafts {
            let Some((less, place)) = adjusting else { continue };
            let pico = -(less % entry.charge.pico().saturating_add(1));
            let mut adjusting = adjustment(&entry, 0, Meter::Output, "-1.5", pico);
            // As many requests as there are can change their status: those of the entry that came
            // first under its identity.
            let is_kept = all.iter().find(|other| other.uid == entry.uid) == Some(&entry);
            let movable = if is_kept { less % (i64::from(entry.requests) + 1) } else { 0 };
            let is_unpriced = entry.pricing_status != PricingStatus::Priced;
            let is_in_doubt = entry.status == Status::InDoubt;
            adjusting.moves = StatusMoves {
                unpriced: if is_unpriced { -movable } else { 0 },
                in_doubt: if is_in_doubt { -movable } else { movable },
            };
            all.insert(place.index(all.len() + 1), adjusting);
        }
        all.chunks(size).map(<[Entry]>::to_vec).collect()
    })
}

fn conditions() -> impl Strategy<Value = (Dimension, Match)> {
    let words = ["ok", "in_doubt", "priced", "reported", "gpt-5", "events", "e", "a", "nobody"];
    let values: Vec<&str> = VALUES.into_iter().chain(words).collect();
    let values = subsequence(values, 0..4);
    (select(&DIMENSIONS), values, 0..3).prop_map(|(dimension, values, how)| {
        let values = values.into_iter().map(str::to_owned).collect();
        let wanted = match how {
            0 => Match::OneOf(values),
            1 => Match::NoneOf(values),
            _ => Match::StartsWith(values),
        };
        (dimension.parse().unwrap(), wanted)
    })
}

fn filters() -> impl Strategy<Value = EntryFilter> {
    let bound = || proptest::option::weighted(0.3, moments());
    let conditions = proptest::collection::vec(conditions(), 0..3);
    (bound(), bound(), conditions).prop_map(|(since, until, conditions)| EntryFilter {
        window: Window { since, until },
        conditions,
    })
}

fn questions() -> impl Strategy<Value = ReportQuery> {
    let keys: Vec<&str> = DIMENSIONS.into_iter().chain(["date", "hour"]).collect();
    (filters(), subsequence(keys, 0..4), select(&ZONES)).prop_map(|(filter, by, zone)| {
        ReportQuery {
            filter,
            by: by.into_iter().map(|key| key.parse::<GroupKey>().unwrap()).collect(),
            zone: TimeZone::get(zone).unwrap(),
        }
    })
}

/// All pages of a listing, one after the other.
fn pages(ledger: &dyn Ledger, filter: &EntryFilter, limit: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut after = None;
    loop {
        let page = ledger.entries(filter, &Page { limit, after }).unwrap();
        let Some(last) = page.last() else { return entries };
        after = Some((last.at, last.uid));
        entries.extend(page);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_answers_as_the_oracle_does(
        batches in batches(),
        questions in proptest::collection::vec(questions(), 10),
        listing in (filters(), 1..9_usize),
    ) {
        let (mut memory, mut sqlite) = (homes::memory(), homes::sqlite());
        for batch in &batches {
            let appended: Vec<Appended> = memory.append(batch).unwrap();
            prop_assert_eq!(sqlite.append(batch).unwrap(), appended);
        }
        for entry in batches.iter().flatten() {
            prop_assert_eq!(sqlite.entry(entry.uid).unwrap(), memory.entry(entry.uid).unwrap());
            let named = sqlite.entries_named(&entry.id()).unwrap();
            prop_assert_eq!(named, memory.entries_named(&entry.id()).unwrap());
            let adjustments = sqlite.adjustments(entry.uid).unwrap();
            prop_assert_eq!(adjustments, memory.adjustments(entry.uid).unwrap());
        }
        for question in &questions {
            let groups = sorted(sqlite.report(question).unwrap());
            prop_assert_eq!(&groups, &sorted(memory.report(question).unwrap()));
            let sum: Sums = groups.iter().map(|group| group.sums).sum();
            prop_assert_eq!(sum, sqlite.total(question).unwrap());
        }
        let (filter, limit) = listing;
        prop_assert_eq!(pages(&*sqlite, &filter, limit), pages(&*memory, &filter, limit));
        let verified = sqlite.verify(&mut |_| {}).unwrap();
        prop_assert_eq!(&verified.differences, &[]);
        prop_assert_eq!(verified, memory.verify(&mut |_| {}).unwrap());
    }

    #[test]
    fn a_reopened_ledger_is_the_same(batches in batches(), question in questions()) {
        let (_folder, path) = homes::new_path();
        let mut before = SqliteLedger::open(&path, OpenMode::Write).unwrap();
        let mut memory = homes::memory();
        for batch in &batches {
            let appended = memory.append(batch).unwrap();
            // Every batch is written by a program that knows nothing yet.
            prop_assert_eq!(before.append(batch).unwrap(), appended);
            before = SqliteLedger::open(&path, OpenMode::Write).unwrap();
        }
        let after = SqliteLedger::open(&path, OpenMode::Read).unwrap();
        let everything = EntryFilter::default();
        prop_assert_eq!(pages(&after, &everything, 7), pages(&*memory, &everything, 7));
        let groups = sorted(after.report(&question).unwrap());
        prop_assert_eq!(groups, sorted(memory.report(&question).unwrap()));
    }
}
