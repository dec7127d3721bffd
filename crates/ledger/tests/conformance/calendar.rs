//! Whatever clocks do, every grouping adds up to what is there: entries and windows at the edges of
//! hours, days, months and years, local and UTC, where some zone changes its clocks.

use centime_core::entry::{Entry, Status, StatusMoves};
use centime_core::meter::Meter;
use centime_core::time::Timestamp;
use centime_ledger::{Entries as _, EntryFilter, GroupKey, GroupRow, ReportQuery, Sums, Window};
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::homes;
use crate::samples::{adjustment, at, entry, sorted, unpriced};

/// Zones whose clocks have done what is hard to follow since 1980. Any other zone comes, too.
const ZONES: [&str; 20] = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "America/Santiago",    // summer in December
    "Australia/Lord_Howe", // half an hour of summer
    "Pacific/Chatham",     // a quarter of an hour beside the hour
    "Asia/Kathmandu",      // the same, from 1986 on
    "Asia/Kolkata",
    "America/St_Johns",   // changed a minute past midnight: into the day before
    "America/Goose_Bay",  // the same
    "America/Moncton",    // the same
    "Pacific/Apia",       // had no 30 December 2011
    "Pacific/Kiritimati", // had no last day of 1994
    "Pacific/Kwajalein",  // had no 21 August 1993
    "America/Caracas",    // half an hour, for good and back
    "Asia/Pyongyang",     // the same
    "Africa/Casablanca",  // goes back for Ramadan
    "Europe/Dublin",      // winter time is the one that saves
    "Antarctica/Troll",   // two hours of summer
    "Africa/Cairo",       // changes at midnight
];
/// The keys of the groupings: alone or in pairs they meet families with quarters of an hour, families
/// without, and none at all.
const GROUPINGS: [&str; 20] = [
    "",
    "date",
    "hour",
    "date,hour",
    "model",
    "model,date",
    "provider,hour",
    "team",
    "team,date",
    "user",
    "user,date",
    "user,hour",
    "team,model,date",
    "tag:app",
    "tag:app,date",
    "session,date",
    "status",
    "status,hour",
    "key,project",
    "user,team,session,tag:env",
];

const SECOND: i64 = 1_000_000;
const QUARTER: i64 = 900 * SECOND;

fn zones() -> impl Strategy<Value = TimeZone> {
    let any: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let names = prop_oneof![
        3 => select(&ZONES).prop_map(str::to_owned),
        1 => select(any),
    ];
    names.prop_map(|name| TimeZone::get(&name).unwrap())
}

/// The moments since 1980 at which a zone changes its clocks, and the ends of some years.
fn turns(zone: &TimeZone) -> Vec<Timestamp> {
    let moment = |at: jiff::Timestamp| Timestamp::from_micros(at.as_microsecond());
    let until = at("2038-01-01").to_jiff();
    let changes = zone.following(Timestamp::EARLIEST.to_jiff()).map(|change| change.timestamp());
    let changes = changes.take_while(|&change| change < until).map(moment);
    let years = [1980, 1999, 2000, 2011, 2024, 2025, 2026];
    changes.chain(years.map(|year| local(zone, Date::new(year, 12, 31).unwrap()))).collect()
}

/// When a day starts on the clocks of a zone.
fn local(zone: &TimeZone, date: Date) -> Timestamp {
    let start = date.to_zoned_datetime(zone.clone()).unwrap().start_of_day().unwrap();
    Timestamp::from_micros(start.timestamp().as_microsecond())
}

/// The edges around a moment: it, the quarters of an hour beside it, and the days, the months and the
/// year that start before and after it, there and in UTC.
fn edges(zone: &TimeZone, turn: Timestamp) -> Vec<Timestamp> {
    let quarter = turn.micros().div_euclid(QUARTER) * QUARTER;
    let quarters = (-2..=4).map(|count| Timestamp::from_micros(quarter + count * QUARTER));
    let mut edges: Vec<Timestamp> = quarters.chain([turn]).collect();
    for zone in [zone, &TimeZone::UTC] {
        let date = DateTime::from(turn.in_zone(zone)).date();
        for days in -1..=2 {
            edges.push(local(zone, date.saturating_add(days.days())));
        }
        let next_month = date.last_of_month().tomorrow().unwrap();
        let next_year = date.last_of_year().tomorrow().unwrap();
        edges.extend([date.first_of_month(), next_month, next_year].map(|date| local(zone, date)));
    }
    edges
}

/// Something at an edge, or just beside it.
fn near() -> impl Strategy<Value = (Index, i64)> {
    let beside = prop_oneof![
        3 => Just(0_i64),
        3 => Just(-1),
        1 => Just(1),
        2 => -2 * SECOND..2 * SECOND,
        1 => -3600 * SECOND..3600 * SECOND,
    ];
    (any::<Index>(), beside)
}

fn place(edges: &[Timestamp], (index, beside): (Index, i64)) -> Timestamp {
    Timestamp::from_micros(index.get(edges).micros() + beside)
}

