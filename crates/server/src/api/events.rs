//! `POST /api/v1/events`: usage events in, exactly once.
//!
//! They are what files of events are: an event that came in by one way is known by the other. Nothing is
//! acknowledged before it is committed, so that whoever gets no answer sends everything again.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use centime_answers::schema::{self, Kind};
use centime_core::entry::Entry;
use centime_engine::Pricer;
use centime_engine::ingest::{ChargePolicy, Ingest};
use centime_ledger::{Appended, LedgerError};
use centime_providers::event::{Constants, read_event};
use http::StatusCode;
use http::header::CONTENT_ENCODING;
use http::request::Parts;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Answer, Api, Store, health};

/// The kind of record, within which ids are unique: that of files of events.
const SOURCE: &str = "events";
/// How many entries are written at once.
const BATCH: usize = 16_384;
/// How many refused events are listed; a body of nothing else must not make an answer many times its
/// size.
const REFUSED_MAX: usize = 1_000;

/// What became of the events.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Outcome {
    /// How many came in.
    new: u64,
    /// How many were in already.
    known: u64,
    /// Those that were refused.
    refused: Vec<Refused>,
    /// How many more were.
    #[serde(skip_serializing_if = "is_zero")]
    refused_more: u64,
}

/// An event that is not in, and why.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Refused {
    line: u64,
    id: Option<String>,
    error: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks this way")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Answers a request.
pub(super) async fn post<B>(api: &Api, parts: &Parts, body: B) -> Answer
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    if parts.headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        let said = "events are sent as they are, without `Content-Encoding`";
        return super::error(parts, StatusCode::UNSUPPORTED_MEDIA_TYPE, "compressed", said);
    }
    let body = match Limited::new(body, api.body_bytes_max).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let said = format!("a body has at most {} bytes; send several", api.body_bytes_max);
            return super::error(parts, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", &said);
        }
        Err(_) => {
            let said = "the body did not come to its end";
            return super::error(parts, StatusCode::BAD_REQUEST, "incomplete_body", said);
        }
    };
    let store = Arc::clone(&api.store);
    let said = match tokio::task::spawn_blocking(move || take_in(&*store, &body)).await {
        Ok(Ok(outcome)) => return super::json(StatusCode::OK, &outcome),
        Ok(Err(Refusal::Body(error))) => {
            return super::error(parts, StatusCode::BAD_REQUEST, "invalid_body", &error);
        }
        Ok(Err(Refusal::Ledger(error))) => {
            // Where the ledger is, is for operators alone.
            api.log.event("events_failed", &[("why", &error.to_string())]);
            health::reason(&error)
        }
        Err(_) => "the program has a defect",
    };
    let said = format!("{said}; send all of it again, what is in by then is known");
    super::error(parts, StatusCode::SERVICE_UNAVAILABLE, "ledger_unavailable", &said)
}

/// Why nothing can be said of each event.
#[derive(Debug)]
enum Refusal {
    Body(String),
    Ledger(LedgerError),
}

/// A record: the line it starts on, and its bytes.
type Record<'b> = (u64, &'b [u8]);

