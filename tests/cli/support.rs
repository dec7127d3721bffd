//! A `centime` to run in a folder of its own, and what to expect of its answers.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::exact::Json;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_centime");

/// Two models at round prices, in Centime's own format.
pub(crate) const ROUND_PRICES: &str = "\
provider acme
maker

model big chat
 from 2020-01-01 exact test
  input 10/1M
  cache_read 1/1M
  output 40/1M

model small chat
 from 2020-01-01 exact test
  input 1/1M
  output 4/1M
";

/// Whether a test may mount a file system of its own. Where the machine does not let it, the test has
/// nothing to look at, and `cargo xtask test` says so; unattended runs may not miss it.
pub(crate) fn can_mount() -> bool {
    let can = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
    let can = can.is_ok_and(|status| status.success());
    let is_unattended = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(can || !is_unattended, "`unshare -rm` is refused: allow user namespaces");
    can
}

/// A folder with a ledger of its own, `centime.db`, that is gone after the test.
pub(crate) struct Centime {
    folder: TempDir,
}

impl Centime {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with `prices`: `big` and `small` of `acme` at [`ROUND_PRICES`].
    pub(crate) fn with_round_prices() -> Self {
        let centime = Self::new();
        centime.write("prices", ROUND_PRICES);
        centime
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder, which is where commands run.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// What a file of the folder holds.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// A command that runs in the folder, and knows nothing of the tester's environment.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(BINARY);
        command.args(args);
        self.at_home(&mut command);
        command
    }

    /// Runs a line of shell in the folder; `$CENTIME` is the binary.
    pub(crate) fn shell(&self, script: &str) -> Ran {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("CENTIME", BINARY);
        self.at_home(&mut command);
        Ran::new(script.to_owned(), command.output().unwrap())
    }

    fn at_home(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["CENTIME_CONFIG", "CENTIME_DB", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
    }

    /// Runs a command to its end.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Ran {
        let mut command = self.command(args);
        Ran::new(format!("{command:?}"), command.output().unwrap())
    }

    /// Runs a command with this on its standard input.
    pub(crate) fn feed<A: AsRef<OsStr>>(
        &self,
        input: impl AsRef<[u8]>,
        args: impl IntoIterator<Item = A>,
    ) -> Ran {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.as_ref().to_owned();
        // A command that ends early leaves some of it unread, which is its right.
        let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        Ran::new(format!("{command:?}"), output)
    }

    /// Writes events into `events.jsonl` and imports them at [`ROUND_PRICES`].
    pub(crate) fn import_events<L: AsRef<str>>(&self, events: impl IntoIterator<Item = L>) -> Ran {
        self.write("prices", ROUND_PRICES);
        self.write("events.jsonl", lines(events));
        self.run(["import", "events.jsonl", "--prices", "prices", "--format", "json"])
    }

    /// A report as JSON.
    pub(crate) fn report<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Json {
        self.run(["report", "--format", "json"].into_iter().chain(args)).ok().json()
    }

    /// All entries as JSON, newest first.
    pub(crate) fn entries(&self) -> Vec<Json> {
        self.run(["entries", "--limit", "1000000", "--format", "json"]).ok().json().items()
    }

    /// Asserts that the ledger proves itself and holds so many entries.
    pub(crate) fn assert_verified(&self, entries: usize) {
        let verified = self.run(["verify", "--format", "json"]).ok().json();
        assert_eq!(verified.text("ok"), "true");
        assert_eq!(verified.text("entries"), entries.to_string());
    }

    /// The ledger's file, as somebody's own tool opens it.
    pub(crate) fn sqlite(&self) -> Connection {
        Connection::open(self.path("centime.db")).unwrap()
    }
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    command: String,
    code: Option<i32>,
    out: Vec<u8>,
    err: String,
}

impl Ran {
    /// No command ever ends in a panic, whatever else is expected of it.
    fn new(command: String, output: Output) -> Self {
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let ran = Self { command, code: output.status.code(), out: output.stdout, err };
        let told = ran.told();
        assert!(!ran.err.contains("panicked at") && ran.code != Some(101), "a panic: {told}");
        ran
    }

    /// Everything there is to know when an expectation fails.
    fn told(&self) -> String {
        let shown = |text: &str| text.chars().take(4000).collect::<String>();
        let out = shown(&String::from_utf8_lossy(&self.out));
        let err = shown(&self.err);
        let (command, code) = (&self.command, self.code);
        format!("{command}\nexit code {code:?}\nstandard output:\n{out}\nstandard error:\n{err}")
    }

    /// Expects an exit code.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.told());
        self
    }

    /// Expects success.
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    /// Expects words on standard error.
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "`{words}` is not said: {}", self.told());
        self
    }

    /// Expects standard error to be empty.
    pub(crate) fn says_nothing(self) -> Self {
        assert!(self.err.is_empty(), "something is said: {}", self.told());
        self
    }

    /// Expects a text on standard output.
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.text().contains(text), "`{text}` is not printed: {}", self.told());
        self
    }

    /// Expects standard output to be empty.
    pub(crate) fn prints_nothing(self) -> Self {
        assert!(self.out.is_empty(), "something is printed: {}", self.told());
        self
    }

    /// What was said on standard error.
    pub(crate) fn words(&self) -> &str {
        &self.err
    }

    /// What was printed.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    /// What was printed: one JSON document.
    pub(crate) fn json(&self) -> Json {
        Json::parse(self.text())
    }

    /// What was printed: a JSON document a line.
    pub(crate) fn answers(&self) -> Vec<Json> {
        self.text().lines().map(Json::parse).collect()
    }

    /// What was printed: rows of CSV, the header first, all of one length.
    pub(crate) fn csv(&self) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&self.out[..]);
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
        rows.collect()
    }
}

/// Lines of text, each with its end.
pub(crate) fn lines<L: AsRef<str>>(lines: impl IntoIterator<Item = L>) -> String {
    lines.into_iter().map(|line| line.as_ref().to_owned() + "\n").collect()
}

/// Packs as `gzip` does.
pub(crate) fn gzipped(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes.as_ref()).unwrap();
    packer.finish().unwrap()
}

/// A file of the repository.
pub(crate) fn in_repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 up to, not including, `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let sides = u64::try_from(sides).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % sides).unwrap()
    }
}
