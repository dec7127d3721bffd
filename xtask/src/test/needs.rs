//! What tests need from outside cargo: each need is a line in [`NEEDS`] and a function.

use std::process::{Command, Stdio};

use crate::{exports, parity, sdks};

/// Every need of the tests.
const NEEDS: &[Need] = &[
    Need { name: "a C compiler", bring_up: c_compiler, chore: None },
    Need {
        name: "a C++ compiler",
        bring_up: cxx_compiler,
        // The same chance each time: what fails here is what was changed.
        chore: Some(&["fuzz", "--seconds", "1", "--seed", "1"]),
    },
    Need { name: "mounts of one's own", bring_up: mount_namespace, chore: None },
    Need {
        name: "LiteLLM and genai-prices",
        bring_up: parity::bring_up,
        chore: Some(&["parity", "--check"]),
    },
    Need {
        name: "DuckDB, PyArrow and the FOCUS validator",
        bring_up: exports::bring_up,
        chore: Some(&["exports"]),
    },
    Need { name: "the official SDKs", bring_up: sdks::bring_up, chore: Some(&["sdks"]) },
];

/// Something outside cargo without which tests cannot run, or would not test what they promise.
struct Need {
    name: &'static str,
    /// Finds or starts it; the error says why it is not to be had and how to get it.
    bring_up: fn() -> Result<(), String>,
    /// The chore that tests what it is needed for, where the tests of the workspace do not.
    chore: Option<&'static [&'static str]>,
}

/// What became of the needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Met {
    /// The needs that had to be skipped, each with its reason.
    pub(crate) skipped: Vec<String>,
    /// The chores whose need is met.
    pub(crate) chores: Vec<&'static [&'static str]>,
}

/// Brings up every need.
pub(crate) fn bring_up() -> Met {
    met(NEEDS)
}

/// Whether a skipped need is a failure: where nobody watches, it would go unseen.
pub(crate) fn must_be_complete() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

fn met(needs: &[Need]) -> Met {
    let mut met = Met::default();
    for need in needs {
        match (need.bring_up)() {
            Ok(()) => {
                eprintln!("   ready  {}", need.name);
                met.chores.extend(need.chore);
            }
            Err(reason) => {
                eprintln!(" skipped  {}: {reason}", need.name);
                met.skipped.push(format!("{}: {reason}", need.name));
            }
        }
    }
    met
}

/// SQLite is built from its source.
fn c_compiler() -> Result<(), String> {
    compiler("CC", "cc", "`gcc` or `clang`")
}

/// libFuzzer is built from its source; without it, the fuzz targets see nothing but their seeds.
fn cxx_compiler() -> Result<(), String> {
    compiler("CXX", "c++", "`g++` or `clang`")
}

fn compiler(variable: &str, usual: &str, packages: &str) -> Result<(), String> {
    let compiler = std::env::var_os(variable).unwrap_or_else(|| usual.into());
    if succeeds(Command::new(&compiler).arg("--version")) {
        return Ok(());
    }
    Err(format!(
        "`{}` does not answer; install one ({packages}), or name it in `{variable}`",
        compiler.to_string_lossy()
    ))
}

/// Full disks and read-only folders are mounted by the tests that look at them.
fn mount_namespace() -> Result<(), String> {
    let is_there = || succeeds(Command::new("unshare").args(["-rm", "true"]));
    if is_there() {
        return Ok(());
    }
    // Ubuntu keeps user namespaces from programs without a profile.
    let setting = "kernel.apparmor_restrict_unprivileged_userns=0";
    succeeds(Command::new("sudo").args(["-n", "sysctl", "-w", setting]));
    if is_there() {
        return Ok(());
    }
    Err("`unshare -rm` is refused: the tests of full disks and read-only folders do nothing; allow \
         user namespaces, or run as root"
        .to_owned())
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_that_is_not_met_is_named_with_its_reason() {
        let up = || Ok(());
        let needs = [
            Need { name: "air", bring_up: up, chore: None },
            Need {
                name: "a database",
                bring_up: || Err("no server answers".to_owned()),
                chore: Some(&["migrate"]),
            },
            Need { name: "a browser", bring_up: up, chore: Some(&["look", "--all"]) },
        ];
        let met = met(&needs);
        assert_eq!(met.skipped, ["a database: no server answers"]);
        assert_eq!(met.chores, [&["look", "--all"]]);
    }
}
