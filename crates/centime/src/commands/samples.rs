//! Entries that tests of the commands look at.

use centime_core::entry::Entry;
use centime_core::price::PriceBook;
use centime_engine::Pricer;
use centime_engine::ingest::{ChargePolicy, Ingest};
use centime_providers::event::{Constants, read_event};
use jiff::tz::TimeZone;

/// A model at round prices.
pub(crate) const PRICES: &str = "\
provider acme
maker

model big chat
 from 2020-01-01 exact test
  input 1/1M
  output 71/1M
";

/// An entry of an event.
pub(crate) fn entry_of(event: &str) -> Entry {
    let mut pricer = Pricer::new(PriceBook::from_texts("test", [PRICES]).unwrap());
    let mut ingest = Ingest::new(
        &mut pricer,
        "events",
        ChargePolicy::Ours,
        centime_engine::KeyNames::under(&[7; 32]),
    );
    let read = read_event(event, &Constants::default(), &TimeZone::UTC).unwrap();
    ingest.entry(read, event.as_bytes(), "2026-11-20T12:00:00Z".parse().unwrap()).unwrap()
}

/// An entry that is priced, with metadata.
pub(crate) fn entry() -> Entry {
    entry_of(
        r#"{"id":"one","at":"2026-11-01T12:00:00Z","model":"big","meters":{"input":4000,"output":50},
            "user":"ann","metadata":{"a":{"b":[1,{}]}}}"#,
    )
}

/// An entry of a model without rates.
pub(crate) fn unpriced() -> Entry {
    entry_of(r#"{"id":"two","at":"2026-11-01T13:00:00Z","model":"who","meters":{"input":5}}"#)
}
