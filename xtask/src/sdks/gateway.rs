//! The gateway: the real program in front of a provider, with a ledger of its own.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::step::{binary, do_it};

/// A gateway that runs; dropped before its end, it is killed.
pub(super) struct Gateway {
    process: Child,
    program: PathBuf,
    folder: PathBuf,
    pub(super) base_url: String,
}

impl Gateway {
    /// Starts it in front of a provider, as people do: by the keys and addresses in the environment.
    /// Its ledger is made anew in this folder.
    pub(super) fn start(folder: &Path, provider: &str) -> Result<Self> {
        let program = binary("dev")?;
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let mut process = in_folder(&program, folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .envs([
                ("OPENAI_API_KEY", "sk-simulated"),
                ("OPENAI_BASE_URL", &format!("{provider}/v1")),
                ("ANTHROPIC_API_KEY", "sk-ant-simulated"),
                ("ANTHROPIC_BASE_URL", provider),
                ("GEMINI_API_KEY", "simulated"),
                ("GEMINI_BASE_URL", provider),
            ])
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start the gateway")?;
        let mut said = BufReader::new(process.stderr.take().context("the gateway is mute")?);
        let address = address(&mut said);
        // What else it has to say is for whoever looks at the chore.
        thread::spawn(move || io::copy(&mut said, &mut io::stderr()));
        let base_url = String::new();
        let mut gateway = Self { process, program, folder: folder.to_owned(), base_url };
        gateway.base_url = format!("http://{}", address?);
        Ok(gateway)
    }

    /// Ends it as whoever runs services does, proves its ledger, and writes its entries down, oldest
    /// last, in the file that is returned.
    pub(super) fn end(mut self) -> Result<PathBuf> {
        do_it(Command::new("kill").args(["-TERM", &self.process.id().to_string()]))?;
        let status = self.process.wait()?;
        ensure!(status.success(), "the gateway ended with {status}");
        do_it(in_folder(&self.program, &self.folder).arg("verify").stdout(Stdio::null()))?;
        let path = self.folder.join("entries.json");
        let entries = ["entries", "--format", "json", "--limit", "10000"];
        do_it(in_folder(&self.program, &self.folder).args(entries).stdout(File::create(&path)?))?;
        Ok(path)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // One that has ended cannot be killed, which is as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program in a folder, where nothing of this machine's settings reaches it.
fn in_folder(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// A line of its log.
#[derive(Deserialize)]
struct Line {
    event: String,
    address: Option<String>,
}

/// Waits until it says where it listens.
fn address(said: &mut BufReader<ChildStderr>) -> Result<String> {
    let mut before = String::new();
    for line in said.lines() {
        let line = line?;
        match serde_json::from_str(&line) {
            Ok(Line { event, address: Some(address) }) if event == "started" => return Ok(address),
            _ => before.push_str(&line),
        }
    }
    bail!("the gateway did not start: {before}")
}
