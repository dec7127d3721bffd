//! What was recorded without a price gets one later, by adjustments; the first entries stay as they are.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rusqlite::types::Value;

use crate::exact::Json;
use crate::support::{Centime, Dice, lines};

/// Prices of the book inside the program, and names that it cannot know.
const EVENTS: [&str; 6] = [
    r#"{"id":"good","at":"2024-06-01T10:00:00Z","model":"gpt-4o","meters":{"input":1000},"user":"ann"}"#,
    r#"{"id":"who","at":"2024-06-01T11:00:00Z","model":"mystery-1","meters":{"input":5000,"output":1000},"requests":3,"user":"ann"}"#,
    r#"{"id":"there","at":"2024-06-02T10:00:00Z","provider":"acme","model":"mystery-1","meters":{"input":1000},"user":"bob","tags":{"app":"bot"}}"#,
    r#"{"id":"llama","at":"2024-06-02T11:00:00Z","provider":"acme","model":"llama-x","meters":{"input":1000,"images":2},"team":"search","service_tier":"flex"}"#,
    r#"{"id":"whole","at":"2024-06-02T12:00:00Z","model":"acme/llama-x","meters":{"input":1000}}"#,
    r#"{"id":"failed","at":"2024-06-02T12:00:00Z","model":"mystery-1","status":"error"}"#,
];

fn imported() -> Centime {
    let centime = Centime::new();
    centime.feed(lines(EVENTS), ["import", "-"]).ok().says("centime reprice");
    centime
}

fn set(centime: &Centime, args: &[&str]) -> Json {
    centime.run(["prices", "set", "--format", "json"].iter().chain(args)).ok().json()
}

fn reprice(centime: &Centime, args: &[&str]) -> Json {
    centime.run(["reprice", "--format", "json"].iter().chain(args)).ok().json()
}

/// Every cell of the tables that entries stand in, as SQLite keeps them.
fn rows(centime: &Centime) -> Vec<Vec<Vec<Value>>> {
    let db = centime.sqlite();
    let table = |name: &str| {
        let mut statement = db.prepare(&format!("SELECT * FROM {name} ORDER BY 1")).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| Ok((0..columns).map(|at| row.get_unwrap(at)).collect());
        statement.query_map((), row).unwrap().map(Result::unwrap).collect()
    };
    ["entries", "contexts", "names", "cards"].map(table).to_vec()
}

/// The figures of a report that no price changes: of each group its name, requests and tokens.
fn counts(centime: &Centime, kind: &[&str]) -> Vec<String> {
    let report = centime.report(kind.iter().copied());
    let figures = |group: &Json| {
        let mut members = group.members();
        for price in ["cost", "unpriced_requests"] {
            members.remove(price);
        }
        format!("{members:?}")
    };
    let groups = report.at("groups").items();
    let mut all: Vec<String> = groups.iter().chain([&report.at("total")]).map(figures).collect();
    all.sort();
    all
}

const REPORTS: [&[&str]; 8] = [
    &["total"],
    &["models"],
    &["users"],
    &["providers"],
    &["daily"],
    &["hourly"],
    &["tag:app"],
    &["--by", "provider,model,user,team"],
];

/// Every report adds up to one total, and so does what other people's SQL reads.
fn assert_one_total(centime: &Centime, expected: &str) {
    for kind in REPORTS {
        let report = centime.report(kind.iter().copied());
        assert_eq!(report.text("total.cost"), expected, "{kind:?}");
        let sum: i128 = report.at("groups").items().iter().map(|group| group.pico("cost")).sum();
        let is_ungrouped = report.at("groups").items().is_empty();
        assert!(is_ungrouped || sum == report.pico("total.cost"), "{kind:?}");
    }
    let sql = "SELECT sum(cost_pico_usd) FROM costs";
    let view: i64 = centime.sqlite().query_row(sql, (), |row| row.get(0)).unwrap();
    assert_eq!(i128::from(view), crate::exact::pico(expected));
}

