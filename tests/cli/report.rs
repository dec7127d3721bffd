//! `centime report` and `centime entries`: what is selected, how it is grouped, and every format.

use crate::exact::{Json, pico, usd};
use crate::support::Centime;

/// Cost, and the fields of the event: `big` costs 10 millionths of a dollar a token of input.
const EVENTS: [(&str, &str); 7] = [
    (
        "0.001",
        r#""at":"2024-05-01T00:00:00Z","meters":{"input":100},"user":"ann","team":"search","tags":{"app":"bot"}"#,
    ),
    (
        "0.002",
        r#""at":"2024-05-01T23:59:59.999999Z","meters":{"input":200},"user":"bob","team":"search","tags":{"app":"web","env":"prod"}"#,
    ),
    (
        "0.004",
        r#""at":"2024-05-02T00:00:00Z","meters":{"input":400},"user":"ann","team":"search|ads""#,
    ),
    (
        "0.008",
        r#""at":"2024-05-02T12:00:00Z","meters":{"input":800},"user":"annabel","project":"p=q""#,
    ),
    ("0.016", r#""at":"2024-05-03T12:00:00Z","meters":{"input":1600},"tags":{"app":"bot"}"#),
    (
        "0.032",
        r#""at":"2024-05-03T12:00:00Z","meters":{"input":3200},"user":"bob","key":"k1","session":"s1""#,
    ),
    ("0.064", r#""at":"2024-05-04T12:00:00Z","meters":{"input":6400},"user":"","status":"error""#),
];

fn with_events() -> Centime {
    let centime = Centime::new();
    let event = |(index, (_, fields)): (usize, &(&str, &str))| {
        format!(r#"{{"id":"{index}","model":"big",{fields}}}"#)
    };
    centime.import_events(EVENTS.iter().enumerate().map(event)).ok();
    centime
}

/// The sum of the costs of some of the events.
fn sum(events: &[usize]) -> String {
    usd(events.iter().map(|&index| pico(EVENTS[index].0)).sum())
}

fn group(report: &Json, key: &str) -> Vec<(String, String)> {
    let groups = report.at("groups").items();
    groups.iter().map(|group| (group.at(key).raw().to_owned(), group.text("cost"))).collect()
}

#[test]
fn windows_are_half_open() {
    let centime = with_events();
    for (args, events) in [
        (&[][..], &[0, 1, 2, 3, 4, 5, 6][..]),
        (&["--since", "2024-05-01"], &[0, 1, 2, 3, 4, 5, 6]),
        (&["--since", "2024-05-02"], &[2, 3, 4, 5, 6]),
        (&["--until", "2024-05-02"], &[0, 1]),
        (&["--until", "2024-05-01"], &[]),
        (
            &["--since", "2024-05-01T23:59:59.999999Z", "--until", "2024-05-02T00:00:00.000001Z"],
            &[1, 2],
        ),
        (&["--since", "2024-05-02", "--until", "2024-05-02"], &[]),
        (&["--since", "2024-05-02T00:00:00+02:00", "--until", "2024-05-02"], &[1]),
        (&["--since", "2024-05-02", "--tz", "Europe/Paris", "--until", "2024-05-03"], &[1, 2, 3]),
        (&["--since", "1d"], &[]),
        (&["--since", "20000d"], &[0, 1, 2, 3, 4, 5, 6]),
    ] {
        let report = centime.report(["total"].iter().chain(args).copied());
        assert_eq!(report.text("total.cost"), sum(events), "{args:?}");
        let entries = ["entries", "--format", "json"].iter().chain(args);
        let mut ids: Vec<_> = centime.run(entries).ok().json().items();
        ids.sort_by_key(|entry| entry.whole("id"));
        let ids: Vec<_> = ids.iter().map(|entry| entry.whole("id")).collect();
        assert_eq!(
            ids,
            events.iter().map(|&id| i128::try_from(id).unwrap()).collect::<Vec<_>>(),
            "{args:?}"
        );
    }
    for (args, word) in [
        (&["--since", "2024-05-02", "--until", "2024-05-01"][..], "swap"),
        (&["--since", "yesterday"], "`yesterday`"),
        (&["--until", "2024-99-01"], "`2024-99-01`"),
    ] {
        centime.run(["report"].iter().chain(args)).exits(2).prints_nothing().says(word);
    }
}

#[test]
fn conditions_select_by_every_form_and_are_and_ed() {
    let centime = with_events();
    for (conditions, events) in [
        (&["user=ann"][..], &[0, 2][..]),
        (&["user=ann|bob"], &[0, 1, 2, 5]),
        (&["user!=ann"], &[1, 3, 4, 5, 6]),
        (&["user!=ann|bob"], &[3, 4, 6]),
        (&["user^=ann"], &[0, 2, 3]),
        (&["user^=ann|b"], &[0, 1, 2, 3, 5]),
        (&["user="], &[4, 6]),
        (&["user!="], &[0, 1, 2, 3, 5]),
        (&["user=nobody"], &[]),
        (&["user=ann", "team=search"], &[0]),
        (&["user^=ann", "user!=ann"], &[3]),
        (&["project=p=q"], &[3]),
        (&["tag:app=bot"], &[0, 4]),
        (&["tag:app!=bot"], &[1, 2, 3, 5, 6]),
        (&["tag:app=bot|web", "tag:env=prod"], &[1]),
        (&["key=k1"], &[5]),
        (&["session=s1"], &[5]),
        (&["model=big"], &[0, 1, 2, 3, 4, 5, 6]),
        (&["provider=acme", "model^=b"], &[0, 1, 2, 3, 4, 5, 6]),
        (&["status=error"], &[6]),
        (&["pricing_status=priced"], &[0, 1, 2, 3, 4, 5, 6]),
        (&["source=events"], &[0, 1, 2, 3, 4, 5, 6]),
    ] {
        let args = conditions.iter().flat_map(|condition| ["--where", condition]);
        let report = centime.report(["daily"].into_iter().chain(args));
        assert_eq!(report.text("total.cost"), sum(events), "{conditions:?}");
        let days = group(&report, "date");
        assert_eq!(
            usd(days.iter().map(|(_, cost)| pico(cost)).sum()),
            sum(events),
            "{conditions:?}"
        );
    }
    for condition in ["user", "USER=ann", "=ann", "colour=red", "tag:=x", ""] {
        centime.run(["report", "--where", condition]).exits(2).prints_nothing().says("--where");
    }
}

#[test]
fn groups_stand_by_cost_and_what_is_absent_is_null() {
    let centime = with_events();
    let named = |pairs: &[(&str, &[usize])]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, events)| ((*name).to_owned(), sum(events))).collect()
    };
    for (kind, key, expected) in [
        (
            "users",
            "user",
            named(&[
                ("null", &[4, 6]),
                (r#""bob""#, &[1, 5]),
                (r#""annabel""#, &[3]),
                (r#""ann""#, &[0, 2]),
            ]),
        ),
        (
            "teams",
            "team",
            named(&[("null", &[3, 4, 5, 6]), (r#""search|ads""#, &[2]), (r#""search""#, &[0, 1])]),
        ),
        ("projects", "project", named(&[("null", &[0, 1, 2, 4, 5, 6]), (r#""p=q""#, &[3])])),
        ("keys", "key", named(&[("null", &[0, 1, 2, 3, 4, 6]), (r#""k1""#, &[5])])),
        ("sessions", "session", named(&[("null", &[0, 1, 2, 3, 4, 6]), (r#""s1""#, &[5])])),
        (
            "tag:app",
            "tag:app",
            named(&[("null", &[2, 3, 5, 6]), (r#""bot""#, &[0, 4]), (r#""web""#, &[1])]),
        ),
        ("models", "model", named(&[(r#""big""#, &[0, 1, 2, 3, 4, 5, 6])])),
        ("providers", "provider", named(&[(r#""acme""#, &[0, 1, 2, 3, 4, 5, 6])])),
        (
            "daily",
            "date",
            named(&[
                (r#""2024-05-01""#, &[0, 1]),
                (r#""2024-05-02""#, &[2, 3]),
                (r#""2024-05-03""#, &[4, 5]),
                (r#""2024-05-04""#, &[6]),
            ]),
        ),
    ] {
        let report = centime.report([kind]);
        assert_eq!(group(&report, key), expected, "{kind}");
        assert_eq!(report.at("by").raw(), format!("[\"{key}\"]"));
        assert_eq!(group(&centime.report(["--by", key]), key), expected, "--by {key}");
    }
}

#[test]
fn the_rest_beyond_a_limit_is_one_group_more() {
    let centime = with_events();
    for (limit, expected) in [
        ("1", vec![sum(&[4, 6]), sum(&[0, 1, 2, 3, 5])]),
        ("3", vec![sum(&[4, 6]), sum(&[1, 5]), sum(&[3]), sum(&[0, 2])]),
        ("4", vec![sum(&[4, 6]), sum(&[1, 5]), sum(&[3]), sum(&[0, 2])]),
        ("99", vec![sum(&[4, 6]), sum(&[1, 5]), sum(&[3]), sum(&[0, 2])]),
    ] {
        let report = centime.report(["users", "--limit", limit]);
        let groups = report.at("groups").items();
        let costs: Vec<_> = groups.iter().map(|group| group.text("cost")).collect();
        assert_eq!(costs, expected, "--limit {limit}");
        let others = groups.iter().filter(|group| group.members().contains_key("other"));
        let is_cut = limit.parse::<usize>().unwrap() < 4;
        assert_eq!(others.count(), usize::from(is_cut), "--limit {limit}");
        if is_cut {
            let last = groups.last().unwrap();
            assert_eq!(last.text("other"), "true");
            assert!(!last.members().contains_key("user"), "{}", last.raw());
        }
    }
    centime.run(["report", "users", "--limit", "0"]).exits(2).prints_nothing().says("--limit");
}

#[test]
fn several_keys_make_one_group_for_each_that_occurs() {
    let centime = with_events();
    let report = centime.report(["--by", "date,user,tag:app"]);
    let groups = report.at("groups").items();
    let row = |group: &Json| {
        ["date", "user", "tag:app"].map(|key| group.text(key)).join(" ") + " " + &group.text("cost")
    };
    let rows: Vec<_> = groups.iter().map(row).collect();
    let expected = [
        "2024-05-01 ann bot 0.001",
        "2024-05-01 bob web 0.002",
        "2024-05-02 ann null 0.004",
        "2024-05-02 annabel null 0.008",
        "2024-05-03 null bot 0.016",
        "2024-05-03 bob null 0.032",
        "2024-05-04 null null 0.064",
    ];
    assert_eq!(rows, expected);
    for (args, word) in [
        (&["users", "--by", "model"][..], "--by"),
        (&["full", "--by", "model"], "--by"),
        (&["--by", "colour"], "`colour`"),
        (&["colours"], "colours"),
        (&["tag:"], "tag:"),
    ] {
        centime.run(["report"].iter().chain(args)).exits(2).prints_nothing().says(word);
    }
}

#[test]
fn entries_stand_newest_first_up_to_a_limit() {
    let centime = with_events();
    let listed = |args: &[&str]| -> Vec<String> {
        let args = ["entries", "--format", "json"].iter().chain(args);
        centime.run(args).ok().json().items().iter().map(|entry| entry.text("id")).collect()
    };
    let all = listed(&[]);
    assert_eq!((all[0].as_str(), all[6].as_str(), all.len()), ("6", "0", 7));
    assert_eq!(listed(&["--limit", "3"]), all[..3]);
    assert_eq!(listed(&["--limit", "0"]), all[..0]);
    assert_eq!(listed(&["--where", "user=ann"]), ["2", "0"]);
    assert_eq!(listed(&["--until", "2024-05-02", "--limit", "1"]), ["1"]);
}