/// Entries at these places, of a few users, models and the like; every third with an adjustment.
fn entries(edges: &[Timestamp], places: &[(Index, i64)]) -> Vec<Entry> {
    let mut all = Vec::new();
    for (number, &near) in places.iter().enumerate() {
        let id = format!("{number}");
        let tokens = format!("{}", 1 + number * number);
        let meters = [(Meter::Input, tokens.as_str()), (Meter::CacheRead, "3")];
        let mut entry = if number % 5 == 4 { unpriced(&id, &meters) } else { entry(&id, &meters) };
        entry.at = place(edges, near);
        entry.status = Status::ALL[number % Status::ALL.len()];
        entry.model = ["small", "big"][number % 2].to_owned();
        let one_of = |values: [Option<&str>; 3], shift: usize| {
            values[(number + shift) % 3].map(str::to_owned)
        };
        let who = &mut entry.attribution;
        who.user = one_of([Some("ann"), Some(""), None], 0);
        who.team = one_of([Some("red"), Some("blue"), None], number / 3);
        who.key = one_of([Some("ci"), None, None], number / 2);
        who.project = one_of([Some("p"), Some("q"), None], number / 5);
        who.session = one_of([Some("s"), None, Some("t")], 0);
        who.tags = [("app".to_owned(), format!("{}", number % 4))].into();
        if number % 3 == 0 {
            let pico = -entry.charge.pico() / 2;
            let mut adjusting = adjustment(&entry, 0, Meter::Output, "-2", pico);
            let is_in_doubt = entry.status == Status::InDoubt;
            adjusting.moves = StatusMoves { unpriced: 0, in_doubt: -i64::from(is_in_doubt) };
            all.push(adjusting);
        }
        all.push(entry);
    }
    all
}

fn sum(groups: &[GroupRow]) -> Sums {
    groups.iter().map(|group| group.sums).sum()
}

/// Whether a zone's clocks go back over a midnight near a day, so that the day is in two pieces.
fn is_in_pieces(zone: &TimeZone, (start, end): (Timestamp, Timestamp)) -> bool {
    let day = 24 * 3600 * SECOND;
    let from = Timestamp::from_micros(start.micros() - day).to_jiff();
    let until = Timestamp::from_micros(end.micros() + day).to_jiff();
    let mut changes = zone.following(from).take_while(|change| change.timestamp() < until);
    changes.any(|change| {
        let date = |at: jiff::Timestamp| DateTime::from(at.to_zoned_datetime(zone.clone())).date();
        date(change.timestamp() - 1.microsecond()) > date(change.timestamp())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn every_grouping_adds_up_to_what_is_there(
        zone in zones(),
        turn in any::<Index>(),
        places in proptest::collection::vec(near(), 1..60),
        windows in proptest::collection::vec(
            (proptest::option::weighted(0.8, near()), proptest::option::weighted(0.8, near())),
            3,
        ),
        declared in any::<bool>(),
    ) {
        let edges = edges(&zone, *turn.get(&turns(&zone)));
        let entries = entries(&edges, &places);
        let (mut memory, (_folder, mut sqlite)) = (homes::memory(), homes::sqlite_itself());
        if declared {
            sqlite.declare_tags(&["app".to_owned()]).unwrap();
        }
        for batch in entries.chunks(7) {
            prop_assert_eq!(sqlite.append(batch).unwrap(), memory.append(batch).unwrap());
        }
        for (since, until) in windows {
            let bound = |near: Option<(Index, i64)>| near.map(|near| place(&edges, near));
            let window = Window { since: bound(since), until: bound(until) };
            let there = entries.iter().filter(|entry| window.contains(entry.at));
            let there: Sums = there.map(Sums::of).sum();
            let ask = |by: &str, window: Window| {
                let keys = by.split(',').filter(|key| !key.is_empty());
                let query = ReportQuery {
                    filter: EntryFilter { window, conditions: Vec::new() },
                    by: keys.map(|key| key.parse::<GroupKey>().unwrap()).collect(),
                    zone: zone.clone(),
                };
                use centime_ledger::Reports as _;
                (query.clone(), sorted(sqlite.report(&query).unwrap()))
            };
            for by in GROUPINGS {
                let (query, groups) = ask(by, window);
                prop_assert_eq!(sum(&groups), there, "{} {:?} {:?}", by, window, zone);
                let expected = sorted(memory.report(&query).unwrap());
                prop_assert_eq!(groups, expected, "{} {:?} {:?}", by, window, zone);
            }
            // A day's group is what is there from its midnight to the next.
            for day in ask("date", Window::default()).1 {
                let date: Date = day.key[0].as_deref().unwrap().parse().unwrap();
                let bounds = (local(&zone, date), local(&zone, date.tomorrow().unwrap()));
                if !is_in_pieces(&zone, bounds) {
                    let window = Window { since: Some(bounds.0), until: Some(bounds.1) };
                    let (_, groups) = ask("", window);
                    prop_assert_eq!(sum(&groups), day.sums, "{} {:?}", date, zone);
                }
            }
        }
        use centime_ledger::Verify as _;
        prop_assert_eq!(sqlite.verify(&mut |_| {}).unwrap().differences, []);
    }
}
