//! Slack, by an incoming webhook, as [Block Kit](https://docs.slack.dev/block-kit/).
//!
//! The limits are Slack's: 50 blocks, 150 characters of a header, 3,000 of a section; and a whole message of
//! some 13,000 characters is refused although each of its blocks is within them.

use std::fmt;

use centime_core::alert::{Alert, Severity};
use serde_json::{Value, json};

use super::Outgoing;
use crate::notice::{Digest, Notice};
use crate::words::clipped;

/// The longest header, in UTF-16 units, which count for two where they make one character.
const HEADER_UNITS_MAX: usize = 150;
/// The longest text of a section.
const SECTION_UNITS_MAX: usize = 2_800;
/// The longest text of an alert.
const ALERT_UNITS_MAX: usize = 550;
/// The longest message.
const MESSAGE_UNITS_MAX: usize = 11_000;
/// The most alerts that one message lists.
const ALERTS_MAX: usize = 18;
/// The most parts that a digest has.
const PARTS_MAX: usize = 40;

/// A channel of Slack.
#[derive(Clone)]
pub struct Slack {
    url: String,
}

impl Slack {
    /// By the address of an incoming webhook, which is a secret.
    #[must_use]
    pub const fn new(url: String) -> Self {
        Self { url }
    }

    pub(super) fn outgoing<'a>(&'a self, body: &'a str) -> Outgoing<'a> {
        Outgoing::Post { url: &self.url, headers: Vec::new(), body }
    }

    pub(super) fn bodies(&self, notice: Notice<'_>) -> Vec<String> {
        let (fallback, blocks) = match notice {
            Notice::Alerts(alerts) => of_alerts(alerts),
            Notice::Digest(digest) => of_digest(digest),
            Notice::Test => {
                let text = "This channel of Centime works.";
                (text.to_owned(), vec![section(text, SECTION_UNITS_MAX)])
            }
        };
        vec![json!({"text": escaped(&fallback, SECTION_UNITS_MAX), "blocks": blocks}).to_string()]
    }
}

impl fmt::Debug for Slack {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Slack(***)")
    }
}

fn of_alerts(alerts: &[&Alert]) -> (String, Vec<Value>) {
    let title = match alerts {
        [alert] => {
            format!("{}: {} {}", word(alert.severity), alert.rule, clipped(&alert.subject, 80))
        }
        _ => format!("{} alerts", alerts.len()),
    };
    let mut blocks = vec![header(&format!("Centime – {title}"))];
    let mut sorted = alerts.to_vec();
    // What matters most is not what is left out.
    sorted.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.amount.pico().cmp(&a.amount.pico())));
    for alert in sorted.iter().take(ALERTS_MAX) {
        let text = format!("{} {}", mark(alert.severity), alert.message);
        blocks.push(section(&text, ALERT_UNITS_MAX));
    }
    if let Some(more) = alerts.len().checked_sub(ALERTS_MAX).filter(|more| *more > 0) {
        blocks.push(section(&format!("… and {more} more: `centime alerts list`"), ALERT_UNITS_MAX));
    }
    let fallback = sorted.first().map_or_else(
        || title.clone(),
        |alert| match alerts.len() {
            1 => alert.message.clone(),
            count => format!("{count} alerts; first: {}", alert.message),
        },
    );
    (fallback, blocks)
}

fn of_digest(digest: &Digest) -> (String, Vec<Value>) {
    let mut blocks = vec![header(&digest.title)];
    let mut left = MESSAGE_UNITS_MAX;
    for (heading, lines) in digest.parts.iter().take(PARTS_MAX) {
        let text = format!("*{heading}*\n{}", lines.join("\n"));
        let block = escaped(&text, SECTION_UNITS_MAX.min(left));
        let Some(rest) = left.checked_sub(units(&block)).filter(|rest| *rest > 200) else {
            blocks.push(section("… more: `centime report full`", SECTION_UNITS_MAX));
            break;
        };
        left = rest;
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": block}}));
    }
    (digest.title.clone(), blocks)
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

const fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => ":information_source:",
        Severity::Warning => ":warning:",
        Severity::Critical => ":rotating_light:",
    }
}

