//! `prices import` and `prices update`: lists of others into the ledger, with dates.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use crate::exact::Json;
use crate::support::{Centime, gzipped};

/// A map as LiteLLM publishes it: a price that changed, one that did not, a new model, and a rule that
/// nobody can express.
const MAP: &str = r#"{
    "gpt-4": {"litellm_provider": "openai", "mode": "chat",
        "input_cost_per_token": 7e-05, "output_cost_per_token": 6e-05},
    "gpt-3.5-turbo-0613": {"litellm_provider": "openai", "mode": "chat",
        "input_cost_per_token": 1.5e-06, "output_cost_per_token": 2e-06},
    "brand-new-1": {"litellm_provider": "openai", "mode": "chat",
        "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
    "newco/fresh": {"litellm_provider": "newco", "mode": "audio speech", "input_cost_per_token": 3e-06},
    "newco/two words": {"litellm_provider": "newco", "mode": "chat", "input_cost_per_token": 1e-06},
    "newco/odd": {"litellm_provider": "newco", "input_cost_per_token": 1e-06, "input_cost_per_dream": 1}
}"#;

fn cost(centime: &Centime, args: &[&str]) -> String {
    centime.run(["price", "--format", "json"].iter().chain(args)).ok().json().text("0.cost")
}

fn million(centime: &Centime, model: &str, at: &str) -> String {
    cost(centime, &[model, "--input", "1000000", "--at", at])
}

fn json(centime: &Centime, args: &[&str]) -> Json {
    centime.run(["prices", "--format", "json"].iter().chain(args)).ok().json()
}

#[test]
fn a_list_is_imported_where_it_says_something_else() {
    let centime = Centime::new();
    for (name, map) in [("map.json", MAP.as_bytes().to_vec()), ("map.gz", gzipped(MAP))] {
        centime.write(name, map);
    }
    let imported = json(&centime, &["import", "map.gz", "--from", "2026-06-01"]);
    let text = |path: &str| imported.text(path);
    assert_eq!(["revision", "added", "changed", "unchanged"].map(text), ["1", "3", "1", "1"]);
    assert_eq!(text("left_out"), r#"["newco/odd: input_cost_per_dream","newco/two words"]"#);
    let models = imported.at("models").items();
    let named: Vec<String> =
        models.iter().map(|model| model.text("provider") + " " + &model.text("model")).collect();
    assert_eq!(named[..2], ["openai brand-new-1", "openai gpt-4"]);
    for (model, at, expected) in [
        ("gpt-4", "2026-05-31", "30"),
        ("gpt-4", "2026-06-01", "70"),
        ("brand-new-1", "2026-07-01", "1"),
        ("newco/fresh", "2026-07-01", "3"),
        ("fresh", "2026-07-01", "3"),
        ("gpt-4o", "2026-07-01", "2.5"),
    ] {
        assert_eq!(million(&centime, model, at), expected, "{model} {at}");
    }
    let again = centime.run(["prices", "import", "map.json", "--from", "2026-06-01"]).ok();
    again.says("nothing is imported").says("input_cost_per_dream").prints("no price changes");
    centime.assert_verified(0);
}

#[test]
fn of_two_names_that_come_to_the_same_model_its_own_counts() {
    let centime = Centime::new();
    let listing = |name: &str, rate: &str| {
        format!(r#""{name}": {{"litellm_provider": "openai", "input_cost_per_token": {rate}}}"#)
    };
    let map =
        [("openai/gpt-4", "9e-05"), ("gpt-4", "7e-05"), ("x", "1e-06"), ("openai/x", "1e-06")];
    let map = map.map(|(name, rate)| listing(name, rate)).join(",");
    centime.write("map.json", format!("{{{map}}}"));
    let imported = json(&centime, &["import", "map.json", "--from", "2026-06-01"]);
    assert_eq!(imported.text("left_out"), r#"["openai/openai/gpt-4"]"#);
    assert_eq!(million(&centime, "gpt-4", "2026-07-01"), "70");
    assert_eq!(million(&centime, "openai/x", "2026-07-01"), "1");
    centime.assert_verified(0);
}

#[test]
fn what_changes_reads_as_a_changelog() {
    let centime = Centime::new();
    centime.write("map.json", MAP);
    let ran = centime.run(["prices", "import", "map.json", "--from", "2026-06-01"]).ok();
    let version = include_str!("../../prices/VERSION").trim();
    assert_eq!(
        ran.text(),
        format!(
            "\
3 added, 1 changed, 1 unchanged, from 2026-06-01

openai
  + brand-new-1  input $1/1M, output $2/1M
  ~ gpt-4
      input          $30/1M → $70/1M (+133.3%)
      input, batch   gone, was $15/1M
      output, batch  gone, was $30/1M

newco
  + fresh  input $3/1M
  + odd  input $1/1M

price version {version}+1
"
        )
    );
}

#[test]
fn dated_prices_keep_their_dates() {
    let centime = Centime::new();
    centime.write(
        "own.prices",
        "provider newco\nmaker fresh\n\nmodel fresh chat\n from 2025-01-01 exact contract\n  input 5/1M\n \
         from 2025-07-01 exact contract\n  input 4/1M\n",
    );
    json(&centime, &["import", "own.prices", "--from", "2026-06-01"]);
    for (at, expected) in [("2025-03-01", "5"), ("2025-08-01", "4"), ("2026-08-01", "4")] {
        assert_eq!(million(&centime, "fresh", at), expected, "{at}");
    }
    let shown = centime.run(["prices", "history", "fresh"]).ok();
    shown.prints("2025-01-01  exact, contract").prints("2025-07-01  exact, contract");
}

#[test]
fn an_update_shows_what_changes_and_dates_it_now() {
    let centime = Centime::new();
    centime.write("map.json", MAP);
    let update = ["update", "--from", "map.json"];
    let planned = json(&centime, &[&update[..], &["--dry-run"]].concat());
    assert_eq!(
        (planned.text("revision").as_str(), planned.text("changed").as_str()),
        ("null", "1")
    );
    assert!(!centime.path("centime.db").exists(), "a dry run leaves nothing behind");
    let done = json(&centime, &update);
    assert_eq!((done.text("revision").as_str(), done.text("models")), ("1", done.text("models")));
    assert_eq!(million(&centime, "gpt-4", "2026-11-01"), "30", "it holds from now on");
    assert_eq!(cost(&centime, &["gpt-4", "--input", "1000000"]), "70");
    assert_eq!(json(&centime, &update).text("revision"), "null", "nothing is left to change");
}

#[test]
fn an_update_leaves_alone_what_was_priced_here() {
    let centime = Centime::new();
    centime.write("map.json", MAP);
    centime.run(["prices", "set", "gpt-4", "input=5", "--per", "1M", "--from", "2026-01-01"]).ok();
    let done = json(&centime, &["update", "--from", "map.json", "--yes"]);
    assert_eq!(done.text("priced_here"), r#"["openai/gpt-4"]"#);
    assert_eq!(cost(&centime, &["gpt-4", "--input", "1000000"]), "5");
    assert_eq!(cost(&centime, &["brand-new-1", "--input", "1000000"]), "1");
    // What an update brought, the next one may change.
    centime.write("map.json", MAP.replace("1e-06, \"output_cost_per_token\": 2e-06}", "9e-06}"));
    let next = json(&centime, &["update", "--from", "map.json"]);
    assert_eq!(next.text("models.0.model"), "brand-new-1");
    assert_eq!(cost(&centime, &["brand-new-1", "--input", "1000000"]), "9");
}

/// Answers requests on this machine, one after the other, and says what was asked for.
fn serve(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(&mut stream);
            let mut first = String::new();
            lines.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                if lines.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
                    break;
                }
            }
            asked.push(first.trim_end().to_owned());
            // A client that has read enough closes early, which is its right.
            drop(stream.write_all(&answer));
            drop(stream.shutdown(std::net::Shutdown::Write));
            drop(stream.take(1 << 16).read_to_end(&mut Vec::new()));
        }
        asked
    });
    (address, serving)
}

fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[test]
fn a_list_is_fetched_when_somebody_asks_for_it() {
    let centime = Centime::new();
    let (address, serving) = serve(vec![
        answer("200 OK", "", MAP),
        answer("200 OK", "content-encoding: gzip\r\n", gzipped(MAP)),
    ]);
    let from = format!("{address}/prices.json?token=secret");
    let planned = json(&centime, &["update", "--from", &from, "--dry-run"]);
    let done = json(&centime, &["update", "--from", &from]);
    assert_eq!(planned.at("models").items().len(), done.at("models").items().len());
    assert_eq!(serving.join().unwrap(), vec!["GET /prices.json?token=secret HTTP/1.1"; 2]);
    let sql = "SELECT origin || text FROM price_revisions";
    let kept: String = centime.sqlite().query_row(sql, (), |row| row.get(0)).unwrap();
    assert!(kept.contains(&format!("{address}/prices.json")) && !kept.contains("secret"), "{kept}");
}

#[test]
fn what_cannot_be_fetched_is_said_with_the_way_out() {
    let centime = Centime::new();
    let endless = {
        let mut answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        answer.resize(answer.len() + (65 << 20), b' ');
        answer
    };
    let elsewhere = "location: https://example.invalid/prices.json\r\n";
    for (reply, code, words) in [
        (answer("404 Not Found", "", "no"), 3, "404"),
        (answer("500 Internal Server Error", "", ""), 3, "500"),
        (answer("302 Found", elsewhere, ""), 3, "302"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}".to_vec(), 3, "--from FILE"),
        (b"nonsense\r\n\r\n".to_vec(), 3, "--from FILE"),
        (endless, 3, "64 MiB"),
        (answer("200 OK", "", b"\xff\xfe"), 3, "UTF-8"),
        (answer("200 OK", "", "{}"), 2, "no model"),
        (answer("200 OK", "", "<html>"), 2, "provider"),
    ] {
        let (address, serving) = serve(vec![reply]);
        let from = format!("{address}/x");
        centime.run(["prices", "update", "--from", &from]).exits(code).says(words).prints_nothing();
        serving.join().unwrap();
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    centime
        .run(["prices", "update", "--from", &format!("http://{nobody}/x")])
        .exits(3)
        .says("--from FILE");
    centime.run(["prices", "update", "--from", "http://example.com/x"]).exits(2).says("https");
    centime.run(["prices", "update", "--from", "no-such-file.json"]).exits(2);
    centime.run(["prices", "import", "no-such-file.json"]).exits(2);
    centime.write("empty.json", "{}");
    centime.run(["prices", "import", "empty.json"]).exits(2).says("no model");
    assert!(!centime.path("centime.db").exists());
}
