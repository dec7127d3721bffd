//! A simulated provider of models: an HTTP server that speaks as OpenAI, Anthropic, Google and Cohere do,
//! to their own SDKs, and asks nobody.
//!
//! What it answers follows from the request and a seed, whatever else is going on: texts, tool calls,
//! ids, tokens. It counts what it gave, it goes as fast or slow as it is told, and by the header
//! [`FAULT_HEADER`] each request may ask for what goes wrong with it.
//!
//! ```
//! use std::net::TcpListener;
//!
//! use centime_testkit::{Config, SimulatedProvider};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let provider = SimulatedProvider::start(Config::default(), TcpListener::bind("127.0.0.1:0")?)?;
//! // Point an SDK at `{provider.base_url()}/v1`, and ask.
//! assert_eq!(provider.counts().calls, 0);
//! provider.shutdown().await;
//! # Ok::<(), std::io::Error>(())
//! # })?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod config;
mod dice;

mod prompt;
mod reply;
mod schema;
mod words;

mod call;
mod multipart;

mod answer;
mod refusal;
mod shape;

mod fault;
mod flow;
mod script;

mod canned;
mod record;
mod server;
mod simulation;
mod tally;

pub use config::{Config, Latency, Mode, Pace, Recording, Share};
pub use fault::{FAULT_HEADER, Fault, FaultError, Faults};
pub use record::Received;
pub use server::SimulatedProvider;
pub use tally::{Counts, ModelCounts};
