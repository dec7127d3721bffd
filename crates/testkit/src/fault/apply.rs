//! What faults do to an answer, and to the script of it.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::header::HeaderMap;
use serde_json::Value;

use super::{Fault, Faults};
use crate::answer::{Answer, Content};
use crate::refusal::Refusal;
use crate::script::{Script, Step, set};
use crate::shape::Wire;

/// What is repeated where an answer is to be long.
const FILLER_BYTES: usize = 64 << 10;

/// What is sent before a cut is on its way before the cut is.
const BEFORE_CUT: Duration = Duration::from_millis(10);

impl Faults {
    /// The answer that is given in place of the one that was asked for.
    pub(crate) fn in_place(&self, wire: Wire) -> Option<Answer> {
        self.list.iter().find_map(|fault| match fault {
            Fault::Status(status) => Some(Refusal::of_status(*status).answer(wire)),
            Fault::Redirect(to) => {
                let mut answer = Refusal::of_status(307).answer(wire);
                answer.headers.push(("location", to.clone()));
                Some(answer)
            }
            _ => None,
        })
    }

    /// Takes out of the answer what is to be missing.
    pub(crate) fn change(&self, answer: &mut Answer) {
        if !self.list.contains(&Fault::NoUsage) {
            return;
        }
        match &mut answer.content {
            Content::Json(value) => forget_usage(value),
            Content::Events(events, _) => {
                events.iter_mut().for_each(|event| forget_usage(&mut event.data));
            }
            Content::Bytes(..) => {}
        }
    }

    /// Rewrites the script.
    pub(crate) fn rewrite(&self, script: &mut Script) {
        for fault in &self.list {
            fault.rewrite(script);
        }
    }
}

impl Fault {
    fn rewrite(&self, script: &mut Script) {
        match self {
            Self::Hang => script.head_after = None,
            Self::Latency(latency) => {
                script.head_after = script.head_after.map(|after| after + *latency);
            }
            Self::RetryAfter(after) => retry_after(&mut script.headers, *after),
            Self::Headers => hostile(&mut script.headers),
            Self::Huge(bytes) => huge(script, *bytes),
            Self::Endless => endless(script),
            Self::Malformed => malformed(script),
            Self::Gzip => gzip(script),
            Self::Gap(gap) => script.rewrite(|bytes| vec![Step::Wait(*gap), Step::Send(bytes)]),
            Self::Drip(gap) => script.rewrite(|bytes| drip(&bytes, *gap)),
            Self::HangAfter(count) => end_after(script, *count, vec![Step::Hang]),
            Self::Cut(count) => {
                end_after(script, *count, vec![Step::Wait(BEFORE_CUT), Step::Close]);
            }
            Self::Reset(count) => {
                end_after(script, *count, vec![Step::Wait(BEFORE_CUT), Step::Reset]);
            }
            Self::Status(_) | Self::Redirect(_) | Self::NoUsage => {}
        }
    }
}

/// Takes out what says what was used, at any depth.
fn forget_usage(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["usage", "usageMetadata", "meta"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(forget_usage);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_usage),
        _ => {}
    }
}

/// <https://github.com/openai/openai-python>: clients ask `retry-after-ms` first.
fn retry_after(headers: &mut HeaderMap, after: Duration) {
    headers.remove("retry-after");
    if after.subsec_millis() > 0 {
        set(headers, "retry-after-ms", &after.as_millis().to_string());
    }
    let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
    set(headers, "retry-after", &seconds.to_string());
}

/// What a provider must never bring to a client of Centime.
fn hostile(headers: &mut HeaderMap) {
    for (name, value) in [
        ("set-cookie", "session=stolen; Path=/"),
        ("x-centime-cost", "1"),
        ("x-centime-entry", "forged"),
        ("x-centime-budget-remaining", "999999"),
        ("connection", "x-hop"),
        ("x-hop", "for one hop alone"),
        ("access-control-allow-origin", "*"),
    ] {
        set(headers, name, value);
    }
}

fn filler() -> Bytes {
    Bytes::from(vec![b'x'; FILLER_BYTES])
}

fn huge(script: &mut Script, bytes: u64) {
    if script.is_stream {
        // The second event: the first one often says what only a first one says.
        let second = script.pieces().nth(1);
        if let Some(at) = second
            && let Step::Send(event) = &script.steps[at]
        {
            let length = u64::try_from(event.len()).unwrap_or(u64::MAX).max(1);
            script.steps[at] = Step::Repeat(event.clone(), bytes / length);
        }
        return;
    }
    let times = bytes / FILLER_BYTES as u64;
    script.rewrite(|answer| match answer.strip_prefix(b"{") {
        Some(rest) => vec![
            Step::Send(Bytes::from_static(b"{\"padding\":\"")),
            Step::Repeat(filler(), times),
            Step::Send(Bytes::from([b"\",", rest].concat())),
        ],
        None => vec![Step::Send(answer), Step::Repeat(filler(), times)],
    });
}

fn endless(script: &mut Script) {
    let start: &[u8] = if script.is_stream { b"data: {\"padding\":\"" } else { b"{\"padding\":\"" };
    let kept = if script.is_stream { 1 } else { 0 };
    let at = script.pieces().nth(kept).unwrap_or(script.steps.len());
    script.steps.truncate(at);
    script.steps.push(Step::Send(Bytes::copy_from_slice(start)));
    script.steps.push(Step::Repeat(filler(), u64::MAX));
    // Nobody can say how long it is.
    script.is_stream = true;
}

fn malformed(script: &mut Script) {
    let target = script.pieces().nth(usize::from(script.is_stream));
    if let Some(at) = target
        && let Step::Send(bytes) = &script.steps[at]
    {
        let half = &bytes[..bytes.len() / 2];
        let end: &[u8] = if script.is_stream { b"\n\n" } else { b"" };
        script.steps[at] = Step::Send(Bytes::from([half, end].concat()));
    }
}

/// Each piece is packed so that it can be unpacked before the next one comes.
fn gzip(script: &mut Script) {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    let mut pack = |bytes: &[u8]| -> std::io::Result<Bytes> {
        packer.write_all(bytes)?;
        packer.flush()?;
        Ok(Bytes::from(std::mem::take(packer.get_mut())))
    };
    script.rewrite(|bytes| vec![Step::Send(pack(&bytes).unwrap_or(bytes))]);
    if let Ok(end) = packer.finish() {
        script.steps.push(Step::Send(Bytes::from(end)));
    }
    set(&mut script.headers, "content-encoding", "gzip");
}

fn drip(bytes: &Bytes, gap: Duration) -> Vec<Step> {
    let one = |at: usize| [Step::Wait(gap), Step::Send(bytes.slice(at..=at))];
    (0..bytes.len()).flat_map(one).collect()
}

/// Ends a stream after so many pieces, and an answer after so many bytes.
fn end_after(script: &mut Script, count: u64, end: Vec<Step>) {
    script.promised = script.promised.or((!script.is_stream).then(|| script.length()));
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if script.is_stream {
        let at = script.pieces().nth(count).unwrap_or(script.steps.len());
        script.steps.truncate(at);
    } else {
        let mut left = count;
        script.rewrite(|bytes| {
            let sent = bytes.slice(..bytes.len().min(left));
            left -= sent.len();
            if sent.is_empty() { Vec::new() } else { vec![Step::Send(sent)] }
        });
    }
    script.steps.extend(end);
}
