//! `cargo xtask fuzz`: the fuzz targets under libFuzzer, on the stable toolchain.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Parser;

use crate::Chore;
use crate::step::{cargo, root};

/// What lets libFuzzer see where a program has been. The sanitizers need a nightly toolchain; this
/// needs none, and there is no unsafe code for them to watch.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Look for input that breaks what must hold
///
/// What is found is kept in `target/fuzz/found`. A copy of it in `fuzz/seeds/TARGET` is run by the
/// tests from then on. Needs a C++ compiler, for libFuzzer.
#[derive(Parser)]
#[command(name = "fuzz", after_help = "Example: cargo xtask fuzz gemini --seconds 600")]
pub(crate) struct Fuzz {
    /// Only this target: a folder of `fuzz/seeds`
    target: Option<String>,
    /// How long each target is run
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Where chance starts from, so that a run can be run again; 0 is anywhere
    #[arg(long, default_value_t = 0)]
    seed: u32,
}

impl Chore for Fuzz {
    fn run(self) -> Result<()> {
        let places = Places::at(&root()?)?;
        let targets = chosen(&places.seeds, self.target.as_deref())?;
        let program = build(&places.build)?;
        let queue = Mutex::new(targets.into_iter().collect::<VecDeque<_>>());
        let failed = Mutex::new(Vec::new());
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    // The queue is let go before the target is run.
                    let next = || lock(&queue).pop_front();
                    while let Some(target) = next() {
                        if let Err(error) = self.run_target(&program, &places, &target) {
                            eprintln!("{error:#}");
                            lock(&failed).push(target);
                        }
                    }
                });
            }
        });
        let failed = lock(&failed);
        if !failed.is_empty() {
            bail!("does not hold: {}", failed.join(", "));
        }
        Ok(())
    }
}

impl Fuzz {
    fn run_target(&self, program: &Path, places: &Places, target: &str) -> Result<()> {
        let corpus = places.corpus.join(target);
        std::fs::create_dir_all(&corpus).context("cannot keep what is found")?;
        let started = Instant::now();
        let Output { status, stderr, .. } = Command::new(program)
            .env("CENTIME_FUZZ_TARGET", target)
            .env("RUST_BACKTRACE", "0")
            .arg(format!("-max_total_time={}", self.seconds))
            .arg(format!("-seed={}", self.seed))
            .arg(format!("-artifact_prefix={}/{target}-", places.found.display()))
            .args(["-max_len=4096", "-timeout=10", "-rss_limit_mb=2048"])
            .args([corpus, places.seeds.join(target)])
            .output()
            .with_context(|| format!("cannot start `{}`", program.display()))?;
        let words = String::from_utf8_lossy(&stderr);
        if !status.success() {
            bail!("  FAILED  {target}\n{}", what_failed(&words));
        }
        eprintln!(
            "      ok  {target}: {} ({:.0} s)",
            runs(&words),
            started.elapsed().as_secs_f64()
        );
        Ok(())
    }
}

/// Where things lie.
struct Places {
    seeds: PathBuf,
    /// What libFuzzer found worth keeping, from run to run.
    corpus: PathBuf,
    /// What does not hold.
    found: PathBuf,
    build: PathBuf,
}

impl Places {
    fn at(root: &Path) -> Result<Self> {
        let build = root.join("target/fuzz");
        let found = build.join("found");
        std::fs::create_dir_all(&found).context("cannot keep what is found")?;
        Ok(Self { seeds: root.join("fuzz/seeds"), corpus: build.join("corpus"), found, build })
    }
}

/// The targets to run, by their seeds.
fn chosen(seeds: &Path, target: Option<&str>) -> Result<Vec<String>> {
    let folders = std::fs::read_dir(seeds).context("cannot read `fuzz/seeds`")?;
    let names = folders.map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned()));
    let mut names: Vec<String> = names.collect::<Result<_>>()?;
    names.sort();
    match target {
        None => Ok(names),
        Some(target) if names.iter().any(|name| name == target) => Ok(vec![target.to_owned()]),
        Some(target) => bail!("`{target}` is no target; the targets are {}", names.join(", ")),
    }
}

/// Builds the program of all targets, apart from everything else: its flags are its own.
fn build(target_dir: &Path) -> Result<PathBuf> {
    let triple = host()?;
    let mut command = cargo()?;
    command
        .args(["build", "--locked", "--profile", "fuzz", "--package", "centime-fuzz"])
        .args(["--bin", "centime-fuzz", "--features", "libfuzzer", "--target", &triple])
        .arg("--target-dir")
        .arg(target_dir)
        // With a target named, build scripts and macros are built without these flags.
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}"));
    let status = command.status().context("cannot start `cargo build`")?;
    if !status.success() {
        bail!("the fuzz targets cannot be built; libFuzzer needs a C++ compiler");
    }
    Ok(target_dir.join(triple).join("fuzz/centime-fuzz"))
}

/// This machine, as the compiler names it.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().context("cannot start `rustc`")?;
    let words = String::from_utf8_lossy(&output.stdout);
    let host = words.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` does not name its host")
}

/// How often a target was run, in libFuzzer's own words: `Done 123 runs in 2 second(s)`.
fn runs(words: &str) -> String {
    let done = words.lines().rev().find_map(|line| line.strip_prefix("Done "));
    let runs = done.and_then(|done| done.split(" in ").next());
    runs.unwrap_or("it did not say how many runs").to_owned()
}

/// What a run that failed says of it: the panic, and where the input lies; else its last words.
fn what_failed(words: &str) -> String {
    let panic = words.find("panicked at").map(|at| &words[at..]);
    let kept = |line: &&str| line.contains("Test unit written to");
    match panic.and_then(|panic| panic.split_once("note: run with")) {
        Some((panic, after)) => panic.lines().chain(after.lines().filter(kept)).collect::<Vec<_>>(),
        None => words.lines().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect(),
    }
    .join("\n")
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_chosen_by_name() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
        let all = chosen(&seeds, None).unwrap();
        assert!(all.len() > 10 && all.is_sorted());
        assert_eq!(chosen(&seeds, Some("gemini")).unwrap(), ["gemini"]);
        let error = chosen(&seeds, Some("gemni")).unwrap_err().to_string();
        assert!(error.starts_with("`gemni` is no target; the targets are answer, "), "{error}");
    }

    #[test]
    fn a_failure_says_what_and_where() {
        let words = "#1\nINFO\npanicked at a.rs:1:\nleft is not right\nnote: run with `RUST_BACKTRACE=1`\n\
                     == ERROR ==\nartifact_prefix=''; Test unit written to found/a-crash-1\nBase64: eyJ\n";
        let expected = "panicked at a.rs:1:\nleft is not right\n\
                        artifact_prefix=''; Test unit written to found/a-crash-1";
        assert_eq!(what_failed(words), expected);
        assert_eq!(what_failed("a\nb\n"), "a\nb");
    }

    #[test]
    fn the_last_word_of_a_run_is_understood() {
        assert_eq!(runs("#2\tINITED\nDone 4711 runs in 3 second(s)\n"), "4711 runs");
        assert_eq!(runs(""), "it did not say how many runs");
    }
}
