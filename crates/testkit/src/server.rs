//! The provider as a server: listener, connections, and the handle to it.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::config::{Config, Mode};
use crate::flow::Flow;
use crate::record::Received;
use crate::refusal::Refusal;
use crate::script::Script;
use crate::shape::Wire;
use crate::simulation::Simulation;
use crate::tally::Counts;

/// The longest body that is read.
const BODY_BYTES_MAX: usize = 512 << 20;

/// How long a listener that can take no connection waits before it tries again.
const ACCEPT_AGAIN: Duration = Duration::from_millis(20);

/// A provider of models that is not one, listening. Dropped, it stops.
#[derive(Debug)]
pub struct SimulatedProvider {
    simulation: Arc<Simulation>,
    address: SocketAddr,
    stop: watch::Sender<()>,
}

impl SimulatedProvider {
    /// Starts a provider on a listener, on the tokio runtime that it is called in. It speaks HTTP/1.1,
    /// and HTTP/2 with clients that know beforehand.
    ///
    /// # Errors
    /// When the listener cannot be listened to.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(config: Config, listener: TcpListener) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (stop, _) = watch::channel(());
        let provider = Self { simulation: Arc::new(Simulation::new(config)), address, stop };
        provider.listen_too(listener)?;
        Ok(provider)
    }

    /// Listens to another listener as well, or to a copy of the first one on the runtime of another
    /// thread: under load, each core takes its share.
    ///
    /// # Errors
    /// When the listener cannot be listened to.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn listen_too(&self, listener: TcpListener) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::spawn(listen(Arc::clone(&self.simulation), listener, self.stop.subscribe()));
        Ok(())
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as clients write it: `http://127.0.0.1:4010`. Those of OpenAI add `/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.simulation.tally.counts()
    }

    /// The last requests, as many as are recorded, in the order in which their bodies were whole.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.simulation.record.received()
    }

    /// Closes the listeners and every connection, also where an answer is on its way.
    pub async fn shutdown(self) {
        let _ = self.stop.send(());
        self.stop.closed().await;
    }
}

/// Takes connections until it is told to stop, or nobody holds the provider any more.
async fn listen(
    simulation: Arc<Simulation>,
    listener: tokio::net::TcpListener,
    mut stop: watch::Receiver<()>,
) {
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(converse(Arc::clone(&simulation), stream, stop.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
            },
            _ = stop.changed() => return,
        }
    }
}

/// Answers the requests of one connection.
async fn converse(simulation: Arc<Simulation>, stream: TcpStream, mut stop: watch::Receiver<()>) {
    // Small events are to leave at once.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Connection { stream, reset: Arc::clone(&reset) });
    let service = service_fn(|request| {
        let (simulation, reset) = (Arc::clone(&simulation), Arc::clone(&reset));
        async move { Ok::<_, Infallible>(answer(&simulation, request, reset).await) }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    tokio::select! {
        // A client that goes away, or was sent away, is no error here.
        _ = builder.serve_connection(io, service) => {}
        _ = stop.changed() => {}
    }
}

async fn answer(
    simulation: &Simulation,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Response<Flow> {
    simulation.tally.received();
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        let wire = Wire::of(head.uri.path(), &head.headers);
        let script = Script::at_once(&Refusal::of_status(413).answer(wire));
        let flow = Flow::new(script.steps.into(), None, reset, None);
        return response(script.status, script.headers, flow);
    };
    let body = body.to_bytes();
    if simulation.config.mode == Mode::Canned {
        let can = simulation.canned.answer(&simulation.config, &head, &body);
        if !can.head_after.is_zero() {
            tokio::time::sleep(can.head_after).await;
        }
        let receipt = simulation.tally.sending(can.given.clone());
        let flow = Flow::new(Arc::clone(&can.steps), can.length, reset, Some(receipt));
        return response(can.status, can.headers.clone(), flow);
    }
    let (script, receipt) = simulation.play(&head, &body);
    match script.head_after {
        None => std::future::pending().await,
        Some(after) if !after.is_zero() => tokio::time::sleep(after).await,
        Some(_) => {}
    }
    let length = script.told_length();
    let flow = Flow::new(script.steps.into(), length, reset, Some(receipt));
    response(script.status, script.headers, flow)
}

fn response(status: u16, headers: HeaderMap, flow: Flow) -> Response<Flow> {
    let mut response = Response::new(flow);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = headers;
    response
}

/// A connection that can be reset instead of closed.
struct Connection {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
