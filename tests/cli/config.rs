//! Where the ledger and the zone come from: flags beat the environment, which beats the file.

use crate::support::Centime;

/// Ledgers of one entry each, told apart by the name of its user.
fn with_ledgers(names: &[&str]) -> Centime {
    let centime = Centime::with_round_prices();
    for name in names {
        let event = format!(
            r#"{{"at":"2024-05-01T23:00:00Z","model":"big","meters":{{"input":100}},"user":"{name}"}}"#
        );
        centime
            .feed(event, ["import", "-", "--prices", "prices", "--db", &format!("{name}.db")])
            .ok();
    }
    centime
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let centime = with_ledgers(&["flag", "env", "file", "centime"]);
    std::fs::create_dir(centime.path("etc")).unwrap();
    std::fs::rename(centime.path("file.db"), centime.path("etc/file.db")).unwrap();
    centime.write("etc/other.toml", "database = \"file.db\"\n");
    let config = ["--config", "etc/other.toml"];
    for (toml, env, args, expected) in [
        (None, &[][..], &[][..], "centime"),
        (Some("database = \"etc/file.db\""), &[], &[], "file"),
        (Some("database = \"etc/file.db\""), &[("CENTIME_DB", "env.db")], &[], "env"),
        (
            Some("database = \"etc/file.db\""),
            &[("CENTIME_DB", "env.db")],
            &["--db", "flag.db"],
            "flag",
        ),
        (Some("database = \"etc/file.db\""), &[], &["--db", "sqlite://flag.db"], "flag"),
        (Some("database = \"env:LEDGER\""), &[("LEDGER", "env.db")], &[], "env"),
        // A relative path in the file is the file's.
        (None, &[], &config[..], "file"),
        (None, &[("CENTIME_CONFIG", "etc/other.toml")], &[], "file"),
        (Some("database = \"flag.db\""), &[("CENTIME_CONFIG", "etc/other.toml")], &[], "file"),
        (Some(""), &[("CENTIME_CONFIG", "centime.toml")], &config[..], "file"),
        (None, &[("CENTIME_CONFIG", "etc/other.toml"), ("CENTIME_DB", "env.db")], &[], "env"),
    ] {
        match toml {
            Some(toml) => centime.write("centime.toml", toml),
            None => drop(std::fs::remove_file(centime.path("centime.toml"))),
        }
        let mut command = centime.command(["report", "users", "--format", "csv"]);
        command.args(args).envs(env.iter().copied());
        let output = command.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let user = printed.lines().nth(1).and_then(|row| row.split(',').next());
        assert_eq!(
            user,
            Some(expected),
            "{toml:?} {env:?} {args:?}\n{output:?}",
            output = output.stderr
        );
    }
}

#[test]
fn the_zone_of_the_file_is_whose_days_are_reported() {
    let centime = with_ledgers(&["centime"]);
    for (toml, args, day, zone) in [
        ("", &[][..], "2024-05-01", "UTC"),
        ("timezone = \"Europe/Paris\"", &[], "2024-05-02", "Europe/Paris"),
        (
            "timezone = \"Europe/Paris\"",
            &["--tz", "America/New_York"],
            "2024-05-01",
            "America/New_York",
        ),
    ] {
        centime.write("centime.toml", toml);
        let report = centime.report(["daily"].iter().chain(args).copied());
        assert_eq!((report.text("groups.0.date"), report.text("tz")), (day.into(), zone.into()));
    }
}

#[test]
fn what_is_wrong_in_the_file_is_named() {
    let centime = with_ledgers(&["centime"]);
    for (toml, words) in [
        ("databse = \"x\"", &["unknown key `databse`", "`database`"][..]),
        ("timezoen = \"UTC\"", &["unknown key `timezoen`", "`timezone`"]),
        ("quux = 1", &["unknown key `quux`"]),
        ("timezone = 5", &["`timezone` must be a text"]),
        ("timezone = \"Mars/Base\"", &["`Mars/Base`"]),
        ("database = ", &["centime.toml"]),
        ("database = \"env:NOT_SET_ANYWHERE\"", &["`NOT_SET_ANYWHERE`"]),
        ("database = \"a\"\ndatabase = \"b\"", &["centime.toml"]),
    ] {
        centime.write("centime.toml", toml);
        let mut ran = centime.run(["report"]).exits(2).prints_nothing();
        for word in words {
            ran = ran.says(word);
        }
    }
    std::fs::remove_file(centime.path("centime.toml")).unwrap();
    centime.run(["report", "--config", "none.toml"]).exits(2).prints_nothing().says("`none.toml`");
    centime.run(["report"]).ok();
}

