//! The listener: a thread a core, each with sockets, connections and a service of its own.

mod bind;
mod connection;
mod files;
mod http2;
mod stop;
mod watched;
mod worker;

use std::fmt::Display;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use tokio::sync::{Semaphore, mpsc};

use crate::error::ServeError;
use crate::front::Front;
use crate::guard::Guard;
use crate::service::Service;
use connection::Desk;
use stop::Signals;
use worker::{StopOnDrop, Worker};

pub use stop::Stop;

/// A gateway that listens: clients can connect, and are answered once it runs.
#[derive(Debug)]
pub struct Server {
    front: Front,
    listeners: Vec<TcpListener>,
    address: SocketAddr,
    stop: Stop,
}

impl Server {
    /// Listens.
    ///
    /// # Errors
    /// When the address is taken or open to others without an admin key, or a setting means nothing.
    pub fn bind(front: Front) -> Result<Self, ServeError> {
        let address = front.listen;
        if !address.ip().to_canonical().is_loopback() && front.admin_key.is_none() {
            return Err(ServeError::Exposed { address });
        }
        Guard::new(address, &front.allowed_hosts, &front.cors_origins)?;
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        let workers = front.workers.map_or_else(cores, usize::from);
        files::allow_many();
        let listeners = bind::bind(address, workers)?;
        let address = listeners[0].local_addr()?;
        Ok(Self { front, listeners, address, stop: Stop::new() })
    }

    /// The address it listens at, with its port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stops it.
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Serves until it is stopped, by [`Server::stop`] or a signal: the first lets calls in flight
    /// end, the second does not. Each worker answers by a service of its own, which it makes of its
    /// number.
    ///
    /// # Errors
    /// When a service cannot be made, or the system gives no threads.
    pub fn run<S, E>(
        self,
        make: impl Fn(usize) -> Result<S, E> + Send + Sync,
    ) -> Result<(), ServeError>
    where
        S: Service,
        E: Display,
    {
        let Self { front, listeners, address, stop } = self;
        let limits = front.limits;
        let room = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
        let log = front.log;
        let work = |number: usize, listener: TcpListener| {
            let guard = Guard::new(front.listen, &front.allowed_hosts, &front.cors_origins)?;
            let service = make(number).map_err(|error| ServeError::Service(error.to_string()))?;
            let desk = Desk {
                service: Rc::new(service),
                guard: Rc::new(guard),
                limits,
                stop: stop.clone(),
                log: Arc::clone(&log),
            };
            Worker { listener, room: Arc::clone(&room) }.run(desk)
        };
        let watching = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // Whoever is told that it has started may tell it to stop at once.
        let mut signals = {
            let _entered = watching.enter();
            Signals::new()?
        };
        let version = env!("CARGO_PKG_VERSION");
        log.event("started", &[("address", &address.to_string()), ("version", version)]);
        let ended = thread::scope(|scope| {
            let (alive, mut all_gone) = mpsc::channel::<()>(1);
            let mut threads = Vec::new();
            for (number, listener) in listeners.into_iter().enumerate() {
                let (work, alive) = (&work, alive.clone());
                let stops = StopOnDrop(stop.clone());
                let spawned = thread::Builder::new()
                    .name(format!("centime-worker-{number}"))
                    .spawn_scoped(scope, move || {
                        // One that ends takes the others along: half a gateway helps nobody.
                        let _stops = stops;
                        let ended = work(number, listener);
                        drop(alive);
                        ended
                    });
                match spawned {
                    Ok(thread) => threads.push(thread),
                    Err(error) => {
                        stop.end();
                        return Err(error.into());
                    }
                }
            }
            drop(alive);
            watching.block_on(async {
                loop {
                    tokio::select! {
                        _ = all_gone.recv() => return,
                        () = signals.next() => {
                            log.event("stopping", &[]);
                            stop.signal();
                        }
                    }
                }
            });
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or(Err(ServeError::Defect)))
        });
        log.event("stopped", &[]);
        ended
    }
}
