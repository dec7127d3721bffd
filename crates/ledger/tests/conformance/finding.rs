//! Entries are found by id, by what they adjust, and page by page.

use std::ops::ControlFlow;

use centime_core::entry::{Entry, Status, Uid};
use centime_core::meter::Meter;
use centime_ledger::{Dimension, EntryFilter, Ledger, Match, Page, Window};

use crate::samples::{adjustment, all, entry, second, unpriced};

pub(crate) fn an_id_finds_every_entry_it_can_mean(ledger: &mut dyn Ledger) {
    let events = entry("request-0001", &[]);
    let mut csv = entry("request-0001", &[]);
    csv.source = "csv".to_owned();
    csv.uid = Uid::of_own_id("csv", "request-0001");
    let mut nameless = entry("request-0002", &[]);
    nameless.own_id = None;
    // An own id that looks like a uid finds both.
    let mut look_alike = entry("x", &[]);
    look_alike.own_id = Some(nameless.uid.to_string());
    look_alike.uid = Uid::of_own_id(&look_alike.source, &nameless.uid.to_string());
    let batch = [events.clone(), csv.clone(), nameless.clone(), look_alike.clone()];
    ledger.append(&batch).unwrap();

    let uid = nameless.uid.to_string();
    for (id, expected) in [
        ("request-0001", vec![events.clone(), csv]),
        (events.uid.to_string().as_str(), vec![events]),
        (uid.as_str(), vec![nameless.clone(), look_alike]),
        (uid.to_uppercase().as_str(), vec![nameless]),
        ("quest-0001", vec![]),
        ("0001", vec![]),
        ("' OR 1=1 --", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(ledger.entries_named(id).unwrap(), expected, "{id}");
    }
}

pub(crate) fn adjustments_come_in_the_order_they_were_made(ledger: &mut dyn Ledger) {
    let adjusted = entry("a", &[(Meter::Input, "1")]);
    let other = entry("b", &[(Meter::Input, "1")]);
    let adjust = |entry: &Entry, ordinal| adjustment(entry, ordinal, Meter::Input, "-0.5", 5);
    let (first, second) = (adjust(&adjusted, 0), adjust(&adjusted, 1));
    ledger.append(&[adjusted.clone(), other.clone(), first.clone()]).unwrap();
    ledger.append(&[adjust(&other, 0), second.clone()]).unwrap();
    assert_eq!(ledger.adjustments(adjusted.uid).unwrap(), [first.clone(), second]);
    assert_eq!(ledger.adjustments(first.uid).unwrap(), []);
}

/// Entries of which several share each moment.
fn crowd() -> Vec<Entry> {
    (0..23)
        .map(|index| {
            let mut entry = entry(&format!("{index}"), &[(Meter::Input, "1")]);
            entry.at = second(index * 7 % 5);
            entry.attribution.user = (index % 3 > 0).then(|| format!("user-{}", index % 3));
            entry
        })
        .collect()
}

pub(crate) fn pages_follow_one_another_without_gap_or_repeat(ledger: &mut dyn Ledger) {
    let crowd = crowd();
    ledger.append(&crowd).unwrap();
    let mut expected: Vec<_> = crowd.iter().enumerate().collect();
    expected.sort_by_key(|(seq, entry)| std::cmp::Reverse((entry.at, *seq)));
    let expected: Vec<Entry> = expected.into_iter().map(|(_, entry)| entry.clone()).collect();
    for limit in [1, 2, 5, 22, 23, 24] {
        let mut met = Vec::new();
        let mut after = None;
        loop {
            let page = Page { limit, after };
            let entries = ledger.entries(&EntryFilter::default(), &page).unwrap();
            assert!(entries.len() <= limit);
            let Some(last) = entries.last() else { break };
            after = Some((last.at, last.uid));
            met.extend(entries);
        }
        assert_eq!(met, expected, "limit {limit}");
    }
    let none = Page { limit: 0, after: None };
    assert_eq!(ledger.entries(&EntryFilter::default(), &none).unwrap(), []);
}

pub(crate) fn a_page_after_an_unknown_entry_is_what_is_older(ledger: &mut dyn Ledger) {
    ledger.append(&crowd()).unwrap();
    let page = Page { limit: 99, after: Some((second(2), Uid([1; 16]))) };
    let older = ledger.entries(&EntryFilter::default(), &page).unwrap();
    assert!(!older.is_empty() && older.iter().all(|entry| entry.at < second(2)));
}

pub(crate) fn conditions_select(ledger: &mut dyn Ledger) {
    let mut alice = entry("alice", &[]);
    alice.attribution.user = Some("alice".to_owned());
    alice.attribution.session = Some("s-1".to_owned());
    alice.attribution.tags = [("app".to_owned(), "bot".to_owned())].into();
    let mut bob = unpriced("bob", &[(Meter::Input, "1")]);
    bob.attribution.user = Some("bob".to_owned());
    bob.attribution.tags = [("app".to_owned(), "web".to_owned())].into();
    bob.status = Status::InDoubt;
    bob.at = second(1);
    bob.model = "bobs-own".to_owned();
    let mut nobody = entry("nobody", &[]);
    nobody.source = "csv".to_owned();
    nobody.at = second(2);
    ledger.append(&[alice, bob, nobody]).unwrap();

    let one_of = |values: &[&str]| Match::OneOf(values.iter().map(|&value| value.into()).collect());
    let none_of =
        |values: &[&str]| Match::NoneOf(values.iter().map(|&value| value.into()).collect());
    let starts =
        |values: &[&str]| Match::StartsWith(values.iter().map(|&value| value.into()).collect());
    for (dimension, wanted, expected) in [
        ("user", one_of(&["alice"]), "alice"),
        ("user", one_of(&["alice", "bob", "carol"]), "bob alice"),
        ("user", one_of(&[""]), "nobody"),
        ("user", one_of(&[]), ""),
        ("user", none_of(&["alice"]), "nobody bob"),
        ("user", none_of(&["alice", ""]), "bob"),
        ("user", starts(&["a", "b"]), "bob alice"),
        ("user", starts(&[""]), "nobody bob alice"),
        ("user", one_of(&["alice' OR '1'='1"]), ""),
        ("session", one_of(&["s-1"]), "alice"),
        ("session", none_of(&["s-1"]), "nobody bob"),
        ("tag:app", one_of(&["bot", "web"]), "bob alice"),
        ("tag:app", none_of(&["bot"]), "nobody bob"),
        ("tag:app", one_of(&[""]), "nobody"),
        ("tag:other", none_of(&[]), "nobody bob alice"),
        ("status", one_of(&["in_doubt"]), "bob"),
        ("status", starts(&["o", "x"]), "nobody alice"),
        ("status", one_of(&[""]), ""),
        ("pricing_status", none_of(&["priced"]), "bob"),
        ("usage_source", one_of(&["estimated"]), ""),
        ("model", starts(&["gpt"]), "nobody alice"),
        ("provider", one_of(&["openai"]), "nobody bob alice"),
        ("source", one_of(&["csv"]), "nobody"),
    ] {
        let dimension: Dimension = dimension.parse().unwrap();
        let filter = EntryFilter {
            conditions: vec![(dimension.clone(), wanted.clone())],
            ..EntryFilter::default()
        };
        let entries = ledger.entries(&filter, &Page { limit: 9, after: None }).unwrap();
        let ids: Vec<String> = entries.iter().map(Entry::id).collect();
        assert_eq!(ids.join(" "), expected, "{dimension} {wanted:?}");
    }
    let both = EntryFilter {
        window: Window { since: Some(second(1)), until: None },
        conditions: vec![
            (Dimension::Model, starts(&["gpt", "bobs"])),
            (Dimension::User, none_of(&["bob"])),
        ],
    };
    let entries = ledger.entries(&both, &Page { limit: 9, after: None }).unwrap();
    assert_eq!(entries.iter().map(Entry::id).collect::<Vec<_>>(), ["nobody"]);
}

pub(crate) fn the_largest_page_holds_everything(ledger: &mut dyn Ledger) {
    ledger.append(&crowd()).unwrap();
    assert_eq!(all(ledger).len(), 23);
    let page = Page { limit: usize::MAX, after: Some((second(9), Uid([1; 16]))) };
    assert_eq!(ledger.entries(&EntryFilter::default(), &page).unwrap().len(), 23);
}

pub(crate) fn thousands_of_names_can_be_asked_for(ledger: &mut dyn Ledger) {
    let mut crowd: Vec<Entry> = (0..2500).map(|index| entry(&format!("{index}"), &[])).collect();
    for (index, entry) in crowd.iter_mut().enumerate() {
        entry.attribution.user = Some(format!("user-{index}"));
        entry.attribution.session = Some(format!("session-{index}"));
    }
    ledger.append(&crowd).unwrap();
    let wanted = |name: &str| (1..2500).map(|index| format!("{name}-{index}")).collect();
    let filter = EntryFilter {
        conditions: vec![
            (Dimension::User, Match::OneOf(wanted("user"))),
            (Dimension::Session, Match::OneOf(wanted("session"))),
        ],
        ..EntryFilter::default()
    };
    let page = Page { limit: usize::MAX, after: None };
    assert_eq!(ledger.entries(&filter, &page).unwrap().len(), 2499);
}

type Visited = Vec<(Entry, Vec<Entry>)>;

fn visited(ledger: &dyn Ledger, filter: &EntryFilter) -> Visited {
    let mut visited = Vec::new();
    let mut visit = |attempt: &Entry, adjustments: &[Entry]| {
        visited.push((attempt.clone(), adjustments.to_vec()));
        ControlFlow::Continue(())
    };
    ledger.visit_attempts(filter, &mut visit).unwrap();
    visited
}

pub(crate) fn attempts_are_visited_oldest_first_with_their_adjustments(ledger: &mut dyn Ledger) {
    let crowd = crowd();
    let mut expected: Visited = crowd.iter().map(|attempt| (attempt.clone(), vec![])).collect();
    for ordinal in 0..2 {
        for at in [3, 11, 19] {
            let more = adjustment(&crowd[at], ordinal, Meter::Input, "1", 5);
            expected[at].1.push(more);
        }
    }
    // Adjustments may be written in any place, and mixed.
    let mut batch: Vec<Entry> = expected.iter().flat_map(|(_, more)| more.clone()).collect();
    batch.sort_by_key(|entry| entry.uid);
    batch.sort_by_key(|entry| expected.iter().any(|(_, more)| more.get(1) == Some(entry)));
    ledger.append(&crowd).unwrap();
    ledger.append(&batch).unwrap();
    expected.sort_by_key(|(attempt, _)| attempt.at);
    assert_eq!(visited(ledger, &EntryFilter::default()), expected);

    let filter = EntryFilter {
        window: Window { since: Some(second(1)), until: Some(second(4)) },
        conditions: vec![(Dimension::User, Match::StartsWith(vec!["user-1".to_owned()]))],
    };
    expected.retain(|(attempt, _)| filter.accepts(attempt));
    assert!(expected.len() > 2 && expected.iter().any(|(_, more)| !more.is_empty()));
    assert_eq!(visited(ledger, &filter), expected);
}

pub(crate) fn a_visit_can_end_early(ledger: &mut dyn Ledger) {
    ledger.append(&crowd()).unwrap();
    let mut count = 0;
    let mut visit = |_: &Entry, _: &[Entry]| {
        count += 1;
        if count < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    ledger.visit_attempts(&EntryFilter::default(), &mut visit).unwrap();
    assert_eq!(count, 5);
    assert_eq!(visited(ledger, &EntryFilter::default()).len(), 23);
}
