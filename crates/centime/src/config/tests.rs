//! The configuration as a whole.

use std::collections::BTreeSet;
use std::time::Duration;

use centime_engine::settings::{Durability, OnDisconnect, Secret};
use centime_providers::known::{Credential, Wire};

use super::*;

/// Reads a file `/etc/centime.toml` in an environment.
fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, Wrong> {
    parse_at(text, environment, None)
}

/// The same with what `--listen` says.
fn parse_at(
    text: &str,
    environment: &[(&str, &str)],
    listen: Option<&str>,
) -> Result<Config, Wrong> {
    let listen = listen.map(|listen| listen.parse().unwrap());
    let variable = |name: &str| {
        let found = environment.iter().find(|(known, _)| *known == name)?;
        Some(found.1.to_owned())
    };
    Config::parse(text, Some(Path::new("/etc/centime.toml")), &variable, listen)
}

fn row<'c>(config: &'c Config, key: &str) -> &'c Row {
    config.rows.iter().find(|row| row.key == key).unwrap()
}

#[test]
fn every_setting_is_read() {
    let text = r#"
        database = "centime.db"
        timezone = "Europe/Paris"
        tags = ["app", "env:TAG"]
        listen = "0.0.0.0:80"
        admin_key = "env:ADMIN"
        durability = "power"
        journal_sync = "20ms"
        ledger_failure = "spool"
        on_disconnect = "drain"
        drain_limit = "1m"
        unpriced = "allow"
        min_output_tokens = "env:LEAST"
        unary_buffer = "64KiB"
        max_body = 1000
        passthrough_keys = false
        allowed_hosts = "env:HOSTS"
        cors_origins = ["https://app.example.com"]
        [timeouts]
        connect = "1s"
        total = "1h"
        [providers.openai]
        [providers.groq]
        api_key = "gsk-1"
        base_url = "https://proxy.example.com/groq/"
        asks_usage = false
        headers = { X-Team = "search", "x-secret" = "env:ADMIN" }
        [providers.local]
        wire = "anthropic"
        base_url = "http://vllm:8000"
        [models.fast]
        routes = ["openai/gpt-5-mini"]
        [models.big-one]
        routes = ["local/llama/3"]
        price = { input = 0.10, output = "0.20", cache-read = "env:RATE", unit = "1M", from = "2026-01-01" }
    "#;
    let environment = [
        ("TAG", "team"),
        ("ADMIN", "s3cret"),
        ("LEAST", "32"),
        ("HOSTS", "Centime.example.com, 10.0.0.5"),
        ("OPENAI_API_KEY", "sk-1"),
        ("RATE", "0.01"),
        ("MISTRAL_API_KEY", " "),
    ];
    let config = parse(text, &environment).unwrap();
    assert_eq!(config.ledger.database.as_deref(), Some("/etc/centime.db"));
    assert_eq!(config.ledger.timezone.as_deref(), Some("Europe/Paris"));
    assert_eq!(config.ledger.tags, ["app", "team"]);
    let gateway = config.gateway().unwrap();
    assert_eq!(gateway.listen.to_string(), "0.0.0.0:80");
    assert_eq!(gateway.admin_key.as_ref().map(Secret::expose), Some("s3cret"));
    assert_eq!(gateway.durability, Durability::Power);
    assert_eq!(gateway.on_disconnect, OnDisconnect::Drain);
    assert_eq!(gateway.drain_limit, Duration::from_secs(60));
    assert_eq!(gateway.min_output_tokens, 32);
    assert_eq!((gateway.unary_buffer, gateway.max_body), (65_536, 1000));
    assert_eq!(gateway.passthrough_keys, Some(false));
    assert_eq!(gateway.allowed_hosts, ["centime.example.com", "10.0.0.5"]);
    assert_eq!(gateway.timeouts.connect, Duration::from_secs(1));
    assert_eq!(gateway.timeouts.idle, Duration::from_secs(60));
    let names: Vec<_> = gateway.providers.keys().collect();
    assert_eq!(names, ["groq", "local", "openai"]);
    let groq = &gateway.providers["groq"];
    assert_eq!(
        (groq.wire, groq.base_url.as_str()),
        (Wire::OpenAi, "https://proxy.example.com/groq")
    );
    assert!(!groq.asks_usage && groq.credential == Credential::Bearer);
    let headers: Vec<_> =
        groq.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(headers, [("x-team", "search"), ("x-secret", "s3cret")]);
    let local = &gateway.providers["local"];
    assert!(local.api_key.is_none() && local.credential == Credential::XApiKey);
    assert_eq!(gateway.aliases["fast"].routes[0].to_string(), "openai/gpt-5-mini");
    let [price] = config.prices.as_slice() else { panic!("{:?}", config.prices) };
    assert_eq!(price.route.to_string(), "local/llama/3");
    assert_eq!(price.from.to_string(), "2026-01-01T00:00:00Z");
    let mut rates: Vec<_> =
        price.rates.iter().map(|rule| format!("{} {}", rule.meter, rule.rate)).collect();
    rates.sort();
    assert_eq!(rates, ["cache_read 0.00000001", "input 0.0000001", "output 0.0000002"]);
}

