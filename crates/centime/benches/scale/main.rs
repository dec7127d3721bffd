//! A ledger of millions: how fast it fills, answers and proves itself, beside what SQLite does with
//! one plain table.
//!
//! `cargo bench --bench scale --profile dist -- --entries 10000000` takes some minutes and 10 GB;
//! without a number it is a million.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a bench talks to the person who started it, and times"
)]

mod draw;
mod plain;

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const ENTRIES: u64 = 1_000_000;

/// Reports whose dimension has a series of its own: they must not grow with the entries.
const REPORTS: &[&[&str]] = &[
    &["total"],
    &["models"],
    &["providers"],
    &["users"],
    &["teams"],
    &["projects"],
    &["keys"],
    &["daily"],
    &["hourly", "--since", "7d"],
    &["efficiency"],
    &["tag:app"],
    &["users", "--since", "7d"],
    &["models", "--since", "7d", "--tz", "Europe/Paris"],
    &["daily", "--tz", "America/New_York"],
    &["daily", "--where", "user=user-7"],
    &["--by", "team,model"],
];

/// How often a question is asked; the fastest counts.
const RUNS: usize = 3;

fn main() -> Result<()> {
    let mut entries = ENTRIES;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--entries" => {
                entries = arguments.next().ok_or("`--entries` wants a number")?.parse()?;
            }
            // Other benches are asked for.
            filter if !filter.starts_with('-') && !"scale".contains(filter) => return Ok(()),
            _ => {}
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scale");
    fs::create_dir_all(&folder)?;
    let bench = Bench { centime: env!("CARGO_BIN_EXE_centime").into(), folder };
    let events = bench.folder.join("events.jsonl");
    eprintln!("drawing {entries} events into {}", events.display());
    draw_into(&events, entries)?;

    let plain = plain::fill(&bench.folder.join("plain.db"), entries)?;
    line("plain INSERT loop, indexes on time and user", rate(entries, plain.insert), "rows/s");
    let import = bench.fill(&events)?;
    let ratio = plain.insert.as_secs_f64() / import.as_secs_f64();
    line("import: parse, rate, write, roll up", rate(entries, import), "events/s");
    line("… of the plain loop", ratio, "×");
    line("bytes an entry, rollups and indexes included", bench.bytes()? / count(entries), "bytes");

    for (name, took) in plain.group_bys {
        line(name, milliseconds(took), "ms");
    }
    for report in REPORTS {
        let took = bench.fastest(&[&["report"], *report].concat())?;
        line(&format!("report {}", report.join(" ")), milliseconds(took), "ms");
    }
    let page = ["entries", "--limit", "50", "--until", "10d"];
    line("a page of entries in the middle", milliseconds(bench.fastest(&page)?), "ms");
    let verify = bench.time(&["verify"])?;
    line("verify", verify.as_secs_f64(), "s");
    Ok(())
}

struct Bench {
    centime: PathBuf,
    folder: PathBuf,
}

impl Bench {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.centime);
        command
            .args(arguments)
            .arg("--db")
            .arg(self.ledger())
            .current_dir(&self.folder)
            .env_remove("CENTIME_CONFIG")
            .env_remove("CENTIME_DB")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    fn ledger(&self) -> PathBuf {
        self.folder.join("centime.db")
    }

    /// Imports into a ledger made anew, with a declared tag.
    fn fill(&self, events: &Path) -> Result<Duration> {
        for suffix in ["", "-wal", "-shm"] {
            let path = self.folder.join(format!("centime.db{suffix}"));
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        fs::write(self.folder.join("centime.toml"), "tags = [\"app\"]\n")?;
        self.time(&["import", &events.display().to_string()])
    }

    fn time(&self, arguments: &[&str]) -> Result<Duration> {
        let started = Instant::now();
        if !self.command(arguments).status()?.success() {
            return Err(format!("centime {} failed", arguments.join(" ")).into());
        }
        Ok(started.elapsed())
    }

    fn fastest(&self, arguments: &[&str]) -> Result<Duration> {
        let times: Vec<Duration> =
            (0..RUNS).map(|_| self.time(arguments)).collect::<Result<_>>()?;
        Ok(times.into_iter().min().unwrap_or_default())
    }

    /// The size of the ledger, its log included.
    fn bytes(&self) -> Result<f64> {
        let mut bytes = 0;
        for suffix in ["", "-wal"] {
            let path = self.folder.join(format!("centime.db{suffix}"));
            bytes += fs::metadata(path).map_or(0, |metadata| metadata.len());
        }
        Ok(count(bytes))
    }
}

fn draw_into(path: &Path, entries: u64) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for number in 0..entries {
        draw::Call::of(number, entries).write(&mut out)?;
    }
    Ok(out.flush()?)
}

fn line(name: &str, figure: f64, unit: &str) {
    println!("{name:<52} {figure:>14.1} {unit}");
}

fn rate(entries: u64, took: Duration) -> f64 {
    count(entries) / took.as_secs_f64()
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

#[allow(clippy::cast_precision_loss, reason = "a figure to look at")]
fn count(number: u64) -> f64 {
    number as f64
}
