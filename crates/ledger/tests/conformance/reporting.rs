//! Sums are exact, and any grouping adds up to the same total.

use centime_core::entry::{Entry, PricingStatus, Status, StatusMoves, UsageSource};
use centime_core::meter::Meter;
use centime_core::money::PicoUsd;
use centime_ledger::{Ledger, ReportQuery, Sums, Window};
use jiff::tz::TimeZone;

use crate::samples::{adjustment, at, by, entry, second, sorted, unpriced};

pub(crate) fn no_entries_are_one_group_of_nothing(ledger: &mut dyn Ledger) {
    let groups = ledger.report(&by("")).unwrap();
    assert_eq!(groups.len(), 1);
    assert_eq!((groups[0].key.len(), groups[0].sums), (0, Sums::default()));
    assert_eq!(ledger.report(&by("model,date")).unwrap(), []);
    assert_eq!(ledger.total(&by("model")).unwrap(), Sums::default());
}

/// One line a group: the key, and what there is in the sums.
fn table(ledger: &dyn Ledger, query: &ReportQuery) -> Vec<String> {
    let groups = sorted(ledger.report(query).unwrap());
    let mut lines = Vec::new();
    for group in groups {
        let key: Vec<&str> = group.key.iter().map(|text| text.as_deref().unwrap_or("-")).collect();
        let Sums { cost, saved, requests, input_tokens, cache_read_tokens, output_tokens, .. } =
            group.sums;
        lines.push(format!(
            "{}: {cost} saved {saved}, {requests} requests, {input_tokens}/{cache_read_tokens}/{output_tokens} \
             tokens, unpriced {} estimated {} in doubt {} cached {} failed {}",
            key.join(" "),
            group.sums.unpriced_requests,
            group.sums.estimated_requests,
            group.sums.in_doubt_requests,
            group.sums.cached_requests,
            group.sums.failed_requests,
        ));
    }
    lines
}

pub(crate) fn sums_are_those_of_pen_and_paper(ledger: &mut dyn Ledger) {
    let mut entries = vec![
        entry("a", &[(Meter::Input, "200"), (Meter::CacheRead, "1000"), (Meter::Output, "50")]),
        entry("b", &[(Meter::Reasoning, "7"), (Meter::WebSearch, "1")]),
        unpriced("c", &[(Meter::Input, "3")]),
        entry("d", &[]),
    ];
    entries[1].usage_source = UsageSource::Estimated;
    entries[1].status = Status::Error;
    entries[2].requests = 10;
    entries[2].status = Status::InDoubt;
    entries[2].model = "new".to_owned();
    entries[3].status = Status::Cached;
    entries[3].saved = PicoUsd::from_pico(42);
    ledger.append(&entries).unwrap();
    assert_eq!(
        table(ledger, &by("model")),
        [
            "gpt-5: 0.000945 saved 0.000000000042, 3 requests, 1200/1000/57 tokens, \
             unpriced 1 estimated 1 in doubt 0 cached 1 failed 1",
            "new: 0 saved 0, 10 requests, 3/0/0 tokens, \
             unpriced 10 estimated 0 in doubt 10 cached 0 failed 0",
        ]
    );
    assert_eq!(
        table(ledger, &by("status,pricing_status,usage_source"))
            .iter()
            .map(|line| line.split(':').next().unwrap())
            .collect::<Vec<_>>(),
        [
            "cached priced reported",
            "error partial estimated",
            "in_doubt unpriced reported",
            "ok priced reported"
        ]
    );
}

pub(crate) fn charges_of_millions_add_up_beyond_64_bits(ledger: &mut dyn Ledger) {
    let most = [(Meter::Reported, "9223372.036854775807")];
    let entries: Vec<Entry> = (0..1000).map(|index| entry(&format!("{index}"), &most)).collect();
    ledger.append(&entries).unwrap();
    let total = ledger.total(&by("")).unwrap();
    assert_eq!(total.cost.to_string(), "9223372036.854775807");
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().total, total.cost);
}

pub(crate) fn an_adjustment_counts_in_the_money_and_not_in_the_requests(ledger: &mut dyn Ledger) {
    let mut priced_later = unpriced("a", &[(Meter::Input, "100")]);
    priced_later.attribution.user = Some("alice".to_owned());
    let mut adjusting = adjustment(&priced_later, 0, Meter::Output, "-5", 125);
    adjusting.moves = StatusMoves { unpriced: -1, in_doubt: 0 };
    ledger.append(&[priced_later, adjusting]).unwrap();
    assert_eq!(
        table(ledger, &by("user")),
        ["alice: 0.000000000125 saved 0, 1 requests, 100/0/-5 tokens, \
          unpriced 0 estimated 0 in doubt 0 cached 0 failed 0"]
    );
}

