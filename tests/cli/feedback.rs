//! `centime feedback`, and what quality was had for the money.

use crate::support::Centime;

/// At 10 dollars a million: 1 cent, 3 cents, 2 cents, and one of a model without a price.
const EVENTS: [&str; 4] = [
    r#"{"id":"1","at":"2024-05-01","model":"big","meters":{"input":1000},"user":"ann"}"#,
    r#"{"id":"2","at":"2024-05-02","model":"big","meters":{"input":3000},"user":"bob"}"#,
    r#"{"id":"3","at":"2024-05-03","model":"small","meters":{"input":20000},"user":"bob"}"#,
    r#"{"id":"4","at":"2024-05-04","model":"mystery","meters":{"input":5},"user":"cid"}"#,
];

fn with_events() -> Centime {
    let centime = Centime::new();
    centime.import_events(EVENTS).ok();
    centime
}

fn score(centime: &Centime, id: &str, score: &str) {
    centime.run(["feedback", "add", id, "--score", score]).ok().says_nothing();
}

#[test]
fn the_cost_of_quality_is_shown_where_there_is_feedback_and_adds_up() {
    let centime = with_events();
    let before = centime.report(["efficiency"]);
    assert!(!before.raw().contains("score"), "{}", before.raw());
    let table = centime.run(["report", "efficiency"]).ok();
    assert!(!table.text().contains("score"), "{}", table.text());

    score(&centime, "1", "0.9");
    score(&centime, "2", "0.1");
    score(&centime, "2", "0.5");
    score(&centime, "3", "0");
    let report = centime.report(["efficiency"]);
    let figures = ["scored_requests", "average_score", "cost_per_score"];
    let of = |name: &str| figures.map(|figure| report.text(&format!("{name}.{figure}")));
    // 6 cents for 0.9 + 0.5 + 0.
    assert_eq!(of("total"), ["3", "0.466667", "0.042857142857"]);
    let groups: Vec<[String; 4]> = report
        .at("groups")
        .items()
        .iter()
        .map(|group| ["model", figures[0], figures[1], figures[2]].map(|name| group.text(name)))
        .collect();
    let row = |cells: [&str; 4]| cells.map(str::to_owned);
    let expected = [
        row(["big", "2", "0.7", "0.028571428571"]),
        row(["small", "1", "0", "null"]),
        row(["mystery", "0", "null", "null"]),
    ];
    assert_eq!(groups, expected);

    let rest = centime.report(["efficiency", "--by", "user", "--limit", "1"]);
    let scored: Vec<String> =
        rest.at("groups").items().iter().map(|group| group.text("scored_requests")).collect();
    assert_eq!(scored, ["2", "1"]);
    let day = centime.report(["efficiency", "--since", "2024-05-02", "--until", "2024-05-03"]);
    assert_eq!(day.text("total.cost_per_score"), "0.06");
    centime.run(["report", "efficiency"]).ok().prints("a full score").prints("$0.02857");
    let csv = centime.run(["report", "efficiency", "--format", "csv"]).ok().csv();
    assert_eq!(csv[0][8..], figures);
    assert_eq!(csv[1][8..], ["2", "0.7", "0.028571428571"]);
    centime.assert_verified(4);
}

#[test]
fn the_last_score_is_explained_and_the_same_again_is_fine() {
    let centime = with_events();
    assert_eq!(centime.run(["explain", "1", "--format", "json"]).ok().json().text("score"), "null");
    let add = |text: &str| {
        let ran = centime.run(["feedback", "add", "1", "--score", text, "--format", "json"]);
        let answer = ran.ok().json();
        (answer.text("score"), answer.text("new"))
    };
    let answer = |score: &str, new: &str| (score.to_owned(), new.to_owned());
    assert_eq!(add("0.25"), answer("0.25", "true"));
    assert_eq!(add("0.250"), answer("0.25", "false"));
    assert_eq!(add("1"), answer("1", "true"));
    assert_eq!(centime.run(["explain", "1", "--format", "json"]).ok().json().text("score"), "1");
    centime.run(["explain", "1"]).ok().prints("score 1 of 1");
    let kept = "SELECT group_concat(score_millionths) FROM feedback";
    let kept: String = centime.sqlite().query_row(kept, (), |row| row.get(0)).unwrap();
    assert_eq!(kept, "250000,1000000", "earlier scores stay");
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let centime = Centime::new();
    centime.run(["feedback", "add", "1", "--score", "1"]).exits(3).says("no ledger");
    assert!(!centime.path("centime.db").exists());
    centime.import_events(EVENTS).ok();
    centime.write("t.csv", "id,model,input\n1,big,7\n");
    centime.run(["import", "t.csv", "--prices", "prices"]).ok();
    centime
        .run(["prices", "set", "mystery", "input=1", "--per", "1M", "--from", "2024-01-01"])
        .ok();
    centime.run(["reprice", "--yes"]).ok();
    let adjustment = centime.entries().into_iter().find(|entry| entry.text("adjusts") != "null");
    let adjustment = adjustment.unwrap().text("uid");
    for (id, score, words) in [
        ("nobody", "1", "there is no entry `nobody`"),
        ("1", "1", "is in several sources; say which"),
        (adjustment.as_str(), "1", "is an adjustment; name the entry it adjusts: `4`"),
        ("2", "1.5", "is not from 0 to 1"),
        ("2", "-0.5", "is not from 0 to 1"),
        ("2", "0.1234567", "more than 6 decimals"),
        ("2", "good", "is not a decimal number"),
    ] {
        let ran = centime.run(["feedback", "add", id, "--score", score]);
        ran.exits(2).prints_nothing().says(words);
    }
    let scores = centime.sqlite().query_row("SELECT count(*) FROM feedback", (), |row| row.get(0));
    assert_eq!(scores, Ok(0));
}
