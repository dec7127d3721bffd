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
fn every_command_has_help_with_an_example() {
    let centime = Centime::new();
    centime.run(["--version"]).ok().prints(env!("CARGO_PKG_VERSION"));
    centime.run(["--help"]).ok().prints("Exit codes: 0 done, 1 the answer is no");
    for command in ["price", "import", "report", "entries", "explain", "verify"] {
        let help = centime.run([command, "--help"]).ok().says_nothing();
        help.prints("Example").prints(&format!("centime {command}")).prints("--format");
    }
    centime.run([""; 0]).exits(2).prints_nothing().says("Usage");
    centime.run(["reprot"]).exits(2).prints_nothing().says("'report'");
}
