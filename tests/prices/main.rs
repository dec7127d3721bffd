//! The price book from the command line: what it holds, since when, and what changed.

#![allow(clippy::unwrap_used, reason = "tests say what failed by panicking")]

mod diff;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// How a command ended: exit code, standard output and standard error.
type Ran = (Option<i32>, String, String);

fn centime(folder: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_centime"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    for name in ["CENTIME_CONFIG", "CENTIME_DB", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What a command prints that ends well, in a folder with nothing in it.
fn printed(args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = centime(folder.path(), args);
    assert_eq!(code, Some(0), "{args:?}: {err}");
    out
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&printed(args)).unwrap()
}

fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(folder.path().join(name), content).unwrap();
}

#[test]
fn a_history_shows_each_change_with_its_date() {
    for (model, expected) in [
        (
            "o3",
            "\
2025-06-10  exact, https://openai.com/api/pricing/
  input                 $10/1M → $2/1M (-80%)
",
        ),
        (
            "gpt-4o",
            "\
2024-10-02  exact, https://openai.com/api/pricing/
  input                 $5/1M → $2.5/1M (-50%)
",
        ),
        (
            "deepseek-chat",
            "\
2025-09-05T16:00:00Z  exact, https://api-docs.deepseek.com/news/news250821
  input                        $0.27/1M → $0.56/1M (+107.4%)
",
        ),
        (
            "gemini-1.5-flash",
            "\
2024-08-12  exact, https://developers.googleblog.com/en/gemini-15-flash-updates-google-ai-studio-gemini-api/
  input                        $0.35/1M → $0.075/1M (-78.6%)
  input, over 128,000 tokens   $0.7/1M → $0.15/1M (-78.6%)
  output                       $1.05/1M → $0.3/1M (-71.4%)
  output, over 128,000 tokens  $2.1/1M → $0.6/1M (-71.4%)
",
        ),
        (
            "gpt-3.5-turbo",
            "\
2024-01-25  exact, https://openai.com/index/new-embedding-models-and-api-updates/
  input          $1.5/1M → $0.5/1M (-66.7%)
  input, batch   $0.75/1M → $0.25/1M (-66.7%), derived
  output         $2/1M → $1.5/1M (-25%)
  output, batch  $1/1M → $0.75/1M (-25%), derived
",
        ),
    ] {
        let told = printed(&["prices", "history", model]);
        assert!(told.contains(&format!("\n{expected}")), "{model}: {told}");
    }
}

#[test]
fn calls_are_priced_by_the_history() {
    let history = json(&["prices", "history", "o3", "--format", "json"]);
    let cards = history.as_array().unwrap();
    assert!(cards.len() >= 2);
    for card in cards {
        let from = card["from"].as_str().unwrap();
        let args = ["price", "o3", "--input", "1000000", "--format", "json", "--at", from];
        let charge = json(&args);
        let standard = card["rates"].as_array().unwrap().iter();
        let mut standard =
            standard.filter(|rate| rate["meter"] == "input" && rate["tier"] == "standard");
        assert_eq!(charge[0]["lines"][0]["rate"], standard.next().unwrap()["rate"], "{from}");
    }
    for (at, cost) in [("2025-06-09T23:59:59Z", "\"cost\":10,"), ("2025-06-10", "\"cost\":2,")] {
        let args = ["price", "o3", "--input", "1000000", "--format", "json", "--at", at];
        assert!(printed(&args).contains(cost), "{at}");
    }
}

#[test]
fn a_shown_card_is_the_one_in_force() {
    for (at, rate) in [("2025-06-09", "$10/1M"), ("2025-06-10", "$2/1M"), ("2020-01-01", "$10/1M")]
    {
        let told = printed(&["prices", "show", "o3", "--at", at]);
        let input = told.lines().find(|line| line.trim_start().starts_with("input ")).unwrap();
        assert!(input.ends_with(rate), "{at}: {input}");
        assert_eq!(told.contains("assumed for 2020-01-01"), at.starts_with("2020"), "{told}");
    }
    let retired = json(&["prices", "show", "gemini-1.5-flash", "--format", "json"]);
    assert_eq!(retired["sold_until"], "2026-10-01T00:00:00Z");
    assert_eq!(retired["assumed"], true);
    let alias = json(&["prices", "show", "claude-3-opus", "--format", "json"]);
    assert_eq!(alias["model"], "claude-3-opus-20240229");
    assert!(alias["aliases"].as_array().unwrap().contains(&"claude-3-opus".into()));
}

