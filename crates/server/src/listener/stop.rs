//! Coming to an end: calls in flight end first, and what does not end in time is cut.

use std::sync::Arc;

use tokio::sync::watch;

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    Draining,
    Ended,
}

/// Stops a server, from any thread. Clones stop the same one.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Stage>>);

impl Stop {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Stage::Serving)))
    }

    /// Lets no connection in any more, and ends when the calls in flight have.
    pub fn drain(&self) {
        self.advance(Stage::Draining);
    }

    /// Ends at once: calls in flight are dropped.
    pub fn end(&self) {
        self.advance(Stage::Ended);
    }

    fn advance(&self, stage: Stage) {
        self.0.send_if_modified(|now| {
            let is_later = stage > *now;
            *now = stage.max(*now);
            is_later
        });
    }

    /// The first signal drains, the second ends.
    pub(super) fn signal(&self) {
        let is_draining = *self.0.borrow() >= Stage::Draining;
        self.advance(if is_draining { Stage::Ended } else { Stage::Draining });
    }

    pub(super) async fn is_draining(&self) {
        self.reached(Stage::Draining).await;
    }

    pub(super) async fn is_ended(&self) {
        self.reached(Stage::Ended).await;
    }

    async fn reached(&self, stage: Stage) {
        // The sender is in our own hands, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|now| *now >= stage).await;
    }
}

/// Waits for the next signal that asks a program to end.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) {
        // Where there is no way to be told, the program is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
