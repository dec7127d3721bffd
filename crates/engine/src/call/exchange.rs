//! A call from its request to the head of its answer: identify → attribute → resolve → intend →
//! forward. The body of the answer carries on from there.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use centime_core::budget::Payer;
use centime_providers::wire::error::Code;
use centime_providers::wire::request::{Asked, Changes};
use centime_providers::wire::{Door, Endpoint};
use centime_upstream::{Pieces, SendError};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, Request, Response, Uri};
use http_body::Body;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use super::admit::{Admission, Answer, Asking, Held, admit};
use super::attribute::attribute;
use super::auto::{AUTO, Undecided, budget_of};
use super::headers;
use super::house::{House, Worker};
use super::identify::{Identity, identify};
use super::identity::new_uid;
use super::provider::Provider;
use super::record::Intent;
use super::refusal::Refusal;
use super::reply::Reply;
use super::resolve::Route;
use super::respond::{self, Wish};
use super::settle::{self, Attempt, Duty, Outcome};
use super::worst::Bound;

/// How often a call that waits for the holds of others looks whether they have ended.
const HOLD_LOOK: Duration = Duration::from_millis(10);

/// A body up to this length is copied out of the buffer that it came in, which is longer.
const COPIED_BYTES_MAX: usize = 4096;

/// A call that is ready to be made.
pub(super) struct Prepared {
    pub(super) attempt: Attempt,
    pub(super) held: Held,
    pub(super) wish: Wish,
    request: Request<Pieces>,
}