#[test]
fn every_condition_of_a_rate_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder,
        "mine",
        "provider acme\n\nalias big-latest big\n\nmodel big chat input_max=1000 until=2024-06-01\n \
         from 2024-01-01 exact a page\n  input 10/1M\n  input 5/1M tier=batch derived\n  \
         input 20/1M above=200\n  input 1/1M hours=16:30-00:30\n  web_search 0.01\n  \
         web_search 0.02 search_context=high\n  images 0.12 quality=hd size=1024x1792\n  \
         uplift 1.1 region=eu\n",
    );
    let show = ["--prices", "mine", "prices", "show", "big-latest", "--at", "2025-01-01"];
    let (code, out, _) = centime(folder.path(), &show);
    assert_eq!(code, Some(0));
    let (told, version) = out.rsplit_once("price version ").unwrap();
    assert!(version.starts_with("file-"));
    assert_eq!(
        told,
        "\
big  chat at acme
prompts up to 1,000 tokens
also called big-latest
rates since 2024-01-01 (exact); source: a page
sold no more: last seen 2024-06-01, its last rates are assumed

 meter       tier      prompt over          rate  hours (UTC)  chosen
 input       standard                     $10/1M
 input       standard                      $1/1M  16:30-00:30
 input       standard          200        $20/1M
 input       batch                         $5/1M                                          derived
 images      standard                $0.12/image               size=1024x1792 quality=hd
 web_search  standard               $0.01/search
 web_search  standard               $0.02/search               search_context=high

in region eu every token costs × 1.1
"
    );
    let (_, csv, _) = centime(folder.path(), &[&show[..], &["--format", "csv"]].concat());
    assert_eq!(
        csv,
        "\
meter,tier,above_input_tokens,hours,options,region,unit,rate,derived
input,standard,0,,,,token,0.00001,false
input,standard,0,16:30-00:30,,,token,0.000001,false
input,standard,200,,,,token,0.00002,false
input,batch,0,,,,token,0.000005,true
images,standard,0,,size=1024x1792 quality=hd,,image,0.12,false
web_search,standard,0,,,,search,0.01,false
web_search,standard,0,,search_context=high,,search,0.02,false
uplift,,,,,eu,,1.1,false
"
    );
}

#[test]
fn a_size_in_a_name_and_a_size_that_was_chosen_have_the_same_rate() {
    for (name, flags) in [
        ("hd/1024-x-1792/dall-e-3", &["--size", "1024x1792", "--quality", "hd"][..]),
        ("512-x-512/dall-e-2", &["--size", "512x512"]),
        ("standard/1024-x-1024/dall-e-3", &[]),
    ] {
        let model = name.rsplit('/').next().unwrap();
        let price = |model: &str, flags: &[&str]| {
            let args = ["price", model, "--images", "10", "--at", "2025-01-01"];
            let all = json(&[&args[..], flags, &["--format", "json"]].concat());
            assert_eq!(all[0]["status"], "priced", "{model}");
            all[0]["cost"].clone()
        };
        assert_eq!(price(name, &[]), price(model, flags), "{name}");
    }
    let told = printed(&["prices", "show", "dall-e-3", "--at", "2025-01-01"]);
    assert!(told.contains("hd/1024-x-1792/dall-e-3"), "{told}");
    let shown = json(&["prices", "show", "veo-3.1-fast-generate-001", "--format", "json"]);
    let rates = shown["card"]["rates"].as_array().unwrap();
    assert!(rates.iter().any(|rate| rate["options"]["resolution"] == "4k"), "{shown}");
}

