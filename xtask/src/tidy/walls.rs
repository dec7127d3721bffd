//! The walls between crates: dependencies point inwards.

use super::Finding;
use super::manifest::{dependencies, settings};
use super::tree::Tree;

/// Each crate, by its folder, with the crates of the workspace that it may know; tests included.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("providers", &["core"]),
    ("prices", &["core"]),
    ("ledger", &["core"]),
    ("budgets", &["core"]),
    ("tokens", &[]),
    ("choice", &["core", "prices", "tokens"]),
    ("charts", &["core"]),
    ("upstream", &[]),
    (
        "engine",
        &["core", "budgets", "choice", "providers", "ledger", "prices", "tokens", "upstream"],
    ),
    ("testkit", &["core", "providers", "tokens"]),
    ("insight", &["core", "ledger"]),
    ("export", &["core", "ledger"]),
    ("answers", &["core", "budgets", "ledger", "insight"]),
    ("watch", &["core", "budgets", "ledger", "answers"]),
    (
        "server",
        &[
            "core",
            "budgets",
            "providers",
            "prices",
            "ledger",
            "tokens",
            "engine",
            "insight",
            "answers",
        ],
    ),
    (
        "centime",
        &[
            "core",
            "budgets",
            "choice",
            "providers",
            "prices",
            "ledger",
            "tokens",
            "engine",
            "insight",
            "answers",
            "export",
            "charts",
            "watch",
            "server",
            "testkit",
        ],
    ),
    ("fuzz", &["core", "providers", "prices", "tokens", "engine", "server"]),
    ("xtask", &["core", "prices"]),
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.manifests() {
        let Some(name) = file.crate_name() else {
            continue;
        };
        let Some((_, may_know)) = MAY_KNOW.iter().find(|(listed, _)| *listed == name) else {
            findings.push(Finding::new(
                &file.path,
                1,
                format!("the crate `{name}` has no walls"),
                "say in `MAY_KNOW` of xtask/src/tidy/walls.rs which crates it may know",
            ));
            continue;
        };
        for (dependency, entry) in dependencies(&settings(&file.text)) {
            if let Some(inner) = member(dependency)
                && !may_know.contains(&inner)
            {
                findings.push(Finding::new(
                    &file.path,
                    entry.line,
                    format!("`{name}` may not know `{inner}`"),
                    "dependencies point inwards: move the code, or pass in what it needs",
                ));
            }
        }
    }
    findings
}

/// The folder of a crate of the workspace.
fn member(package: &str) -> Option<&str> {
    if package == "centime" || package == "xtask" {
        return Some(package);
    }
    package.strip_prefix("centime-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn dependencies_point_inwards() {
        for (name, dependency, is_allowed) in [
            ("core", "serde", true),
            ("core", "centime-ledger", false),
            ("ledger", "centime-core", true),
            ("ledger", "centime-providers", false),
            ("tokens", "centime-core", false),
            ("engine", "centime-prices", true),
            ("engine", "centime", false),
            ("insight", "centime-engine", false),
            ("server", "centime-engine", true),
            ("engine", "centime-server", false),
            ("centime", "centime-engine", true),
        ] {
            for section in ["dependencies", "dev-dependencies"] {
                let path = format!("crates/{name}/Cargo.toml");
                let text = format!("[{section}]\n{dependency}.workspace = true\n");
                let found = found(check, &[(&path, &text)]);
                assert_eq!(found.is_empty(), is_allowed, "{name} {dependency}");
            }
        }
    }

    #[test]
    fn a_new_crate_gets_its_walls() {
        assert_eq!(
            found(check, &[("crates/cellar/Cargo.toml", "")]),
            ["crates/cellar/Cargo.toml:1: the crate `cellar` has no walls"]
        );
    }

    #[test]
    fn no_two_crates_know_each_other() {
        let knows = |outer: &str, inner: &str| {
            MAY_KNOW.iter().any(|(name, may_know)| *name == outer && may_know.contains(&inner))
        };
        for (outer, may_know) in MAY_KNOW {
            for inner in *may_know {
                assert!(!knows(inner, outer), "{outer} and {inner}");
            }
        }
    }
}
