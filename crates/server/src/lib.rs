//! The front of the gateway: the listener, and what keeps strangers out.
//!
//! [`Server`] takes up connections and hands each request that may come in to a [`Service`]. [`Api`]
//! answers what is no call to forward: usage events, figures, and how the gateway is.

mod admin;
mod answer;
mod error;
mod front;
mod log;
mod received;
mod service;

pub mod framing;
mod guard;
mod listener;

mod api;
mod metrics;

pub use admin::AdminKey;
pub use api::{Answer, Api, Store};
pub use error::ServeError;
pub use front::{Front, Limits};
pub use guard::{Guard, GuardError, PathFault, Refusal};
pub use listener::{Server, Stop};
pub use log::Log;
pub use metrics::{Ended, Metrics, WorkerMetrics};
pub use received::{ReceiveError, Received};
pub use service::{Peer, Service};