#[test]
fn what_is_sold_otherwise_than_by_the_token_has_its_price() {
    for (model, usage, cost) in [
        ("databricks/databricks-claude-haiku-4-5", &["--dbu", "10"][..], "0.7"),
        (
            "bedrock/guardrails",
            &[
                "--guardrail-content",
                "1000",
                "--guardrail-topics",
                "1000",
                "--guardrail-words",
                "9",
            ],
            "0.3",
        ),
        ("exa_ai/search", &["--searches", "2"], "0.01"),
        ("exa_ai/search", &["--searches", "2", "--results", "50"], "0.05"),
        ("gemini/veo-3.1-fast-generate-001", &["--output-seconds", "8"], "0.8"),
        (
            "gemini/veo-3.1-fast-generate-001",
            &["--output-seconds", "8", "--resolution", "4K"],
            "2.4",
        ),
        ("fal_ai/openai/gpt-image-2", &["--images", "1"], "0.145"),
        ("fal_ai/openai/gpt-image-2", &["--images", "1", "--size", "3840x2160"], "0.401"),
        ("sonar", &["--web-search", "1"], "0.008"),
        ("sonar", &["--web-search", "1", "--search-context", "high"], "0.012"),
        ("grok-imagine-image", &["--images", "3"], "0.06"),
        // Only genai-prices has it.
        ("composer-2.5", &["--input", "1000000"], "0.5"),
    ] {
        let at = ["--at", "2026-11-22T12:00:00Z", "--format", "json"];
        let all = json(&[&["price", model], usage, &at].concat());
        let found = (all[0]["status"].as_str().unwrap(), all[0]["cost"].to_string());
        assert_eq!(found, ("priced", cost.to_owned()), "{model} {usage:?}");
    }
}

#[test]
fn lists_have_makers_first_and_only_what_was_asked_for() {
    let list = |args: &[&str]| {
        let args = [&["prices", "list", "--format", "json"], args].concat();
        let rows = json(&args).as_array().unwrap().clone();
        let names = rows.iter().map(|row| {
            format!("{}/{}", row["provider"].as_str().unwrap(), row["model"].as_str().unwrap())
        });
        (names.collect::<Vec<_>>(), rows)
    };
    let (names, rows) = list(&["openai/gpt-4o-mini", "--limit", "2"]);
    assert_eq!(names, ["openai/gpt-4o-mini", "openai/gpt-4o-mini-2024-07-18"]);
    assert_eq!(rows[0]["output_per_1m"].to_string(), "0.6");
    let (names, _) = list(&["gpt-4o"]);
    let first_of_others = names.iter().position(|name| name.starts_with("azure/")).unwrap();
    let last_of_maker = names.iter().rposition(|name| name.starts_with("openai/")).unwrap();
    assert!(last_of_maker < first_of_others);
    let (names, rows) = list(&["--provider", "claude", "--mode", "chat"]);
    assert!(names.iter().all(|name| name.starts_with("anthropic/")) && !names.is_empty());
    assert!(rows.iter().any(|row| !row["sold_until"].is_null()));
    let (names, _) = list(&["CLAUDE-3-OPUS", "--provider", "anthropic"]);
    assert!(names.contains(&"anthropic/claude-3-opus-20240229".to_owned()));
    let (_, rows) = list(&["openai/gpt-4o", "--at", "2024-07-01", "--limit", "500"]);
    let plain = rows.iter().find(|row| row["model"] == "gpt-4o").unwrap();
    assert_eq!(plain["input_per_1m"].to_string(), "5");
    assert!(list(&["no-such-model"]).0.is_empty());
}

#[test]
fn what_there_is_not_is_said_with_what_is_near() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "damaged.json", "{");
    for (args, words) in [
        (&["show", "gpt-4oo"][..], "near it are `gpt-4`, `gpt-4o`"),
        (&["history", "gpt-4oo"], "near it are `gpt-4`, `gpt-4o`"),
        (&["list", "--provider", "opena"], "near it are `openai`"),
        (&["list", "--mode", "chatt"], "no model has the mode `chatt`; the modes are audio_speech"),
        (&["show", "o3", "--at", "yesterday"], "--at: `yesterday` is not a time"),
        (&["diff", "embedded", "absent.json"], "cannot read `absent.json`"),
        (&["diff", "embedded", "damaged.json"], "damaged.json: this is neither"),
        (&["diff", "embedded", "embedded", "--prices", "x"], "leave `--prices` out"),
    ] {
        let (code, out, err) = centime(folder.path(), &[&["prices"], args].concat());
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}: {err}");
        assert!(err.contains(words), "{args:?}: {err}");
    }
}
