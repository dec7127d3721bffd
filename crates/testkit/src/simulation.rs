//! From a request to the script of its answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hyper::http::request;

use crate::answer::Answer;
use crate::call::Call;
use crate::canned::Canned;
use crate::config::Config;
use crate::dice::digest;
use crate::fault::{FAULT_HEADER, FaultError, Faults};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::script::{Script, set};
use crate::shape::{Shape, Wire};
use crate::tally::{Receipt, Tally};

/// How many requests are remembered with their faults. After as many others, one that comes again is
/// new: memory is bounded, however long it runs.
const ATTEMPTS_MAX: usize = 1 << 20;

/// A provider without its listener.
#[derive(Debug)]
pub(crate) struct Simulation {
    pub(crate) config: Config,
    pub(crate) tally: Arc<Tally>,
    pub(crate) record: Record,
    pub(crate) canned: Canned,
    /// How often a request came with the same faults.
    attempts: Mutex<HashMap<(u64, u64), u32>>,
}

impl Simulation {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            tally: Arc::default(),
            record: Record::default(),
            canned: Canned::default(),
            attempts: Mutex::default(),
        }
    }

    /// The script of the answer, and what is counted when it was played.
    pub(crate) fn play(&self, head: &request::Parts, body: &Bytes) -> (Script, Receipt) {
        self.record.keep(self.config.recording, head, body);
        let path = head.uri.path();
        let Some(shape) = Shape::of(&head.method, path) else {
            let message = format!("Invalid URL ({} {path})", head.method);
            let refusal = Refusal { status: 404, message, parameter: None };
            return self.refuse(&refusal, Wire::of(path, &head.headers));
        };
        let wire = shape.wire(path, &head.headers);
        let query = head.uri.query().unwrap_or_default();
        if !self.lets_in(wire.key(&head.headers, query)) {
            return self.refuse(&Refusal::of_status(401), wire);
        }
        let call = Call::read(&self.config, shape, (path, query), &head.headers, body);
        let called = call.and_then(|call| Ok((self.faults(&call)?, call)));
        match called {
            Ok((faults, call)) => self.answer(&call, wire, &faults),
            Err(refusal) => self.refuse(&refusal, wire),
        }
    }

    fn lets_in(&self, key: Option<&str>) -> bool {
        match (&self.config.api_key, key) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(expected), Some(key)) => expected == key,
        }
    }

    fn answer(&self, call: &Call<'_>, wire: Wire, faults: &Faults) -> (Script, Receipt) {
        let (mut answer, is_served) = match faults.in_place(wire) {
            Some(answer) => (answer, false),
            None => match (call.shape.answer)(call) {
                Ok(answer) => (answer, true),
                Err(refusal) => (refusal.answer(wire), false),
            },
        };
        faults.change(&mut answer);
        let mut script = self.script(call, &answer);
        set(&mut script.headers, wire.request_id_header(), &format!("req_{:016x}", call.digest));
        faults.rewrite(&mut script);
        let given = is_served.then(|| Arc::new((call.model.clone(), answer.given)));
        (script, self.tally.sending(given))
    }

    fn script(&self, call: &Call<'_>, answer: &Answer) -> Script {
        let first_byte = self.config.pace.first_byte.draw(&mut call.dice().of("latency"));
        Script::of(answer, &self.config.pace, first_byte)
    }

    fn refuse(&self, refusal: &Refusal, wire: Wire) -> (Script, Receipt) {
        let script = Script::at_once(&refusal.answer(wire));
        (script, self.tally.sending(None))
    }

    /// What goes wrong with a call: what it asks for, or what falls to it by chance.
    fn faults(&self, call: &Call<'_>) -> Result<Faults, Refusal> {
        let Some(asked) = call.headers.get(FAULT_HEADER) else {
            return Ok(self.drawn(call));
        };
        let asked = asked.to_str().unwrap_or_default();
        let unknown = |error: FaultError| Refusal::bad(format!("{FAULT_HEADER}: {error}"));
        let faults: Faults = asked.parse().map_err(unknown)?;
        if let Some(times) = faults.times {
            let turn = self.attempt(call, digest(asked.as_bytes()));
            if turn % times.saturating_add(1) == times {
                return Ok(Faults::default());
            }
        }
        Ok(faults)
    }

    /// A request that comes again is drawn for again: a retry may fare better.
    fn drawn(&self, call: &Call<'_>) -> Faults {
        if self.config.faults.is_empty() {
            return Faults::default();
        }
        let attempt = self.attempt(call, 0);
        let mut dice = call.dice().of(&format!("faults {attempt}"));
        let mut faults = self.config.faults.iter();
        let drawn = faults.find(|(share, _)| share.falls(&mut dice));
        drawn.map_or_else(Faults::default, |(_, faults)| faults.clone())
    }

    /// How often it came before.
    fn attempt(&self, call: &Call<'_>, with: u64) -> u32 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() >= ATTEMPTS_MAX {
            attempts.clear();
        }
        let attempt = attempts.entry((call.digest, with)).or_default();
        let before = *attempt;
        *attempt = attempt.wrapping_add(1);
        before
    }
}
