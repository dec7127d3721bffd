//! `centime import` of tables, and what is refused of any file.

use crate::support::{Centime, gzipped, lines};

const IMPORT: [&str; 5] = ["import", "--prices", "prices", "--format", "json"];

#[test]
fn a_header_with_names_of_fields_needs_no_map() {
    let table = "id,at,model,input,output,user,tag:app,colour\n\
                 1,2024-05-01 10:00:00,big,100,10,ann,bot,red\n\
                 2,2024-05-01 11:00:00,small,1000,,bob,,blue\n";
    for (what, content) in [
        ("commas", table.as_bytes().to_owned()),
        ("semicolons", table.replace(',', ";").into_bytes()),
        ("tabs", table.replace(',', "\t").into_bytes()),
        ("a byte order mark", format!("\u{feff}{table}").into_bytes()),
        ("lines of Windows", table.replace('\n', "\r\n").into_bytes()),
        ("gzip", gzipped(table)),
        ("blanks around cells", table.replace(',', " , ").into_bytes()),
        ("quotes", table.replace("ann", "\"ann\"").replace("blue", "\"b,l\nu\"\"e\"").into_bytes()),
    ] {
        let centime = Centime::with_round_prices();
        centime.write("table", &content);
        let summary = centime.run(IMPORT.iter().chain(&["table"])).ok().json();
        assert_eq!(
            (summary.text("new"), summary.text("total.cost")),
            ("2".into(), "0.0024".into()),
            "{what}"
        );
        let again = centime.feed(&content, IMPORT.iter().chain(&["-"])).ok().json();
        assert_eq!((again.text("new"), again.text("known")), ("0".into(), "2".into()), "{what}");
        let entries = centime.entries();
        let shown = ["id", "at", "model", "user", "tags"];
        assert_eq!(
            shown.map(|field| entries[1].text(field)),
            ["1", "2024-05-01T10:00:00Z", "big", "ann", r#"{"app":"bot"}"#],
            "{what}"
        );
        assert_eq!(
            shown.map(|field| entries[0].text(field)),
            ["2", "2024-05-01T11:00:00Z", "small", "bob", "{}"],
            "{what}"
        );
    }
}

#[test]
fn cells_may_hold_line_ends_and_separators() {
    let centime = Centime::with_round_prices();
    let table = "model;input;user;note\nbig;100;\"smith; ann\nof the \"\"moon\"\"\";x\nbig;200;bob;\"\n\n\"\n";
    centime.write("table.csv", table);
    centime.run(IMPORT.iter().chain(&["table.csv", "--set", "at=2024-05-01"])).ok();
    let report = centime.report(["users"]);
    let users: Vec<_> =
        report.at("groups").items().iter().map(|group| group.text("user")).collect();
    assert_eq!(users, ["bob", "smith; ann\nof the \"moon\""]);
    assert_eq!(report.text("total.cost"), "0.003");
}

#[test]
fn a_map_names_columns_and_constants_beat_them() {
    let centime = Centime::with_round_prices();
    centime.write("t.csv", "When,Who,In,Out,Calls,USD\n2024-05-01,ann,100,10,4,0.5\n");
    let map = "at=When,user=Who,input=In,output=Out,requests=Calls,reported_cost=USD";
    let set = "model=big,user=eve,output=20";
    centime.run(IMPORT.iter().chain(&["t.csv", "--map", map, "--set", set])).ok();
    let entry = centime.entries()[0].clone();
    let found = ["user", "cost", "requests", "reported_cost"].map(|field| entry.text(field));
    assert_eq!(found, ["eve", "0.0018", "4", "0.5"]);
    for (map, word) in [
        ("at=Then", "Then"),
        ("colour=Who", "colour"),
        ("at=When,at=Who", "mapped already"),
        ("When", "FIELD="),
    ] {
        centime.run(IMPORT.iter().chain(&["t.csv", "--map", map])).exits(2).says(word);
    }
    // A table none of whose columns is a field is not taken for one without usage.
    centime.run(IMPORT.iter().chain(&["t.csv"])).exits(2).says("--map").says("When, Who, In");
}

#[test]
fn equal_rows_are_each_an_entry_and_none_comes_in_again() {
    let centime = Centime::with_round_prices();
    let header = "at,model,input\n";
    let row = "2024-05-01,big,100\n";
    for (table, new, known) in [
        (format!("{header}{row}{row}"), "2", "0"),
        (format!("{header}{row}{row}"), "0", "2"),
        (format!("{header}{row}{row}{row}2024-05-01,big,101\n"), "2", "2"),
    ] {
        centime.write("t.csv", table);
        let summary = centime.run(IMPORT.iter().chain(&["t.csv"])).ok().json();
        assert_eq!((summary.text("new").as_str(), summary.text("known").as_str()), (new, known));
    }
    centime.assert_verified(4);
}

#[test]
fn refused_rows_are_named_by_line_and_the_good_ones_are_in() {
    let centime = Centime::with_round_prices();
    let table = "id,at,model,input,note\n\
                 1,2024-05-01,big,100,\"two\nlines\"\n\
                 2,2024-05-01,big,-5,\n\
                 3,2024-05-01,big\n\
                 4,never,big,100,\n\
                 5,2024-05-01,,100,\n\
                 6,2024-05-01,big,100,\n\
                 1,2024-05-01,big,999,\n";
    centime.write("t.csv", table);
    let ran = centime.run(IMPORT.iter().chain(&["t.csv", "--rejects", "rejects"])).exits(2);
    let summary = ran.json();
    assert_eq!((summary.text("new"), summary.text("refused")), ("2".into(), "5".into()));
    let rejects: Vec<_> = centime.read("rejects").lines().map(crate::exact::Json::parse).collect();
    let mut found: Vec<_> = rejects.iter().map(|one| (one.whole("line"), one.text("id"))).collect();
    found.sort();
    let expected = [(4, "2"), (5, "null"), (6, "4"), (7, "5"), (9, "1")];
    assert_eq!(found, expected.map(|(line, id)| (line, id.to_owned())));
    for reject in &rejects {
        assert_eq!(reject.text("file"), "t.csv");
        assert!(!reject.text("error").is_empty() && !reject.text("record").is_empty());
    }
    let ran = ran.says("t.csv:4: ").says("t.csv:9: conflict");
    ran.says("5 records were refused; the others are in the ledger");
    // Mended, the rest comes in; what was there is known.
    centime.write(
        "t.csv",
        table.replace("-5", "5").replace("1,2024-05-01,big,999,", "7,2024-05-01,big,999,"),
    );
    let summary = centime.run(IMPORT.iter().chain(&["t.csv"])).exits(2).json();
    assert_eq!(["new", "known", "refused"].map(|count| summary.text(count)), ["2", "2", "3"]);
}

#[test]
fn rejects_hold_every_refused_line_and_the_screen_the_first_ten() {
    let centime = Centime::with_round_prices();
    let bad = (0..25).map(|index| format!(r#"{{"id":"{index}","model":"big"}}"#));
    centime.write("bad.jsonl", lines(bad));
    let ran = centime.run(IMPORT.iter().chain(&["bad.jsonl", "--rejects", "out"])).exits(2);
    let ran = ran.says("bad.jsonl:1: ").says("bad.jsonl:10: ").says("all of them are in `out`");
    assert!(!ran.words().contains("bad.jsonl:11:"));
    let rejects = centime.read("out");
    let rejects: Vec<_> = rejects.lines().map(crate::exact::Json::parse).collect();
    let numbers: Vec<_> = rejects.iter().map(|reject| reject.whole("line")).collect();
    assert_eq!(numbers, (1..=25).collect::<Vec<_>>());
    assert_eq!(rejects[3].text("record"), r#"{"id":"3","model":"big"}"#);
    centime.run(IMPORT.iter().chain(&["bad.jsonl"])).exits(2).says("`--rejects FILE` keeps all");
}

#[test]
fn a_file_that_cannot_be_read_at_all_says_so() {
    let centime = Centime::with_round_prices();
    std::fs::create_dir(centime.path("folder")).unwrap();
    let utf16: Vec<u8> =
        "\u{feff}{\"model\":\"big\"}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    centime.write("utf16", utf16);
    centime.write("cut.gz", &gzipped("x".repeat(10_000))[..40]);
    centime.write("words", "hello\nworld\n");
    centime.write("events", r#"{"model":"big","meters":{"input":1}}"#);
    for (args, word) in [
        (&["none.jsonl"][..], "`none.jsonl`"),
        (&["folder"], "`folder` is a folder"),
        (&["utf16"], "iconv"),
        (&["cut.gz"], "cut.gz"),
        (&["words"], "words: no column"),
        (&["events", "--map", "at=x"], "events"),
        (&["events", "--from", "jsonl", "--map", "at=x"], "--map"),
        (&["events", "--from", "xml"], "xml"),
        (&[], "FILE"),
    ] {
        centime.run(IMPORT.iter().chain(args)).exits(2).prints_nothing().says(word);
    }
    for empty in ["", "\n\n", "\u{feff}"] {
        centime.write("empty", empty);
        let summary = centime.run(IMPORT.iter().chain(&["empty"])).ok().json();
        assert_eq!((summary.text("new"), summary.text("total.cost")), ("0".into(), "0".into()));
    }
}
