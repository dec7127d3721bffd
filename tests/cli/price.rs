//! `centime price`: what a usage costs, now and then, from every kind of price file.

use crate::exact::usd;
use crate::support::Centime;

const VERSION: &str = include_str!("../../prices/VERSION");

/// A charge as JSON in short: status, cost, meters without a rate, and whether the card is assumed.
fn charge(centime: &Centime, args: &[&str]) -> (String, String, String, String) {
    let args = ["price", "--format", "json"].iter().chain(args);
    let all = centime.run(args).ok().json();
    assert_eq!(all.items().len(), 1);
    let text = |path: &str| all.text(&format!("0.{path}"));
    (text("status"), text("cost"), text("missing"), text("assumed"))
}

fn cost(centime: &Centime, args: &[&str]) -> String {
    charge(centime, args).1
}

#[test]
fn json_is_as_documented_to_the_letter() {
    let args = ["price", "gpt-5", "--input", "200", "--cache-read", "1000", "--output", "50"];
    let at = ["--at", "2026-11-01T12:00:00Z", "--format", "json"];
    let expected = r#"[{"id":null,"provider":"openai","model":"gpt-5","status":"priced","assumed":false,"cost":0.000875,"price_version":"VERSION","lines":[{"meter":"input","quantity":200,"rate":0.00000125,"amount":0.00025},{"meter":"cache_read","quantity":1000,"rate":0.000000125,"amount":0.000125},{"meter":"output","quantity":50,"rate":0.00001,"amount":0.0005}],"missing":[]}]"#;
    let printed = Centime::new().run(args.iter().chain(&at)).ok().says_nothing();
    assert_eq!(printed.text().trim_end(), expected.replace("VERSION", VERSION.trim()));
}

#[test]
fn models_stand_side_by_side_in_the_order_they_were_named() {
    let centime = Centime::with_round_prices();
    let usage = ["--input", "100000", "--output", "5000", "--prices", "prices"];
    let both = || ["price", "small", "acme/big"].into_iter().chain(usage);
    let table = centime.run(both()).ok().says_nothing();
    let head = table.text().lines().next().unwrap();
    assert!(head.find("small").unwrap() < head.find("big").unwrap(), "{head}");
    for cell in ["100,000 × $1/1M = $0.10", "5,000 × $40/1M = $0.20", "$0.12", "$1.20"] {
        assert!(table.text().contains(cell), "{cell} is not in\n{}", table.text());
    }
    let json = centime.run(both().chain(["--format", "json"])).ok().json();
    let costs: Vec<_> =
        json.items().iter().map(|one| (one.text("model"), one.text("cost"))).collect();
    assert_eq!(costs, [("small".into(), "0.12".into()), ("big".into(), "1.2".into())]);

    let csv = centime.run(both().chain(["--format", "csv"])).ok().csv();
    let expected = [
        ["provider", "model", "status", "meter", "quantity", "rate", "amount"],
        ["acme", "small", "priced", "input", "100000", "0.000001", "0.1"],
        ["acme", "small", "priced", "output", "5000", "0.000004", "0.02"],
        ["acme", "big", "priced", "input", "100000", "0.00001", "1"],
        ["acme", "big", "priced", "output", "5000", "0.00004", "0.2"],
    ];
    assert_eq!(csv, expected);
}

#[test]
fn old_calls_cost_what_they_cost_then() {
    let centime = Centime::new();
    // The announced prices, in USD for a thousand tokens.
    for (model, at, input, output) in [
        ("gpt-4", "2023-06-01", "0.03", "0.06"),
        ("gpt-4", "2026-11-01", "0.03", "0.06"),
        ("gpt-4-turbo", "2023-12-01", "0.01", "0.03"),
        ("gpt-3.5-turbo", "2023-07-01", "0.0015", "0.002"),
        ("gpt-3.5-turbo", "2024-01-24T23:59:59Z", "0.0015", "0.002"),
        ("gpt-3.5-turbo", "2024-01-25T00:00:00Z", "0.0005", "0.0015"),
        ("gpt-3.5-turbo", "2025-06-01", "0.0005", "0.0015"),
        ("claude-3-opus", "2024-04-01", "0.015", "0.075"),
        ("claude-3-sonnet", "2024-04-01", "0.003", "0.015"),
        ("claude-3-haiku", "2024-04-01", "0.00025", "0.00125"),
    ] {
        for (meter, expected) in [("--input", input), ("--output", output)] {
            let found = cost(&centime, &[model, meter, "1000", "--at", at]);
            assert_eq!(found, expected, "{model} {meter} at {at}");
        }
    }
}

