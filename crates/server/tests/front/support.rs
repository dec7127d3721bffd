//! A gateway in the test's own process, and clients that say exactly the bytes they are told to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use centime_server::{Front, Peer, Received, ServeError, Server, Service, Stop};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};

/// Tells what it was sent; `/slow` takes a moment.
pub(crate) struct Echo;

impl Service for Echo {
    type Body = Full<Bytes>;

    async fn call(self: &Rc<Self>, request: Request<Received>, _: Peer) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        match parts.uri.path() {
            "/slow" => tokio::time::sleep(Duration::from_millis(400)).await,
            "/stuck" => std::future::pending().await,
            // Answers before it has read anything.
            "/early" => {
                let mut response = Response::new(Full::from("too large"));
                *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
                return response;
            }
            // More than any socket keeps for who does not read.
            "/large" => return Response::new(Full::from(vec![b' '; (64 << 20) + 1])),
            _ => {}
        }
        match body.collect().await {
            Ok(body) => {
                let length = body.to_bytes().len();
                Response::new(Full::from(format!("{} {} {length}", parts.method, parts.uri.path())))
            }
            Err(_) => {
                let mut response = Response::new(Full::default());
                *response.status_mut() = StatusCode::BAD_REQUEST;
                response
            }
        }
    }
}

/// A gateway that runs until it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) stop: Stop,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
}

/// The settings of a gateway on a free port of this machine.
pub(crate) fn front() -> Front {
    let mut front = Front::new("127.0.0.1:0".parse().unwrap());
    front.workers = std::num::NonZeroUsize::new(2);
    front
}

impl Running {
    pub(crate) fn start(front: Front) -> Self {
        let server = Server::bind(front).unwrap();
        let (address, stop) = (server.address(), server.stop());
        let thread = std::thread::spawn(move || server.run(|_| Ok::<_, String>(Echo)));
        Self { address, stop, thread: Some(thread) }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    /// Says some bytes and hears all that comes until the connection ends. A space of time lets a
    /// connection that stays open be told from one that ends.
    pub(crate) fn say(&self, bytes: impl AsRef<[u8]>) -> Heard {
        self.say_in_pieces(bytes.as_ref(), usize::MAX)
    }

    pub(crate) fn say_in_pieces(&self, bytes: &[u8], piece: usize) -> Heard {
        let mut stream = self.connect();
        stream.set_nodelay(true).unwrap();
        for bytes in bytes.chunks(piece) {
            // Who is refused early may find the connection gone.
            if stream.write_all(bytes).is_err() {
                break;
            }
            if piece < bytes.len() * 100 && piece != usize::MAX {
                std::thread::sleep(Duration::from_micros(300));
            }
        }
        hear(stream)
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Result<(), ServeError> {
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.end();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a client heard.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) text: String,
    /// Whether the connection ended by itself.
    pub(crate) is_closed: bool,
}

impl Heard {
    /// The statuses of the answers, in order.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let lines = self.text.lines().filter_map(|line| line.split_once("HTTP/1."));
        lines.map(|(_, line)| line[2..5].parse().unwrap()).collect()
    }
}

/// Hears until the connection ends, or nothing comes for a while.
pub(crate) fn hear(mut stream: TcpStream) -> Heard {
    stream.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
    let (mut heard, mut space) = (Vec::new(), [0; 4096]);
    let is_closed = loop {
        match stream.read(&mut space) {
            Ok(0) => break true,
            Ok(read) => heard.extend_from_slice(&space[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                panic!("reset after {}", String::from_utf8_lossy(&heard))
            }
            Err(_) => break false,
        }
    };
    Heard { text: String::from_utf8_lossy(&heard).into_owned(), is_closed }
}

/// A request that ends its connection.
pub(crate) fn last(line: &str, headers: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
}
