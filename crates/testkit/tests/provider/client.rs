//! A client that says of an answer whatever came of it.

use std::net::TcpListener;

use bytes::Bytes;
use centime_testkit::{Config, SimulatedProvider};
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// What came of an answer.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The frames that came.
    pub(crate) frames: Vec<Bytes>,
    /// Whether it came to its end.
    pub(crate) is_whole: bool,
}

pub(crate) fn start(config: Config) -> SimulatedProvider {
    SimulatedProvider::start(config, TcpListener::bind("127.0.0.1:0").unwrap()).unwrap()
}

/// Posts a body with headers written as `name: value`, and a key that every provider finds.
pub(crate) async fn post(
    provider: &SimulatedProvider,
    path: &str,
    headers: &[&str],
    body: impl ToString,
) -> Answered {
    let keys = ["authorization: Bearer k", "x-api-key: k", "x-goog-api-key: k"];
    let headers = [&keys, headers].concat();
    send(provider, "POST", path, &headers, body.to_string(), false).await
}

/// Sends a request, over HTTP/2 or HTTP/1.1.
pub(crate) async fn send(
    provider: &SimulatedProvider,
    method: &str,
    path: &str,
    headers: &[&str],
    body: String,
    is_h2: bool,
) -> Answered {
    let mut request =
        Request::builder().method(method).uri(format!("{}{path}", provider.base_url()));
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    let client = Client::builder(TokioExecutor::new()).http2_only(is_h2).build_http();
    let response = client.request(request).await.unwrap();
    let (head, mut body) = response.into_parts();
    let (mut frames, mut is_whole) = (Vec::new(), true);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => frames.extend(frame.into_data().ok()),
            Err(_) => {
                is_whole = false;
                break;
            }
        }
    }
    Answered { status: head.status.as_u16(), headers: head.headers, frames, is_whole }
}

impl Answered {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.frames.concat()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text()).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The data of each event.
    pub(crate) fn events(&self) -> Vec<String> {
        let text = self.text();
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(str::to_owned).collect()
    }
}
