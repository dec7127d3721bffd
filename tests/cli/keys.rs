//! `centime key`: keys are made, listed, changed and ended.

use crate::support::Centime;

#[test]
fn a_key_is_made_shown_once_and_listed_without_its_secret() {
    let centime = Centime::new();
    centime.run(["key", "list"]).exits(3).says("no ledger");
    let create = [
        "key",
        "create",
        "--name",
        "bot",
        "--user",
        "alice",
        "--team",
        "search",
        "--project",
        "p",
        "--tag",
        "app=bot",
        "--tag",
        "env=",
        "--model",
        "gpt-4o*",
        "--model",
        "fast",
        "--role",
        "call",
        "--expires",
        "30d",
        "--requests-per-minute",
        "60",
        "--format",
        "json",
    ];
    let made = centime.run(create).ok().says("the first one");
    let made = made.json();
    let (secret, id) = (made.text("key"), made.text("id"));
    assert!(secret.starts_with("ck-") && secret.len() == 67);
    assert!(id.starts_with("key_") && id.len() == 12);
    for (field, expected) in [
        ("name", "bot"),
        ("user", "alice"),
        ("team", "search"),
        ("project", "p"),
        ("tags.app", "bot"),
        ("tags.env", ""),
        ("models.0", "gpt-4o*"),
        ("models.1", "fast"),
        ("role", "call"),
        ("requests_per_minute", "60"),
        ("tokens_per_minute", "null"),
    ] {
        assert_eq!(made.text(field), expected, "{field}");
    }
    assert!(made.text("expires_at") > made.text("created_at"));

    let second = centime.run(["key", "create", "--role", "read-only"]).ok().says_nothing();
    let second = second.prints("is made").prints("shown this once");
    let shown = second.text().lines().find(|line| line.trim().starts_with("ck-")).unwrap();
    assert_eq!(shown.trim().len(), 67);

    let listed = centime.run(["key", "list", "--format", "json"]).ok();
    assert!(!listed.text().contains(&secret) && !listed.text().contains(shown.trim()));
    let listed = listed.json().items();
    assert_eq!((listed.len(), listed[0].text("state")), (2, "active".to_owned()));
    assert_eq!(listed[1].text("role"), "read-only");
    assert_eq!(listed[1].text("name"), "null");
    let table = centime.run(["key", "list"]).ok().prints("user alice, team search");
    table.prints("gpt-4o* fast, 60 requests/min").prints("active until");
    let csv = centime.run(["key", "list", "--format", "csv"]).ok().csv();
    assert_eq!((csv[0][0].as_str(), csv[0][12].as_str()), ("id", "state"));
    assert_eq!((csv[1][5].as_str(), csv[1][6].as_str()), ("app=bot,env=", "gpt-4o*,fast"));
    centime.assert_verified(0);
}

#[test]
fn keys_are_rotated_and_revoked() {
    let centime = Centime::new();
    let create = ["key", "create", "--name", "bot", "--format", "json"];
    let made = centime.run(create).ok().json();
    centime.run(create).exits(2).says("there is a key `bot` already").prints_nothing();
    let rotated = centime.run(["key", "rotate", "bot", "--grace", "7d", "--format", "json"]);
    let rotated = rotated.ok().json();
    assert_eq!(rotated.text("id"), made.text("id"));
    assert_ne!(rotated.text("key"), made.text("key"));
    centime.run(["key", "rotate", &made.text("id")]).ok().prints("good no more");

    centime.run(["key", "revoke", "bot"]).ok().prints("is revoked, as of");
    centime.run(["key", "revoke", "bot"]).ok().prints("was revoked already");
    centime.run(["key", "rotate", "bot"]).exits(2).says("is revoked").prints_nothing();
    // The name is free, and from now on means the new one.
    let again = centime.run(create).ok().says_nothing().json();
    let revoke = ["key", "revoke", "bot", "--format", "json"];
    let revoked = centime.run(revoke).ok().json();
    assert_eq!((revoked.text("id"), revoked.text("state")), (again.text("id"), "revoked".into()));
    let states = centime.run(["key", "list", "--format", "json"]).ok().json().items();
    let states: Vec<String> = states.iter().map(|key| key.text("state")).collect();
    assert_eq!(states, ["revoked", "revoked"]);
}

#[test]
fn what_makes_no_key_is_refused_and_touches_no_ledger() {
    let centime = Centime::new();
    let long = "x".repeat(129);
    for (args, words) in [
        (&["--name", ""][..], "`name` is empty"),
        (&["--name", "anonymous"], "`name` cannot be `anonymous`"),
        (&["--user", &long], "`user` is 129 bytes"),
        (&["--tag", "app"], "NAME=VALUE"),
        (&["--tag", "a=1", "--tag", "a=2"], "`a` is there twice"),
        (&["--model", "a*b"], "a `*` stands at the end"),
        (&["--role", "root"], "`root` is no role"),
        (&["--expires", "soon"], "is no time to come"),
        (&["--expires", "2020-01-01"], "`expires_at` must be later"),
        (&["--requests-per-minute", "0"], "`requests_per_minute` must be from 1"),
        (&["--tokens-per-minute", "many"], "--tokens-per-minute"),
    ] {
        let ran = centime.run(["key", "create"].iter().chain(args));
        ran.exits(2).prints_nothing().says(words);
    }
    assert!(!centime.path("centime.db").exists());
    centime.run(["key", "create"]).ok();
    centime.run(["key", "revoke", "nobody"]).exits(2).says("there is no key `nobody`");
    centime.run(["key", "rotate", "nobody"]).exits(2).says("centime key list");
    centime.run(["key", "rotate", "nobody", "--grace", "long"]).exits(2).says("is no span");
}