#[test]
fn the_configuration_in_force_is_printed_with_its_sources_and_without_secrets() {
    let centime = Centime::new();
    let toml = "listen = \"127.0.0.1:4100\"\n[providers.groq]\napi_key = \"env:MY_KEY\"\n";
    centime.write("centime.toml", toml);
    let mut command = centime.command(["config", "--format", "json", "--tz", "Europe/Paris"]);
    command.envs([("MY_KEY", "hush-1"), ("MISTRAL_API_KEY", "hush-2"), ("CENTIME_DB", "other.db")]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(!printed.contains("hush"), "{printed}");
    let document = crate::exact::Json::parse(&printed);
    assert_eq!(document.text("file"), "centime.toml");
    let settings = document.at("settings").items();
    for expected in [
        ["database", "other.db", "environment", "null", "CENTIME_DB"],
        ["timezone", "Europe/Paris", "flag", "null", "--tz"],
        ["listen", "127.0.0.1:4100", "file", "1", "null"],
        ["min_output_tokens", "16", "default", "null", "null"],
        ["timeouts.connect", "5s", "default", "null", "null"],
        ["providers.groq.api_key", "***", "file", "3", "MY_KEY"],
        ["providers.groq.base_url", "https://api.groq.com/openai/v1", "default", "null", "null"],
        ["providers.mistral.api_key", "***", "environment", "null", "MISTRAL_API_KEY"],
        ["providers.mistral.asks_usage", "false", "default", "null", "null"],
    ] {
        let row = settings.iter().find(|row| row.text("key") == expected[0]).unwrap();
        let found = ["key", "value", "from", "line", "name"].map(|field| row.text(field));
        assert_eq!(found, expected);
    }
    // Without the key the gateway would not start; other commands do not need it.
    let ran = centime.run(["config"]).exits(2).prints("centime.toml:1");
    ran.says("centime.toml:3: `providers.groq.api_key`").says("`MY_KEY` is not set");
    centime.run(["price", "gpt-4o", "--input", "1"]).ok();
}

#[test]
fn a_price_of_the_file_is_what_a_model_costs() {
    let centime = Centime::new();
    centime.write(
        "centime.toml",
        "[providers.local]\nwire = \"openai\"\nbase_url = \"http://127.0.0.1:8080/v1\"\n\
         [models.llama]\nroutes = [\"local/llama-3\"]\n\
         price = { input = \"0.10\", output = 0.20, unit = \"1M\", from = \"2026-01-01\" }\n",
    );
    let price = ["price", "local/llama-3", "--input", "1000", "--output", "10", "--format", "json"];
    let charge = centime.run(price).ok().json().items();
    assert_eq!(charge[0].text("cost"), "0.000102");
    assert!(charge[0].text("price_version").contains("+own-"));
    centime
        .feed(
            r#"{"at":"2026-05-01T00:00:00Z","provider":"local","model":"llama-3","meters":{"input":1000}}"#,
            ["import", "-"],
        )
        .ok();
    assert_eq!(centime.report(["total"]).text("total.cost"), "0.0001");
    centime.assert_verified(1);
}

#[test]
fn every_command_has_help_with_an_example() {
    let centime = Centime::new();
    centime.run(["--version"]).ok().prints(env!("CARGO_PKG_VERSION"));
    centime.run(["--help"]).ok().prints("Exit codes: 0 done, 1 the answer is no");
    for command in ["price", "import", "report", "entries", "explain", "verify", "config"] {
        let help = centime.run([command, "--help"]).ok().says_nothing();
        help.prints("Example").prints(&format!("centime {command}")).prints("--format");
    }
    centime.run([""; 0]).exits(2).prints_nothing().says("Usage");
    centime.run(["reprot"]).exits(2).prints_nothing().says("'report'");
}