#[test]
fn what_was_unpriced_is_priced_once_its_price_is_set() {
    let centime = imported();
    let before = rows(&centime);
    let counted = REPORTS.map(|kind| counts(&centime, kind));
    assert_one_total(&centime, "0.005");
    assert_eq!(centime.report(["total"]).text("total.unpriced_requests"), "7");

    // Exactly what the entries show.
    let first = set(
        &centime,
        &["mystery-1", "input=0.1", "output=0.4", "--per", "1M", "--from", "2024-01-01"],
    );
    assert_eq!(first.text("revision"), "1");
    let second = set(&centime, &["acme/llama-x", "input=1/1M", "--from", "2024-01-01"]);
    let version = format!("{}+2", include_str!("../../prices/VERSION").trim());
    assert_eq!(second.text("price_version"), version);

    let planned = reprice(&centime, &["--dry-run"]);
    assert_eq!(rows(&centime), before, "a dry run changes nothing");
    let done = reprice(&centime, &[]);
    for path in ["repriced", "unchanged", "still_unpriced", "before", "after", "models"] {
        assert_eq!(planned.text(path), done.text(path), "{path}");
    }
    let text = |path: &str| done.text(path);
    assert_eq!(["repriced", "unchanged", "still_unpriced"].map(text), ["5", "0", "1"]);
    // 5000 × 0.1 + 1000 × 0.4 and 1000 × 0.1 and 2 × 1000 × 1, by the million.
    assert_eq!(["before", "after"].map(text), ["0", "0.003"]);
    let llama =
        done.at("models").items().into_iter().find(|model| model.text("model") == "llama-x");
    assert_eq!(llama.unwrap().text("reason"), "no rate for images");

    let after = rows(&centime);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before[..], after[..before.len()], "what was there is untouched");
    }
    assert_eq!(after[0].len(), 11);
    assert_one_total(&centime, "0.008");
    assert_eq!(REPORTS.map(|kind| counts(&centime, kind)), counted);
    assert_eq!(centime.report(["total"]).text("total.unpriced_requests"), "1");
    centime.assert_verified(11);

    let again = reprice(&centime, &[]);
    assert_eq!(again.text("repriced"), "0");
    assert_eq!(rows(&centime), after, "a second run does nothing");
    // The event that comes again is still the one that is there.
    centime.feed(lines(EVENTS), ["import", "-"]).ok().says("0 new, 6 known");
}

#[test]
fn an_explanation_shows_the_entry_its_adjustments_and_what_it_costs_now() {
    let centime = imported();
    set(&centime, &["mystery-1", "input=0.1", "output=0.4", "--per", "1M", "--from", "2024-01-01"]);
    centime.run(["reprice"]).ok().says("3 entries repriced").prints("mystery-1");
    let explained = centime.run(["explain", "who", "--format", "json"]).ok().json();
    for (path, expected) in [
        ("pricing_status", "unpriced"),
        ("cost", "null"),
        ("adjustments.0.cost", "0.0009"),
        ("adjustments.0.requests", "0"),
        ("adjustments.0.user", "ann"),
        ("adjustments.0.at", "2024-06-01T11:00:00Z"),
        ("present.pricing_status", "priced"),
        ("present.cost", "0.0009"),
        ("present.lines.0.rate", "0.0000001"),
        ("present.lines.1.amount", "0.0004"),
        ("present.card.source", "centime prices set"),
    ] {
        assert_eq!(explained.text(path), expected, "{path}");
    }
    assert_eq!(explained.at("adjustments").items().len(), 1);
    assert_eq!(explained.text("adjustments.0.adjusts"), explained.text("uid"));
    let told = centime.run(["explain", "who"]).ok().prints("with its adjustments");
    told.prints("adjusted by 0.0009").prints("0.0000001").prints("total");
    let uid = explained.text("adjustments.0.uid");
    centime.run(["explain", &uid]).ok().prints("an adjustment of");
    centime.run(["entries"]).ok().prints("priced (adjustment)");
}

#[test]
fn a_window_and_conditions_say_which_entries() {
    let centime = imported();
    set(&centime, &["mystery-1", "input=1", "output=1", "--per", "1K", "--from", "2024-01-01"]);
    let some = |args: &[&str]| reprice(&centime, &[&["--dry-run"], args].concat()).text("repriced");
    assert_eq!(some(&[]), "3");
    assert_eq!(some(&["--since", "2024-06-02"]), "2");
    assert_eq!(some(&["--until", "2024-06-02"]), "1");
    assert_eq!(some(&["--where", "user=bob"]), "1");
    assert_eq!(some(&["--all", "--where", "model=gpt-4o"]), "0");
    centime.run(["reprice", "--where", "colour=red"]).exits(2);
    centime.run(["reprice", "--dry-run", "--yes"]).exits(2);
    Centime::new().run(["reprice"]).exits(3).says("no ledger");
}

#[test]
fn all_entries_get_the_price_now_known_for_their_date_up_or_down() {
    let centime = imported();
    let spent = || centime.report(["models", "--where", "model=gpt-4o"]).text("total.cost");
    for (rate, expected) in [("9", "0.009"), ("1", "0.001"), ("0", "0"), ("5", "0.005")] {
        set(&centime, &["gpt-4o", &format!("input={rate}"), "--per", "1M", "--from", "2024-06-01"]);
        assert_eq!(reprice(&centime, &[]).text("repriced"), "0", "it has a price");
        let done = reprice(&centime, &["--all", "--where", "model=gpt-4o"]);
        assert_eq!((done.text("repriced").as_str(), spent()), ("1", expected.to_owned()), "{rate}");
        assert_eq!(done.text("after"), expected);
    }
    // From the day after on another price: the call of the day before stays.
    set(&centime, &["gpt-4o", "input=7", "--per", "1M", "--from", "2024-06-02"]);
    assert_eq!(reprice(&centime, &["--all"]).text("repriced"), "0");
    centime.assert_verified(10);
}

