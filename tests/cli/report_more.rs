//! What a report says beyond sums: what was had for the money, and how it was before.

use crate::support::Centime;

const EVENTS: [&str; 5] = [
    r#"{"id":"1","at":"2024-05-01T10:00:00Z","model":"big","meters":{"input":1000,"cache_read":1000},"user":"ann","requests":2}"#,
    r#"{"id":"2","at":"2024-05-03T10:00:00Z","model":"big","meters":{"input":3000,"output":1000},"user":"ann"}"#,
    r#"{"id":"3","at":"2024-05-03T11:00:00Z","model":"big","meters":{"input":1000},"user":"bob"}"#,
    r#"{"id":"4","at":"2024-05-04T11:00:00Z","model":"mystery","meters":{"input":500},"user":"cid"}"#,
    r#"{"id":"5","at":"2024-05-02T11:00:00Z","model":"big","meters":{"input":5000},"user":"dan"}"#,
];

fn with_events() -> Centime {
    let centime = Centime::new();
    centime.import_events(EVENTS).ok();
    centime
}

#[test]
fn efficiency_divides_what_the_groups_add_up_to() {
    let centime = with_events();
    let report = centime.report(["efficiency", "--since", "2024-05-03"]);
    let groups = report.at("groups").items();
    let big = &groups[0];
    let figures = ["model", "requests", "tokens_per_request", "cache_hit_share"];
    assert_eq!(figures.map(|name| big.text(name)), ["big", "2", "2500", "0"]);
    let cost: f64 = big.text("cost").parse().unwrap();
    let near = |name: &str, expected: f64| {
        let found: f64 = big.text(name).parse().unwrap();
        assert!((found - expected).abs() < 2e-12, "{name} is {found}, not {expected}");
    };
    near("cost_per_request", cost / 2.0);
    near("cost_per_1k_tokens", cost / 5.0);
    assert_eq!(groups[1].text("model"), "mystery");
    assert_eq!(report.text("total.tokens_per_request"), "1833.333333");

    let cached = centime.report(["efficiency", "--until", "2024-05-02"]);
    assert_eq!(cached.text("total.cache_hit_share"), "0.5");
    assert_eq!(cached.text("total.tokens_per_request"), "1000");

    let table = centime.run(["report", "efficiency", "--by", "user"]).ok();
    table.prints("from cache").prints("ann").prints("20.0 %").says("not fully priced");
    let csv = centime.run(["report", "efficiency", "--format", "csv"]).ok().csv();
    assert_eq!(csv[0][0], "model");
    assert_eq!(csv.len(), 3);
}

#[test]
fn a_window_is_compared_with_the_one_before() {
    let centime = with_events();
    let window = ["--since", "2024-05-03", "--until", "2024-05-05", "--compare"];
    let report = centime.report(["users"].iter().chain(&window).copied());
    assert_eq!(report.text("previous.since"), "2024-05-01T00:00:00Z");
    assert_eq!(report.text("previous.until"), "2024-05-03T00:00:00Z");
    let rows: Vec<[String; 4]> = report
        .at("groups")
        .items()
        .iter()
        .map(|group| {
            ["user", "requests", "previous_requests", "change"].map(|name| group.text(name))
        })
        .collect();
    let users: Vec<_> =
        rows.iter().map(|[user, now, before, _]| format!("{user} {now} {before}")).collect();
    assert_eq!(users, ["ann 1 2", "bob 1 0", "cid 1 0", "dan 0 1"]);
    assert!(rows[3][3].starts_with('-'), "{rows:?}");
    assert_eq!(report.text("total.previous_requests"), "3");
    let limited = centime.report(["users", "--limit", "1"].iter().chain(&window).copied());
    let groups = limited.at("groups").items();
    assert_eq!((groups.len(), groups[1].text("other")), (2, "true".to_owned()));
    assert_eq!(groups[1].text("previous_requests"), "1");

    centime.run(["report", "users"].iter().chain(&window)).ok().prints("before").prints("dan");
    centime.run(["report", "total"].iter().chain(&window)).ok().prints("before");
    for (args, word) in [
        (&["users", "--compare"][..], "--since 30d"),
        (&["daily", "--since", "2024-05-03", "--compare"], "other days"),
        (&["full", "--since", "2024-05-03", "--compare"], "--compare"),
    ] {
        centime.run(["report"].iter().chain(args)).exits(2).prints_nothing().says(word);
    }
}

#[test]
fn a_declared_tag_is_kept_from_its_declaration_on_and_before() {
    let centime = Centime::new();
    let event = |id: u32, app: &str| {
        format!(
            r#"{{"id":"{id}","at":"2024-05-0{id}","model":"big","meters":{{"input":1000}},"tags":{{"app":"{app}"}}}}"#
        )
    };
    centime.import_events([event(1, "bot"), event(2, "web")]).ok();
    let before = centime.report(["tag:app"]).at("groups").raw().to_owned();
    centime.write("centime.toml", "tags = [\"app\"]\n");
    centime.import_events([event(1, "bot")]).ok();
    let families = "SELECT count(*) FROM families WHERE name = 'tag:app'";
    let count =
        |sql: &str| centime.sqlite().query_row(sql, (), |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count(families), 1);
    assert_eq!(centime.report(["tag:app"]).at("groups").raw(), before);
    centime.import_events([event(3, "bot")]).ok();
    let groups = centime.report(["tag:app"]);
    assert_eq!(groups.at("groups").items()[0].text("requests"), "2");
    centime.assert_verified(3);
    // A rollup that is not what the entries add up to is named.
    let db = centime.sqlite();
    db.execute("UPDATE rollups SET requests = requests + 1 WHERE level = 1", ()).unwrap();
    drop(db);
    centime.run(["verify"]).exits(1).prints("rollup of `tag:app` [\"bot\"]");
}
