//! One connection: which protocol it speaks, and its requests, each through the guard.

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::stop::Stop;
use super::watched::{Watch, Watched};
use crate::framing::Fault;
use crate::front::Limits;
use crate::guard::{self, Guard, Refusal};
use crate::log::Log;
use crate::service::{Peer, Service};

/// What HTTP/2 begins with, where a client knows that it is spoken.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How often a client that keeps HTTP/2 open is asked whether it is there, and how long it may take.
const PING_EVERY: Duration = Duration::from_secs(60);
const PING_TIME: Duration = Duration::from_secs(20);

/// What the connections of a worker share.
pub(super) struct Desk<S> {
    pub(super) service: Rc<S>,
    pub(super) guard: Rc<Guard>,
    pub(super) limits: Limits,
    pub(super) stop: Stop,
    pub(super) log: std::sync::Arc<Log>,
}

/// The answer of the service, or a refusal.
type Answer<B> = Response<Either<B, Full<Bytes>>>;

/// Serves a connection until it ends.
pub(super) async fn serve<S: Service>(desk: Rc<Desk<S>>, mut stream: TcpStream, peer: Peer) {
    // Small writes are whole events of a stream: none waits for the next.
    let _ = stream.set_nodelay(true);
    let told = tokio::time::timeout(desk.limits.head_time, read_start(&mut stream));
    let start = tokio::select! {
        told = told => match told {
            Ok(Ok(start)) => start,
            _ => return,
        },
        () = desk.stop.is_draining() => return,
    };
    if start.starts_with(PREFACE) {
        serve_http2(desk, Watched::new(stream, start, None), peer).await;
    } else {
        serve_http1(desk, stream, start, peer).await;
    }
}

/// How much is read at once to begin with: most requests are shorter.
const START_BYTES: usize = 4096;

/// Reads at least as much as tells the protocol.
async fn read_start(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(START_BYTES);
    while start.len() < PREFACE.len() && PREFACE.starts_with(&start) {
        if stream.read_buf(&mut start).await? == 0 {
            break;
        }
    }
    Ok(start)
}

async fn serve_http1<S: Service>(desk: Rc<Desk<S>>, stream: TcpStream, start: Vec<u8>, peer: Peer) {
    let watch = Watch::default();
    let io =
        TokioIo::new(Watched::new(stream, start, Some((watch.clone(), desk.limits.body_time))));
    let requests = Cell::new(0);
    let service = service_fn(|request| {
        requests.set(requests.get() + 1);
        let fault = watch.fault_of(requests.get());
        let desk = Rc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.answer(request, peer, fault).await) }
    });
    let limits = &desk.limits;
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(limits.headers)
        .max_header_size(limits.head_bytes)
        .max_buf_size(limits.head_bytes.max(16 << 10))
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    // How a connection ends is between it and its client: each call has told its own end.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = desk.stop.is_draining() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn serve_http2<S: Service>(desk: Rc<Desk<S>>, io: Watched, peer: Peer) {
    let service = service_fn(|request| {
        let desk = Rc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.answer(request, peer, None).await) }
    });
    let limits = &desk.limits;
    // Floods of resets are bounded by the library: 20 that wait to be taken up, 1024 of bad streams.
    let connection = http2::Builder::new(OnThisThread)
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIME)
        .serve_connection(TokioIo::new(io), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = desk.stop.is_draining() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

impl<S: Service> Desk<S> {
    async fn answer(
        &self,
        request: Request<Incoming>,
        peer: Peer,
        fault: Option<Fault>,
    ) -> Answer<S::Body> {
        let has_body = !request.body().is_end_stream();
        let (parts, body) = request.into_parts();
        let origin = self.guard.allowed_origin(&parts.headers);
        let checked = match fault {
            Some(fault) => Err(Refusal::Framing(fault)),
            None => self.guard.check(&parts, &peer, has_body),
        };
        let mut answer = match checked {
            Err(refusal) => {
                self.log.event(
                    "refused",
                    &[("peer", &peer.address.to_string()), ("code", refusal.code())],
                );
                refusal.answer(parts.uri.path()).map(Either::Right)
            }
            Ok(()) => match guard::preflight(&parts, origin.as_ref()) {
                Some(headers) => {
                    let mut answer = Response::new(Either::Right(Full::default()));
                    *answer.status_mut() = StatusCode::NO_CONTENT;
                    *answer.headers_mut() = headers;
                    return answer;
                }
                None => {
                    let request = Request::from_parts(parts, body);
                    self.service.call(request, peer).await.map(Either::Left)
                }
            },
        };
        if let Some(origin) = origin {
            guard::allow(answer.headers_mut(), origin);
        }
        answer
    }
}

/// Runs what a connection begins on the thread that serves it.
#[derive(Debug, Clone, Copy)]
struct OnThisThread;

impl<F: Future<Output = ()> + 'static> Executor<F> for OnThisThread {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}
