//! Steps: command lines run one after the other, each named, printed and timed, with a summary.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// A command line and the name that the summary gives it.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) command: Command,
}

impl Step {
    /// A step that runs `cargo` with these arguments at the root of the repository.
    pub(crate) fn cargo(name: &'static str, arguments: &[&str]) -> Result<Self> {
        let mut command = cargo()?;
        command.args(arguments);
        Ok(Self { name, command })
    }
}

/// Runs all steps, also after one failed: one run says all there is to mend.
///
/// # Errors
/// When a step failed; the error names each that did.
pub(crate) fn run_all(steps: Vec<Step>) -> Result<()> {
    let mut outcomes = Vec::new();
    for mut step in steps {
        eprintln!("\n==> {}: {}", step.name, command_line(&step.command));
        let started = Instant::now();
        let status = step
            .command
            .status()
            .with_context(|| format!("cannot start `{}`", command_line(&step.command)))?;
        outcomes.push((step.name, status.success(), started.elapsed()));
    }
    summarise(&outcomes)
}

fn summarise(outcomes: &[(&str, bool, Duration)]) -> Result<()> {
    eprintln!();
    for (name, passed, took) in outcomes {
        let verdict = if *passed { "ok" } else { "FAILED" };
        eprintln!("{verdict:>8}  {name} ({:.1} s)", took.as_secs_f64());
    }
    let failed: Vec<&str> =
        outcomes.iter().filter(|(_, passed, _)| !passed).map(|(name, ..)| *name).collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// The root of the repository.
///
/// # Errors
/// When the program was not started by cargo.
pub(crate) fn root() -> Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .context("`CARGO_MANIFEST_DIR` is not set; start chores as `cargo xtask`")?;
    let root = package.parent().context("the package has no parent")?;
    Ok(root.to_owned())
}

/// The cargo that started this program, at the root of the repository.
///
/// # Errors
/// When the program was not started by cargo.
pub(crate) fn cargo() -> Result<Command> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root()?).stdin(Stdio::null());
    // What `cargo run` says about xtask is not for its children: build scripts that watch these
    // variables would run again at every change between `cargo xtask` and plain `cargo`.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// The program, built in a profile.
///
/// # Errors
/// When it does not build.
pub(crate) fn binary(profile: &str) -> Result<PathBuf> {
    let build = ["build", "--quiet", "--locked", "--package", "centime", "--profile", profile];
    do_it(cargo()?.args(build))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(root()?.join(target).join(folder).join("centime"))
}

/// Runs a command to its end.
///
/// # Errors
/// When it cannot be started, or fails.
pub(crate) fn do_it(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}

/// The command line as a person would type it.
fn command_line(command: &Command) -> String {
    let mut words = Vec::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            words.push(format!("{}={:?}", name.to_string_lossy(), value));
        }
    }
    words.push("cargo".to_owned());
    for argument in command.get_args() {
        words.push(argument.to_string_lossy().into_owned());
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_what_failed() {
        let second = Duration::from_secs(1);
        assert!(summarise(&[("tests", true, second)]).is_ok());
        let error = summarise(&[
            ("format", false, second),
            ("clippy", true, second),
            ("docs", false, second),
        ]);
        assert_eq!(
            error.map_err(|error| error.to_string()),
            Err("failed: format, docs".to_owned())
        );
    }

    #[test]
    fn a_command_line_reads_as_typed() {
        let mut command = Command::new("cargo");
        command.args(["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(command_line(&command), "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps");
    }
}
