//! The head of an answer, and which way its body goes: held until its cost is known, or metered as
//! it passes.

use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use centime_core::entry::Status;
use centime_core::money::{PicoUsd, TotalPicoUsd};
use centime_providers::wire::error::{self, Code};
use centime_providers::wire::pass::{Framing, Rules, StreamPass};
use centime_providers::wire::{self, Endpoint, Wire};
use centime_providers::{Metered, read_answer};
use centime_upstream::{Answer, CutError, Pieces};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;

use super::encoded;
use super::headers;
use super::house::Worker;
use super::refusal::Refusal;
use super::reply::{Meter, Passing, Reply};
use super::settle::{Duty, Outcome};

const ENTRY: HeaderName = HeaderName::from_static("x-centime-entry");
const COST: HeaderName = HeaderName::from_static("x-centime-cost");
const PRICE_VERSION: HeaderName = HeaderName::from_static("x-centime-price-version");
const MODEL: HeaderName = HeaderName::from_static("x-centime-model");
const QUOTE: HeaderName = HeaderName::from_static("x-centime-quote");
const REMAINING: HeaderName = HeaderName::from_static("x-centime-budget-remaining");
const OUTPUT_LIMIT: HeaderName = HeaderName::from_static("x-centime-output-limit");

/// What the client wants to be told, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub(super) wire: Wire,
    pub(super) endpoint: Endpoint,
    pub(super) is_stream: bool,
    /// Whether the usage of the stream was asked for on its behalf, and is taken out again.
    pub(super) hides_usage: bool,
    /// Whether it asked for the usage of the stream itself.
    pub(super) has_usage: bool,
    /// Whether it takes comments in a stream for what they are.
    pub(super) knows_comments: bool,
    /// Whether it wants the cost in the usage of a unary answer.
    pub(super) has_usage_cost: bool,
    /// The most that the call may cost.
    pub(super) quote: Option<PicoUsd>,
    /// The output limit that was put on it.
    pub(super) output_limit: Option<u64>,
    /// What the tightest budget had left when it was admitted.
    pub(super) remaining: Option<TotalPicoUsd>,
}

/// The answer to a call that is refused, in the client's own words.
pub(super) fn refused(wire: Wire, refusal: &Refusal) -> Response<Reply> {
    let details: Vec<(&str, &str)> =
        refusal.details.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let text = error::body(wire, refusal.code, &refusal.message, &details);
    let mut response = Response::new(Reply::of_text(text));
    *response.status_mut() =
        StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    if let Some(wait_s) = refusal.retry_after_s {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_s));
    }
    response
}

/// The answer to what is no call of a model.
pub(super) fn unmetered(answer: Response<Answer>) -> Response<Reply> {
    let (mut head, body) = answer.into_parts();
    head.headers = headers::to_client(&head.headers);
    Response::from_parts(head, Reply::Plain(Box::new(body)))
}

/// Hands the answer of a call on.
pub(super) async fn respond(
    worker: &Rc<Worker>,
    answer: Response<Answer>,
    duty: Duty,
    wish: Wish,
) -> Response<Reply> {
    let (mut head, body) = answer.into_parts();
    let framing = framing_of(&head.headers, &wish);
    let coding = head.headers.get(CONTENT_ENCODING).cloned();
    head.headers = headers::to_client(&head.headers);
    if let Some(uid) = duty.uid() {
        tell(&mut head.headers, &ENTRY, &uid.to_string());
    }
    tell(&mut head.headers, &MODEL, duty.model());
    if let Some(quote) = wish.quote {
        tell(&mut head.headers, &QUOTE, &quote.to_string());
    }
    if let Some(limit) = wish.output_limit {
        tell(&mut head.headers, &OUTPUT_LIMIT, &limit.to_string());
    }
    if let Some(remaining) = wish.remaining {
        tell(&mut head.headers, &REMAINING, &remaining.to_string());
    }
    let status = if head.status.is_success() { Status::Ok } else { Status::Error };
    let drain = worker.house.limits.drain;
    let buffer_bytes = worker.house.limits.unary_buffer_bytes;
    let is_short = body
        .size_hint()
        .exact()
        .is_none_or(|exact| usize::try_from(exact).is_ok_and(|exact| exact <= buffer_bytes));
    match framing {
        Some(framing) if coding.is_none() => {
            if framing == Framing::Events {
                // A comment is put in, and what was asked for on the client's behalf is taken out.
                head.headers.remove(CONTENT_LENGTH);
            }
            let pass = StreamPass::new(Rules {
                endpoint: wish.endpoint,
                framing,
                is_usage_ours: wish.hides_usage,
                has_usage_cost: wish.has_usage,
            });
            let mut passing =
                Passing::new(body, Meter::Stream(Box::new(pass)), duty, status, drain);
            if !wish.knows_comments {
                passing = passing.without_comment();
            }
            Response::from_parts(head, Reply::Passing(Box::new(passing)))
        }
        None if is_short => match gather(body, buffer_bytes).await {
            Gathered::Whole(bytes) => whole(head, &bytes, coding.as_ref(), duty, status, &wish),
            Gathered::Begun(begun, rest) => {
                let mut passing = Passing::new(*rest, skim(coding.is_some()), duty, status, drain);
                passing.take(begun);
                Response::from_parts(head, Reply::Passing(Box::new(passing)))
            }
            Gathered::Cut(cut) => {
                duty.settle(Outcome { status: Status::Error, ..Outcome::default() });
                refused(wish.wire, &cut_off(&cut))
            }
        },
        _ => {
            let passing = Passing::new(body, skim(coding.is_some()), duty, status, drain);
            Response::from_parts(head, Reply::Passing(Box::new(passing)))
        }
    }
}

