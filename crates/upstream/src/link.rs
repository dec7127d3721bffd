//! One connection, driven by the call that uses it.

use std::cell::Cell;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use crate::base::Base;
use crate::dial::{Wire, dial};
use crate::pieces::Pieces;

/// What reads and writes.
type Driven = Connection<TokioIo<Wire>, Pieces>;

/// A connection to a provider, and what it takes to use it. Nobody else drives it: it moves on when
/// it is polled, and rests while it is not.
pub(crate) struct Link {
    sender: SendRequest<Pieces>,
    /// `None` once it has ended.
    connection: Option<Pin<Box<Driven>>>,
    has_written: Rc<Cell<bool>>,
    /// Since when nobody uses it.
    pub(crate) idle_since: Instant,
}

/// Why there is no connection.
pub(crate) enum LinkError {
    Network(std::io::Error),
    Http(hyper::Error),
}

impl Link {
    /// Connects.
    pub(crate) async fn dial(base: &Base, connector: &TlsConnector) -> Result<Self, LinkError> {
        let has_written = Rc::new(Cell::new(false));
        let wire =
            dial(base, connector, Rc::clone(&has_written)).await.map_err(LinkError::Network)?;
        let (sender, connection) =
            Builder::new().handshake(TokioIo::new(wire)).await.map_err(LinkError::Http)?;
        let connection = Some(Box::pin(connection));
        Ok(Self { sender, connection, has_written, idle_since: Instant::now() })
    }

    /// Drives the connection as far as it goes now.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && connection.as_mut().poll(cx).is_ready()
        {
            // How it ended is told to whoever waits for an answer.
            self.connection = None;
        }
    }

    /// Whether the next request can be sent.
    pub(crate) fn is_ready(&self) -> bool {
        self.connection.is_some() && self.sender.is_ready()
    }

    /// Whether it is still open, after a look at what came from the other side.
    pub(crate) async fn is_alive(&mut self) -> bool {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(())
        })
        .await;
        self.is_ready()
    }

    /// Sends a request and waits for the head of its answer. From the first byte of it on, `sent` is
    /// true.
    pub(crate) async fn send(
        &mut self,
        request: Request<Pieces>,
        sent: &Cell<bool>,
    ) -> Result<Response<Incoming>, hyper::Error> {
        self.has_written.set(false);
        let mut answer = Box::pin(self.sender.send_request(request));
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                    return Poll::Ready(answer);
                }
                let Some(connection) = &mut self.connection else { return Poll::Pending };
                let driven = connection.as_mut().poll(cx);
                sent.set(self.has_written.get());
                match driven {
                    Poll::Ready(_) => self.connection = None,
                    Poll::Pending => return answer.as_mut().poll(cx),
                }
            }
        })
        .await
    }
}