/// What may be sent.
pub(super) fn request_body() -> Value {
    let event = schema::named("UsageEvent");
    let any = json!({"anyOf": [event, schema::list(&event)]});
    json!({
        "required": true,
        "content": {
            "application/json": {"schema": any},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    })
}

/// A usage event and what becomes of events.
pub(super) fn schemas() -> Vec<schema::Named> {
    let member = |kind: Kind, says| schema::described(kind.schema(), says);
    let refused = schema::object(
        "An event that is not in.",
        [
            ("line", member(Kind::Count, "the line of the body that it starts on")),
            ("id", member(Kind::Maybe(&Kind::Text), "its id")),
            ("error", member(Kind::Text, "why")),
        ],
    );
    let outcome = schema::object(
        "What became of the events.",
        [
            ("new", member(Kind::Count, "how many came in")),
            ("known", member(Kind::Count, "how many were in already")),
            ("refused", schema::list(&refused)),
        ],
    );
    let more = member(Kind::Count, "how many more were refused than are listed");
    let outcome = schema::with_optional(outcome, [("refused_more", more)]);
    let event = schema::object("One call that was made.", [("model", member(Kind::Text, ""))]);
    let fields = FIELDS.iter().map(|&(name, kind, says)| (name, member(kind, says)));
    let event = schema::with_optional(event, fields);
    vec![("UsageEvent", event), ("EventsOutcome", outcome)]
}

/// The fields of an event beside its model; a test holds them against those that are read.
const FIELDS: &[(&str, Kind, &str)] = &[
    ("id", Kind::Text, "unique within its source; without one it is told by its content"),
    ("at", Kind::Text, "when the call was made; without it, now"),
    ("provider", Kind::Text, "where the model's name does not settle it"),
    ("response", Kind::Anything, "the provider's whole answer; or"),
    ("usage", Kind::Anything, "its usage object alone, as the provider sends it; or"),
    ("meters", Kind::NumberByName, "what was used, disjoint"),
    ("service_tier", Kind::Text, "in the provider's word"),
    ("region", Kind::Text, ""),
    ("options", Kind::Anything, "what else the call chose: size, quality, …"),
    ("batch", Kind::Flag, "whether it was part of a batch"),
    ("key", Kind::Text, "the name of a key; a key itself is never kept"),
    ("user", Kind::Text, ""),
    ("team", Kind::Text, ""),
    ("project", Kind::Text, ""),
    ("session", Kind::Text, ""),
    ("tags", Kind::TextByName, "at most 16"),
    ("metadata", Kind::Anything, "anything, up to 4 KiB"),
    ("status", Kind::Text, "how it ended; `ok` by default"),
    ("latency_ms", Kind::Count, ""),
    ("requests", Kind::Count, "how many calls it stands for"),
    ("reported_cost", Kind::Money, "what its source says it cost, US dollars"),
];

/// Takes in all events of a body.
fn take_in(store: &dyn Store, body: &[u8]) -> Result<Outcome, Refusal> {
    let records = records(body).map_err(Refusal::Body)?;
    let (now, zone, constants) = (store.now(), store.zone(), Constants::default());
    let mut pricer = Pricer::new(store.book());
    let mut ingest = Ingest::new(&mut pricer, SOURCE, ChargePolicy::Ours, store.key_names());
    let mut outcome = Outcome::default();
    let (mut lines, mut entries) = (Vec::new(), Vec::new());
    for (line, raw) in records {
        let entry = match std::str::from_utf8(raw).map(|text| read_event(text, &constants, &zone)) {
            Err(_) => Err((None, "not UTF-8".to_owned())),
            Ok(Err(error)) => Err((error.id.clone(), error.to_string())),
            Ok(Ok(event)) => {
                let id = event.id.clone();
                ingest.entry(event, raw, now).map_err(|error| (id, error.to_string()))
            }
        };
        match entry {
            Ok(entry) => {
                lines.push(line);
                entries.push(entry);
            }
            Err((id, error)) => outcome.refuse(line, id, error),
        }
        if entries.len() == BATCH {
            outcome.write(store, &lines, &entries)?;
            lines.clear();
            entries.clear();
        }
    }
    outcome.write(store, &lines, &entries)?;
    outcome.refused.sort_by_key(|refused| refused.line);
    Ok(outcome)
}

impl Outcome {
    fn refuse(&mut self, line: u64, id: Option<String>, error: String) {
        if self.refused.len() < REFUSED_MAX {
            self.refused.push(Refused { line, id, error });
        } else {
            self.refused_more += 1;
        }
    }

    fn write(
        &mut self,
        store: &dyn Store,
        lines: &[u64],
        entries: &[Entry],
    ) -> Result<(), Refusal> {
        if entries.is_empty() {
            return Ok(());
        }
        let answers = store.append(entries).map_err(Refusal::Ledger)?;
        for ((line, entry), answer) in lines.iter().zip(entries).zip(answers) {
            match answer {
                Appended::New => self.new += 1,
                Appended::Known => self.known += 1,
                Appended::Conflict => self.refuse(*line, entry.own_id.clone(), conflict(entry)),
            }
        }
        Ok(())
    }
}

fn conflict(entry: &Entry) -> String {
    let what = match &entry.own_id {
        Some(id) => format!("the id `{id}` is in the ledger with other content"),
        None => "the same record is in the ledger with other fields set".to_owned(),
    };
    format!("conflict: {what}; an entry is never changed, so give this event an id of its own")
}

/// The records of a body: its one event, the elements of its array, or its lines.
fn records(body: &[u8]) -> Result<Vec<Record<'_>>, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let first_line = 1 + newlines(&body[..body.len() - body.trim_ascii_start().len()]);
    let text = body.trim_ascii();
    match text.first() {
        None => Err("the body is empty; send an event, an array of them, or one a line".to_owned()),
        Some(b'[') => elements(text, first_line),
        // One event may stand on several lines.
        Some(_) if serde_json::from_slice::<&RawValue>(text).is_ok() => {
            Ok(vec![(first_line, text)])
        }
        Some(_) => {
            let lines = (1..).zip(body.split(|&byte| byte == b'\n'));
            let lines = lines.map(|(number, line)| (number, line.trim_ascii()));
            Ok(lines.filter(|(_, line)| !line.is_empty()).collect())
        }
    }
}

