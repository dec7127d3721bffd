//! One thread that takes up connections and serves them.

use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::LocalSet;

use super::connection::{self, Desk};
use super::stop::Stop;
use crate::error::ServeError;
use crate::service::{Peer, Service};

/// How long to wait where the system has no room for a further connection.
const PAUSE: Duration = Duration::from_millis(50);

/// How many threads of a worker wait for the ledger at once; what is asked beyond that queues up.
const BLOCKING_THREADS: usize = 4;

/// A thread's part of the work.
pub(super) struct Worker {
    pub(super) listener: TcpListener,
    /// Room for connections, which all workers share.
    pub(super) room: Arc<Semaphore>,
}

impl Worker {
    /// Serves until it is told to stop, and the calls in flight have ended.
    pub(super) fn run<S: Service>(self, desk: Desk<S>) -> Result<(), ServeError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS)
            .build()?;
        let tasks = LocalSet::new();
        let served = runtime.block_on(tasks.run_until(self.serve(Rc::new(desk))));
        // What has not ended in time is dropped here, inside the runtime whose timers it holds.
        runtime.block_on(async { drop(tasks) });
        served
    }

    async fn serve<S: Service>(self, desk: Rc<Desk<S>>) -> Result<(), ServeError> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        // Each connection holds one end; when all are dropped, the other end is told.
        let (alive, mut all_gone) = mpsc::channel::<()>(1);
        loop {
            let (stream, place) = tokio::select! {
                biased;
                () = desk.stop.is_draining() => break,
                taken = take_up(&listener, &self.room, &desk) => taken,
            };
            let (Ok(address), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else {
                continue;
            };
            let connection = connection::serve(Rc::clone(&desk), stream, Peer { address, local });
            let alive = alive.clone();
            tokio::task::spawn_local(async move {
                connection.await;
                drop((place, alive));
            });
        }
        drop((listener, alive));
        tokio::select! {
            _ = all_gone.recv() => {}
            () = tokio::time::sleep(desk.limits.drain_time) => {
                desk.log.event("cut", &[("why", "calls in flight took longer than they may")]);
            }
            () = desk.stop.is_ended() => {}
        }
        Ok(())
    }
}

/// Takes up a connection, and waits for room for it.
async fn take_up<S>(
    listener: &tokio::net::TcpListener,
    room: &Arc<Semaphore>,
    desk: &Desk<S>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let place = match Arc::clone(room).try_acquire_owned() {
                    Ok(place) => Some(place),
                    Err(_) => {
                        desk.log.event("full", &[("peer", &peer.to_string())]);
                        // The room is never closed.
                        Arc::clone(room).acquire_owned().await.ok()
                    }
                };
                return (stream, place);
            }
            // The system has no room; whoever left before being taken up is no matter.
            Err(error) => {
                desk.log.event("accept_failed", &[("why", &error.to_string())]);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A stop that is told when a thread ends, however it does.
pub(super) struct StopOnDrop(pub(super) Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.drain();
    }
}
