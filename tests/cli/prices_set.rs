//! `prices set`: a price of one's own, which every command sees.

use std::process::Stdio;

use crate::exact::Json;
use crate::support::Centime;

fn set(centime: &Centime, args: &[&str]) -> Json {
    centime.run(["prices", "set", "--format", "json"].iter().chain(args)).ok().json()
}

fn cost(centime: &Centime, args: &[&str]) -> String {
    centime.run(["price", "--format", "json"].iter().chain(args)).ok().json().text("0.cost")
}

#[test]
fn what_is_set_holds_from_its_date_on_in_every_command() {
    let centime = Centime::new();
    let version = include_str!("../../prices/VERSION").trim();
    let answer = set(&centime, &["gpt-4o", "input=3", "--per", "1M", "--from", "2025-01-01"]);
    for (path, expected) in [
        ("revision", "1"),
        ("price_version", &format!("{version}+1")),
        ("changed", "1"),
        ("models.0.provider", "openai"),
        ("models.0.from", "2025-01-01T00:00:00Z"),
        ("models.0.rates.0.from", "0.0000025"),
        ("models.0.rates.0.to", "0.000003"),
    ] {
        assert_eq!(answer.text(path), expected, "{path}");
    }
    let million = |at| ["gpt-4o", "--input", "1000000", "--output", "1000000", "--at", at];
    assert_eq!(cost(&centime, &million("2024-12-31")), "12.5");
    assert_eq!(cost(&centime, &million("2025-01-01")), "13", "the output rate stays");
    assert_eq!(cost(&centime, &million("2026-10-01")), "13");

    let event = r#"{"at":"2026-10-01","model":"gpt-4o","meters":{"input":1000000}}"#;
    let streamed = centime.feed(event, ["price", "--jsonl"]).ok().json();
    assert_eq!(
        [streamed.text("cost"), streamed.text("price_version")],
        ["3".to_owned(), format!("{version}+1")]
    );
    centime.feed(event, ["import", "-"]).ok();
    assert_eq!(centime.entries()[0].text("price_version"), format!("{version}+1"));
    centime.run(["prices", "show", "gpt-4o"]).ok().prints("centime prices set").prints("$3/1M");
    centime
        .run(["prices", "history", "gpt-4o"])
        .ok()
        .prints("2025-01-01  exact, centime prices set");
    let quoted = ["price", "gpt-4o", "--prompt", "-", "--max-output", "10"];
    centime.feed("hello", quoted).ok().prints("$0.000124");

    // Another ledger knows nothing of it, and a price file stands alone.
    let elsewhere = million("2026-10-01").into_iter().chain(["--db", "another.db"]);
    assert_eq!(cost(&centime, &elsewhere.collect::<Vec<_>>()), "12.5");
    centime.write(
        "own",
        "provider openai\n\nmodel gpt-4o chat\n from 2024-01-01 exact me\n  input 7/1M\n",
    );
    assert_eq!(cost(&centime, &["gpt-4o", "--input", "1000000", "--prices", "own"]), "7");
    centime
        .run(["prices", "set", "gpt-4o", "input=1", "--prices", "own"])
        .exits(2)
        .says("leave it out");
    assert!(!centime.path("another.db").exists());
}

#[test]
fn the_last_word_about_a_date_counts() {
    let centime = Centime::new();
    let at = |at| cost(&centime, &["gpt-4o", "--input", "1000000", "--at", at]);
    set(&centime, &["gpt-4o", "input=10", "--per", "1M", "--from", "2026-01-01"]);
    set(&centime, &["gpt-4o", "input=20", "--per", "1M", "--from", "2026-06-01"]);
    assert_eq!(["2025-12-31", "2026-03-01", "2026-07-01"].map(at), ["2.5", "10", "20"]);
    set(&centime, &["gpt-4o", "input=30", "--per", "1M", "--from", "2026-03-01"]);
    assert_eq!(["2026-02-01", "2026-03-01", "2026-07-01"].map(at), ["10", "30", "30"]);
    // Nothing changes, so nothing is kept.
    let same = centime.run([
        "prices",
        "set",
        "gpt-4o",
        "input=30/1M",
        "--from",
        "2026-03-01",
        "--format",
        "json",
    ]);
    assert_eq!(same.ok().says("nothing changes").json().text("revision"), "null");
    centime.assert_verified(0);
}

