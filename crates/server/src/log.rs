//! What operators read: one JSON object a line, one line an event.
//!
//! Events are rare: start, stop, what was refused, what failed. A call that goes well is in the ledger.
//! No line has content or a credential in it, and whoever provokes events fills no disk with them.

use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use centime_core::time::Timestamp;

/// The most lines a second; those beyond are counted.
const LINES_PER_SECOND_MAX: u64 = 50;

/// Where events are told.
pub struct Log(Option<Mutex<Open>>);

struct Open {
    out: Box<dyn Write + Send>,
    now: fn() -> Timestamp,
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
        Self(Some(Mutex::new(Open { out: Box::new(out), now, second: i64::MIN, lines: 0 })))
    }

    /// Tells nobody.
    #[must_use]
    pub fn silent() -> Self {
        Self(None)
    }

    /// Tells an event. Where nobody can be told, the calls go on.
    pub fn event(&self, event: &str, fields: &[(&str, &str)]) {
        let Some(open) = &self.0 else { return };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = open.tell(event, fields);
    }
}

impl Open {
    fn tell(&mut self, event: &str, fields: &[(&str, &str)]) -> std::io::Result<()> {
        let at = (self.now)();
        let second = at.micros().div_euclid(1_000_000);
        if second != self.second {
            let left_out = self.lines.saturating_sub(LINES_PER_SECOND_MAX);
            (self.second, self.lines) = (second, 0);
            if left_out > 0 {
                self.out.write_all(
                    line(at, "left_out", &[("lines", &left_out.to_string())]).as_bytes(),
                )?;
            }
        }
        self.lines += 1;
        if self.lines > LINES_PER_SECOND_MAX {
            return Ok(());
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
        NOW.store(1_000_000, Ordering::Relaxed);
        log.event("stopped", &[]);
        let lines = out.lines();
        assert!(lines[50].contains(r#""event":"left_out","lines":"30""#), "{}", lines[50]);
        assert!(lines[51].contains("stopped") && lines.len() == 52);
    }
}
