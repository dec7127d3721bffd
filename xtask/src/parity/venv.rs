//! The virtual environment of the peers, made once for each list of pins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::step::do_it;

/// The pins, and what is kept in the environment of those it was made for.
const PINS: &str = "requirements.txt";

/// The interpreter of an environment with the pinned peers, which is made where there is none.
///
/// # Errors
/// When there is no Python, or PyPI does not answer.
pub(super) fn ready(root: &Path) -> Result<PathBuf> {
    let venv = root.join("target/venv-parity");
    let python = venv.join("bin/python");
    let pins = root.join("tests/parity").join(PINS);
    let wanted =
        fs::read_to_string(&pins).with_context(|| format!("reading {}", pins.display()))?;
    // Written last: an installation that was cut short is not taken for a whole one.
    let made_for = venv.join(PINS);
    if fs::read_to_string(&made_for).is_ok_and(|made_for| made_for == wanted) {
        return Ok(python);
    }
    if venv.exists() {
        fs::remove_dir_all(&venv)?;
    }
    do_it(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    let install = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement"];
    do_it(Command::new(&python).args(install).arg(&pins))?;
    fs::write(made_for, wanted)?;
    Ok(python)
}
