//! Sending messages to channels.
//!
//! Redirections are not followed, and the variables of the environment for proxies are not read: a message
//! goes where the configuration says and nowhere else.

use std::io::Read as _;
use std::time::Duration;

use centime_core::time::Timestamp;
use centime_ledger::{Alerts, LedgerError, Message, Sent};
use centime_watch::{Answer, Channel, Notice, Outgoing, judge, messages};
use ureq::Agent;

use crate::app::now;
use crate::output::print_line;

/// The longest that a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// For how long a message is taken on: whoever has not sent it by then never will. In microseconds.
const TAKEN_US: i64 = 15_000_000;
/// How much of an answer is read.
const ANSWER_BYTES_MAX: u64 = 1024;

/// Sends a message, and says what came back.
pub(crate) fn send(outgoing: &Outgoing<'_>) -> Answer {
    match outgoing {
        Outgoing::Line(line) => match print_line(line) {
            Ok(()) => Answer::Status(200, None, String::new()),
            Err(_) => Answer::Nothing("standard output cannot be written".to_owned()),
        },
        Outgoing::Post { url, headers, body } => post(url, headers, body),
    }
}

fn post(url: &str, headers: &[(&'static str, String)], body: &str) -> Answer {
    let config = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(concat!("centime/", env!("CARGO_PKG_VERSION")));
    let mut request = config.build().new_agent().post(url).content_type("application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let mut answer = match request.send(body) {
        Ok(answer) => answer,
        // The address, which may be a secret, is in no text of these.
        Err(error) => return Answer::Nothing(without(&error.to_string(), url)),
    };
    let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = retry_after.map(str::to_owned);
    let status = answer.status().as_u16();
    let mut text = Vec::new();
    let _ = answer.body_mut().as_reader().take(ANSWER_BYTES_MAX).read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    Answer::Status(status, retry_after, without(text.trim(), url))
}

/// A text without an address in it.
fn without(text: &str, url: &str) -> String {
    text.replace(url, "***")
}

/// What became of the messages of a channel.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    /// How many arrived.
    pub messages: usize,
    /// Why one did not, if one did not.
    pub why: Option<String>,
}

/// Sends the next message of a channel where one is due. `None`: there is none.
///
/// # Errors
/// When the ledger failed.
pub(crate) fn deliver_next(
    ledger: &mut impl Alerts,
    name: &str,
    channel: &Channel,
) -> Result<Option<Sent>, LedgerError> {
    let taken_at = now();
    let until = Timestamp::from_micros(taken_at.micros().saturating_add(TAKEN_US));
    let Some(delivery) = ledger.take_message(name, taken_at, until)? else { return Ok(None) };
    let Message { id, body, .. } = &delivery.message;
    let answer = send(&channel.outgoing(id, body, taken_at));
    let sent = judge(&delivery, &answer, now());
    ledger.end_message(id, now(), &sent)?;
    Ok(Some(sent))
}

/// Sends what is due on a channel, until there is no more or the channel does not take it.
///
/// # Errors
/// When the ledger failed.
pub(crate) fn deliver(
    ledger: &mut impl Alerts,
    name: &str,
    channel: &Channel,
) -> Result<Delivered, LedgerError> {
    let mut delivered = Delivered::default();
    while let Some(sent) = deliver_next(ledger, name, channel)? {
        match sent {
            Sent::Delivered => delivered.messages += 1,
            Sent::GivenUp { why } => delivered.why = Some(why),
            Sent::Later { why, .. } => {
                delivered.why = Some(why);
                break;
            }
        }
    }
    Ok(delivered)
}

/// The messages that tell all of these channels of something.
pub(crate) fn announce<'c>(
    channels: impl IntoIterator<Item = &'c (String, Channel)>,
    notice: Notice<'_>,
    at: Timestamp,
) -> Vec<Message> {
    let channels = channels.into_iter();
    channels.flat_map(|(name, channel)| messages(name, channel, notice, at)).collect()
}
