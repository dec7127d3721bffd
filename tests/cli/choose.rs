//! `centime choose`: the model to use, and why.

use crate::exact::{Json, pico};
use crate::support::{Centime, Ran};

/// Models that were rated, one that nobody rated, one that is sold no more, and what converses in no text.
const PRICES: &str = "\
provider acme
maker

model claude-opus-4-6 chat input_max=200000 output_max=32000
 from 2020-01-01 exact test
  input 5/1M
  output 25/1M

model gpt-4o-audio chat input_max=128000 output_max=16384
 from 2020-01-01 exact test
  input 0.01/1M
  output 0.01/1M

model gpt-4o-mini chat input_max=128000 output_max=16384
 from 2020-01-01 exact test
  input 0.15/1M
  output 0.6/1M

model gpt-4.1 chat input_max=1000000 output_max=32768
 from 2020-01-01 exact test
  input 2/1M
  output 8/1M

model gpt-4.1-mini chat input_max=1000000 output_max=32768 until=2024-01-01
 from 2020-01-01 exact test
  input 0.01/1M
  output 0.01/1M

model text-embedding-3-small embedding input_max=8000
 from 2020-01-01 exact test
  input 0.01/1M

model unheard-of chat input_max=4000 output_max=1000
 from 2020-01-01 exact test
  input 0.1/1M
  output 0.1/1M
";

fn centime() -> Centime {
    let centime = Centime::new();
    centime.write("prices", PRICES);
    centime
}

/// With nothing in the environment: the tester's own keys would be providers to choose from.
fn choose(centime: &Centime, flags: &str) -> Ran {
    centime.shell(&format!("env -i \"$CENTIME\" choose --prices prices {flags}"))
}

fn chosen(centime: &Centime, flags: &str) -> Json {
    choose(centime, &format!("{flags} --format json")).ok().json()
}

#[test]
fn the_cheapest_that_is_good_enough_is_chosen() {
    let centime = centime();
    for (flags, model) in [
        ("--task 'Quick: say hi'", "gpt-4o-mini"),
        ("--task 'Quick: say hi' --min-quality 0.1", "unheard-of"),
        ("--task 'Write some code'", "gpt-4o-mini"),
        ("--task 'Analyze this market'", "gpt-4.1"),
        ("--task 'Analyze this critical, complex market'", "claude-opus-4-6"),
        ("--task 'Analyze this market' --min-quality 0", "unheard-of"),
        ("--task 'Analyze this market' --min-quality 1", "claude-opus-4-6"),
        // What does not take the prompt or give the answer is no candidate.
        ("--task 'Quick: say hi' --min-quality 0.1 --input-tokens 100000", "gpt-4o-mini"),
        ("--task 'Quick: say hi' --input-tokens 150000", "gpt-4.1"),
        ("--task 'Quick: say hi' --min-quality 0.1 --max-output-tokens 2000", "gpt-4o-mini"),
        ("--task 'Quick: say hi' --max-output-tokens 20000", "gpt-4.1"),
    ] {
        assert_eq!(chosen(&centime, flags).text("model"), model, "{flags}");
    }
}

#[test]
fn json_is_as_documented_to_the_letter() {
    let flags =
        "--task 'Summarize this' --input-tokens 1000 --max-output-tokens 250 --budget 0.001";
    let expected = r#"{"model":"gpt-4o-mini","provider":"acme","reason":"no model within 0.001 USD is as good as this task needs (summary, quality 0.6 needed); of the 2 that fit it is the best: 0.576","estimated_cost":0.0003,"quality":0.576,"candidates":[{"model":"gpt-4o-mini","provider":"acme","estimated_cost":0.0003,"quality":0.576,"efficiency":1920},{"model":"unheard-of","provider":"acme","estimated_cost":0.000125,"quality":0.35,"efficiency":2800}]}"#;
    let printed = choose(&centime(), &format!("{flags} --format json")).ok().says_nothing();
    assert_eq!(printed.text().trim_end(), expected);
}

#[test]
fn every_candidate_fits_the_budget_at_its_worst() {
    let centime = centime();
    // input 1,000 and output 500 at most: 0.00045, 0.00015, 0.006 and 0.0175.
    for (budget, fitting) in [("0.0001", 0), ("0.00015", 1), ("0.00045", 2), ("0.006", 3), ("1", 4)]
    {
        let flags = format!(
            "--task 'Analyze' --input-tokens 1000 --max-output-tokens 500 --budget {budget} --format json"
        );
        let ran = choose(&centime, &flags);
        let answer = ran.json();
        let candidates = answer.at("candidates").items();
        assert_eq!(candidates.len(), fitting, "{budget}");
        for candidate in &candidates {
            assert!(candidate.pico("estimated_cost") <= pico(budget));
        }
        match fitting {
            0 => {
                // The cheapest that takes the prompt is named all the same, and the answer is no.
                assert_eq!(answer.text("model"), "unheard-of");
                assert!(
                    answer.text("reason").contains("no model fits the budget"),
                    "{}",
                    answer.raw()
                );
                ran.exits(1).says("no model fits the budget of 0.0001 USD");
            }
            _ => {
                assert!(candidates[0].raw().contains(&answer.text("model")));
                let _ = ran.ok();
            }
        }
    }
}

