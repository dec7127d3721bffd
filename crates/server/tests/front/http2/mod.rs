//! HTTP/2 from strangers who write their frames by hand. Each test ends by asking whether others, on the
//! same thread, have noticed anything.

mod floods;
mod frames;
mod requests;
mod silence;

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use centime_server::{Front, Limits};

use crate::support::{Running, front, hear, last};

/// A gateway of one thread, so that whoever holds it up holds up everybody.
fn gateway(limits: Limits) -> Running {
    let workers = std::num::NonZeroUsize::new(1);
    Running::start(Front { limits, workers, ..front() })
}

/// Limits short enough to be waited for.
fn short() -> Limits {
    Limits {
        head_time: Duration::from_millis(400),
        body_time: Duration::from_millis(400),
        answer_time: Duration::from_millis(400),
        ..Limits::default()
    }
}

/// Somebody else, whose call is under way.
struct Bystander(TcpStream);

impl Bystander {
    fn new(gateway: &Running) -> Self {
        let mut stream = gateway.connect();
        stream.write_all(last("GET /slow", "").as_bytes()).unwrap();
        Self(stream)
    }

    /// It is answered, and so is whoever comes now, soon.
    fn ends_unharmed(self, gateway: &Running) {
        assert_eq!(hear(self.0).statuses(), [200]);
        let start = Instant::now();
        assert_eq!(gateway.say(last("GET /", "")).statuses(), [200]);
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
}
