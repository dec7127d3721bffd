//! `cargo xtask sdks`: makes the calls of `tests/sdk/scenarios.json` with the official SDKs, against a
//! simulated provider and through the gateway in front of it, and holds what they said against what must
//! be true, against each other, and against the ledger.
//!
//! The asking and the holding are in `tests/sdk`, in the SDKs' own languages.

mod gateway;
mod provider;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use clap::Parser;

use self::gateway::Gateway;
use self::provider::Provider;
use crate::Chore;
use crate::node::Packages;
use crate::step::{do_it, root};
use crate::venv::Venv;

const PYTHON: Venv = Venv { name: "sdk", minor_min: 11 };
const NODE: Packages = Packages { name: "sdk", major_min: 20 };

/// Call a simulated provider with the official SDKs of OpenAI, Anthropic and Google, with and without
/// the gateway
///
/// Installs them, pinned, from PyPI and npm into target/venv-sdk and target/node-sdk at the first run.
/// What the SDKs say and the gateway's ledger are kept in target/sdks.
#[derive(Parser)]
#[command(name = "sdks")]
pub(crate) struct Sdks {}

impl Chore for Sdks {
    fn run(self) -> Result<()> {
        let root = root()?;
        let sdks = Installed::ready(&root)?;
        let folder = root.join("target/sdks");
        let (direct, through) = (folder.join("direct"), folder.join("through"));
        let provider = Provider::start()?;
        sdks.ask(&root, &provider.base_url, &direct)?;
        let gateway = Gateway::start(&folder.join("gateway"), &provider.base_url)?;
        sdks.ask(&root, &gateway.base_url, &through)?;
        let entries = gateway.end()?;
        let mut check = sdks.python(&root, "check.py");
        do_it(check.arg(&direct).arg("--through").arg(&through).arg("--entries").arg(entries))
    }
}

/// Installs the SDKs; the error says why that cannot be.
pub(crate) fn bring_up() -> Result<(), String> {
    let ready = root().and_then(|root| Installed::ready(&root));
    ready.map(drop).map_err(|error| {
        format!(
            "{error:#}; install Python 3.11 or newer with `venv` and Node 20 or newer with npm, and let \
             them reach PyPI and npm"
        )
    })
}

/// The SDKs, installed.
struct Installed {
    interpreter: PathBuf,
    packages: PathBuf,
}

impl Installed {
    fn ready(root: &Path) -> Result<Self> {
        Ok(Self { interpreter: PYTHON.ready(root)?, packages: NODE.ready(root)? })
    }

    fn python(&self, root: &Path, script: &str) -> Command {
        let mut command = Command::new(&self.interpreter);
        // No bytecode beside the sources.
        command.arg("-B").arg(root.join("tests/sdk").join(script));
        command
    }

    /// Makes the calls in both languages and writes down what the SDKs said.
    fn ask(&self, root: &Path, base_url: &str, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        // A script of Node's finds its packages beside itself.
        for name in ["run.mjs", "scenarios.json"] {
            fs::copy(root.join("tests/sdk").join(name), self.packages.join(name))?;
        }
        let mut node = Command::new("node");
        node.arg(self.packages.join("run.mjs"));
        // The languages ask one after the other: some faults come by turns.
        for (language, mut command) in [("python", self.python(root, "run.py")), ("node", node)] {
            let said = File::create(folder.join(format!("{language}.jsonl")))?;
            command.args(["--base", base_url]).stdin(Stdio::null()).stdout(said);
            do_it(&mut command)?;
        }
        Ok(())
    }
}