#[test]
fn charges_of_others_stay_theirs() {
    let centime = Centime::new();
    let events = [
        r#"{"id":"said","at":"2024-06-01","model":"gpt-4o","meters":{"input":1000},"reported_cost":0.5}"#,
        r#"{"id":"free","at":"2024-06-01","model":"mystery-1","meters":{"input":1000},"reported_cost":0}"#,
        r#"{"id":"cached","at":"2024-06-01","model":"mystery-1","meters":{"input":1000},"status":"cached"}"#,
    ];
    centime.feed(lines(events), ["import", "-", "--charge", "reported"]).ok();
    set(&centime, &["mystery-1", "input=1", "--from", "2024-01-01"]);
    let done = reprice(&centime, &["--all"]);
    assert_eq!(["repriced", "unchanged", "after"].map(|path| done.text(path)), ["0", "3", "0.5"]);
    centime.assert_verified(3);
}

#[test]
fn a_ledger_of_many_is_repriced_page_by_page_and_one_that_was_stopped_is_finished() {
    let centime = Centime::new();
    let mut dice = Dice(7);
    let events = (0..9000).map(|id| {
        // Many at one moment, so that pages end within it.
        let (day, input) = (1 + dice.roll(3), dice.roll(1000) + 1);
        format!(
            r#"{{"id":"{id}","at":"2024-06-0{day}","model":"mystery-{}","meters":{{"input":{input}}}}}"#,
            dice.roll(3)
        )
    });
    centime.feed(lines(events), ["import", "-"]).ok();
    for model in ["mystery-0", "mystery-1", "mystery-2"] {
        set(&centime, &[model, "input=1", "--per", "1M", "--from", "2024-01-01"]);
    }
    // As if a run had been stopped: some are done already.
    let first = reprice(&centime, &["--where", "model=mystery-1"]).whole("repriced");
    assert!(first > 2000);
    assert_eq!(reprice(&centime, &[]).whole("repriced"), 9000 - first);
    let report = centime.report(["daily"]);
    assert_eq!(report.pico("total.cost"), report.whole("total.input_tokens") * 1_000_000);
    assert_eq!(report.text("total.unpriced_requests"), "0");
    centime.assert_verified(18_000);
}

#[test]
fn what_was_killed_is_sound_and_finished_by_the_next_run() {
    const EVENTS: usize = 12_000;
    let centime = Centime::new();
    let event = |id| {
        format!(r#"{{"id":"{id}","at":"2024-05-01","model":"mystery-1","meters":{{"input":100}}}}"#)
    };
    centime.feed(lines((0..EVENTS).map(event)), ["import", "-", "--db", "first.db"]).ok();
    set(&centime, &["mystery-1", "input=1/1M", "--from", "2024-01-01", "--db", "first.db"]);
    let copy = |db: &str| std::fs::copy(centime.path("first.db"), centime.path(db)).unwrap();
    copy("whole.db");
    let started = Instant::now();
    reprice(&centime, &["--db", "whole.db"]);
    let whole_us = usize::try_from(started.elapsed().as_micros()).unwrap();

    let mut dice = Dice(11);
    let whole = i128::try_from(EVENTS).unwrap();
    for round in 0..6 {
        let db = format!("{round}.db");
        copy(&db);
        let mut command = centime.command(["reprice", "--db", &db]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moment = u64::try_from(dice.roll(whole_us)).unwrap();
        std::thread::sleep(Duration::from_micros(moment));
        child.kill().unwrap();
        child.wait().unwrap();

        let verified = centime.run(["verify", "--format", "json", "--db", &db]).ok().json();
        let done = verified.whole("entries") - whole;
        let rest = reprice(&centime, &["--db", &db]).whole("repriced");
        assert_eq!(done + rest, whole, "killed after {moment} µs of {whole_us}");
        let verified = centime.run(["verify", "--format", "json", "--db", &db]).ok().json();
        assert_eq!(
            (verified.whole("entries"), verified.text("total")),
            (2 * whole, "1.2".to_owned())
        );
    }
}

#[test]
fn what_was_chosen_counts_when_it_is_priced_again() {
    let centime = Centime::new();
    let event = r#"{"id":"i","at":"2024-06-01","model":"dall-e-3","meters":{"images":1},"options":{"size":"1024x1792","quality":"hd"}}"#;
    centime.feed(lines([event]), ["import", "-"]).ok();
    let total = |centime: &Centime| centime.report(["total"]).at("total").text("cost");
    let before = total(&centime);
    assert_eq!(before, "0.12");
    assert_eq!(reprice(&centime, &["--all"]).text("repriced"), "0");
    set(&centime, &["dall-e-3", "images=0.5", "--from", "2024-01-01"]);
    assert_eq!(reprice(&centime, &["--all"]).text("repriced"), "1");
    assert_eq!(total(&centime), "0.5");
    centime.assert_verified(2);
}