pub(crate) fn dates_and_hours_are_those_of_the_zone(ledger: &mut dyn Ledger) {
    let cases = [
        ("Europe/Paris", "2026-10-25T00:59:59.999999Z", "2026-10-25 2026-10-25T02:00+02:00"),
        ("Europe/Paris", "2026-10-25T01:00:00Z", "2026-10-25 2026-10-25T02:00+01:00"),
        ("America/St_Johns", "2010-11-07T02:30:59.999999Z", "2010-11-07 2010-11-07T00:00-02:30"),
        ("America/St_Johns", "2010-11-07T02:31:00Z", "2010-11-06 2010-11-06T23:00-03:30"),
        ("Asia/Kathmandu", "2026-10-24T18:14:59Z", "2026-10-24 2026-10-24T23:00+05:45"),
        ("Asia/Kathmandu", "2026-10-24T18:15:00Z", "2026-10-25 2026-10-25T00:00+05:45"),
        ("Australia/Lord_Howe", "2026-04-04T14:30:00Z", "2026-04-05 2026-04-05T01:00+11:00"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05 2026-04-05T01:00+10:30"),
    ];
    for (index, (_, moment, _)) in cases.iter().enumerate() {
        let mut entry = entry(&index.to_string(), &[]);
        entry.at = at(moment);
        ledger.append(&[entry]).unwrap();
    }
    for (zone, moment, expected) in cases {
        let mut query = by("date,hour");
        query.zone = TimeZone::get(zone).unwrap();
        let next = centime_core::time::Timestamp::from_micros(at(moment).micros() + 1);
        query.filter.window = Window { since: Some(at(moment)), until: Some(next) };
        let groups = ledger.report(&query).unwrap();
        let keys: Vec<String> = groups
            .iter()
            .map(|group| group.key.iter().flatten().cloned().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(keys, [expected], "{zone} {moment}");
    }
    // All at once: moments of one quarter of an hour do not share what they should not.
    for zone in ["Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"] {
        let mut query = by("date,hour");
        query.zone = TimeZone::get(zone).unwrap();
        let groups = ledger.report(&query).unwrap();
        for (_, _, expected) in cases.iter().filter(|case| case.0 == zone) {
            let found = groups.iter().any(|group| {
                group.sums.requests == 1
                    && group.key.iter().flatten().cloned().collect::<Vec<_>>().join(" ")
                        == *expected
            });
            assert!(found, "{zone} {expected}: {groups:?}");
        }
    }
}

pub(crate) fn what_has_no_value_is_a_group_of_its_own(ledger: &mut dyn Ledger) {
    let mut tagged = entry("a", &[]);
    tagged.attribution.tags = [("app".to_owned(), "bot".to_owned())].into();
    tagged.attribution.session = Some("s1".to_owned());
    let mut empty = entry("b", &[]);
    empty.attribution.tags = [("app".to_owned(), String::new())].into();
    empty.attribution.session = Some(String::new());
    let mut other = entry("c", &[]);
    other.attribution.tags = [("env".to_owned(), "prod".to_owned())].into();
    ledger.append(&[tagged, empty, other, entry("d", &[])]).unwrap();
    for keys in ["tag:app", "session"] {
        let groups = sorted(ledger.report(&by(keys)).unwrap());
        let found: Vec<_> =
            groups.iter().map(|group| (group.key[0].as_deref(), group.sums.requests)).collect();
        let named = if keys == "session" { "s1" } else { "bot" };
        assert_eq!(found, [(None, 2), (Some(""), 1), (Some(named), 1)], "{keys}");
    }
    assert_eq!(
        ledger.report(&by("model,model")).unwrap()[0].key,
        [Some("gpt-5".into()), Some("gpt-5".into())]
    );
}

pub(crate) fn windows_are_half_open(ledger: &mut dyn Ledger) {
    for index in 0..3 {
        let mut entry = entry(&index.to_string(), &[]);
        entry.at = second(index);
        entry.pricing_status = PricingStatus::Priced;
        ledger.append(&[entry]).unwrap();
    }
    for (since, until, expected) in [
        (None, None, 3),
        (Some(1), None, 2),
        (None, Some(1), 1),
        (Some(1), Some(2), 1),
        (Some(1), Some(1), 0),
        (Some(3), None, 0),
    ] {
        let mut query = by("");
        query.filter.window = Window { since: since.map(second), until: until.map(second) };
        assert_eq!(ledger.total(&query).unwrap().requests, expected, "{since:?} {until:?}");
    }
}
