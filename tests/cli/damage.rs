//! Ten thousand lines, a third of them damaged in every way there is: each is refused once, by its
//! number, and the good ones are in.

use std::time::{Duration, Instant};

use crate::exact::{Json, usd};
use crate::support::{Centime, Dice};

/// A line and what must become of it.
struct Line {
    bytes: Vec<u8>,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// An entry of so many picodollars.
    Good(i128),
    /// Refused.
    Refused,
    /// Nothing stands there.
    Empty,
}

const LINES: usize = 10_000;

/// A sound event of `big`: 10 millionths of a dollar a token.
fn good(index: usize, dice: &mut Dice) -> (String, i128) {
    let input = 1 + dice.roll(5000);
    let extra = match dice.roll(8) {
        0 => r#","user":"Zoë 🐉 \u00e9\ud83d\ude00""#.to_owned(),
        1 => format!(r#","user":"{}""#, "u".repeat(128)),
        2 => format!(r#","tags":{{{}}}"#, members(16, "v")),
        3 => format!(r#","metadata":{{"a":"{}"}}"#, "m".repeat(4096 - 8)),
        4 => r#","quux":{"any":[1,2,{"x":null}]},"user":null"#.to_owned(),
        5 => r#","latency_ms":812.5,"session":"s-1","batch":false"#.to_owned(),
        _ => String::new(),
    };
    let event = format!(
        r#"{{"id":"e-{index}","at":"2024-05-01T12:00:00Z","model":"big","meters":{{"input":{input}}}{extra}}}"#
    );
    (event, i128::try_from(input).unwrap() * 10_000_000)
}

/// `"t0":"v","t1":"v",…`
fn members(count: usize, value: &str) -> String {
    let members: Vec<_> = (0..count).map(|index| format!(r#""t{index}":"{value}""#)).collect();
    members.join(",")
}

/// A sound event with one of its parts replaced: all of these are refused.
const REPLACEMENTS: [(&str, &[&str]); 5] = [
    (
        r#""meters":{"input":1}"#,
        &[
            r#""meters":{"input":-1}"#,
            r#""meters":{"input":-0.5}"#,
            r#""meters":{"input":1.5}"#,
            r#""meters":{"input":"1"}"#,
            r#""meters":{"input":true}"#,
            r#""meters":{"input":NaN}"#,
            r#""meters":{"input":Infinity}"#,
            r#""meters":{"input":-Infinity}"#,
            r#""meters":{"input":1e400}"#,
            r#""meters":{"input":1e30}"#,
            r#""meters":{"input":9223372036854775808}"#,
            r#""meters":{"input":9223372036854775807,"cache_read":1}"#,
            r#""meters":{"input":922337203686}"#,
            r#""meters":{"input":01}"#,
            r#""meters":{"inputs":1}"#,
            r#""meters":{"input":1,"input":2}"#,
            r#""meters":[1]"#,
            r#""meters":"input=1""#,
            r#""meters":{"input":1},"meters":{"output":1}"#,
            r#""meters":{"input":1},"usage":{"prompt_tokens":1,"completion_tokens":1}"#,
            r#""usage":{"prompt_tokens":-1,"completion_tokens":1}"#,
            r#""usage":{"prompt_tokens":1,"completion_tokens":"many"}"#,
            r#""usage":[]"#,
            r#""response":{"choices":[]}"#,
            r#""response":"hello""#,
            r#""meters":null"#,
            r#""x":1"#,
        ],
    ),
    (
        r#""at":"2024-05-01""#,
        &[
            r#""at":"""#,
            r#""at":"tomorrow""#,
            r#""at":"0000-00-00""#,
            r#""at":"1969-12-31T23:59:59Z""#,
            r#""at":"1979-12-31T23:59:59Z""#,
            r#""at":"9999-12-31T23:59:59Z""#,
            r#""at":"+012345-01-01T00:00:00Z""#,
            r#""at":"-9999-01-01T00:00:00Z""#,
            r#""at":"2024-02-30""#,
            r#""at":"2024-05-01T25:00:00Z""#,
            r#""at":"2024-05-01T00:00:00+99:00""#,
            r#""at":1714521600"#,
            r#""at":{}"#,
            r#""at":"2024-05-01","at":"2024-05-02""#,
        ],
    ),
    (
        r#""model":"big""#,
        &[
            r#""model":5"#,
            r#""model":"""#,
            r#""model":null"#,
            r#""model":["big"]"#,
            r#""model":"big","model":"small""#,
            r#""model":"big\u0000""#,
            r#""model":"\ud83d""#,
            r#""model":"big","provider":7"#,
            r#""model":"big","user":{"name":"ann"}"#,
            r#""model":"big","user":"a\u0000b""#,
            r#""model":"big","tags":["a"]"#,
            r#""model":"big","tags":{"":"x"}"#,
            r#""model":"big","tags":{"a":"x","a":"y"}"#,
            r#""model":"big","tags":{"a":{"b":1}}"#,
            r#""model":"big","metadata":"text""#,
            r#""model":"big","batch":"yes""#,
            r#""model":"big","status":"fine""#,
            r#""model":"big","requests":0"#,
            r#""model":"big","requests":-1"#,
            r#""model":"big","requests":4294967296"#,
            r#""model":"big","latency_ms":-1"#,
            r#""model":"big","reported_cost":1e30"#,
            r#""model":"big","reported_cost":"cheap""#,
        ],
    ),
    ("{", &["", "[", "{{", "\u{feff}{", "{,", "/* */{", "'{"]),
    (r#"1}}"#, &["1}", "1}}}", "1},}", "1}} {}", "1}}x", "1,}}", "1}]"]),
];

/// A line that must be refused.
fn damaged(index: usize, dice: &mut Dice) -> Vec<u8> {
    let plain =
        format!(r#"{{"id":"bad-{index}","at":"2024-05-01","model":"big","meters":{{"input":1}}}}"#);
    let with = |member: String| plain.replacen('{', &format!("{{{member},"), 1).into_bytes();
    match dice.roll(16) {
        0 => plain.as_bytes()[..1 + dice.roll(plain.len() - 1)].to_owned(),
        1 => plain.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        2 => plain.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        3 => with(r#""user":"Ren?""#.to_owned())
            .into_iter()
            .map(|byte| if byte == b'?' { 0xe9 } else { byte })
            .collect(),
        4 => plain.replace("big", "b\0g").into_bytes(),
        5 => vec![0; 1 + dice.roll(100)],
        6 => with(format!(r#""metadata":{}1{}"#, r#"{"a":"#.repeat(10_000), "}".repeat(10_000))),
        7 => vec![b"[{"[dice.roll(2)]; 10_000],
        8 => plain.replace("bad-", &"x".repeat(513 + dice.roll(100_000))).into_bytes(),
        9 => with(format!(r#""tags":{{{}}}"#, members(17, "v"))),
        10 => with(format!(r#""tags":{{{}}}"#, members(1, &"v".repeat(129)))),
        11 => with(format!(r#""metadata":{{"a":"{}"}}"#, "m".repeat(4096))),
        12 => ["5", "\"x\"", "null", "[]", "true", "hello", "{}"][dice.roll(7)].into(),
        13 => {
            (0..1 + dice.roll(50)).map(|_| 0x80 | u8::try_from(dice.roll(128)).unwrap()).collect()
        }
        _ => {
            let (part, instead) = REPLACEMENTS[dice.roll(REPLACEMENTS.len())];
            assert!(plain.contains(part));
            plain.replacen(part, instead[dice.roll(instead.len())], 1).into_bytes()
        }
    }
}

fn mixture(dice: &mut Dice) -> Vec<Line> {
    let line = |index: usize| {
        // The first line is sound, and one in the middle is longer than any that is read.
        let (bytes, fate) = match (index, dice.roll(12)) {
            (5000, _) => (vec![b'x'; 17 << 20], Fate::Refused),
            (0, _) | (_, 4..) => {
                let (event, pico) = good(index, dice);
                (event.into_bytes(), Fate::Good(pico))
            }
            (_, 0) => (b" ".repeat(dice.roll(3)), Fate::Empty),
            _ => (damaged(index, dice), Fate::Refused),
        };
        Line { bytes, fate }
    };
    (0..LINES).map(line).collect()
}

fn written(lines: &[Line]) -> Vec<u8> {
    let mut all = Vec::new();
    for line in lines {
        assert!(!line.bytes.contains(&b'\n'));
        all.extend_from_slice(&line.bytes);
        all.push(b'\n');
    }
    all
}

fn good_ones(lines: &[Line]) -> (usize, i128) {
    let picos = lines.iter().filter_map(|line| match line.fate {
        Fate::Good(pico) => Some(pico),
        _ => None,
    });
    (picos.clone().count(), picos.sum())
}

#[test]
fn an_import_refuses_each_damaged_line_once_and_takes_the_rest() {
    let lines = mixture(&mut Dice(1));
    let centime = Centime::with_round_prices();
    centime.write("mixed.jsonl", written(&lines));
    let started = Instant::now();
    let args = ["import", "mixed.jsonl", "--prices", "prices", "--rejects", "rejects"];
    let summary = centime.run(args.iter().chain(&["--format", "json"])).exits(2).json();
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());

    let numbered = || (1_i128..).zip(&lines);
    let refused =
        numbered().filter(|(_, line)| line.fate == Fate::Refused).map(|(number, _)| number);
    let refused: Vec<i128> = refused.collect();
    assert!(refused.len() > 2000, "only {} lines are damaged", refused.len());
    let rejects = centime.read("rejects");
    let rejects: Vec<Json> = rejects.lines().map(Json::parse).collect();
    let mut found: Vec<_> = rejects.iter().map(|reject| reject.whole("line")).collect();
    found.sort_unstable();
    for (number, line) in numbered() {
        let start = String::from_utf8_lossy(&line.bytes[..line.bytes.len().min(300)]);
        let times = found.iter().filter(|&&found| found == number).count();
        assert_eq!(times, usize::from(line.fate == Fate::Refused), "line {number}: {start}");
    }
    assert!(rejects.iter().all(|reject| !reject.text("error").is_empty()));

    let (count, pico) = good_ones(&lines);
    assert_eq!(summary.text("new"), count.to_string());
    assert_eq!(summary.text("refused"), refused.len().to_string());
    let total = centime.report(["total"]);
    assert_eq!(total.text("total.cost"), usd(pico));
    assert_eq!(total.text("total.requests"), count.to_string());
    centime.assert_verified(count);
    let again = centime.run(args.iter().chain(&["--format", "json"])).exits(2).json();
    assert_eq!(again.text("known"), count.to_string());
    assert_eq!(centime.report(["total"]).text("total.cost"), usd(pico));
}

#[test]
fn pricing_answers_every_line_in_order() {
    let lines = mixture(&mut Dice(2));
    let centime = Centime::with_round_prices();
    let args = ["price", "--prices", "prices", "--jsonl"];
    let started = Instant::now();
    let answers = centime.feed(written(&lines), args).exits(2).answers();
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let asked = (1..).zip(&lines).filter(|(_, line)| line.fate != Fate::Empty);
    let asked: Vec<(usize, &Line)> = asked.collect();
    assert_eq!(answers.len(), asked.len());
    for ((number, line), answer) in asked.into_iter().zip(&answers) {
        let start = String::from_utf8_lossy(&line.bytes[..line.bytes.len().min(300)]);
        match line.fate {
            Fate::Good(pico) => {
                assert_eq!(answer.text("id"), format!("e-{}", number - 1), "{start}");
                assert_eq!(answer.text("cost"), usd(pico), "{start}");
            }
            _ => {
                assert_eq!(answer.text("status"), "invalid", "{start}");
                assert_eq!(answer.text("line"), number.to_string(), "{start}");
                assert!(!answer.text("error").is_empty(), "{start}");
            }
        }
    }
}

/// Texts in which a byte that a reader may look at is in the middle of a character.
#[test]
fn times_of_other_alphabets_are_refused() {
    let centime = Centime::with_round_prices();
    for at in [
        "123456789é1234",
        "2024-05-0١T00:00:00Z",
        "二〇二四年五月一日",
        "2024-05-01🐉00:00",
        "éééééééé",
    ] {
        let event = format!(r#"{{"at":"{at}","model":"big","meters":{{"input":1}}}}"#);
        let priced = centime.feed(&event, ["price", "--prices", "prices", "--jsonl"]).exits(2);
        assert_eq!(priced.answers()[0].text("status"), "invalid", "{at}");
        centime.import_events([event]).exits(2).says(at);
        let asked = ["price", "big", "--input", "1", "--prices", "prices", "--at", at];
        centime.run(asked).exits(2).says(at);
        centime.run(["report", "--since", at]).exits(2).says(at);
    }
}