fn header(text: &str) -> Value {
    // Plain text has no entities, and what is plain is not escaped.
    let text = cut(&clipped(text, HEADER_UNITS_MAX), HEADER_UNITS_MAX, str::to_owned);
    json!({"type": "header", "text": {"type": "plain_text", "text": text, "emoji": false}})
}

fn section(text: &str, units_max: usize) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": escaped(text, units_max)}})
}

/// A text in which nothing is a mention or a link, cut where it is too long.
fn escaped(text: &str, units_max: usize) -> String {
    cut(text, units_max, |char| match char {
        "&" => "&amp;".to_owned(),
        "<" => "&lt;".to_owned(),
        ">" => "&gt;".to_owned(),
        char => char.to_owned(),
    })
}

/// Writes each character as it is written there, until there is no more room; no entity is cut.
fn cut(text: &str, units_max: usize, written: impl Fn(&str) -> String) -> String {
    let (mut cut, mut count) = (String::new(), 0);
    let mut buffer = [0; 4];
    for char in text.chars() {
        let char = match char {
            char if char.is_control() && char != '\n' => ' ',
            char => char,
        };
        let piece = written(char.encode_utf8(&mut buffer));
        count += units(&piece);
        if count >= units_max {
            cut.push('…');
            return cut;
        }
        cut.push_str(&piece);
    }
    cut
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use centime_core::money::TotalPicoUsd;
    use proptest::prelude::*;

    use super::*;

    fn alert(subject: &str, message: &str) -> Alert {
        Alert {
            rule: "user_limit".into(),
            severity: Severity::Critical,
            subject: subject.into(),
            amount: TotalPicoUsd::ZERO,
            limit: TotalPicoUsd::ZERO,
            since: None,
            window: 0,
            step: 100,
            message: message.to_owned(),
        }
    }

    /// Slack's documented limits, and that of the whole.
    fn check(body: &str) {
        let body: Value = serde_json::from_str(body).unwrap();
        let blocks = body["blocks"].as_array().unwrap();
        assert!((1..=50).contains(&blocks.len()));
        let mut whole = 0;
        for block in blocks {
            let text = block["text"]["text"].as_str().unwrap();
            let max = if block["type"] == "header" { 150 } else { 3000 };
            assert!(!text.is_empty() && units(text) <= max, "{}", units(text));
            if block["type"] == "section" {
                assert!(!text.contains('<') && !text.contains('>'), "{text}");
            }
            whole += units(text);
        }
        assert!(whole <= 13_000, "{whole}");
        assert!(units(body["text"].as_str().unwrap()) <= 3000);
    }

    proptest! {
        #[test]
        fn slacks_limits_are_kept_whatever_the_names(
            names in proptest::collection::vec("(?s).{0,40}|[<>&]{2000}|😀{900}|a{9000}", 1..70),
        ) {
            let alerts: Vec<Alert> = names.iter().map(|name| alert(name, &format!("of {name}"))).collect();
            let slack = Slack::new(String::new());
            for body in slack.bodies(Notice::Alerts(&alerts.iter().collect::<Vec<_>>())) {
                check(&body);
            }
            let parts = names.iter().map(|name| (name.clone(), names.clone())).collect();
            let (title, report) = (names[0].clone(), String::new());
            let digest = Digest { title: format!("T {title}"), since: None, until: None, parts, report };
            for body in slack.bodies(Notice::Digest(&digest)) {
                check(&body);
            }
            slack.bodies(Notice::Test).iter().for_each(|body| check(body));
        }
    }

    #[test]
    fn nobody_is_mentioned_by_a_name() {
        let hostile = alert("<!channel>", "`<!channel>` & <https://evil.example|here> spent");
        let body = Slack::new(String::new()).bodies(Notice::Alerts(&[&hostile])).remove(0);
        assert!(body.contains("&lt;!channel&gt;") && !body.contains("|here> spent"), "{body}");
    }
}