/// The elements of an array, as they stand there.
fn elements(text: &[u8], first_line: u64) -> Result<Vec<Record<'_>>, String> {
    let elements: Vec<&RawValue> = serde_json::from_slice(text)
        .map_err(|error| format!("the body begins as an array, and is none: {error}"))?;
    let (mut line, mut rest) = (first_line, &text[1..]);
    let mut records = Vec::with_capacity(elements.len());
    for element in elements {
        let raw = element.get().as_bytes();
        // Before an element stand space and a comma, and nothing else.
        let is_between = |byte: &u8| *byte == b',' || byte.is_ascii_whitespace();
        let start = rest.iter().position(|byte| !is_between(byte)).unwrap_or(rest.len());
        let (before, after) = rest.split_at(start);
        line += newlines(before);
        records.push((line, raw));
        line += newlines(raw);
        rest = &after[raw.len().min(after.len())..];
    }
    Ok(records)
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).fold(0, |count, _| count + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_providers::event::keys;

    #[test]
    fn every_field_of_an_event_is_in_the_document() {
        let mut documented: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
        documented.push("model");
        documented.sort_unstable();
        let mut read: Vec<&str> = keys().collect();
        read.sort_unstable();
        assert_eq!(documented, read);
    }

    #[test]
    fn a_body_is_an_event_an_array_or_lines() {
        let event = r#"{"a":"[\n"}"#;
        for (body, expected) in [
            (event.to_owned(), vec![(1, event)]),
            (format!("\u{feff}\n {event} \r\n"), vec![(2, event)]),
            ("{\n \"a\": 1\n}\n".to_owned(), vec![(1, "{\n \"a\": 1\n}")]),
            (format!("{event}\r\n\n{event}"), vec![(1, event), (3, event)]),
            (format!("{event}\nx\n{event}\n"), vec![(1, event), (2, "x"), (3, event)]),
            (format!("[{event},{event}]"), vec![(1, event), (1, event)]),
            (
                format!("\n[\n {event},\n{{\n}}\n,\n[\n],[[]], 5]\n"),
                vec![(3, event), (4, "{\n}"), (7, "[\n]"), (8, "[[]]"), (8, "5")],
            ),
            ("[]".to_owned(), vec![]),
        ] {
            let expected: Vec<Record<'_>> =
                expected.iter().map(|(line, text)| (*line, text.as_bytes())).collect();
            assert_eq!(records(body.as_bytes()).unwrap(), expected, "{body}");
        }
        for body in ["", " \n", "[", "[{}", "[{}]x"] {
            assert!(records(body.as_bytes()).is_err(), "{body}");
        }
    }
}