impl Worker {
    /// Answers a request that came in by a provider's path.
    ///
    /// The future may be dropped at any moment, and so may the answer's body: the call is settled
    /// then.
    pub async fn call<B>(self: Rc<Self>, request: Request<B>, door: Door<'_>) -> Response<Reply>
    where
        B: Body<Data = Bytes>,
        B::Error: std::fmt::Display,
    {
        let wire = door.wire;
        let answered = match self.prepare(request, door).await {
            Ok(prepared) => Rc::clone(&self).make(prepared).await,
            Err(refusal) => Err(refusal),
        };
        answered.unwrap_or_else(|refusal| {
            self.house.observer.refused();
            respond::refused(wire, &refusal)
        })
    }

    /// Makes a call; one that is read on without its client on a task of its own.
    async fn make(self: Rc<Self>, prepared: Prepared) -> Result<Response<Reply>, Refusal> {
        if self.house.limits.drain.is_none() {
            // By itself, so that the connection does not keep room for it as long as it stands.
            return Box::pin(self.forward(prepared)).await;
        }
        let task = tokio::task::spawn_local(self.forward(prepared));
        task.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Refusal::new(Code::Internal, "the gateway is being shut down")),
        })
    }

    /// Everything up to the moment at which the request could leave.
    async fn prepare<B>(
        self: &Rc<Self>,
        request: Request<B>,
        door: Door<'_>,
    ) -> Result<Prepared, Refusal>
    where
        B: Body<Data = Bytes>,
        B::Error: std::fmt::Display,
    {
        let begun = Instant::now();
        let limits = &self.house.limits;
        let (head, body) = request.into_parts();
        let holder = self.admit(&head)?;
        let body = whole_body(&head.headers, body, limits.body_bytes_max).await?;
        let asked = read(&door, &head.headers, &body)?;
        let named = door.model.or(asked.model.as_deref()).unwrap_or_default();
        let route = |model: &str| {
            self.with_pricer(|pricer| {
                self.house.directory.route(pricer, door.wire, door.provider, model)
            })
        };
        let budget = budget_of(&head.headers)?;
        let undecided = Undecided {
            door: &door,
            asked: &asked,
            body: &body,
            holder: holder.as_ref(),
            now: (self.house.clock)(),
            budget,
        };
        let is_undecided = named == AUTO && door.provider.is_none();
        let Route { mut provider, mut model } = match is_undecided {
            true => self.choose_for(&head.headers, &undecided)?,
            false => route(named)?,
        };
        let identified = |provider: &Provider| {
            identify(&head.headers, provider, limits, &self.house.key_names, holder.clone())
        };
        let mut identity = identified(&provider)?;
        let user = asked.user.as_deref();
        let mut attribution = attribute(&head.headers, identity.label(), identity.key(), user)?;
        identity.count(&head.method, named, (&provider, &model), (self.house.clock)())?;
        if let (Some(user), None) = (&attribution.user, &attribution.team) {
            attribution.team = self.house.bank.team_of(user).map(Into::into);
        }
        let mut now = (self.house.clock)();
        if is_undecided
            && let Some(other) =
                self.choose_within_budgets(&undecided, &attribution, (&provider, &model))
        {
            Route { provider, model } = other;
            identity = identified(&provider)?;
        }
        let uid = new_uid(now);
        let has_effect = head.method != http::Method::GET;
        let mut is_downgraded = false;
        let Admission { held, quote, output_limit, remaining } = loop {
            let payer = Arc::new(Payer {
                attribution: attribution.clone(),
                provider: provider.name.clone(),
                model: model.clone(),
            });
            let bound = self.with_pricer(|pricer| {
                Bound::of(pricer, &provider.name, &model, (&asked, &body), now, has_effect)
            });
            let asking = Asking { uid, payer: &payer, body: &body, now, budget, is_downgraded };
            match admit(&self.house, bound, &asking)? {
                Answer::Admitted(admission) => break admission,
                Answer::Full(refusal) if begun.elapsed() >= limits.hold_wait => {
                    return Err(refusal);
                }
                Answer::Full(_) => {
                    tokio::time::sleep(HOLD_LOOK).await;
                    now = (self.house.clock)();
                }
                Answer::Downgrade(other) => {
                    is_downgraded = true;
                    Route { provider, model } = route(&other)?;
                    identity = identified(&provider)?;
                }
            }
        };

        let is_stream = door.is_stream.unwrap_or(asked.is_stream);
        let hides_usage = provider.tells_usage
            && is_stream
            && !asked.has_usage
            && door.endpoint.has_stream_options();
        let changes = Changes {
            model: Some(model.as_str()).filter(|model| *model != named),
            with_usage: hides_usage,
            output_limit_tokens: output_limit,
            // Only OpenAI itself knows its newer name for the limit.
            limit_name: (door.endpoint == Endpoint::ChatCompletions && provider.name != "openai")
                .then_some("max_tokens"),
        };
        let edits =
            asked.edits(&changes).map_err(|error| Refusal::bad_request(error.to_string()))?;
        let request = upstream_request(&head, &door, &provider, &model, &identity)?;
        let request = request.map(|()| edits.apply(&body).into_iter().collect());
        let wish = Wish {
            wire: door.wire,
            endpoint: door.endpoint,
            is_stream,
            hides_usage,
            has_usage: asked.has_usage,
            // Google's own SDKs take a comment for JSON, and fail.
            knows_comments: !head.headers.contains_key("x-goog-api-client"),
            has_usage_cost: head.headers.get("x-centime-usage").is_some_and(|it| it == "true"),
            quote,
            output_limit,
            remaining,
        };
        let attempt = Attempt {
            intent: Intent { uid, at: now, provider: provider.name.clone(), model, attribution },
            provider,
            endpoint: door.endpoint,
            service_tier: asked.service_tier.as_deref().map(str::to_owned),
            output_limit_tokens: output_limit.or(asked.output_limit_tokens),
            answers: asked.answers,
            request: body.clone(),
            begun,
            prepared_in: Duration::ZERO,
        };
        Ok(Prepared { attempt, held, wish, request })
    }

    /// Keeps the intent, sends the request, and hands on the answer.
    async fn forward(self: Rc<Self>, prepared: Prepared) -> Result<Response<Reply>, Refusal> {
        let Prepared { attempt, held, wish, request } = prepared;
        let provider = Arc::clone(&attempt.provider);
        let timeouts = self.house.limits.timeouts;
        if !wish.endpoint.is_call() {
            let answer = self.pool.send(&provider.base, request, timeouts, &Cell::default()).await;
            let unanswered = |error| unanswered(&self.house, &provider, &error);
            return answer.map(respond::unmetered).map_err(unanswered);
        }
        let doubtful =
            self.with_pricer(|pricer| settle::doubtful(&self.house, pricer, &attempt, &held));
        let kept = self.house.recorder.intend(&doubtful).map_err(|error| lost(&error))?;
        let mut duty = Duty::new(Rc::clone(&self), attempt, held);
        if let Some(kept) = kept
            && let Err(error) = kept.await
        {
            duty.release();
            return Err(lost(&error));
        }
        duty.forwards();
        let sent = duty.sent();
        match self.pool.send(&provider.base, request, timeouts, &sent).await {
            Ok(answer) => Ok(respond::respond(&self, answer, duty, wish).await),
            Err(error) => {
                if error.was_sent() {
                    duty.settle(Outcome::in_doubt());
                } else {
                    duty.release();
                }
                Err(unanswered(&self.house, &provider, &error))
            }
        }
    }
}

