//! What operators read: one JSON object a line, one line an event.
//!
//! Events are rare: start, stop, what was refused, what failed. A call that goes well is in the ledger.
//! No line has content or a credential in it, and whoever provokes events fills no disk with them, nor
//! keeps others from being told: each kind of event has room of its own.

use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use centime_core::time::Timestamp;

/// The most lines a second of each kind of event; those beyond are counted.
const LINES_PER_SECOND_MAX: u64 = 50;

/// Where events are told.
pub struct Log(Option<Mutex<Open>>);

struct Open {
    out: Box<dyn Write + Send>,
    now: fn() -> Timestamp,
    /// How many lines there were of each kind in the last second that had any.
    kinds: Vec<Kind>,
}

struct Kind {
    event: &'static str,
    second: i64,
    lines: u64,
}

impl Log {
    /// Tells events to a writer, with the moment that a clock says.
    ///
    /// ```
    /// use centime_server::Log;
    ///
    /// let log = Log::new(std::io::sink(), || "2026-11-01T12:00:00Z".parse().unwrap());
    /// log.event("started", &[("address", "127.0.0.1:4000")]);
    /// ```
    #[must_use]
    pub fn new(out: impl Write + Send + 'static, now: fn() -> Timestamp) -> Self {
        Self(Some(Mutex::new(Open { out: Box::new(out), now, kinds: Vec::new() })))
    }

    /// Tells nobody.
    #[must_use]
    pub fn silent() -> Self {
        Self(None)
    }

    /// Tells an event. Where nobody can be told, the calls go on.
    pub fn event(&self, event: &'static str, fields: &[(&str, &str)]) {
        let Some(open) = &self.0 else { return };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = open.tell(event, fields);
    }
}

impl Open {
    fn tell(&mut self, event: &'static str, fields: &[(&str, &str)]) -> std::io::Result<()> {
        let at = (self.now)();
        let second = at.micros().div_euclid(1_000_000);
        if !self.kinds.iter().any(|kind| kind.event == event) {
            self.kinds.push(Kind { event, second, lines: 0 });
        }
        for kind in self.kinds.iter_mut().filter(|kind| kind.second != second) {
            let left_out = kind.lines.saturating_sub(LINES_PER_SECOND_MAX);
            (kind.second, kind.lines) = (second, 0);
            if left_out > 0 {
                let fields = [("of", kind.event), ("lines", &left_out.to_string())];
                self.out.write_all(line(at, "left_out", &fields).as_bytes())?;
            }
        }
        for kind in self.kinds.iter_mut().filter(|kind| kind.event == event) {
            kind.lines += 1;
            if kind.lines > LINES_PER_SECOND_MAX {
                return Ok(());
            }
        }
        // In one write, so that no other line gets in between.
        self.out.write_all(line(at, event, fields).as_bytes())?;
        self.out.flush()
    }
}

fn line(at: Timestamp, event: &str, fields: &[(&str, &str)]) -> String {
    let mut line = format!("{{\"at\":\"{at}\",\"event\":{}", json(event));
    for (name, value) in fields {
        line.push_str(&format!(",{}:{}", json(name), json(value)));
    }
    line.push_str("}\n");
    line
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl fmt::Debug for Log {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_some() { "Log" } else { "Log(silent)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Shared {
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(str::to_owned).collect()
        }
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_a_line_whatever_is_in_it() {
        let out = Shared::default();
        let log = Log::new(out.clone(), || "2026-11-01T12:00:00Z".parse().unwrap());
        log.event("refused", &[("peer", "[::1]:5"), ("code", "a\"b\nc")]);
        assert_eq!(
            out.lines(),
            [
                r#"{"at":"2026-11-01T12:00:00Z","event":"refused","peer":"[::1]:5","code":"a\"b\nc"}"#
            ]
        );
        Log::silent().event("refused", &[]);
    }

    #[test]
    fn who_provokes_events_fills_no_disk() {
        static NOW: AtomicI64 = AtomicI64::new(0);
        let out = Shared::default();
        let log = Log::new(out.clone(), || Timestamp::from_micros(NOW.load(Ordering::Relaxed)));
        (0..80).for_each(|_| log.event("refused", &[]));
        assert_eq!(out.lines().len(), 50);
        // Others are told meanwhile.
        log.event("stopping", &[]);
        assert!(out.lines()[50].contains("stopping"));
        NOW.store(1_000_000, Ordering::Relaxed);
        log.event("stopped", &[]);
        let lines = out.lines();
        let left_out = r#""event":"left_out","of":"refused","lines":"30""#;
        assert!(lines[51].contains(left_out), "{}", lines[51]);
        assert!(lines[52].contains("stopped") && lines.len() == 53);
    }
}
