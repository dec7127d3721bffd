//! Connections that wait for the next call.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use http::{Request, Response};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::answer::Answer;
use crate::base::Base;
use crate::dial;
use crate::error::SendError;
use crate::link::{Link, LinkError};
use crate::pieces::Pieces;

/// How long a connection may wait for its next call.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// How many may wait for calls to one provider.
const IDLE_COUNT_MAX: usize = 1024;

/// How long each part of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// From then until the head of the answer.
    pub first_byte: Duration,
    /// Between one piece of the answer and the next.
    pub idle: Duration,
    /// From the beginning to the end of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(120),
            idle: Duration::from_secs(60),
            total: Duration::from_secs(30 * 60),
        }
    }
}

/// The connections of one thread.
#[derive(Clone)]
pub struct Pool {
    shared: Rc<Shared>,
}

pub(crate) struct Shared {
    connector: TlsConnector,
    /// Those nobody uses, the one used last at the end.
    idle: RefCell<HashMap<Base, Vec<Link>>>,
}

impl Shared {
    /// Takes a connection back once its answer is read.
    pub(crate) fn take_back(&self, base: &Base, mut link: Link) {
        if !link.is_ready() {
            return;
        }
        link.idle_since = Instant::now();
        let mut idle = self.idle.borrow_mut();
        match idle.get_mut(base) {
            Some(links) if links.len() < IDLE_COUNT_MAX => links.push(link),
            Some(_) => {}
            None => {
                idle.insert(base.clone(), vec![link]);
            }
        }
    }
}

impl Pool {
    /// A pool without connections.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, rustls::Error> {
        let connector = dial::connector()?;
        Ok(Self { shared: Rc::new(Shared { connector, idle: RefCell::default() }) })
    }

    /// Sends a request and waits for the head of its answer. The request's URI is a path, and its
    /// `host` header that of the base.
    ///
    /// It is sent once: a request that may have reached the provider is never sent again here. To
    /// drop what this returns, or its answer, breaks the connection off; `sent` tells even then
    /// whether there was a call.
    ///
    /// # Errors
    /// When there is no answer; [`SendError::was_sent`] says whether there was a call.
    pub async fn send(
        &self,
        base: &Base,
        request: Request<Pieces>,
        timeouts: Timeouts,
        sent: &Cell<bool>,
    ) -> Result<Response<Answer>, SendError> {
        let begun = Instant::now();
        let mut link = match self.idle_link(base).await {
            Some(link) => link,
            None => self.dial(base, timeouts.connect).await?,
        };
        let authority = || base.authority().to_owned();
        match timeout(timeouts.first_byte.min(timeouts.total), link.send(request, sent)).await {
            Ok(Ok(response)) => Ok(response.map(|incoming| {
                let pool = Rc::clone(&self.shared);
                Answer::new(incoming, link, base.clone(), pool, timeouts, begun)
            })),
            Ok(Err(source)) => {
                let was_sent = sent.get();
                Err(SendError::Broken { authority: authority(), was_sent, source })
            }
            Err(_) => {
                let was_sent = sent.get();
                Err(SendError::AnswerTimeout { authority: authority(), was_sent })
            }
        }
    }

    /// The connection used last that is still open.
    async fn idle_link(&self, base: &Base) -> Option<Link> {
        loop {
            let mut link = self.shared.idle.borrow_mut().get_mut(base)?.pop()?;
            if link.idle_since.elapsed() > IDLE_MAX {
                // Those below it have waited longer.
                self.shared.idle.borrow_mut().remove(base);
                return None;
            }
            if link.is_alive().await {
                return Some(link);
            }
        }
    }

    async fn dial(&self, base: &Base, within: Duration) -> Result<Link, SendError> {
        let authority = || base.authority().to_owned();
        match timeout(within, Link::dial(base, &self.shared.connector)).await {
            Ok(Ok(link)) => Ok(link),
            Ok(Err(LinkError::Network(source))) => {
                Err(SendError::Connect { authority: authority(), source })
            }
            Ok(Err(LinkError::Http(source))) => {
                Err(SendError::Broken { authority: authority(), was_sent: false, source })
            }
            Err(_) => Err(SendError::ConnectTimeout { authority: authority() }),
        }
    }
}
