//! A receiver of webhooks that fails as receivers do.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Takes it.
    Kind,
    /// Hangs up before it has read anything.
    Away,
    /// Has too much to do, and asks to be left alone for a second.
    Busy,
    /// Takes it, and the answer is lost.
    Mute,
    /// Fails.
    Broken,
}

/// A message that was read whole.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    /// What it did with it.
    pub(crate) mood: Mood,
}

/// A receiver, listening as long as the process lives.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    mood: Mood,
    got: Vec<Got>,
    /// How often it was tried since it is in its mood.
    tried: usize,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { mood: Mood::Kind, got: Vec::new(), tried: 0 }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || drop(take(&stream, &state)));
            }
        });
        Self { address, state }
    }

    pub(crate) fn be(&self, mood: Mood) {
        let mut state = self.state.lock().unwrap();
        (state.mood, state.tried) = (mood, 0);
    }

    /// What it took: all that it read, but what it refused.
    pub(crate) fn taken(&self) -> Vec<Got> {
        let taken = |got: &&Got| matches!(got.mood, Mood::Kind | Mood::Mute);
        self.state.lock().unwrap().got.iter().filter(taken).cloned().collect()
    }

    /// How often it was tried since it is in its mood.
    pub(crate) fn tried(&self) -> usize {
        self.state.lock().unwrap().tried
    }

    /// How many it refused.
    pub(crate) fn refused(&self) -> usize {
        let refused = |got: &&Got| !matches!(got.mood, Mood::Kind | Mood::Mute);
        self.state.lock().unwrap().got.iter().filter(refused).count()
    }
}

fn take(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mood = {
        let mut state = state.lock().unwrap();
        state.tried += 1;
        state.mood
    };
    if mood == Mood::Away {
        return Ok(());
    }
    let mut reader = BufReader::new(stream);
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    reader.read_line(&mut line)?;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_lowercase(), value.to_owned()),
            None => break,
        };
    }
    let length = headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8(body).unwrap();
    state.lock().unwrap().got.push(Got { headers, body, mood });
    let mut stream = stream;
    match mood {
        Mood::Kind => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"),
        Mood::Busy => stream.write_all(
            b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ),
        Mood::Broken => stream.write_all(
            b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ),
        Mood::Away | Mood::Mute => Ok(()),
    }
}
