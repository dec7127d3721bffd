//! `centime price --prompt`: what a text costs, as expected and at most.

use crate::support::{Centime, gzipped};

const VERSION: &str = include_str!("../../prices/VERSION");

/// 3 tokens of cl100k_base and of o200k_base.
const PROMPT: &str = "hello world!";

const PRICES: &str = "\
provider acme
maker

model gpt-4o-like chat
 from 2020-01-01 exact test
  input 10/1M
  output 40/1M

model painter image_generation
 from 2020-01-01 exact test
  input 1/1M
  output_image 10/1M

model small chat input_max=40 output_max=1000
 from 2020-01-01 exact test
  input 1/1M
  output 4/1M
  output 2/1M tier=batch

model text-embedding-3-like embedding
 from 2020-01-01 exact test
  input 1/1M

model unpriced chat
";

fn centime() -> Centime {
    let centime = Centime::new();
    centime.write("prices", PRICES);
    centime.write("prompt.txt", PROMPT);
    centime
}

const ASKED: [&str; 4] = ["--prompt", "prompt.txt", "--prices", "prices"];

#[test]
fn json_is_as_documented_to_the_letter() {
    let args = ["price", "gpt-4o", "--prompt", "prompt.txt", "--max-output", "100"];
    let at = ["--at", "2026-11-01T12:00:00Z", "--format", "json"];
    let expected = r#"[{"provider":"openai","model":"gpt-4o","input_tokens":10,"input_tokens_max":10,"framing_tokens":7,"method":"exact","vocabulary":"o200k_base","margin_percent":0,"basis":null,"output_tokens_expected":100,"output_tokens_max":100,"expected_cost":0.001025,"max_cost":0.001025,"fits_context":true,"assumed":false,"price_version":"VERSION"}]"#;
    let printed = centime().run(args.iter().chain(&at)).ok().says_nothing();
    assert_eq!(printed.text().trim_end(), expected.replace("VERSION", VERSION.trim()));
}

#[test]
fn what_is_asked_changes_what_is_quoted() {
    let centime = centime();
    // model, flags; input, its most, output expected, its most, cost, cost at most, fits
    for (model, flags, expected) in [
        ("gpt-4o-like", &[][..], "10 10 500 null 0.0201 null null"),
        ("gpt-4o-like", &["--output", "9"], "10 10 9 null 0.00046 null null"),
        ("gpt-4o-like", &["--max-output", "100"], "10 10 100 100 0.0041 0.0041 null"),
        ("small", &[], "36 38 500 1000 0.002036 0.004038 true"),
        ("small", &["--max-output", "5000"], "36 38 500 1000 0.002036 0.004038 true"),
        ("small", &["--batch"], "36 38 500 1000 0.001036 0.002038 true"),
        ("small", &["--service-tier", "batch"], "36 38 500 1000 0.001036 0.002038 true"),
        ("text-embedding-3-like", &[], "3 3 0 0 0.000003 0.000003 null"),
        ("unpriced", &["--max-output", "10"], "36 38 10 10 null null null"),
    ] {
        let args = ["price", model, "--format", "json"].into_iter().chain(ASKED);
        let json = centime.run(args.chain(flags.iter().copied())).ok().json();
        let keys = [
            "input_tokens",
            "input_tokens_max",
            "output_tokens_expected",
            "output_tokens_max",
            "expected_cost",
            "max_cost",
            "fits_context",
        ];
        let found = keys.map(|key| json.text(&format!("0.{key}"))).join(" ");
        assert_eq!(found, expected, "{model} {flags:?}");
    }
}

#[test]
fn models_stand_side_by_side() {
    let centime = centime();
    let both = || ["price", "small", "gpt-4o-like", "--max-output", "100"].into_iter().chain(ASKED);
    let table = centime.run(both()).ok().says_nothing();
    for cell in ["exactly, o200k_base", "about, up to +40 %", "36", "cost at most", "$0.0041"] {
        assert!(table.text().contains(cell), "{cell} is not in\n{}", table.text());
    }
    let csv = centime.run(both().chain(["--format", "csv"])).ok().csv();
    let models: Vec<_> = csv.iter().map(|row| (row[1].as_str(), row[11].as_str())).collect();
    assert_eq!(models, [("model", "max_cost"), ("small", "0.000438"), ("gpt-4o-like", "0.0041")]);
}

#[test]
fn a_prompt_comes_from_a_file_a_pipe_or_gzip() {
    let centime = centime();
    let plain = ["price", "gpt-4o", "--format", "json", "--prompt"];
    let expected = centime.run(plain.iter().chain(&["prompt.txt"])).ok();
    let piped = centime.feed(PROMPT, plain.iter().chain(&["-"])).ok();
    assert_eq!(piped.text(), expected.text());
    centime.write("prompt.gz", gzipped(PROMPT));
    let packed = centime.run(plain.iter().chain(&["prompt.gz"])).ok();
    assert_eq!(packed.text(), expected.text());
}

#[test]
fn a_prompt_that_does_not_fit_is_said_to() {
    let centime = centime();
    for (words, said, fits) in [
        (7, "`small` takes at most 40 tokens, and the prompt may be longer", "true"),
        (20, "`small` takes at most 40 tokens, and the prompt is longer", "false"),
    ] {
        centime.write("prompt.txt", "word ".repeat(words).trim_end());
        let args = ["price", "small", "--format", "json"];
        let ran = centime.run(args.iter().chain(&ASKED)).ok().says(said);
        assert_eq!(ran.json().text("0.fits_context"), fits);
    }
}

#[test]
fn what_stays_open_is_said() {
    let centime = centime();
    for (model, said) in [
        (
            "gpt-4o-like",
            "`gpt-4o-like` has no limit of its own for the answer: say `--max-output N`",
        ),
        (
            "unpriced",
            "`unpriced` has no quote: the price book has no rate for its input or its output",
        ),
        (
            "painter",
            "`painter` has no quote: its answers (image_generation) are not charged by tokens",
        ),
    ] {
        centime.run(["price", model].into_iter().chain(ASKED)).ok().says(said);
    }
}

#[test]
fn what_cannot_be_quoted_is_refused() {
    let centime = centime();
    centime.write("latin.txt", b"one\ncaf\xe9");
    centime.write("long.txt", vec![b'a'; (64 << 20) + 1]);
    for (args, said) in [
        (&["small", "--prompt", "latin.txt"][..], "`latin.txt`, line 2: byte 7 is not UTF-8"),
        (&["small", "--prompt", "long.txt"], "`long.txt` is longer than 64 MiB"),
        (&["small", "--prompt", "missing.txt"], "cannot read `missing.txt`"),
        (&["mystery", "--prompt", "prompt.txt"], "the price book knows no model `mystery`"),
        (&["small", "--prompt", "prompt.txt", "--input", "5"], "--input beside --prompt"),
        (&["small", "--prompt", "prompt.txt", "--output", "0.5"], "a whole number of tokens"),
        (&["small", "--prompt", "prompt.txt", "--requests", "2"], "cannot be used with"),
        (&["small", "--max-output", "5"], "--prompt"),
    ] {
        let args = ["price", "--prices", "prices"].iter().chain(args);
        centime.run(args).exits(2).says(said);
    }
}