#[test]
fn rates_are_read_as_people_write_them() {
    let centime = Centime::new();
    for (args, expected) in [
        (&["m1", "input=0.10", "--per", "1M"][..], "0.1"),
        (&["m2", "input=0.0001", "--per", "1K"], "0.1"),
        (&["m3", "input=$0.0000001"], "0.1"),
        (&["m4", "input=0.1/1M"], "0.1"),
        (&["m5", "input=1", "--per", "10_000_000"], "0.1"),
        (&["m6", "input=1e-7"], "0.1"),
        (&["m7", "input=0"], "0"),
    ] {
        set(&centime, args);
        assert_eq!(cost(&centime, &[args[0], "--input", "1000000"]), expected, "{args:?}");
    }
    let flex = ["gpt-5", "input=0.5", "--per", "1M", "--service-tier", "flex"];
    let of_tier = |tier| cost(&centime, &["gpt-5", "--input", "1000000", "--service-tier", tier]);
    let before = ["standard", "batch"].map(of_tier);
    set(&centime, &flex);
    assert_eq!(of_tier("flex"), "0.5");
    assert_eq!(["standard", "batch"].map(of_tier), before);
    let many = ["m8", "cache-write=2", "cache_write_1h=3", "web-search=0.01"];
    set(&centime, &many);
    let used = ["m8", "--cache-write", "1", "--cache-write-1h", "1", "--web-search", "1"];
    assert_eq!(cost(&centime, &used), "5.01");
}

#[test]
fn mistakes_are_said_and_change_nothing() {
    let centime = Centime::new();
    for (args, words) in [
        (&["gpt-4o"][..], "METER=RATE"),
        (&["gpt-4o", "input"], "write METER=RATE"),
        (&["gpt-4o", "inptu=1"], "did you mean `input`?"),
        (&["gpt-4o", "reported=1"], "has no rate"),
        (&["gpt-4o", "input=cheap"], "`input=cheap`"),
        (&["gpt-4o", "input=-1"], "negative"),
        (&["gpt-4o", "input=1", "input=2"], "has a rate already"),
        (&["gpt-4o", "input=1/1M", "--per", "1M"], "leave `--per` out"),
        (&["gpt-4o", "input=1", "--per", "0"], "how many units"),
        (&["gpt-4o", "input=1", "--per", "3"], "decimals"),
        (&["gpt-4o", "input=1", "--from", "soon"], "--from"),
        (&["gpt-4o", "input=1", "--service-tier", "slow"], "the tiers are"),
        (&["two words", "input=1"], "no blanks"),
        (&["acme/", "input=1"], "no name"),
        (&["", "input=1"], "no name"),
        (&["a\nprovider b", "input=1"], "no name"),
    ] {
        let ran = centime.run(["prices", "set"].iter().chain(args)).exits(2).says(words);
        ran.prints_nothing();
    }
    let long = "x".repeat(10_000);
    centime.run(["prices", "set", &long, "input=1"]).exits(2);
    assert!(!centime.path("centime.db").exists(), "a mistake makes no ledger");
    centime.write("centime.db", "this is no ledger".repeat(99));
    centime.run(["prices", "set", "gpt-4o", "input=1"]).exits(3).says("damaged");
    centime.run(["price", "gpt-4o", "--input", "1"]).exits(3).says("damaged");
}

#[test]
fn doubts_are_said_and_hold_nothing_up() {
    let centime = Centime::new();
    let run = |args: &[&str]| centime.run(["prices", "set"].iter().chain(args)).ok();
    run(&["gpt-4o", "input=3"]).says("did you mean `--per 1M`?");
    run(&["gpt-4o", "web_search=3", "input=0.009"]).says_nothing();
    run(&["gtp-4o", "input=1/1M"]).says("no provider has `gtp-4o`").says("`gpt-4o`");
    run(&["gpt-4o-2030-01-01", "input=1/1M"]).says("means `openai/gpt-4o`");
    centime.run(["prices", "show", "gtp-4o"]).ok().prints("at any provider");
    // Who sells it is not known, so nothing is set, unless it is meant wherever it is called.
    run(&["a/shared", "input=1/1M"]);
    run(&["b/shared", "input=2/1M"]);
    centime
        .run(["prices", "set", "shared", "input=9"])
        .exits(2)
        .says("`a/shared`")
        .says("`*/shared`");
    run(&["*/shared", "input=5/1M"]);
    assert_eq!(cost(&centime, &["shared", "--input", "1000000"]), "5");
    assert_eq!(cost(&centime, &["a/shared", "--input", "1000000"]), "1");
}

#[test]
fn many_set_prices_at_the_same_time() {
    let centime = Centime::new();
    set(&centime, &["first", "input=1/1M"]);
    let set_one = |index: usize| {
        let model = format!("m{index}");
        let mut command = centime.command(["prices", "set", &model, "input=1/1M"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let running: Vec<_> = (0..8).map(set_one).collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    for index in 0..8 {
        assert_eq!(cost(&centime, &[&format!("m{index}"), "--input", "1000000"]), "1");
    }
    let sql = "SELECT count(*), max(number) FROM price_revisions";
    let counts = centime.sqlite().query_row(sql, (), |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(counts, Ok((9_i64, 9_i64)));
}

#[test]
fn prices_that_somebody_spoilt_are_found() {
    let centime = Centime::new();
    set(&centime, &["m", "input=1/1M"]);
    centime.sqlite().execute("UPDATE price_revisions SET text = 'nonsense'", ()).unwrap();
    centime.run(["verify"]).exits(1).prints("price revision 1 cannot be read");
    centime.run(["price", "gpt-4o", "--input", "1"]).exits(3).says("centime verify");
}
