//! The page about dialects names every one of them, and its links lead to where they are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use centime_core::meter::Meter;
use centime_providers::dialect::LIST;

#[test]
fn every_dialect_and_no_other_has_its_row() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers.md");
    let page = fs::read_to_string(path).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let documented: BTreeSet<&str> = rows.map(|(name, _)| name).collect();
    let known: BTreeSet<&str> = LIST.iter().map(|dialect| dialect.name).collect();
    assert_eq!(documented, known);
}

#[test]
fn what_a_field_becomes_is_a_meter() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers.md");
    let page = fs::read_to_string(path).unwrap();
    for (_, after) in page.match_indices('→').map(|(at, arrow)| page.split_at(at + arrow.len())) {
        let words: Vec<&str> = after.split('`').take(2).collect();
        if let [" " | " one ", meter] = words[..] {
            assert!(meter.parse::<Meter>().is_ok(), "`{meter}` is no meter");
        }
    }
}