#[test]
fn calls_outside_the_known_dates_are_priced_and_marked_assumed() {
    let centime = Centime::new();
    for (model, at, expected, assumed) in [
        ("gpt-4", "2022-01-01", "0.03", "true"),
        ("gpt-4", "2023-03-14", "0.03", "false"),
        ("claude-3-sonnet", "2026-11-01", "0.003", "true"),
        ("claude-3-sonnet", "2024-06-01", "0.003", "false"),
    ] {
        let found = charge(&centime, &[model, "--input", "1000", "--at", at]);
        assert_eq!((found.1.as_str(), found.3.as_str()), (expected, assumed), "{model} at {at}");
    }
}

#[test]
fn an_unknown_model_is_refused_with_names_near_it_and_a_way_to_price_it() {
    let centime = Centime::new();
    for models in [&["gpt-5o"][..], &["gpt-4", "gpt-5o"], &["gpt-5o", "gpt-4"]] {
        for format in ["table", "json", "csv"] {
            let args = ["price", "--input", "1", "--format", format];
            let refused = centime.run(args.iter().chain(models)).exits(2).prints_nothing();
            refused.says("`gpt-5o`").says("near it are `gpt-5`").says("--prices FILE");
        }
    }
    // What the message proposes works as it stands, once the names are filled in.
    let said = centime.run(["price", "gpt-5o", "--input", "1"]).exits(2);
    let file: Vec<_> =
        said.words().lines().skip_while(|line| !line.contains("provider NAME")).collect();
    let file = file.join("\n").replace("\n    ", "\n").replace("    provider", "provider");
    centime.write("mine", file.replace("NAME", "me").replace("MODEL", "gpt-5o") + "\n");
    let priced = charge(&centime, &["gpt-5o", "--input", "1000000", "--prices", "mine"]);
    assert_eq!((priced.0.as_str(), priced.1.as_str()), ("priced", "0.1"));
}

#[test]
fn a_price_file_stands_in_for_the_book_whatever_its_format() {
    let centime = Centime::with_round_prices();
    centime.write(
        "litellm.json",
        r#"{"sample_spec":{"input_cost_per_token":0},
            "house/alpha":{"litellm_provider":"house","mode":"chat","max_input_tokens":1000000,
              "input_cost_per_token":1e-06,"output_cost_per_token":4.5e-06,
              "cache_read_input_token_cost":2.5e-07,
              "cache_read_input_token_cost_above_200k_tokens":5e-07,
              "input_cost_per_token_above_200k_tokens":2e-06,
              "output_cost_per_token_above_200k_tokens":9e-06}}"#,
    );
    for (file, model, usage, expected) in [
        ("prices", "big", &["--input", "3", "--output", "2"][..], "0.00011"),
        ("prices", "acme/small", &["--input", "1"], "0.000001"),
        ("litellm.json", "house/alpha", &["--input", "7", "--output", "2"], "0.000016"),
        ("litellm.json", "house/alpha", &["--cache-read", "1"], "0.00000025"),
        ("litellm.json", "house/alpha", &["--input", "200000", "--output", "1"], "0.2000045"),
        ("litellm.json", "house/alpha", &["--input", "200001", "--output", "1"], "0.400011"),
        ("litellm.json", "house/alpha", &["--input", "1", "--cache-read", "200000"], "0.100002"),
    ] {
        let args = [&[model, "--prices", file], usage].concat();
        assert_eq!(cost(&centime, &args), expected, "{args:?}");
    }
    let args = ["price", "gpt-4", "--input", "1", "--prices", "prices"];
    centime.run(args).exits(2).prints_nothing().says("`gpt-4`");
    for (name, content) in [("none", None), ("empty", Some("")), ("prose", Some("hello\n"))] {
        if let Some(content) = content {
            centime.write(name, content);
        }
        let args = ["price", "big", "--input", "1", "--prices", name];
        centime.run(args).exits(2).prints_nothing().says(name);
    }
}

#[test]
fn long_prompts_and_service_tiers_have_their_own_rates() {
    let centime = Centime::new();
    centime.write(
        "prices",
        "provider acme\nmaker\n\nmodel m chat\n from 2024-01-01 exact test\n  input 1/1M\n  \
         input 2/1M above=1000\n  input 0.5/1M tier=batch\n  input 0.4/1M tier=flex\n  \
         input 3/1M tier=priority\n  cache_read 0.1/1M\n  cache_read 0.2/1M above=1000\n",
    );
    for (usage, expected) in [
        (&["--input", "1000"][..], "0.001"),
        (&["--input", "1001"], "0.002002"),
        (&["--input", "600", "--cache-read", "400"], "0.00064"),
        (&["--input", "600", "--cache-read", "401"], "0.0012802"),
        // An aggregate is judged by its average prompt.
        (&["--input", "2000", "--requests", "2"], "0.002"),
        (&["--input", "2002", "--requests", "2"], "0.004004"),
        (&["--input", "100", "--service-tier", "batch"], "0.00005"),
        (&["--input", "100", "--service-tier", "flex"], "0.00004"),
        (&["--input", "100", "--service-tier", "priority"], "0.0003"),
    ] {
        let args = [&["m", "--prices", "prices"], usage].concat();
        assert_eq!(cost(&centime, &args), expected, "{usage:?}");
    }
    let unknown = ["price", "m", "--prices", "prices", "--input", "1", "--service-tier", "gold"];
    centime.run(unknown).exits(2).prints_nothing().says("`gold`").says("flex");
}

