//! What answers requests.

use std::error::Error;
use std::net::SocketAddr;
use std::rc::Rc;

use bytes::Bytes;
use http::{Request, Response};

use crate::received::Received;

/// Who sends a request, and to which of our addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The address it comes from.
    pub address: SocketAddr,
    /// The address it came to.
    pub local: SocketAddr,
}

impl Peer {
    /// Somebody on this machine.
    #[doc(hidden)]
    #[must_use]
    pub fn of_test() -> Self {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self { address: at(50_000), local: at(4000) }
    }
}

/// What answers requests; one a worker, and never sent between threads.
pub trait Service: 'static {
    /// The body of its answers.
    type Body: http_body::Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>
        + Unpin
        + 'static;

    /// Answers a request that was let in. Where the client goes away the answer is dropped, wherever
    /// it is.
    fn call(
        self: &Rc<Self>,
        request: Request<Received>,
        peer: Peer,
    ) -> impl Future<Output = Response<Self::Body>>;
}
