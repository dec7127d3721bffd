//! `centime alerts`: what is reached, exit codes, and who is told.

use serde_json::Value;

use crate::support::Centime;

/// Three calls that cost 33.75 US dollars, and one without a price.
fn spent() -> Centime {
    let centime = Centime::new();
    let event = |id: &str, user: &str| {
        format!(
            r#"{{"id":"{id}","provider":"openai","model":"gpt-5","user":"{user}","meters":{{"input":1000000,"output":1000000}}}}"#
        )
    };
    let unpriced = r#"{"id":"u","provider":"openai","model":"mystery-9","meters":{"input":10}}"#;
    let lines = [event("1", "alice"), event("2", "alice"), event("3", "bob"), unpriced.to_owned()];
    centime.write("events.jsonl", lines.join("\n"));
    centime.run(["import", "events.jsonl"]);
    centime
}

/// Rule, subject, amount and limit.
type Told = (String, String, f64, f64);

fn check(centime: &Centime, more: &[&str]) -> (Option<i32>, Vec<Told>) {
    let args = ["alerts", "check", "--format", "json"].iter().chain(more);
    let output = centime.command(args).output().unwrap();
    let alerts: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let of = |alert: &Value| {
        assert!(alert["message"].as_str().unwrap().len() > 20 && alert["since"].is_string());
        let text = |name: &str| alert[name].as_str().unwrap().to_owned();
        let number = |name: &str| alert[name].as_f64().unwrap();
        (text("rule"), text("subject"), number("amount"), number("limit"))
    };
    (output.status.code(), alerts.iter().map(of).collect())
}

fn told(rule: &str, subject: &str, amount: f64, limit: f64) -> Told {
    (rule.to_owned(), subject.to_owned(), amount, limit)
}

#[test]
fn nothing_is_reached_where_nothing_was_spent() {
    let centime = Centime::new();
    assert_eq!(check(&centime, &[]), (Some(0), vec![]));
}

#[test]
fn the_limits_that_nobody_set_are_100_10_and_50() {
    let centime = spent();
    let user = told("user_limit", "alice", 22.5, 10.0);
    let other = told("user_limit", "bob", 11.25, 10.0);
    let unpriced = told("unpriced", "mystery-9", 0.0, 0.0);
    let all = (Some(1), vec![user, other, unpriced]);
    assert_eq!(check(&centime, &[]), all);
    // It answers the same each time.
    assert_eq!(check(&centime, &[]), all);
}

#[test]
fn limits_are_those_of_the_configuration() {
    let centime = spent();
    for (toml, expected) in [
        ("[alerts]\nuser_limit = 50\nunpriced_models = false", vec![]),
        (
            "[alerts]\nuser_limit = \"none\"\nunpriced_models = false\ndaily_limit = \"33.75\"",
            vec![told("daily_limit", "all", 33.75, 33.75)],
        ),
        (
            "[alerts]\nunpriced_models = false\nmodel_limit = 33\n[alerts.limits]\n\"user:alice\" = 20\n\"user:bob\" = 12",
            vec![
                told("model_limit", "gpt-5", 33.75, 33.0),
                told("user_limit", "alice", 22.5, 20.0),
            ],
        ),
        (
            "[alerts]\nuser_limit = \"none\"\nunpriced_models = false\n[budgets.company]\nlimit = 40",
            vec![told("budget", "company", 33.75, 32.0)],
        ),
        (
            "[alerts]\nuser_limit = \"none\"\nunpriced_models = false\nbudget_percents = [90]\n[budgets.company]\nlimit = 40",
            vec![],
        ),
        (
            "[alerts]\nuser_limit = \"none\"\nunpriced_models = false\n[budgets.each]\nscope = \"user\"\nlimit = 20",
            vec![
                told("overdraft", "each/alice", 22.5, 20.0),
                told("budget", "each/bob", 11.25, 10.0),
            ],
        ),
    ] {
        centime.write("centime.toml", toml);
        let code = if expected.is_empty() { 0 } else { 1 };
        assert_eq!(check(&centime, &[]), (Some(code), expected), "{toml}");
    }
}

#[test]
fn channels_are_told_once_a_day() {
    let centime = spent();
    centime.write("centime.toml", "[alerts.channels.out]\nkind = \"stdout\"\n");
    let notified = || {
        let output = centime.command(["alerts", "check", "--notify"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter(|line| line.starts_with('{')).count()
    };
    assert_eq!(notified(), 3);
    assert_eq!(notified(), 0);
    let listed = centime.command(["alerts", "list", "--format", "json"]).output().unwrap();
    let listed: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed.len(), 3);
}

#[test]
fn a_report_is_sent_to_a_channel() {
    let centime = spent();
    centime.write("centime.toml", "[alerts.channels.out]\nkind = \"stdout\"\n");
    let output = centime.command(["report", "full", "--notify", "out"]).output().unwrap();
    let sent: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(sent["type"], "digest");
    assert_eq!(sent["data"]["report"]["total"]["cost"].to_string(), "33.75");
    assert!(sent["data"]["text"].as_str().unwrap().contains("`alice` $22.50"), "{sent}");
    let output = centime.command(["report", "models", "--notify", "out"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_channel_that_cannot_be_is_named_with_the_remedy() {
    let centime = Centime::new();
    let channel = |rest: &str| format!("[alerts.channels.c]\n{rest}");
    for (toml, expected) in [
        (channel("url = \"https://x.example\""), "`alerts.channels.c.kind` must be one of"),
        (channel("kind = \"pigeon\""), "must be one of `slack`, `webhook`, `stdout`"),
        (channel("kind = \"slack\""), "`alerts.channels.c.url` must say where"),
        (channel("kind = \"slack\"\nurl = \"http://x.example/secret\""), "use https"),
        (channel("kind = \"slack\"\nurl = \"ftp://x.example\""), "neither `https://` nor"),
        (
            channel("kind = \"webhook\"\nurl = \"https://x.example\"\nsecret = \"hunter2\""),
            "is no secret of a webhook",
        ),
        ("[digest]\nevery = \"hour\"".to_owned(), "must be one of `day`, `week`, `month`"),
        ("[digest]\nat = \"25:00\"".to_owned(), "time of the day"),
        ("[digest]\nchannels = [\"ops\"]".to_owned(), "there is no `[alerts.channels.ops]`"),
        ("[alerts]\ndaily_limit = 0".to_owned(), "above zero"),
        ("[alerts]\nbudget_percents = [0]".to_owned(), "from 1 to 100"),
        ("[alerts]\nuser_limt = 5".to_owned(), "did you mean `user_limit`?"),
        ("[alerts.limits]\ncolour = 5".to_owned(), "is no scope"),
    ] {
        centime.write("centime.toml", &toml);
        let output = centime.command(["alerts", "check"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{toml}: {said}");
        assert!(said.contains(expected) && said.contains("centime.toml:"), "{toml}: {said}");
        assert!(!said.contains("hunter2") && !said.contains("/secret"), "{said}");
    }
}

#[test]
fn a_channel_is_tried_at_once() {
    let centime = Centime::new();
    centime.write(
        "centime.toml",
        "[alerts.channels.out]\nkind = \"stdout\"\n[alerts.channels.gone]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:9/x\"\n",
    );
    let test = |name: &str| centime.command(["alerts", "test", name]).output().unwrap();
    assert_eq!(test("out").status.code(), Some(0));
    assert_eq!(test("gone").status.code(), Some(3));
    let unknown = test("nope");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there are `gone`, `out`"));
}
