//! A simulated provider in this process, and the real gateway before it, in a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use centime_testkit::{Config, Recording, SimulatedProvider};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::client::{Answered, Asked};
use crate::exact::Json;

/// The key that the gateway has for every provider.
pub(crate) const OUR_KEY: &str = "sk-ours-7Qm2xV9cLr4TzK8wBn3Y";

/// Three models at round prices, one of each format, and an alias.
pub(crate) const ROUND_PRICES: &str = r#"
[models.fast]
routes = ["openai/gpt-4o"]
price = { input = "1", cache_read = "0.1", output = "10", unit = "1M" }
[models.brief]
routes = ["anthropic/claude-haiku-4-5"]
price = { input = "1", output = "5", unit = "1M" }
[models.quick]
routes = ["gemini/gemini-2.0-flash"]
price = { input = "1", output = "3", unit = "1M" }
"#;

/// How long is waited for what must come; it mostly comes at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// A provider of models, listening.
pub(crate) struct Simulated {
    provider: SimulatedProvider,
    /// Dropped last: it runs the provider.
    _runtime: Runtime,
}

impl Simulated {
    pub(crate) fn start(config: Config) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let provider = runtime.block_on(async { SimulatedProvider::start(config, listener) });
        Self { provider: provider.unwrap(), _runtime: runtime }
    }

    /// One that keeps what it was last asked.
    pub(crate) fn recording() -> Self {
        let recording = Recording { calls_max: 64, body_bytes_max: 1 << 20 };
        Self::start(Config { recording, ..Config::default() })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.provider.address()
    }

    /// How many requests reached it.
    pub(crate) fn calls(&self) -> u64 {
        self.provider.counts().calls
    }

    /// What it was asked last.
    pub(crate) fn last(&self) -> centime_testkit::Received {
        self.provider.received().pop().unwrap()
    }

    /// Asks it without a gateway between, with a key wherever one is looked for.
    pub(crate) fn ask(&self, asked: &Asked) -> Answered {
        let keys = ["authorization: Bearer k", "x-api-key: k", "x-goog-api-key: k"];
        asked.clone().with_all(&keys).ask(self.address())
    }
}

/// A gateway with a folder of its own.
pub(crate) struct Gateway {
    folder: TempDir,
    environment: Vec<(String, String)>,
    running: Option<Running>,
    log: Arc<Mutex<String>>,
}

struct Running {
    child: Child,
    address: SocketAddr,
}

impl Gateway {
    /// A gateway before a provider that is everybody's, with a configuration.
    pub(crate) fn start(provider: &Simulated, toml: &str) -> Self {
        Self::before(provider.address(), &["OPENAI", "ANTHROPIC", "GEMINI"], toml)
    }

    /// A gateway before whoever is at an address, for these alone.
    pub(crate) fn before(provider: SocketAddr, of: &[&str], toml: &str) -> Self {
        let mut environment = Vec::new();
        for name in of {
            let path = if *name == "OPENAI" { "/v1" } else { "" };
            environment.push((format!("{name}_API_KEY"), OUR_KEY.to_owned()));
            environment.push((format!("{name}_BASE_URL"), format!("http://{provider}{path}")));
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("centime.toml"), toml).unwrap();
        let mut gateway = Self { folder, environment, running: None, log: Arc::default() };
        gateway.run_again();
        gateway
    }

    /// Starts the process (again), on the same ledger.
    pub(crate) fn run_again(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let mut child = self
            .command(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut address = None;
        while let Some(Ok(line)) = lines.next() {
            let said: Option<Value> = serde_json::from_str(&line).ok();
            self.note(&line);
            if let Some(said) = said
                && said["event"] == "started"
            {
                address = said["address"].as_str().and_then(|it| it.parse().ok());
                break;
            }
        }
        let address = address.unwrap_or_else(|| panic!("it did not start:\n{}", self.log()));
        let log = Arc::clone(&self.log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = log.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        self.running = Some(Running { child, address });
    }

    fn note(&self, line: &str) {
        let mut log = self.log.lock().unwrap();
        log.push_str(line);
        log.push('\n');
    }

    /// All that it said on standard error.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().address
    }

    /// Where it runs, with its ledger.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn ask(&self, asked: &Asked) -> Answered {
        asked.ask(self.address())
    }

