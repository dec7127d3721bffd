//! Import end to end: parse, rate and write usage events into a fresh ledger, in events a second.

#![allow(clippy::expect_used, reason = "a bench that cannot start should say why")]

use std::path::Path;

use centime_core::time::Timestamp;
use centime_engine::Pricer;
use centime_engine::ingest::{ChargePolicy, Ingest};
use centime_ledger::Entries;
use centime_ledger::sqlite::{OpenMode, SqliteLedger};
use centime_providers::event::{Constants, read_event};
use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::tz::TimeZone;

fn main() {
    divan::main();
}

const EVENTS: usize = 100_000;
const BATCH_ENTRIES: usize = 8192;

/// Events of a day, of eight models and two hundred users.
fn events() -> Vec<String> {
    const MODELS: [&str; 8] = [
        "gpt-4o",
        "gpt-4o-mini",
        "gpt-5",
        "o3",
        "claude-sonnet-4-5",
        "claude-3-haiku",
        "gemini-2.5-pro",
        "gemini-2.5-flash",
    ];
    let event = |index: usize| {
        let second = index % 86_400;
        format!(
            "{{\"id\":\"req-{index}\",\"at\":\"2026-11-01T{:02}:{:02}:{:02}Z\",\"model\":\"{}\",\
             \"meters\":{{\"input\":{},\"cache_read\":{},\"output\":{}}},\"user\":\"user-{}\",\
             \"team\":\"team-{}\",\"tags\":{{\"app\":\"app-{}\"}}}}",
            second / 3600,
            second / 60 % 60,
            second % 60,
            MODELS[index % MODELS.len()],
            100 + index * 7919 % 9000,
            index * 104_729 % 4000,
            1 + index * 31 % 900,
            index % 200,
            index % 20,
            index % 5,
        )
    };
    (0..EVENTS).map(event).collect()
}

fn import(events: &[String], ledger: &Path, now: Timestamp) {
    let mut ledger = SqliteLedger::open(ledger, OpenMode::Write).expect("a ledger");
    let mut pricer = Pricer::new(centime_prices::embedded().expect("the embedded book reads"));
    let mut ingest = Ingest::new(
        &mut pricer,
        "events",
        ChargePolicy::Ours,
        centime_engine::KeyNames::under(&[7; 32]),
    );
    let mut batch = Vec::with_capacity(BATCH_ENTRIES);
    for line in events {
        let event = read_event(line, &Constants::default(), &TimeZone::UTC).expect("an event");
        batch.push(ingest.entry(event, line.as_bytes(), now).expect("an entry"));
        if batch.len() == BATCH_ENTRIES {
            ledger.append(&batch).expect("written");
            batch.clear();
        }
    }
    ledger.append(&batch).expect("written");
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn import_events(bencher: Bencher<'_, '_>) {
    let events = events();
    let now = "2026-11-20T12:00:00Z".parse().expect("a moment");
    bencher
        .counter(ItemsCount::new(EVENTS))
        .with_inputs(|| tempfile::tempdir().expect("a folder"))
        .bench_values(|folder| import(&events, &folder.path().join("centime.db"), now));
}
