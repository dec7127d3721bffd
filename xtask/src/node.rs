//! Folders of Node's packages, each installed once for its list of pins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Result, bail, ensure};

use crate::step::do_it;

/// The pins, of which the second is kept beside those that it was installed for.
const PINS: [&str; 2] = ["package.json", "package-lock.json"];

/// The file that says for which pins a folder was made.
const MADE_FOR: &str = "made-for.json";

/// An installation: `target/node-NAME`, with what `tests/NAME/package-lock.json` pins.
pub(crate) struct Packages {
    /// Its name, and that of the folder of its pins.
    pub(crate) name: &'static str,
    /// The oldest Node that it works with.
    pub(crate) major_min: u32,
}

impl Packages {
    /// Its folder, in which scripts find the packages; they are installed where there are none, or
    /// others.
    ///
    /// # Errors
    /// When there is no Node, or the registry does not answer.
    pub(crate) fn ready(&self, root: &Path) -> Result<PathBuf> {
        let folder = root.join(format!("target/node-{}", self.name));
        let pins = root.join("tests").join(self.name);
        let wanted = fs::read_to_string(pins.join(PINS[1]))?;
        self.node()?;
        if fs::read_to_string(folder.join(MADE_FOR)).is_ok_and(|made_for| made_for == wanted) {
            return Ok(folder);
        }
        fs::create_dir_all(&folder)?;
        for pin in PINS {
            fs::copy(pins.join(pin), folder.join(pin))?;
        }
        let install = ["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"];
        do_it(Command::new("npm").args(install).current_dir(&folder))?;
        // Written last: an installation that was cut short is not taken for a whole one.
        fs::write(folder.join(MADE_FOR), wanted)?;
        Ok(folder)
    }

    /// Finds a Node that is new enough.
    fn node(&self) -> Result<()> {
        let Some(version) = version().or_else(|| install().and_then(|()| version())) else {
            bail!("no Node; install version {} or newer, with npm", self.major_min);
        };
        let is_enough = major(&version).is_some_and(|major| major >= self.major_min);
        ensure!(is_enough, "Node is {version}; install version {} or newer", self.major_min);
        Ok(())
    }
}

fn version() -> Option<String> {
    let said = Command::new("node").arg("--version").stderr(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// Installs Node, where a machine is there for the tests alone.
fn install() -> Option<()> {
    if std::env::var_os("CI").is_none_or(|value| value != "true") {
        return None;
    }
    let install = ["-n", "apt-get", "install", "--quiet", "--yes", "nodejs", "npm"];
    let mut command = Command::new("sudo");
    command.args(install).stdin(Stdio::null()).stdout(Stdio::null());
    command.status().ok().filter(ExitStatus::success).map(drop)
}

/// The 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        for (version, expected) in [("v20.20.2", Some(20)), ("v8", Some(8)), ("", None)] {
            assert_eq!(major(version), expected, "{version}");
        }
    }
}