    /// Ends the process as the machine does: at once, and without a word to it.
    pub(crate) fn kill(&mut self) {
        let mut running = self.running.take().unwrap();
        running.child.kill().unwrap();
        running.child.wait().unwrap();
    }

    /// Ends the process as people do, and waits for its end.
    pub(crate) fn stop(&mut self) {
        let mut running = self.running.take().unwrap();
        let pid = running.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = running.child.wait().unwrap();
        assert!(status.success(), "{status}:\n{}", self.log());
    }

    /// How much memory the process has ever had in use, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory_bytes_max(&self) -> u64 {
        let pid = self.running.as_ref().unwrap().child.id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    /// A command on the same ledger that knows nothing of the tester's environment: there may be
    /// real keys in it.
    fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_centime"));
        command.args(args).env_clear().current_dir(self.folder.path()).stdin(Stdio::null());
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }

    /// Runs a command beside the gateway, to its end.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Output {
        let mut command = self.command(args);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
        output
    }

    pub(crate) fn json<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Json {
        let output = self.run(args.into_iter().chain(["--format", "json"]));
        Json::parse(std::str::from_utf8(&output.stdout).unwrap())
    }

    /// All entries.
    pub(crate) fn entries(&self) -> Vec<Json> {
        self.json(["entries", "--limit", "1000000"]).items()
    }

    /// The entry of a call, once it is there.
    pub(crate) fn entry(&self, id: &str) -> Json {
        self.wait_for(&format!("the entry {id}"), || {
            self.entries().into_iter().find(|entry| entry.text("id") == id)
        })
    }

    /// The entry of the call that was answered so.
    pub(crate) fn entry_of(&self, answered: &Answered) -> Json {
        self.entry(answered.must("x-centime-entry"))
    }

    /// The entries, once there are so many.
    pub(crate) fn entries_once(&self, count: usize) -> Vec<Json> {
        self.wait_for(&format!("{count} entries"), || {
            Some(self.entries()).filter(|entries| entries.len() >= count)
        })
    }

    /// Expects the ledger to prove itself.
    pub(crate) fn verify(&self) {
        assert_eq!(self.json(["verify"]).text("ok"), "true");
    }

    /// Waits until something is so.
    pub(crate) fn wait_for<T>(&self, what: &str, found: impl FnMut() -> Option<T>) -> T {
        wait_for(what, found).unwrap_or_else(|error| panic!("{error}\n{}", self.log()))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

/// Waits until something is so, or for much longer than it can take.
fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> Result<T, String> {
    let started = Instant::now();
    loop {
        if let Some(found) = found() {
            return Ok(found);
        }
        if started.elapsed() > PATIENCE {
            return Err(format!("in vain was waited for {what}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A question to a model of OpenAI's; `more` is added to it.
pub(crate) fn chat(more: Value) -> Value {
    with(
        json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "How much is the fish?"}]}),
        more,
    )
}

/// A question to a model of Anthropic's.
pub(crate) fn message(more: Value) -> Value {
    let messages = json!([{"role": "user", "content": "How much is the fish?"}]);
    with(json!({"model": "claude-haiku-4-5", "max_tokens": 1024, "messages": messages}), more)
}

/// A question to a model of Google's.
pub(crate) fn content(more: Value) -> Value {
    with(
        json!({"contents": [{"role": "user", "parts": [{"text": "How much is the fish?"}]}]}),
        more,
    )
}

fn with(mut body: Value, more: Value) -> Value {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
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
