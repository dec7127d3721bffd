//! A simulated provider for other processes: prints its address, and listens until it is ended, or
//! until its standard input is.
//!
//! ```sh
//! cargo run -p centime-testkit --example simulate -- --port 4010 --tokens-per-second 80
//! ```

#![allow(clippy::print_stdout, reason = "the address is what whoever started it waits for")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use centime_testkit::{Config, Faults, Latency, Mode, Pace, Share, SimulatedProvider};
use clap::Parser;

/// Answer as OpenAI, Anthropic, Google and Cohere do, on a loopback address
#[derive(Parser)]
struct Flags {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What chance is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The time to the first byte, in milliseconds
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// The tokens written in a second; 0 is as fast as the wire takes them
    #[arg(long, default_value_t = 0)]
    tokens_per_second: u32,
    /// The tokens that an event of a stream carries
    #[arg(long, default_value_t = 1)]
    tokens_per_chunk: u32,
    /// The tokens of each text; without, between 12 and 96
    #[arg(long)]
    text_tokens: Option<u64>,
    /// How many prompts of a thousand are read from a cache
    #[arg(long, default_value_t = 0)]
    cache_per_mille: u16,
    /// What goes wrong with how many calls of a thousand, like `20:status=503`
    #[arg(long, value_parser = share_of_faults)]
    fault: Vec<(Share, Faults)>,
    /// Send answers made once for a path and a model: for load
    #[arg(long)]
    canned: bool,
    /// The threads that answer
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

fn share_of_faults(text: &str) -> Result<(Share, Faults), String> {
    let (share, faults) = text.split_once(':').ok_or("write it like `20:status=503`")?;
    let share = share.parse().map_err(|_| format!("`{share}` is no number of a thousand"))?;
    let faults = faults.parse::<Faults>().map_err(|error| error.to_string())?;
    Ok((Share::per_mille(share), faults))
}

impl Flags {
    fn config(&self) -> Config {
        let usual = Config::default();
        Config {
            seed: self.seed,
            pace: Pace {
                first_byte: Latency::Fixed(Duration::from_millis(self.latency_ms)),
                tokens_per_chunk: self.tokens_per_chunk,
                ..Pace::tokens_per_second(self.tokens_per_second)
            },
            text_tokens: self.text_tokens.map_or(usual.text_tokens, |tokens| tokens..=tokens),
            cache_share: Share::per_mille(self.cache_per_mille),
            faults: self.fault.clone(),
            mode: if self.canned { Mode::Canned } else { Mode::Made },
            ..usual
        }
    }
}

fn main() -> std::io::Result<()> {
    let flags = Flags::parse();
    let listener = TcpListener::bind(("127.0.0.1", flags.port))?;
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
    let first = runtime()?;
    let provider = {
        let _entered = first.enter();
        SimulatedProvider::start(flags.config(), listener.try_clone()?)?
    };
    // A runtime a thread, each with its share of the connections: nothing goes from core to core.
    for _ in 1..flags.threads {
        let runtime = runtime()?;
        let entered = runtime.enter();
        provider.listen_too(listener.try_clone()?)?;
        drop(entered);
        thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    }
    println!("{}", provider.base_url());
    std::io::stdout().flush()?;
    thread::spawn(move || first.block_on(std::future::pending::<()>()));
    // Whoever started it need not end it: the end of its own process closes the pipe.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
