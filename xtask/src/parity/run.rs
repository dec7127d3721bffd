//! The steps of a comparison: unpack, draw, price three times, compare.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;

use crate::step::{binary, do_it};

/// Each peer and its data, as the price book's sources have them.
const PEERS: &[(&str, &str)] =
    &[("litellm", "litellm-2026-11.json.gz"), ("genai", "genai-prices-2026-11.json.gz")];

/// Compares and writes the report; with `check`, the report must be what it was.
///
/// # Errors
/// When a step fails, or the comparison does; what failed was printed.
pub(super) fn compare(root: &Path, python: &Path, check: bool) -> Result<()> {
    let started = Instant::now();
    let folder = root.join("target/parity");
    fs::create_dir_all(&folder)?;
    for (peer, source) in PEERS {
        unpack(&root.join("prices/sources").join(source), &data_of(&folder, peer))?;
    }
    let script = |name: &str| {
        let mut command = Command::new(python);
        // No bytecode beside the sources.
        command.arg("-B").arg(root.join("tests/parity").join(name));
        command
    };
    do_it(script("draw.py").arg(&folder))?;
    let centime = binary("dev")?;
    // Python counts on one core: the peers answer beside each other.
    let mut answering = Vec::new();
    for (peer, _) in PEERS {
        let mut command = script("peers.py");
        command.arg(peer).arg(&folder);
        answering.push((peer, command.spawn().context("cannot start the peer")?));
    }
    for (peer, _) in PEERS {
        price(&centime, &folder, peer)?;
    }
    for (peer, mut answers) in answering {
        ensure!(answers.wait()?.success(), "{peer} did not answer");
    }
    let kept = root.join("tests/parity/REPORT.md");
    let report = if check { folder.join("REPORT.md") } else { kept.clone() };
    let outcome = do_it(script("compare.py").arg(&folder).arg(&report));
    println!("wrote {} in {:.0} s", report.display(), started.elapsed().as_secs_f64());
    outcome.context("parity")?;
    let is_true = fs::read(&report)? == fs::read(&kept)?;
    ensure!(is_true, "{} is not true any more; run `cargo xtask parity`", kept.display());
    Ok(())
}

fn data_of(folder: &Path, peer: &str) -> PathBuf {
    folder.join(format!("{peer}.json"))
}

fn unpack(source: &Path, target: &Path) -> Result<()> {
    let packed = File::open(source).with_context(|| format!("opening {}", source.display()))?;
    io::copy(&mut GzDecoder::new(packed), &mut File::create(target)?)?;
    Ok(())
}

/// Prices a peer's cases from its own data, in one run.
fn price(centime: &Path, folder: &Path, peer: &str) -> Result<()> {
    let charges = File::create(folder.join(format!("{peer}.charges.jsonl")))?;
    let mut command = Command::new(centime);
    command
        .arg("--prices")
        .arg(data_of(folder, peer))
        .args(["price", "--jsonl"])
        .arg(folder.join(format!("{peer}.events.jsonl")))
        // A configuration of this machine is none of the comparison's.
        .current_dir(folder)
        .env_remove("CENTIME_CONFIG")
        .env_remove("CENTIME_DB")
        .stdin(Stdio::null())
        .stdout(charges);
    do_it(&mut command)
}
