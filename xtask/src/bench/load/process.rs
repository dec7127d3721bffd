//! The processes that are measured: each on a core, its time and memory as the kernel counts them.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::step::do_it;

/// What is measured has this core for itself …
const CORE_OF_PROXIES: &str = "0";
/// … and whatever calls it and answers it shares this one.
const CORE_OF_LOAD: &str = "1";

/// What the kernel counts processor time in.
const TICKS_PER_SECOND: u32 = 100;

/// How many connections and files each may have open.
const FILES: &str = "8192";

/// A process that ends with this.
pub(super) struct Running(Child);

impl Running {
    pub(super) fn new(child: Child) -> Self {
        Self(child)
    }

    /// The processor time that it took so far, in user and in kernel mode, all threads together.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        // Behind the name, which is in brackets and may have anything in it.
        let (_, rest) = stat.rsplit_once(')').context("no such figures")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
        let ticks = ticks(11).zip(ticks(12)).map(|(user, system)| user + system);
        Ok(Duration::from_secs(ticks.context("no such figures")?) / TICKS_PER_SECOND)
    }

    /// The memory that it occupies now, in MiB.
    pub(super) fn resident_mib(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u32>().ok());
        Ok(f64::from(kib.context("no such figures")?) / 1024.0)
    }

    /// Waits until it takes connections at an address.
    pub(super) fn listens(
        &mut self,
        address: std::net::SocketAddr,
        within: Duration,
    ) -> Result<()> {
        let begun = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            ensure!(self.0.try_wait()?.is_none(), "it ended before it listened at {address}");
            ensure!(begun.elapsed() < within, "nobody listens at {address}");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Puts this process, which calls, on the core of load.
///
/// # Errors
/// Where there are less than two cores.
pub(super) fn pin_this() -> Result<()> {
    let pid = std::process::id().to_string();
    let mut pin = Command::new("taskset");
    pin.args(["--all-tasks", "--cpu-list", "--pid", CORE_OF_LOAD, &pid]);
    do_it(pin.stdout(Stdio::null()))
        .context("two cores are needed, and `taskset` of util-linux")?;
    do_it(Command::new("prlimit").args(["--pid", &pid]).arg(format!("--nofile={FILES}:{FILES}")))
}

/// A command on the core of what is measured.
pub(super) fn proxy(program: &Path) -> Command {
    on(CORE_OF_PROXIES, program)
}

/// A command on the core of load.
pub(super) fn load(program: &Path) -> Command {
    on(CORE_OF_LOAD, program)
}

fn on(core: &str, program: &Path) -> Command {
    // It becomes the program, so that its figures are the program's.
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", core]).arg(program).stdin(Stdio::null());
    command
}

/// Microseconds.
pub(super) fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
