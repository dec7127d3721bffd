//! Webhooks, signed as [Standard Webhooks](https://www.standardwebhooks.com/) 1.0.0 says: HMAC-SHA-256 over
//! `id.timestamp.body`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use centime_answers::alerts::Shown;
use centime_core::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::Sha256;

use super::Outgoing;
use crate::notice::{Digest, Notice};

/// Any receiver of webhooks.
#[derive(Clone)]
pub struct Webhook {
    url: String,
    /// What messages are signed with; `None`: they are not.
    secret: Option<Vec<u8>>,
}

/// A secret that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no secret of a webhook: it is `whsec_` and the Base64 of 24 to 64 random bytes")]
pub struct BadSecret;

impl Webhook {
    /// A receiver at an address, with the secret that messages are signed with: `whsec_…`.
    ///
    /// # Errors
    /// When the secret is none.
    pub fn new(url: String, secret: Option<&str>) -> Result<Self, BadSecret> {
        let decoded = |secret: &str| {
            let bytes = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
            (24..=64).contains(&bytes.len()).then_some(bytes)
        };
        let secret = secret.map(|secret| decoded(secret).ok_or(BadSecret)).transpose()?;
        Ok(Self { url, secret })
    }

    pub(super) fn outgoing<'a>(&'a self, id: &str, body: &'a str, now: Timestamp) -> Outgoing<'a> {
        let seconds = now.micros().div_euclid(1_000_000).to_string();
        let mut headers = vec![("webhook-id", id.to_owned())];
        if let Some(secret) = &self.secret
            && let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret)
        {
            for part in [id, ".", &seconds, ".", body] {
                mac.update(part.as_bytes());
            }
            let signature = STANDARD.encode(mac.finalize().into_bytes());
            headers.push(("webhook-signature", format!("v1,{signature}")));
        }
        headers.push(("webhook-timestamp", seconds));
        Outgoing::Post { url: &self.url, headers, body }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Webhook(***)")
    }
}

/// What a message is: its kind, when it was made, and what it tells.
#[derive(Serialize)]
struct Envelope<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: T,
}

#[derive(Serialize)]
struct DigestData<'d> {
    title: &'d str,
    since: Option<String>,
    until: Option<String>,
    text: String,
    report: Option<&'d RawValue>,
}

#[derive(Serialize)]
struct TestData {
    message: &'static str,
}

/// The JSON of a notice: an alert a message.
pub(super) fn bodies(notice: Notice<'_>, at: Timestamp) -> Vec<String> {
    let kind = notice.kind();
    match notice {
        Notice::Alerts(alerts) => {
            alerts.iter().flat_map(|alert| envelope(kind, at, Shown(alert))).collect()
        }
        Notice::Digest(digest) => {
            let Digest { title, since, until, .. } = digest;
            let data = DigestData {
                title,
                since: since.map(|at| at.to_string()),
                until: until.map(|at| at.to_string()),
                text: digest.text(),
                report: serde_json::from_str(&digest.report).ok(),
            };
            envelope(kind, at, data).into_iter().collect()
        }
        Notice::Test => {
            let data = TestData { message: "this channel of Centime works" };
            envelope(kind, at, data).into_iter().collect()
        }
    }
}

fn envelope(kind: &'static str, at: Timestamp, data: impl Serialize) -> Option<String> {
    serde_json::to_string(&Envelope { kind, timestamp: at.to_string(), data }).ok()
}

impl Digest {
    /// All of it as a text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.title.clone();
        for (heading, lines) in &self.parts {
            text.push_str("\n\n");
            text.push_str(heading);
            for line in lines {
                text.push('\n');
                text.push_str(line);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // The example of the reference libraries' own tests: their secret, id, moment and body.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let webhook = Webhook::new("http://127.0.0.1/".to_owned(), Some(secret)).unwrap();
        let now = Timestamp::from_micros(1_614_265_330_999_999);
        let outgoing =
            webhook.outgoing("msg_p5jXN8AQM9LWM0D4loKWxJek", r#"{"test": 2432232314}"#, now);
        let Outgoing::Post { headers, .. } = outgoing else { panic!("it is posted") };
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned();
        assert!(headers.contains(&("webhook-signature", signature)), "{headers:?}");
        assert!(headers.contains(&("webhook-timestamp", "1614265330".to_owned())));
        assert!(!format!("{webhook:?}").contains("MfKQ"));
        for bad in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_YWJj", "whsec_é"] {
            assert!(Webhook::new(String::new(), Some(bad)).is_err(), "{bad}");
        }
    }
}
