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
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::http2;
use super::stop::Stop;
use super::watched::{Watch, Watched};
use crate::framing::Fault;
use crate::front::Limits;
use crate::guard::{self, Guard, Refusal};
use crate::log::Log;
use crate::received::Received;
use crate::service::{Peer, Service};

/// What HTTP/2 begins with, where a client knows that it is spoken.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the connections of a worker share.
pub(super) struct Desk<S> {
    pub(super) service: Rc<S>,
    pub(super) guard: Rc<Guard>,
    pub(super) limits: Limits,
    pub(super) stop: Stop,
    pub(super) log: std::sync::Arc<Log>,
}

/// The answer of the service, or a refusal.
pub(super) type Answer<B> = Response<Either<B, Full<Bytes>>>;

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
        let io = Watched::new(stream, start, desk.limits.answer_time, None);
        http2::serve(desk, io, peer).await;
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
    let watched = Some((watch.clone(), desk.limits.body_time));
    let io = TokioIo::new(Watched::new(stream, start, desk.limits.answer_time, watched));
    let requests = Cell::new(0);
    let service = service_fn(|request| {
        requests.set(requests.get() + 1);
        let fault = watch.fault_of(requests.get());
        let desk = Rc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.answer(request, peer, fault, None).await) }
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

impl<S: Service> Desk<S> {
    /// Answers a request. `fault` makes its end doubtful; its body may pause for `pause_max`, where the
    /// connection itself is not watched for pauses.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        peer: Peer,
        fault: Option<Fault>,
        pause_max: Option<Duration>,
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
                    let request = Request::from_parts(parts, Received::new(body, pause_max));
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
