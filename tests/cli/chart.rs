//! `centime chart`: pictures of what a report says.

use std::fs;

use roxmltree::Document;

use crate::exact::{pico, usd};
use crate::support::Centime;

/// Calls of nine users, each costing half of the one before, over three days; one has no price.
fn with_events() -> Centime {
    let centime = Centime::new();
    let call = |index: usize| {
        let (day, input) = (1 + index % 3, 3_333_333 >> index);
        format!(
            r#"{{"id":"{index}","model":"{}","at":"2026-05-0{day}T1{index}:30:00Z","meters":{{"input":{input}}},"user":"u{index}"}}"#,
            ["big", "small"][index % 2],
        )
    };
    let unpriced = r#"{"id":"x","model":"who","at":"2026-05-01T12:00:00Z","meters":{"input":5}}"#;
    centime.import_events((0..9).map(call).chain([unpriced.to_owned()])).ok();
    centime
}

/// The texts of a class in a picture.
fn texts(svg: &str, class: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|node| node.attribute("class") == Some(class));
    texts.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}

/// Amounts of labels, together.
fn sum(labels: &[String]) -> i128 {
    labels.iter().map(|label| pico(&label.replace(['$', ',', '+'], ""))).sum()
}

/// Width and height of a PNG, as its first bytes say.
fn png_size(bytes: &[u8]) -> (u32, u32) {
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn bars_say_what_the_report_says() {
    let centime = with_events();
    centime.run(["chart", "users", "--limit", "3", "-o", "users.svg"]).ok().prints_nothing();
    let svg = centime.read("users.svg");
    assert_eq!(texts(&svg, "name"), ["u0", "u2", "u4", "(other, 7)"]);
    let values = texts(&svg, "value");
    let total = &texts(&svg, "total")[0];
    assert_eq!(sum(&values), pico(&total.replace(['$', ','], "")));
    assert!(values[3].ends_with('+'), "{values:?}");
    let exact = centime.report(["total"]).text("total.cost");
    assert!((sum(&values) - pico(&exact)).abs() <= pico("0.005"), "{total} is {exact}");
    let unpriced = "1 request is not fully priced: its cost is missing from these figures";
    assert!(texts(&svg, "frame").contains(&unpriced.to_owned()));
    let tips: Vec<_> = Document::parse(&svg)
        .unwrap()
        .descendants()
        .filter(|node| node.has_tag_name("rect"))
        .filter_map(|node| node.first_element_child()?.text().map(str::to_owned))
        .collect();
    let tip_sum: i128 = tips.iter().map(|tip| pico(tip.split_once('$').unwrap().1)).sum();
    assert_eq!(usd(tip_sum), exact, "{tips:?}");
}

#[test]
fn every_day_and_hour_of_the_window_has_its_place() {
    let centime = with_events();
    let daily = |args: &[&str]| {
        let args = ["chart", "daily", "-o", "-"].iter().chain(args);
        centime.run(args).ok().text().to_owned()
    };
    let svg = daily(&["--since", "2026-04-29", "--until", "2026-05-06"]);
    let days = ["29 Apr", "30 Apr", "1 May", "2 May", "3 May", "4 May", "5 May"];
    let shown = texts(&svg, "time");
    assert!(shown.iter().zip(days).all(|(shown, day)| shown.ends_with(day)), "{shown:?}");
    assert_eq!(shown.len(), 7);
    let values = texts(&svg, "value");
    assert_eq!((values[0].as_str(), values[6].as_str()), ("$0.00", "$0.00"));
    assert_eq!(sum(&values), sum(&texts(&svg, "total")));
    assert_eq!(texts(&svg, "legend"), ["big", "small", "who"]);
    assert!(texts(&svg, "frame").contains(&"29 Apr 2026 – 5 May 2026 (UTC)".to_owned()));

    let svg = daily(&["--where", "user=u0", "--tz", "Asia/Tokyo"]);
    assert!(texts(&svg, "frame").contains(&"1 May 2026 (Asia/Tokyo) · user=u0".to_owned()));

    let window = ["--since", "2026-05-01", "--until", "2026-05-02"];
    let hourly = ["chart", "hourly", "-o", "-"].into_iter().chain(window);
    let svg = centime.run(hourly).ok().text().to_owned();
    assert_eq!(texts(&svg, "time").first().unwrap(), "1 May");

    centime.run(["chart", "hourly", "--since", "2026-01-01", "-o", "a.svg"]).exits(2).says("1100");
    centime.run(["chart", "daily", "--limit", "3", "-o", "a.svg"]).exits(2).says("--limit");
}

#[test]
fn a_png_is_as_large_as_asked() {
    let centime = with_events();
    centime.run(["chart", "daily", "-o", "a.PNG"]).ok().prints_nothing();
    assert_eq!(png_size(&fs::read(centime.path("a.PNG")).unwrap()), (1600, 900));
    let size = ["--width", "1200", "--height", "630"];
    centime.run(["chart", "models", "-o", "b.png"].iter().chain(&size)).ok();
    assert_eq!(png_size(&fs::read(centime.path("b.png")).unwrap()), (1200, 630));
    let piped = centime.shell("$CENTIME chart models -o - --as png > c.png").ok();
    assert!(piped.words().is_empty());
    let (width, _) = png_size(&fs::read(centime.path("c.png")).unwrap());
    assert_eq!(width, 1600);
    for wrong in ["0", "599", "6001", "wide"] {
        centime.run(["chart", "daily", "-o", "d.png", "--width", wrong]).exits(2).says(wrong);
    }
    assert!(!centime.path("d.png").exists());
}

#[test]
fn an_empty_window_is_a_picture_that_says_so() {
    let centime = with_events();
    for kind in ["daily", "models", "tag:app"] {
        let window = ["--since", "2025-01-01", "--until", "2025-01-08"];
        let args = ["chart", kind, "-o", "empty.svg"].into_iter().chain(window);
        centime.run(args).ok().says("no requests");
        let svg = centime.read("empty.svg");
        assert!(texts(&svg, "frame").contains(&"No requests in this window".to_owned()), "{kind}");
        assert_eq!(texts(&svg, "total"), ["$0.00"]);
    }
}

#[test]
fn names_of_anybody_are_only_text() {
    let centime = Centime::new();
    let names = [
        r"</text><script>alert(1)</script>",
        r#"\" onload=\"alert(1)"#,
        r"a\u001b[2J\u202egnp",
        r"שלום",
        r"日本",
    ];
    let long = "n".repeat(5000);
    let call = |name: &str| format!(r#"{{"model":"big","meters":{{"input":5}},"user":"{name}"}}"#);
    centime.import_events(names.into_iter().chain([long.as_str()]).map(call));
    centime.run(["chart", "users", "-o", "users.svg"]).ok();
    let svg = centime.read("users.svg");
    let document = Document::parse(&svg).unwrap();
    let known = ["svg", "title", "desc", "rect", "path", "text"];
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(known.contains(&node.tag_name().name()), "{node:?}");
        assert!(node.attributes().all(|attribute| !attribute.name().starts_with("on")));
    }
    for name in ["日本", "שלום", "</text><script>alert(1)</script>", "a\u{fffd}[2J\u{fffd}gnp"]
    {
        assert!(texts(&svg, "name").contains(&name.to_owned()), "{name}");
    }
    centime.run(["chart", "users", "-o", "users.png"]).ok().says("2 characters have no glyph");
}

#[test]
fn a_picture_is_there_whole_or_not_at_all() {
    let centime = with_events();
    centime.write("kept.svg", "before");
    for (output, code, word) in [
        ("a.jpg", 2, "`.png` or `.svg`"),
        ("a", 2, "`.png` or `.svg`"),
        ("no/such/folder/a.png", 3, "no/such/folder"),
        ("folder.svg", 2, "it is a folder"),
    ] {
        fs::create_dir_all(centime.path("folder.svg")).unwrap();
        centime.run(["chart", "daily", "-o", output]).exits(code).prints_nothing().says(word);
    }
    centime.run(["chart", "daily", "-o", "a.png", "--as", "svg"]).exits(2).says("--as");
    centime.run(["chart", "total", "-o", "a.png"]).exits(2).says("daily, hourly");
    centime.run(["chart", "daily"]).exits(2).says("--output");
    centime.run(["chart", "daily", "-o", "kept.svg", "--db", "none.db"]).exits(3).says("none.db");
    assert_eq!(centime.read("kept.svg"), "before");
    let mut left: Vec<_> = fs::read_dir(centime.path("."))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("centime.db"))
        .collect();
    left.sort();
    assert_eq!(left, ["events.jsonl", "folder.svg", "kept.svg", "prices"]);
    centime.run(["chart", "daily", "-o", "kept.svg"]).ok();
    assert!(centime.read("kept.svg").starts_with("<svg"));
}
