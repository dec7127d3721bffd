//! Where a request ends: what watches a connection and what serves it must not disagree.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use centime_server::framing::Framing;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};

/// How often a connection is polled: each time it does something, so that this is no bound for what
/// a fuzzer makes.
const POLLS_MAX: usize = 100_000;

/// Every request that the HTTP library hands on, and that is not doubtful, begins where the watch saw
/// a head begin; in whatever pieces the bytes come, the watch sees the same.
pub(crate) fn watched(bytes: &[u8]) {
    let mut framing = Framing::default();
    let mut starts = Vec::new();
    for (offset, byte) in bytes.iter().enumerate() {
        let heads = framing.heads();
        framing.see(std::slice::from_ref(byte));
        if framing.heads() > heads {
            starts.push(offset);
        }
    }
    let mut at_once = Framing::default();
    at_once.see(bytes);
    assert_eq!((at_once.heads(), at_once.fault()), (framing.heads(), framing.fault()));
    let doubtful = framing
        .fault()
        .map_or(usize::MAX, |(first, _)| usize::try_from(first).unwrap_or(usize::MAX));
    for (number, method) in (1..).zip(served(bytes)) {
        if number >= doubtful {
            break;
        }
        let start = starts.get(number - 1).copied().unwrap_or_else(|| {
            panic!("request {number} was served, and {} heads were seen", starts.len())
        });
        let line = format!("{method} ");
        assert!(bytes[start..].starts_with(line.as_bytes()), "request {number} is not at {start}");
    }
}

/// The methods of the requests that the HTTP library hands on, each after its whole body.
fn served(bytes: &[u8]) -> Vec<Method> {
    let methods = RefCell::new(Vec::new());
    let service = service_fn(|request: Request<Incoming>| {
        methods.borrow_mut().push(request.method().clone());
        async {
            let _ = request.into_body().collect().await;
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    let connection = http1::Builder::new()
        .max_headers(100)
        .max_header_size(64 << 10)
        .serve_connection(Input(bytes.to_vec().into()), service);
    let mut connection = pin!(connection);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..POLLS_MAX {
        if connection.as_mut().poll(&mut context).is_ready() {
            break;
        }
    }
    methods.take()
}

/// A client that has said everything, and reads nothing.
struct Input(Bytes);

impl Read for Input {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut space: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let fits = self.0.len().min(space.remaining());
        space.put_slice(&self.0.split_to(fits));
        Poll::Ready(Ok(()))
    }
}

impl Write for Input {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
