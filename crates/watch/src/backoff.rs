//! What becomes of a message that was sent: whether it arrived, and when it is tried again.

use std::time::Duration;

use centime_core::time::Timestamp;
use centime_ledger::{Delivery, Sent};

use crate::words::clipped;

/// The first time to wait; each is twice the one before.
const FIRST: Duration = Duration::from_secs(1);
/// The longest time between two attempts that nobody asked for.
const LONGEST: Duration = Duration::from_secs(3600);
/// The longest time that a receiver may ask for.
const ASKED_MAX: Duration = Duration::from_secs(24 * 3600);
/// For how long a message is tried.
const TRIED_FOR: Duration = Duration::from_secs(3 * 24 * 3600);

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A status of HTTP, with what its `Retry-After` says and the beginning of what it has to say.
    Status(u16, Option<String>, String),
    /// Nothing: why, without the address, which may be a secret.
    Nothing(String),
}

/// What becomes of a delivery whose receiver answered so.
///
/// What it cannot ever take (400, 413, 415, 422) and what is gone for good (410) is given up; everything
/// else is tried again, at first after a second and then ever more seldom, for three days.
#[must_use]
pub fn judge(delivery: &Delivery, answer: &Answer, now: Timestamp) -> Sent {
    let (why, asked) = match answer {
        Answer::Status(200..=299, ..) => return Sent::Delivered,
        Answer::Status(status, retry_after, text) => {
            let text = clipped(text, 200);
            let text = if text.is_empty() { text } else { format!(": {text}") };
            let why = format!("the receiver answered {status}{text}");
            if matches!(status, 400 | 410 | 413 | 415 | 422) {
                return Sent::GivenUp { why };
            }
            (why, retry_after.as_deref().and_then(|text| asked(text, now)))
        }
        Answer::Nothing(why) => (clipped(why, 200), None),
    };
    let age = now.micros().saturating_sub(delivery.created_at.micros());
    if age > micros(TRIED_FOR) {
        return Sent::GivenUp { why: format!("{why}; it was tried for three days") };
    }
    let own = FIRST.saturating_mul(1 << delivery.attempts.min(12)).min(LONGEST);
    let wait = asked.map_or(own, |asked| asked.clamp(FIRST, ASKED_MAX));
    Sent::Later { due_at: Timestamp::from_micros(now.micros().saturating_add(micros(wait))), why }
}

/// What `Retry-After` says: seconds, or a moment.
fn asked(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(ASKED_MAX.as_secs())));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_microsecond();
    u64::try_from(at.saturating_sub(now.micros())).ok().map(Duration::from_micros)
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use centime_ledger::Message;

    use super::*;

    fn after(attempts: u32, age_hours: i64, answer: &Answer) -> Result<i64, String> {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let created_at = Timestamp::from_micros(now.micros() - age_hours * 3_600_000_000);
        let message = Message {
            id: "m".to_owned(),
            channel: "ops".to_owned(),
            kind: "alert".to_owned(),
            body: "{}".to_owned(),
        };
        match judge(&Delivery { message, created_at, attempts }, answer, now) {
            Sent::Delivered => Ok(0),
            Sent::Later { due_at, .. } => Ok((due_at.micros() - now.micros()) / 1_000_000),
            Sent::GivenUp { why } => Err(why),
        }
    }

    #[test]
    fn what_fails_is_tried_ever_more_seldom() {
        let status = |status, retry_after: Option<&str>| {
            Answer::Status(status, retry_after.map(str::to_owned), "no".to_owned())
        };
        let nothing = Answer::Nothing("cannot connect".to_owned());
        for (attempts, answer, expected) in [
            (0, status(200, None), 0),
            (9, status(204, None), 0),
            (0, status(500, None), 1),
            (3, status(404, None), 8),
            (3, nothing.clone(), 8),
            (40, status(302, None), 3600),
            (0, status(429, Some("30")), 30),
            (0, status(429, Some("0")), 1),
            (2, status(429, Some("soon")), 4),
            (2, status(503, Some("Tue, 24 Nov 2026 12:01:00 GMT")), 60),
            (2, status(503, Some("Tue, 24 Nov 2020 12:01:00 GMT")), 4),
            (2, status(429, Some("99999999999999")), 86_400),
        ] {
            assert_eq!(after(attempts, 1, &answer), Ok(expected), "{answer:?}");
        }
        for given_up in [400, 410, 413] {
            assert!(after(0, 0, &status(given_up, None)).is_err(), "{given_up}");
        }
        assert_eq!(after(60, 72, &nothing), Ok(3600));
        assert!(after(60, 73, &nothing).unwrap_err().contains("three days"));
    }
}
