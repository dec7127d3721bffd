//! What the journal adds to a call: an intent and an outcome, framed and handed to the kernel.

#![allow(clippy::expect_used, reason = "a bench that cannot start should say why")]

use centime_core::entry::{Entry, Status};
use centime_core::time::Timestamp;
use centime_engine::Pricer;
use centime_engine::ingest::{ChargePolicy, Ingest};
use centime_engine::journal::{Journal, Record, Records, Settings};
use centime_ledger::memory::MemoryLedger;
use centime_providers::event::{Constants, read_event};
use divan::{Bencher, black_box};
use jiff::tz::TimeZone;

fn main() {
    divan::main();
}

fn now() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().expect("a moment")
}

/// A call, before and after.
fn call() -> (Entry, Entry) {
    let event = r#"{"id":"chatcmpl-0123456789abcdef","provider":"openai","model":"gpt-5",
        "meters":{"input":200,"cache_read":1000,"output":50},"user":"alice","team":"search",
        "project":"ranker","key":"ci","session":"s1","tags":{"app":"bot"},"latency_ms":812}"#;
    let mut pricer = Pricer::new(centime_prices::embedded().expect("the embedded book reads"));
    let mut ingest = Ingest::new(
        &mut pricer,
        "gateway",
        ChargePolicy::Ours,
        centime_engine::KeyNames::under(&[7; 32]),
    );
    let read = read_event(event, &Constants::default(), &TimeZone::UTC).expect("an event");
    let outcome = ingest.entry(read, event.as_bytes(), now()).expect("an entry");
    let mut intent = Entry { status: Status::InDoubt, card: None, ..outcome.clone() };
    intent.lines.clear();
    (intent, outcome)
}

/// Both records, written and applied; most of it is the two writes.
#[divan::bench]
fn intend_and_settle(bencher: Bencher<'_, '_>) {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("calls");
    let mut ledger = MemoryLedger::default();
    let opened = Journal::open(&path, Settings::default(), &mut ledger, now());
    let (journal, _) = opened.expect("a journal");
    let (intent, outcome) = call();
    bencher.bench_local(|| {
        let intended = journal.intend(black_box(&intent)).expect("room");
        intended.wait().expect("a disk");
        let settled = journal.settle(black_box(&outcome)).expect("room");
        settled.wait().expect("a disk");
        journal.applied(outcome.uid);
    });
}

/// Both records without the kernel.
#[divan::bench]
fn frame_both(bencher: Bencher<'_, '_>) {
    let (intent, outcome) = call();
    let records = [Record::Intent { entry: intent }, Record::Outcome { entry: outcome }];
    let mut frame = Vec::new();
    bencher.bench_local(|| {
        for record in &records {
            black_box(record).frame(&mut frame).expect("short enough");
            black_box(&frame);
        }
    });
}

/// Both records read again.
#[divan::bench]
fn read_both(bencher: Bencher<'_, '_>) {
    let (intent, outcome) = call();
    let (mut bytes, mut frame) = (Vec::new(), Vec::new());
    for record in [Record::Intent { entry: intent }, Record::Outcome { entry: outcome }] {
        record.frame(&mut frame).expect("short enough");
        bytes.extend_from_slice(&frame);
    }
    bencher.bench_local(|| Records::of(black_box(&bytes)).count());
}
