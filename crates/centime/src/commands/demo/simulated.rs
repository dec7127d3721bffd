//! The provider that is not one.

use std::net::TcpListener;
use std::sync::mpsc::sync_channel;
use std::thread::Builder;

use centime_testkit::{Config, Pace, SimulatedProvider};

use crate::failure::Failure;

/// Starts it on a thread of its own, for as long as the process lives; its base URL.
pub(super) fn start(seed: u64) -> Result<String, Failure> {
    let failed = |error: std::io::Error| {
        Failure::Environment(format!("cannot start the simulated provider: {error}"))
    };
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let config = Config { seed, pace: Pace::tokens_per_second(80), ..Config::default() };
    let (tell, told) = sync_channel(1);
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return drop(tell.send(Err(error))),
        };
        runtime.block_on(async move {
            match SimulatedProvider::start(config, listener) {
                Ok(provider) => {
                    // Whoever asked has gone only where the process is ending.
                    let _ = tell.send(Ok(provider.base_url()));
                    std::future::pending::<()>().await;
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        });
    };
    Builder::new().name("simulated provider".to_owned()).spawn(run).map_err(failed)?;
    let ended = || std::io::Error::other("its thread has ended");
    told.recv().map_err(|_| failed(ended()))?.map_err(failed)
}