#[test]
fn what_was_chosen_has_its_own_rates() {
    let centime = Centime::new();
    centime.write(
        "prices",
        "provider acme\nmaker\n\nalias fine/m m quality=fine\n\nmodel m chat\n \
         from 2024-01-01 exact test\n  images 1\n  images 2 quality=fine\n  \
         images 4 quality=fine size=9x9\n  searches 3 results=0-25\n  seconds 5\n",
    );
    // model, flags, cost, meters without a rate, assumed
    for (model, usage, cost, missing, assumed) in [
        ("m", &["--images", "1"][..], "1", "[]", "false"),
        ("m", &["--images", "1", "--quality", "Fine"], "2", "[]", "false"),
        ("fine/m", &["--images", "1"], "2", "[]", "false"),
        ("fine/m", &["--images", "1", "--size", "9-x-9"], "4", "[]", "false"),
        ("fine/m", &["--images", "1", "--size", "8x8"], "2", "[]", "true"),
        ("m", &["--images", "1", "--quality", "rough"], "1", "[]", "true"),
        ("m", &["--seconds", "1", "--quality", "rough"], "5", "[]", "false"),
        ("m", &["--searches", "1", "--results", "25"], "3", "[]", "false"),
        ("m", &["--searches", "1", "--results", "26"], "0", r#"["searches"]"#, "true"),
        ("m", &["--searches", "1"], "0", r#"["searches"]"#, "false"),
    ] {
        let args = [&[model, "--prices", "prices"], usage].concat();
        let status = if missing == "[]" { "priced" } else { "partial" };
        let expected = (status.into(), cost.into(), missing.into(), assumed.into());
        assert_eq!(charge(&centime, &args), expected, "{model} {usage:?}");
    }
    let nonsense = ["price", "m", "--prices", "prices", "--images", "1", "--steps", "few"];
    centime.run(nonsense).exits(2).prints_nothing().says("`few`").says("0-50");
}

#[test]
fn a_meter_without_a_rate_is_named_and_never_free() {
    let centime = Centime::with_round_prices();
    let args = ["big", "--input", "100", "--seconds", "2.5", "--prices", "prices"];
    let partial = ("partial".into(), "0.001".into(), r#"["seconds"]"#.into(), "false".into());
    assert_eq!(charge(&centime, &args), partial);
    let args = || ["price"].into_iter().chain(args);
    centime.run(args()).ok().prints("2.5 × no rate");
    let rows = centime.run(args().chain(["--format", "csv"])).ok().csv();
    assert_eq!(rows[2], ["acme", "big", "partial", "seconds", "2.5", "", ""]);
}

#[test]
fn a_charge_has_every_digit_and_a_bound() {
    let centime = Centime::new();
    centime.write(
        "prices",
        "provider acme\nmaker\n\nmodel dear chat\n from 2024-01-01 exact test\n  input 1\n\n\
         model fine chat\n from 2024-01-01 exact test\n  input 0.0000007/1M\n",
    );
    let dear = |input| cost(&centime, &["dear", "--prices", "prices", "--input", input]);
    assert_eq!(dear("9223372"), "9223372");
    for (input, pico) in [("1", 1), ("2", 1), ("3", 2), ("5000000", 3_500_000)] {
        let found = cost(&centime, &["fine", "--prices", "prices", "--input", input]);
        assert_eq!(found, usd(pico), "{input} tokens at 0.7 picodollars each");
    }
    for input in ["9223373", "9000000000000000000"] {
        let args = ["price", "dear", "--prices", "prices", "--input", input];
        centime.run(args).exits(2).prints_nothing().says("9223372");
    }
}

#[test]
fn usage_that_cannot_be_is_refused() {
    let centime = Centime::with_round_prices();
    for (args, word) in [
        (&["--input", "-1"][..], "negative"),
        (&["--input", "1.5e"], "1.5e"),
        (&["--input", "many"], "many"),
        (&["--input", "99999999999999999999999999999999999999999"], "--input"),
        (&["--requests", "0"], "--requests"),
        (&["--at", "soon"], "`soon`"),
        (&["--at", "2026-13-01"], "`2026-13-01`"),
        (&["--tz", "Mars/Base"], "`Mars/Base`"),
        (&["--colour", "red"], "--colour"),
    ] {
        let args = ["price", "big", "--prices", "prices"].iter().chain(args);
        centime.run(args).exits(2).prints_nothing().says(word);
    }
}