#[test]
fn secrets_are_never_shown() {
    let text = "admin_key = \"hush-1\"\n[providers.groq]\napi_key = \"env:KEY\"\nheaders = { a = \"hush-3\" }\n";
    let config = parse(text, &[("KEY", "hush-2"), ("OPENAI_API_KEY", "hush-4")]).unwrap();
    assert!(!format!("{config:?}").contains("hush"));
    for key in [
        "admin_key",
        "providers.groq.api_key",
        "providers.groq.headers.a",
        "providers.openai.api_key",
    ] {
        assert_eq!(row(&config, key).value, Value::text("***"), "{key}");
    }
    // Not even where the file is no TOML, or the value is no key.
    for text in ["admin_key = \"hush", "admin_key = \"hush\\u0007\"", "admin_key = [\"hush\"]"] {
        let wrong = parse(text, &[]).unwrap_err();
        assert!(wrong.line == Some(1) && !wrong.what.contains("hush"), "{wrong:?}");
    }
}

#[test]
fn values_say_where_they_came_from() {
    let text = "listen = \"127.0.0.1:1\"\n\n[providers.openai]\napi_key = \"env:KEY\"\n";
    let environment = [("KEY", "k"), ("GROQ_API_KEY", "g"), ("GROQ_BASE_URL", "http://h")];
    let config = parse(text, &environment).unwrap();
    let file =
        |line, variable: Option<&str>| Origin::File { line, variable: variable.map(str::to_owned) };
    for (key, value, origin) in [
        ("listen", Value::text("127.0.0.1:1"), file(1, None)),
        ("journal_sync", Value::text("10ms"), Origin::Default),
        ("min_output_tokens", Value::number(16), Origin::Default),
        ("allowed_hosts", Value::Json("[]".into()), Origin::Default),
        ("admin_key", Value::Absent, Origin::Default),
        ("timeouts.total", Value::text("30m"), Origin::Default),
        ("providers.openai.api_key", Value::text("***"), file(4, Some("KEY"))),
        ("providers.openai.wire", Value::text("openai"), Origin::Default),
        ("providers.groq.api_key", Value::text("***"), Origin::Environment("GROQ_API_KEY".into())),
        (
            "providers.groq.base_url",
            Value::text("http://h/openai/v1"),
            Origin::Environment("GROQ_BASE_URL".into()),
        ),
    ] {
        let row = row(&config, key);
        assert_eq!((&row.value, &row.origin), (&value, &origin), "{key}");
    }
    let keys: BTreeSet<_> = config.rows.iter().map(|row| &row.key).collect();
    assert_eq!(keys.len(), config.rows.len(), "a setting is listed twice");
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_a_remedy() {
    for (text, line, what) in [
        ("\nlistn = \"x\"", 2, "unknown key `listn`; did you mean `listen`?"),
        ("[budget.all]", 1, "unknown key `budget`; did you mean `budgets`?"),
        ("[budgets.all]", 1, "`budgets.all.limit` must say how much may be spent"),
        ("[budgets.all]\nlimit = \"-1\"", 2, "`budgets.all.limit` is below zero"),
        ("[budgets.all]\nlimit = \"1\"\nwindow = \"year\"", 3, "`year` is no window"),
        ("[budgets.all]\nlimit = \"1\"\nscope = \"users\"", 3, "`users` is no scope"),
        ("[budgets.all]\nlimit = \"1\"\naction = \"stop\"", 3, "`stop` is no action"),
        ("[budgets.\"a b\"]\nlimit = \"1\"", 1, "is no name"),
        ("[users.alice]\nplans = \"pro\"", 2, "did you mean `plan`?"),
        (
            "[timeouts]\nconect = \"5s\"",
            2,
            "unknown key `conect` in `timeouts`; did you mean `connect`?",
        ),
        ("timeouts = 5", 1, "`timeouts` must be a table"),
        ("[timeouts]\nidle = 60", 2, "`timeouts.idle` must be a span of time"),
        ("durability = \"disk\"", 1, "`durability` must be one of `process`, `power`"),
        ("max_body = \"1MB\"", 1, "`max_body` must be a size"),
        ("min_output_tokens = 1.5", 1, "`min_output_tokens` must be a whole number"),
        ("tags = 1979-05-27", 1, "`tags` must be a list of names"),
        ("allowed_hosts = [\"a:80\"]", 1, "`allowed_hosts` has `a:80`"),
        ("cors_origins = [\"*\"]", 1, "each that may call is named"),
        ("[providers.groq]\nkey = \"x\"", 2, "unknown key `key` in `providers.groq`"),
        ("[providers.gorq]\napi_key = \"x\"", 1, "did you mean `groq`?"),
        ("[providers.google]\napi_key = \"x\"", 1, "did you mean `gemini`?"),
        ("[providers.mine]\nwire = \"openai\"", 1, "say its `wire` and its `base_url`"),
        ("[providers.mine]\nbase_url = \"http://h\"", 1, "say its `wire` and its `base_url`"),
        ("[providers.azure]\napi_key = \"x\"", 1, "variable `AZURE_OPENAI_ENDPOINT`"),
        (
            "[providers.bedrock]\napi_key = \"x\"",
            1,
            "variable `AWS_REGION` or `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`",
        ),
        (
            "[providers.\"a/b\"]\nwire = \"openai\"",
            1,
            "`providers.\"a/b\"` is no name of a provider",
        ),
        ("[providers.groq]\nwire = \"opneai\"", 2, "must be one of `openai`, `anthropic`"),
        (
            "[providers.groq]\nbase_url = \"groq.com\"",
            2,
            "`providers.groq.base_url` is no base URL",
        ),
        (
            "[providers.groq.headers]\nHost = \"x\"",
            2,
            "`providers.groq.headers.Host` cannot be set",
        ),
        ("[providers.groq.headers]\nA = \"x\"\na = \"y\"", 3, "is there twice"),
        ("[models.fast]", 1, "`models.fast.routes` must name a model"),
        ("[models.fast]\nroutes = [\"gpt-5\"]", 2, "write PROVIDER/MODEL"),
        (
            "[models.fast]\nroutes = [\"google/gemini-2.5-pro\"]",
            2,
            "did you mean `gemini/gemini-2.5-pro`?",
        ),
        ("[models.fast]\nroutes = [\"mine/m\"]", 2, "describe it in `[providers.mine]`"),
        ("[models.fast]\nroutes = [\"openai/a\", \"groq/b\"]", 2, "leave one"),
        ("[models.auto]\nroutes = [\"openai/a\"]", 1, "`models.auto` cannot be set"),
        (
            "[models.m]\nroutes = [\"groq/m\"]\nprice = { input = \"1\" }",
            3,
            "`models.m.price.unit` says",
        ),
        ("[models.m]\nroutes = [\"groq/m\"]\nprice = { unit = \"1M\" }", 3, "must have a rate"),
        (
            "[models.m]\nroutes = [\"groq/m\"]\nprice = { inptu = \"1\", unit = \"1M\" }",
            3,
            "did you mean `input`?",
        ),
        (
            "[models.m]\nroutes = [\"groq/m\"]\nprice = { input = \"a lot\", unit = \"1M\" }",
            3,
            "is no rate",
        ),
        (
            "[models.m]\nroutes = [\"groq/m\"]\nprice = { input = \"1\", unit = \"1M\", from = \"soon\" }",
            3,
            "is no date",
        ),
        ("listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"", 2, "duplicate key"),
    ] {
        let wrong = parse(text, &[]).unwrap_err();
        assert!(wrong.line == Some(line) && wrong.what.contains(what), "{text}\n{wrong:?}");
    }
    let twice = "[models.a]\nroutes = [\"groq/m\"]\nprice = { input = \"1\", unit = \"1M\" }\n";
    let twice = twice.to_owned() + &twice.replace("models.a", "models.b");
    let wrong = parse(&twice, &[]).unwrap_err();
    assert_eq!(wrong.what, "`models.b.price` is the second price of `groq/m`");
}

#[test]
fn every_known_provider_whose_key_is_there_is_on() {
    let on = |environment: &[(&str, &str)]| {
        let config = parse("", environment).unwrap();
        let providers = config.gateway().unwrap().providers.iter();
        providers.map(|(name, it)| format!("{name} {}", it.base_url)).collect::<Vec<_>>().join(", ")
    };
    for (environment, expected) in [
        (&[][..], ""),
        (&[("GROQ_API_KEY", "")], ""),
        (&[("OPENAI_API_KEY", "k")], "openai https://api.openai.com/v1"),
        (&[("OPENAI_BASE_URL", "http://h/v1")], ""),
        (
            &[
                ("OPENAI_API_KEY", "k"),
                ("OPENAI_BASE_URL", "http://h/v1/"),
                ("GOOGLE_API_KEY", "g"),
            ],
            "gemini https://generativelanguage.googleapis.com, openai http://h/v1",
        ),
        // An application's own shell leads it to the gateway.
        (
            &[("OPENAI_API_KEY", "k"), ("OPENAI_BASE_URL", "http://localhost:4000/v1")],
            "openai https://api.openai.com/v1",
        ),
        // Without an address of the customer's own it stays off.
        (&[("AZURE_OPENAI_API_KEY", "k")], ""),
        (
            &[("AWS_BEARER_TOKEN_BEDROCK", "k"), ("AWS_REGION", "us-east-1")],
            "bedrock https://bedrock-runtime.us-east-1.amazonaws.com",
        ),
    ] {
        assert_eq!(on(environment), expected, "{environment:?}");
    }
    for (environment, variable) in [
        (&[("OPENAI_API_KEY", "k"), ("OPENAI_BASE_URL", "h:ush")][..], "`OPENAI_BASE_URL`"),
        (&[("OPENAI_API_KEY", "h\u{fc}sh")], "`OPENAI_API_KEY`"),
    ] {
        // Commands that call nobody do not care.
        let failure = format!("{:?}", parse("", environment).unwrap().gateway().unwrap_err());
        assert!(failure.contains(variable) && !failure.contains("sh\""), "{failure}");
    }
}

#[test]
fn a_base_url_that_leads_to_the_gateway_itself_stops_it_wherever_it_listens() {
    let file = "[providers.groq]\nbase_url = \"http://localhost:4000/v1\"";
    let listening = "listen = \"0.0.0.0:8080\"\n".to_owned() + &file.replace("4000", "8080");
    for (text, flag, line) in [
        (file, None, Some(2)),
        (file, Some("127.0.0.1:4000"), Some(2)),
        (file, Some("127.0.0.1:8080"), None),
        (&listening, None, Some(3)),
        (&listening, Some("[::]:8080"), Some(3)),
        (&listening, Some("127.0.0.1:4000"), None),
    ] {
        let config = parse_at(text, &[], flag).unwrap();
        match (config.gateway(), line) {
            (Ok(settings), None) => assert_eq!(settings.listen.to_string(), flag.unwrap()),
            (Err(failure), Some(line)) => {
                let failure = format!("{failure:?}");
                let at =
                    format!("/etc/centime.toml:{line}: `providers.groq.base_url` is the gateway");
                assert!(failure.contains(&at), "{failure}");
            }
            (found, _) => panic!("{text} {flag:?}: {found:?}"),
        }
    }
    // A variable that leads there is that of an application.
    let url = |port: u16| format!("http://127.0.0.1:{port}/v1");
    for (port, flag, expected) in [
        (4000, None, "https://api.openai.com/v1".to_owned()),
        (8080, None, url(8080)),
        (8080, Some("127.0.0.1:8080"), "https://api.openai.com/v1".to_owned()),
        (4000, Some("127.0.0.1:8080"), url(4000)),
    ] {
        let environment = [("OPENAI_API_KEY", "k"), ("OPENAI_BASE_URL", &url(port))];
        let config = parse_at("", &environment, flag).unwrap();
        assert_eq!(config.gateway().unwrap().providers["openai"].base_url, expected);
    }
}

#[test]
fn a_key_that_is_not_set_stops_the_gateway_and_nothing_else() {
    for text in [
        "[providers.groq]\napi_key = \"env:NOPE\"",
        "[providers.mine]\nbase_url = \"env:NOPE\"",
        "[providers.mine]\nbase_url = \"http://h\"\nwire = \"env:NOPE\"",
        "admin_key = \"env:NOPE\"",
        "journal_sync = \"env:NOPE\"",
    ] {
        let config = parse(text, &[("GROQ_API_KEY", "another")]).unwrap();
        let failure = format!("{:?}", config.gateway().unwrap_err());
        assert!(failure.contains("/etc/centime.toml:") && failure.contains("`NOPE`"), "{failure}");
    }
    for text in ["database = \"env:NOPE\"", "tags = [\"env:NOPE\"]", "tags = \"env:NOPE\""] {
        assert!(parse(text, &[]).unwrap_err().what.contains("`NOPE` is not set"), "{text}");
    }
    let price = "[models.m]\nroutes = [\"groq/m\"]\nprice = { input = \"env:NOPE\", output = 1, unit = \"1M\" }";
    assert!(parse(price, &[]).unwrap_err().what.contains("`NOPE`"));
}

#[test]
fn a_relative_path_in_the_file_is_the_files() {
    for (text, expected) in [
        ("database = \"a.db\"", "/etc/a.db"),
        ("database = \"/a.db\"", "/a.db"),
        ("database = \"postgres://h/d\"", "postgres://h/d"),
    ] {
        assert_eq!(parse(text, &[]).unwrap().ledger.database.as_deref(), Some(expected));
    }
}

#[test]
fn the_manual_names_every_key_and_its_default() {
    let manual = include_str!("../../../../docs/configuration.md");
    let text = "[providers.openai]\n[models.fast]\nroutes = [\"openai/m\"]\n\
                price = { input = \"1\", unit = \"1M\" }\n[quality.m]\n\
                code = 0.8\nreasoning = 0.8\nmath = 0.8\nwriting = 0.8\nsummary = 0.8\ntranslation = 0.8\nchat = 0.8";
    let config = parse(text, &[]).unwrap();
    assert_eq!(config.qualities.len(), 7);
    for Row { key, value, origin } in &config.rows {
        let word = key.rsplit('.').next().unwrap();
        let line = manual.lines().find(|line| line.starts_with(&format!("| `{word}`")));
        let line = line.unwrap_or_else(|| panic!("{key} is not in the manual"));
        let default = value.clone().cell();
        if *origin == Origin::Default && !default.is_empty() && !key.starts_with("providers.") {
            assert!(line.contains(&default), "the default of {key} is {default}: {line}");
        }
    }
}
