//! The examples run from nothing, and end with a line of JSON.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

fn last_line(name: &str) -> Value {
    let folder = Path::new(crate::support::BINARY).parent().unwrap().join("examples");
    let output = Command::new(folder.join(name)).env_clear().output();
    let output = output.unwrap_or_else(|error| panic!("{name} is not built: {error}"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{name}: {said}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().count() > 1, "{name} shows nothing: {text}");
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[test]
fn each_example_ends_with_what_it_found() {
    for (name, expected) in [
        ("analyze", json!({"cost": "0.45", "requests": 3, "a_request": "0.15"})),
        ("monitor", json!({"alerts": 2, "rules": ["user_limit", "unpriced"]})),
        (
            "plan_budget",
            json!({"within_budget": true, "spent": "0.8", "resets_at": "2026-12-01T00:00:00Z"}),
        ),
        ("export_csv", json!({"rows": 2, "cost": "0.0053"})),
    ] {
        assert_eq!(last_line(name), expected, "{name}");
    }
    assert_eq!(last_line("track")["cost"], "0.000755");
    let drawn = last_line("dashboard");
    assert!(drawn["bars"] == 3 && drawn["bytes"].as_u64() > Some(10_000), "{drawn}");
    let chosen = last_line("optimize");
    assert!(chosen["model"].is_string() && chosen["candidates"].as_u64() > Some(10), "{chosen}");
}
