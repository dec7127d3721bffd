//! `cargo xtask exports`: exports a ledger in every format and reads it back with the tools that people
//! read it with: DuckDB, PyArrow, and the validator of the FOCUS specification.
//!
//! The reading is in `tests/export`, in those tools' own language; the calls are those of the tests
//! of the command line.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use clap::Parser;

use crate::Chore;
use crate::step::{binary, do_it, root};
use crate::venv::Venv;

/// What reads exports back. The validator's rules of today are in its versions for Python 3.12 and on.
const READERS: Venv = Venv { name: "export", minor_min: 12 };

/// Read exports back with DuckDB, PyArrow and the FOCUS validator
///
/// Installs them, pinned, from PyPI into target/venv-export at the first run.
#[derive(Parser)]
#[command(name = "exports")]
pub(crate) struct Exports {}

impl Chore for Exports {
    fn run(self) -> Result<()> {
        let root = root()?;
        let python = READERS.ready(&root)?;
        let folder = root.join("target/exports");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        export(&root, &folder)?;
        // No bytecode beside the sources.
        do_it(Command::new(python).arg("-B").arg(root.join("tests/export/check.py")).arg(&folder))
    }
}

/// Installs the readers; the error says why that cannot be.
pub(crate) fn bring_up() -> Result<(), String> {
    root().and_then(|root| READERS.ready(&root)).map(drop).map_err(|error| {
        format!("{error:#}; install Python 3.12 or newer with `venv`, and let it reach PyPI")
    })
}

/// A ledger with adjustments, and its exports.
fn export(root: &Path, folder: &Path) -> Result<()> {
    let centime = binary("dev")?;
    let run = |arguments: &str| do_it(&mut command(&centime, folder, arguments));
    do_it(command(&centime, folder, "import").arg(root.join("tests/export/events.jsonl")))?;
    run("prices set mystery-1 input=0.3333 output=1 --per 1M --from 2024-01-01")?;
    run("reprice")?;
    run("export --format csv -o calls.csv")?;
    run("export --format jsonl -o calls.jsonl")?;
    run("export --format parquet -o calls.parquet")?;
    // The version that the validator knows without asking the network.
    run("export --format focus --focus-version 1.2 -o focus.csv")?;
    let report = File::create(folder.join("report.json"))?;
    do_it(command(&centime, folder, "report total --format json").stdout(report))
}

fn command(centime: &PathBuf, folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(centime);
    command
        .args(arguments.split_whitespace())
        // A configuration of this machine is none of the test's.
        .current_dir(folder)
        .env_remove("CENTIME_CONFIG")
        .env_remove("CENTIME_DB")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}
