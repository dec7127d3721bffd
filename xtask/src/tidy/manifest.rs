//! The manifests: each crate keeps the workspace's lints and takes its dependencies from it.

use std::collections::BTreeMap;

use super::Finding;
use super::tree::Tree;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.manifests() {
        let settings = settings(&file.text);
        let has_lints = settings
            .iter()
            .any(|setting| setting.name == "lints.workspace" && setting.value == "true");
        if !has_lints {
            findings.push(Finding::new(
                &file.path,
                1,
                "the lints of the workspace are not in force",
                "add `[lints]` with `workspace = true`",
            ));
        }
        for (name, dependency) in dependencies(&settings) {
            if !dependency.from_workspace {
                findings.push(Finding::new(
                    &file.path,
                    dependency.line,
                    format!("`{name}` has a version of its own"),
                    "declare it in `[workspace.dependencies]` and write `NAME.workspace = true`",
                ));
            }
        }
    }
    findings
}

/// A value of a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    line: usize,
    /// The section and the key: `dependencies.jiff.workspace`.
    name: String,
    /// As written, on one line.
    value: String,
}

/// How a manifest takes in another crate.
pub(crate) struct Dependency {
    pub(crate) line: usize,
    from_workspace: bool,
}

/// The settings of a manifest, as far as manifests use TOML.
pub(crate) fn settings(text: &str) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut section = String::new();
    let mut is_open = false;
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.split(" #").next().unwrap_or_default().trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if is_open {
            if let Some(last) = settings.last_mut() {
                last.value.push_str(text);
                is_open = is_unbalanced(&last.value);
            }
        } else if let Some((key, value)) = text.split_once('=').filter(|_| !text.starts_with('[')) {
            let key = key.trim().replace('"', "");
            settings.push(Setting {
                line,
                name: format!("{section}{key}"),
                value: value.trim().to_owned(),
            });
            is_open = is_unbalanced(value);
        } else {
            section = format!("{}.", text.trim_matches(['[', ']']));
        }
    }
    settings
}

fn is_unbalanced(value: &str) -> bool {
    value.matches(['[', '{']).count() > value.matches([']', '}']).count()
}

/// The dependencies of every kind, by name.
pub(crate) fn dependencies(settings: &[Setting]) -> BTreeMap<&str, Dependency> {
    let mut dependencies = BTreeMap::new();
    for setting in settings {
        let Some((name, detail)) = dependency_name(&setting.name) else {
            continue;
        };
        let value = setting.value.replace(' ', "");
        let from_workspace = match detail {
            Some(detail) => detail == "workspace" && value == "true",
            None => value.contains("workspace=true"),
        };
        dependencies
            .entry(name)
            .or_insert(Dependency { line: setting.line, from_workspace })
            .from_workspace |= from_workspace;
    }
    dependencies
}

/// `jiff` and `workspace` of `dev-dependencies.jiff.workspace`.
fn dependency_name(setting: &str) -> Option<(&str, Option<&str>)> {
    let (_, after) = setting.rsplit_once("dependencies.")?;
    Some(match after.split_once('.') {
        Some((name, detail)) => (name, Some(detail)),
        None => (after, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn settings_are_read() {
        let text = "\
            [package]\n\
            name = \"a\" # the name\n\
            \n\
            # why\n\
            [target.'cfg(unix)'.dependencies]\n\
            libc = { workspace = true, features = [\n\
              \"std\",\n\
            ] }\n\
            jiff.workspace = true\n";
        let settings = settings(text);
        let read: Vec<_> = settings
            .iter()
            .map(|setting| (setting.line, setting.name.as_str(), setting.value.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                (2, "package.name", "\"a\""),
                (
                    6,
                    "target.'cfg(unix)'.dependencies.libc",
                    "{ workspace = true, features = [\"std\",] }"
                ),
                (9, "target.'cfg(unix)'.dependencies.jiff.workspace", "true"),
            ]
        );
    }

    #[test]
    fn dependencies_come_from_the_workspace() {
        for (dependency, is_own) in [
            ("[dependencies]\na.workspace = true", false),
            ("[dependencies]\na = { workspace = true }", false),
            ("[dev-dependencies]\na = { workspace=true, features = [\"x\"] }", false),
            ("[dependencies.a]\nfeatures = [\"x\"]\nworkspace = true", false),
            ("[dependencies]\na = \"1.0\"", true),
            ("[build-dependencies]\na = { version = \"1.0\" }", true),
            ("[target.'cfg(unix)'.dependencies]\na = { path = \"../a\" }", true),
            ("[dependencies]\na.version = \"1.0\"", true),
        ] {
            let text = format!("[lints]\nworkspace = true\n{dependency}\n");
            let expected: &[&str] =
                if is_own { &["xtask/Cargo.toml:4: `a` has a version of its own"] } else { &[] };
            assert_eq!(found(check, &[("xtask/Cargo.toml", &text)]), expected, "{dependency}");
        }
    }

    #[test]
    fn lints_are_in_force() {
        for (text, expected) in [
            ("[lints]\nworkspace = true\n", &[][..]),
            (
                "[lints]\n[dependencies]\n",
                &["crates/core/Cargo.toml:1: the lints of the workspace are not in force"],
            ),
        ] {
            assert_eq!(found(check, &[("crates/core/Cargo.toml", text)]), expected, "{text}");
        }
    }
}
