//! HTTP/2 connections: many calls at once, each bounded as if it had a connection of its own.
//!
//! What one client can make a gateway hold is the product of these bounds: a stream has a head, a window
//! that its body fills, and what is written and not yet taken; a connection has so many streams. Time is
//! bounded as in HTTP/1: a connection rests for as long as a head may take, and an answer that nobody
//! takes up is dropped.

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::rt::Executor;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::Instant;

use super::connection::Desk;
use super::watched::Watched;
use crate::front::Limits;
use crate::service::{Peer, Service};

/// The longest frame that is taken, the least that the protocol allows.
const FRAME_BYTES_MAX: u32 = 16 << 10;

/// How much of one body, and of all of a connection, is taken in before it is read.
const STREAM_WINDOW_BYTES: u32 = 512 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;

/// How much of an answer is written ahead of a client that does not take it up.
const SEND_BUFFER_BYTES: usize = 64 << 10;

/// How much is remembered of heads, to make later ones short.
const HEADER_TABLE_BYTES: u32 = 4 << 10;

/// How many calls may be begun and given up before anybody has taken them up.
const PENDING_RESETS_MAX: usize = 20;

/// How many streams a client may begin wrongly.
const WRONG_STREAMS_MAX: usize = 256;

/// How often a client that keeps a connection open is asked whether it is there, and how long it may
/// take to say so.
const PING_EVERY: Duration = Duration::from_secs(60);
const PING_TIME: Duration = Duration::from_secs(20);

tokio::task_local! {
    /// How the call that runs gets on.
    static PACE: Rc<Pace>;
}

/// Serves a connection until it ends.
pub(super) async fn serve<S: Service>(desk: Rc<Desk<S>>, io: Watched, peer: Peer) {
    let limits = desk.limits;
    let calls = Calls(Rc::new(State::new(limits.answer_time)));
    let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
        let desk = Rc::clone(&desk);
        async move {
            let answer = desk.answer(request, peer, None, Some(limits.body_time)).await;
            Ok::<_, Infallible>(answer.map(Paced))
        }
    });
    let connection = builder(&limits, calls.clone()).serve_connection(TokioIo::new(io), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = desk.stop.is_draining() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
            return;
        }
        () = calls.rest(limits.head_time) => {}
    }
    // Whoever never asked for anything is told nothing. Others may be about to ask: they are told that
    // this connection takes no more calls, and take up what is still on its way to them.
    if calls.0.begun.get() > 0 {
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(limits.answer_time, connection).await;
    }
}

fn builder(limits: &Limits, calls: Calls) -> http2::Builder<Calls> {
    let mut builder = http2::Builder::new(calls);
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .header_table_size(HEADER_TABLE_BYTES)
        .max_frame_size(FRAME_BYTES_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
        .max_local_error_reset_streams(WRONG_STREAMS_MAX)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIME);
    builder
}

/// The calls of a connection, which run on the thread that serves it.
#[derive(Clone)]
struct Calls(Rc<State>);

struct State {
    begun: Cell<u64>,
    in_flight: Cell<u32>,
    resting_since: Cell<Instant>,
    answer_time: Duration,
}

impl State {
    fn new(answer_time: Duration) -> Self {
        Self {
            begun: Cell::new(0),
            in_flight: Cell::new(0),
            resting_since: Cell::new(Instant::now()),
            answer_time,
        }
    }
}

impl Calls {
    /// Waits until no call has been in flight for so long.
    async fn rest(&self, time: Duration) {
        loop {
            let until = match self.0.in_flight.get() {
                0 => self.0.resting_since.get() + time,
                _ => Instant::now() + time,
            };
            tokio::time::sleep_until(until).await;
            if self.0.in_flight.get() == 0 && self.0.resting_since.get() + time <= Instant::now() {
                return;
            }
        }
    }
}

/// A call is whatever the library runs for a stream, from its head to the last byte of its answer.
impl<F: Future<Output = ()> + 'static> Executor<F> for Calls {
    fn execute(&self, future: F) {
        let in_flight = InFlight::new(&self.0);
        tokio::task::spawn_local(async move {
            let pace = Rc::new(Pace::default());
            let stalled = pace.stalls(in_flight.0.answer_time);
            tokio::select! {
                () = PACE.scope(Rc::clone(&pace), future) => {}
                // Dropping the call resets its stream.
                () = stalled => {}
            }
        });
    }
}

/// A call that is in flight until it is dropped.
struct InFlight(Rc<State>);

impl InFlight {
    fn new(state: &Rc<State>) -> Self {
        state.begun.set(state.begun.get() + 1);
        state.in_flight.set(state.in_flight.get() + 1);
        Self(Rc::clone(state))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get().saturating_sub(1));
        self.0.resting_since.set(Instant::now());
    }
}

/// Since when a call waits for its client to take up a piece of the answer.
#[derive(Default)]
struct Pace(Cell<Option<Instant>>);

impl Pace {
    /// Waits until the client has let a piece lie for so long.
    async fn stalls(&self, time: Duration) {
        loop {
            let until = self.0.get().unwrap_or_else(Instant::now) + time;
            tokio::time::sleep_until(until).await;
            if self.0.get().is_some_and(|since| since + time <= Instant::now()) {
                return;
            }
        }
    }
}

/// An answer that tells when a piece of it is handed over, and when the next is asked for.
struct Paced<B>(B);

impl<B: Body<Data = Bytes> + Unpin> Body for Paced<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = Pin::new(&mut self.0).poll_frame(cx);
        let lies_since = matches!(frame, Poll::Ready(Some(Ok(_)))).then(Instant::now);
        let _ = PACE.try_with(|pace| pace.0.set(lies_since));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