/// The body of a request, whole: its model may be named at its very end.
async fn whole_body<B>(headers: &HeaderMap, body: B, bytes_max: usize) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes>,
    B::Error: std::fmt::Display,
{
    let too_large = || Refusal::body_too_large(bytes_max);
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| usize::try_from(length).map_or(true, |it| it > bytes_max)) {
        return Err(too_large());
    }
    let mut body = std::pin::pin!(body);
    let mut first = Bytes::new();
    let mut gathered = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Refusal::bad_request(format!("the body of the request broke off: {error}"))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + gathered.len() + data.len() > bytes_max {
            return Err(too_large());
        }
        if first.is_empty() && gathered.is_empty() {
            first = data;
            continue;
        }
        if gathered.is_empty() {
            // What is announced is not reserved: it costs nothing to announce.
            gathered.extend_from_slice(&std::mem::take(&mut first));
        }
        gathered.extend_from_slice(&data);
    }
    Ok(match gathered.is_empty() {
        // As long as it is kept, so is the buffer that it was read into, and there is one more.
        true if first.len() <= COPIED_BYTES_MAX => Bytes::copy_from_slice(&first),
        true => first,
        false => gathered.freeze(),
    })
}

/// What a request asks for. One without a body asks for nothing more than its path.
fn read<'a>(door: &Door<'_>, headers: &HeaderMap, body: &'a Bytes) -> Result<Asked<'a>, Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = content_type.is_some_and(|it| it.trim_start().starts_with("multipart/"));
    let asked = match content_type {
        _ if body.is_empty() => Asked::read(door.endpoint, b"{}"),
        Some(content_type) if is_form => Asked::read_form(door.endpoint, body, content_type),
        _ => Asked::read(door.endpoint, body),
    };
    asked.map_err(|error| Refusal::bad_request(error.to_string()))
}

/// The head of the request to the provider: the client's, without what is not for it, and with what
/// pays for it.
fn upstream_request(
    head: &Parts,
    door: &Door<'_>,
    provider: &Provider,
    model: &str,
    identity: &Identity,
) -> Result<Request<()>, Refusal> {
    let no_path = || Refusal::bad_request("what is called is no path of a provider");
    let path = match door.model {
        Some(_) => door.rest_with_model(model).ok_or_else(no_path)?,
        None => door.rest_at(provider.wire).to_owned(),
    };
    let path = match head.uri.query().and_then(headers::query_to_provider) {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let target = provider.base.path(&path).ok_or_else(no_path)?;
    let mut request = Request::new(());
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = Uri::from(target);
    let sent = request.headers_mut();
    *sent = headers::to_provider(&head.headers);
    sent.insert(HOST, provider.base.host_header());
    for (name, value) in &provider.headers {
        // A version that the client names itself stays.
        if !sent.contains_key(name) {
            sent.insert(name, value.clone());
        }
    }
    if !identity.credentials.is_empty() {
        for (name, value) in &provider.headers {
            if value.is_sensitive() {
                sent.remove(name);
            }
        }
        for (name, value) in &identity.credentials {
            sent.insert(name, value.clone());
        }
    }
    Ok(request)
}

/// What a client is told when its call got no answer.
fn unanswered(house: &House, provider: &Provider, error: &SendError) -> Refusal {
    let name = &provider.name;
    house.observer.unanswered(name, &error.to_string());
    if error.is_timeout() {
        let message = format!("the provider `{name}` did not answer in time");
        Refusal::new(Code::ProviderTimeout, message)
    } else {
        let message = format!("the provider `{name}` cannot be reached: {error}");
        Refusal::new(Code::ProviderUnreachable, message)
    }
}

/// What a client is told when its call cannot be recorded, and so is not made.
fn lost(error: &super::record::RecordError) -> Refusal {
    let message = format!("the call cannot be recorded and is not made: {error}");
    Refusal::new(Code::LedgerUnavailable, message)
}