/// How the events of an answer are told apart, where it is a stream.
fn framing_of(headers: &HeaderMap, wish: &Wish) -> Option<Framing> {
    let framing = Framing::of(headers.get(CONTENT_TYPE)?.to_str().ok()?)?;
    // A document is a stream of JSON only where one was asked for: Google's, without `alt=sse`.
    let is_stream = wish.is_stream && matches!(wish.endpoint, Endpoint::Gemini(_));
    (framing == Framing::Events || is_stream).then_some(framing)
}

/// An answer that was to be held until its end.
enum Gathered {
    /// It is here.
    Whole(Bytes),
    /// It is longer than is held: what came so far, and the rest.
    Begun(Bytes, Box<Answer>),
    /// It broke off.
    Cut(CutError),
}

async fn gather(mut body: Answer, bytes_max: usize) -> Gathered {
    let mut first = Bytes::new();
    let mut gathered = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let data = match frame.map(http_body::Frame::into_data) {
            Ok(Ok(data)) => data,
            Ok(Err(_trailers)) => continue,
            Err(cut) => return Gathered::Cut(cut),
        };
        if first.is_empty() && gathered.is_empty() {
            first = data;
        } else {
            if gathered.is_empty() {
                gathered.extend_from_slice(&std::mem::take(&mut first));
            }
            gathered.extend_from_slice(&data);
        }
        if first.len() + gathered.len() > bytes_max {
            let begun = if gathered.is_empty() { first } else { gathered.freeze() };
            return Gathered::Begun(begun, Box::new(body));
        }
    }
    Gathered::Whole(if gathered.is_empty() { first } else { gathered.freeze() })
}

/// What is compressed passes unread where it is too long to be held.
fn skim(is_encoded: bool) -> Meter {
    if is_encoded { Meter::Blind } else { Meter::Skim(Box::default()) }
}

/// An answer that is here: metered, settled, and told what it cost.
fn whole(
    mut head: http::response::Parts,
    bytes: &Bytes,
    coding: Option<&HeaderValue>,
    duty: Duty,
    status: Status,
    wish: &Wish,
) -> Response<Reply> {
    let metered = match coding {
        None => meter(bytes),
        Some(coding) => encoded::decode(coding, bytes).and_then(|bytes| meter(&bytes)),
    };
    let status = match &metered {
        Some(Metered { status: Status::Error, .. }) => Status::Error,
        _ => status,
    };
    let seen = match &metered {
        None if status == Status::Ok => wire::answer_text(bytes),
        _ => String::new(),
    };
    let outcome = Outcome { status, metered, is_whole: true, seen, unseen_bytes: 0 };
    let settled = duty.settle(outcome);
    let mut pieces = Pieces::from(bytes.clone());
    if let Some(remaining) = settled.remaining {
        tell(&mut head.headers, &REMAINING, &remaining.to_string());
    }
    if let Some(cost) = settled.cost {
        let cost = cost.to_string();
        tell(&mut head.headers, &COST, &cost);
        if wish.has_usage_cost
            && coding.is_none()
            && let Some(edits) = wire::cost::with_cost(bytes, &cost)
        {
            pieces = edits.apply(bytes).into_iter().collect();
            // Its length is another now, and made anew.
            head.headers.remove(CONTENT_LENGTH);
        }
    }
    if let Some(version) = &settled.price_version {
        tell(&mut head.headers, &PRICE_VERSION, version);
    }
    Response::from_parts(head, Reply::Whole(pieces))
}

/// What a document says was used. One that cannot be read says nothing, and is counted instead.
fn meter(document: &[u8]) -> Option<Metered> {
    read_answer(std::str::from_utf8(document).ok()?).ok()
}

fn tell(headers: &mut HeaderMap, name: &HeaderName, value: &str) {
    // What no header can carry is not told: a name in another script, say.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn cut_off(cut: &CutError) -> Refusal {
    match cut {
        CutError::Broken(_) => Refusal::new(Code::ProviderUnreachable, cut.to_string()),
        CutError::Idle { .. } | CutError::Total => {
            Refusal::new(Code::ProviderTimeout, cut.to_string())
        }
    }
}
