//! Virtual environments of Python, each made once for its list of pins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::step::do_it;

/// The pins, and what is kept in the environment of those it was made for.
const PINS: &str = "requirements.txt";

/// An environment: `target/venv-NAME`, with what `tests/NAME/requirements.txt` lists.
pub(crate) struct Venv {
    /// Its name, and that of the folder of its pins.
    pub(crate) name: &'static str,
    /// The oldest Python that it works with: the minor version of 3.
    pub(crate) minor_min: u32,
}

impl Venv {
    /// Its interpreter; it is made where there is none, or one of other pins.
    ///
    /// # Errors
    /// When there is no Python, or PyPI does not answer.
    pub(crate) fn ready(&self, root: &Path) -> Result<PathBuf> {
        let venv = root.join(format!("target/venv-{}", self.name));
        let python = venv.join("bin/python");
        let pins = root.join("tests").join(self.name).join(PINS);
        let wanted =
            fs::read_to_string(&pins).with_context(|| format!("reading {}", pins.display()))?;
        // Written last: an installation that was cut short is not taken for a whole one.
        let made_for = venv.join(PINS);
        if fs::read_to_string(&made_for).is_ok_and(|made_for| made_for == wanted) {
            return Ok(python);
        }
        let base = interpreter(self.minor_min)?;
        if venv.exists() {
            fs::remove_dir_all(&venv)?;
        }
        do_it(Command::new(base).args(["-m", "venv"]).arg(&venv))?;
        let install = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement"];
        do_it(Command::new(&python).args(install).arg(&pins))?;
        fs::write(made_for, wanted)?;
        Ok(python)
    }
}

/// The first Python that is new enough: the one named in `PYTHON`, the usual ones, or one of pyenv's.
fn interpreter(minor_min: u32) -> Result<PathBuf> {
    let named = std::env::var_os("PYTHON").map(PathBuf::from);
    let usual = (minor_min..=14).rev().map(|minor| PathBuf::from(format!("python3.{minor}")));
    let candidates = named.into_iter().chain([PathBuf::from("python3")]).chain(usual);
    let mut candidates = candidates.chain(of_pyenv());
    let found = candidates.find(|python| minor_version(python).is_some_and(|it| it >= minor_min));
    found.with_context(|| {
        format!("no Python 3.{minor_min} or newer; install one, or name it in `PYTHON`")
    })
}

/// The interpreters that pyenv keeps apart from the path.
fn of_pyenv() -> Vec<PathBuf> {
    let root = Command::new("pyenv").arg("root").stderr(Stdio::null()).output();
    let root = root.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    let versions = root.map(|root| fs::read_dir(Path::new(&root).join("versions")));
    let Ok(Ok(versions)) = versions else { return Vec::new() };
    versions.flatten().map(|version| version.path().join("bin/python3")).collect()
}

fn minor_version(python: &Path) -> Option<u32> {
    let print = "import sys; print(sys.version_info.minor if sys.version_info.major == 3 else 0)";
    let said = Command::new(python).args(["-c", print]).stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&said.stdout).trim().parse().ok()
}