#[test]
fn what_cannot_be_is_said() {
    let centime = centime();
    choose(&centime, "--task ' '").exits(2).says("the task is empty");
    choose(&centime, "--task hi --kind coding").exits(2).says("did you mean `code`?");
    choose(&centime, "--task hi --budget -1").exits(2);
    choose(&centime, "--task hi --budget much").exits(2);
    choose(&centime, "--task hi --min-quality 2").exits(2).says("from 0 to 1");
    choose(&centime, "--task hi --max-output-tokens 0").exits(2);
    choose(&centime, "--task hi --input-tokens 2000000").exits(1).says("takes a prompt of 2000000");
}

#[test]
fn the_configuration_knows_quality_better() {
    let centime = centime();
    assert_eq!(
        chosen(&centime, "--task 'Write some code' --min-quality 0.7").text("model"),
        "gpt-4.1"
    );
    centime.write("centime.toml", "[quality.gpt-4o-mini]\ncode = 0.8\n");
    let answer = chosen(&centime, "--task 'Write some code' --min-quality 0.7");
    assert_eq!(answer.text("model"), "gpt-4o-mini");
    assert!(answer.text("reason").contains("as configured"), "{}", answer.raw());
    centime.write("centime.toml", "[quality.\"acme/unheard-of\"]\ncode = 0.9\nchat = \"1\"\n");
    assert_eq!(
        chosen(&centime, "--task 'Write some code' --max-output-tokens 500").text("model"),
        "unheard-of"
    );
    for (toml, told) in [
        (
            "[quality.x]\ncodes = 0.8",
            "centime.toml:2: `quality.x.codes` is wrong: there is no kind of task `codes`; did you mean `code`?",
        ),
        ("[quality.x]\ncode = 1.5", "centime.toml:2"),
        ("[quality.x]\ncode = true", "centime.toml:2"),
    ] {
        centime.write("centime.toml", toml);
        choose(&centime, "--task hi").exits(2).says(told);
    }
}

#[test]
fn only_configured_providers_are_chosen_from_where_there_are_any() {
    let centime = Centime::new();
    let providers = |environment: &str| {
        let flags = "choose --task 'Quick: say hi' --format csv";
        let ran = centime.shell(&format!("env -i {environment} \"$CENTIME\" {flags}")).ok();
        let mut providers: Vec<String> =
            ran.csv().into_iter().skip(1).map(|row| row[1].clone()).collect();
        providers.sort();
        providers.dedup();
        providers
    };
    assert_eq!(providers("ANTHROPIC_API_KEY=k"), ["anthropic"]);
    assert_eq!(providers("ANTHROPIC_API_KEY=k OPENAI_API_KEY=k"), ["anthropic", "openai"]);
    assert!(providers("").len() > 50);
}

#[test]
fn what_is_needed_beside_text_is_asked_of_the_map() {
    let centime = Centime::new();
    let names = |flags: &str| {
        let line = format!(
            "env -i DEEPSEEK_API_KEY=k OPENAI_API_KEY=k \"$CENTIME\" choose --task hi {flags}"
        );
        let ran = centime.shell(&format!("{line} --format csv")).ok();
        ran.csv().into_iter().skip(1).map(|row| row[0].clone()).collect::<Vec<_>>()
    };
    let (all, seeing) = (names(""), names("--needs images,tools"));
    assert!(seeing.len() < all.len() && seeing.iter().all(|name| all.contains(name)));
    for (model, sees) in [("gpt-4o", true), ("gpt-3.5-turbo", false), ("deepseek-reasoner", false)]
    {
        assert!(all.iter().any(|name| name == model), "{model}");
        assert_eq!(seeing.iter().any(|name| name == model), sees, "{model}");
    }
    choose(&centime, "--task hi --needs wings").exits(2);
}

#[test]
fn people_see_a_table() {
    let ran = choose(&centime(), "--task 'Quick: say hi' --budget 1").ok();
    for words in ["acme/gpt-4o-mini", "it is the cheapest of", "known by", "quality/$", "at most"] {
        assert!(ran.text().contains(words), "{words}: {}", ran.text());
    }
    let limited = choose(&centime(), "--task 'Quick: say hi' --limit 1").ok();
    limited.says("1 of 4 candidates");
}
