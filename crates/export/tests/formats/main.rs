//! What the formats make of calls that no event of today could bring in, and of very many.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod again;
mod docs;
mod samples;

use std::ops::ControlFlow;

use centime_core::entry::EntryLine;
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity};
use centime_export::{BillingAccount, Call, ExportError, FocusVersion, Format, export};
use centime_ledger::memory::MemoryLedger;
use centime_ledger::{Entries as _, EntryFilter};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;

use samples::{Paper, adjustment, entry};

const FOCUS: fn() -> Format =
    || Format::Focus { version: FocusVersion::V1_4, account: BillingAccount("a".to_owned()) };

fn written(format: Format, calls: &[Call<'_>]) -> Result<Vec<u8>, ExportError> {
    let paper = Paper::default();
    let mut sink = format.sink(Box::new(paper.clone()))?;
    for call in calls {
        sink.write(call)?;
    }
    sink.finish()?;
    Ok(paper.bytes())
}

fn text(format: Format, calls: &[Call<'_>]) -> String {
    String::from_utf8(written(format, calls).unwrap()).unwrap()
}

#[test]
fn parquet_groups_end_at_rows_or_at_bytes() {
    let mut with_metadata = entry(1, 1);
    with_metadata.attribution.metadata = Some(format!("{{\"a\":\"{}\"}}", "x".repeat(4000)));
    // A row of the second kind has 4,107 bytes of text, and a group takes 32 MiB.
    for (entry, count, groups) in [
        (entry(1, 1), 70_000_i64, vec![32_768, 32_768, 4464]),
        (with_metadata, 9000, vec![8171, 829]),
    ] {
        let call = Call::new(&entry, &[]);
        let calls: Vec<Call<'_>> = (0..count).map(|_| call.clone()).collect();
        let file = written(Format::Parquet, &calls).unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
        let found: Vec<i64> =
            reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
        assert_eq!(found, groups);
        let sum: i64 = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                let row = row.unwrap();
                let cost = row.get_column_iter().find(|(name, _)| *name == "cost_pico_usd");
                match cost {
                    Some((_, Field::Long(pico))) => *pico,
                    other => panic!("{other:?}"),
                }
            })
            .sum();
        assert_eq!(sum, count * entry.charge.pico());
    }
}

#[test]
fn no_calls_are_a_whole_file_too() {
    let file = written(Format::Parquet, &[]).unwrap();
    let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
    assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    assert_eq!(text(Format::Csv, &[]).lines().count(), 1);
    assert_eq!(text(FOCUS(), &[]).lines().count(), 1);
    assert_eq!(text(Format::JsonLines, &[]), "");
}

#[test]
fn the_largest_numbers_are_kept_or_refused_by_name() {
    let mut largest = entry(1, 1);
    largest.latency_ms = Some(u64::MAX);
    largest.charge = PicoUsd::MAX;
    largest.lines[0].amount = Some(PicoUsd::MAX);
    largest.lines[0].quantity = Quantity::from_scaled(10_i128.pow(38) - 1);
    let file = written(Format::Parquet, &[Call::new(&largest, &[])]).unwrap();
    let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
    let row = reader.get_row_iter(None).unwrap().next().unwrap().unwrap();
    let latency = row.get_column_iter().find(|(name, _)| *name == "latency_ms").unwrap();
    assert_eq!(*latency.1, Field::ULong(u64::MAX));
    assert!(text(Format::Csv, &[Call::new(&largest, &[])]).contains(",9223372.036854775807,"));

    for scaled in [10_i128.pow(38), i128::MIN] {
        largest.lines[0].quantity = Quantity::from_scaled(scaled);
        let call = [Call::new(&largest, &[])];
        let error = written(Format::Parquet, &call).unwrap_err().to_string();
        assert!(error.contains(&largest.uid.to_string()) && error.contains("`input`"), "{error}");
        let quantity = Quantity::from_scaled(scaled).to_string();
        assert!(text(Format::JsonLines, &call).contains(&quantity));
    }
}

#[test]
fn a_figure_without_a_rate_is_so_many_dollars() {
    let attempt = entry(1, 1);
    let line = EntryLine {
        meter: Meter::Seconds,
        quantity: Quantity::whole(3),
        amount: Some(PicoUsd::from_pico(7)),
    };
    let adjustments = [adjustment(&attempt, line)];
    let focus = text(FOCUS(), &[Call::new(&attempt, &adjustments)]);
    let mut rows = csv::Reader::from_reader(focus.as_bytes());
    let names = rows.headers().unwrap().clone();
    let last = rows.records().last().unwrap().unwrap();
    let cell = |name: &str| &last[names.iter().position(|known| known == name).unwrap()];
    for (name, expected) in [
        ("ConsumedQuantity", "3.0"),
        ("ConsumedUnit", "Seconds"),
        ("PricingQuantity", "0.000000000007"),
        ("PricingUnit", "USD"),
        ("ListUnitPrice", "1.0"),
        ("ListCost", "0.000000000007"),
    ] {
        assert_eq!(cell(name), expected, "{name}");
    }
}

#[test]
fn an_export_ends_when_it_is_told_to() {
    let mut ledger = MemoryLedger::default();
    ledger.append(&[entry(1, 1), entry(2, 1), entry(3, 1)]).unwrap();
    let paper = Paper::default();
    let mut sink = Format::JsonLines.sink(Box::new(paper.clone())).unwrap();
    let go_on =
        &mut |calls| if calls < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    let ended = export(&ledger, &EntryFilter::default(), &mut *sink, go_on);
    assert!(matches!(ended, Err(ExportError::Interrupted)));
    let go_on = &mut |_| ControlFlow::Continue(());
    let exported = export(&ledger, &EntryFilter::default(), &mut *sink, go_on).unwrap();
    assert_eq!(
        (exported.calls, exported.total.pico()),
        (3, 3 * i128::from(entry(1, 1).charge.pico()))
    );
}
