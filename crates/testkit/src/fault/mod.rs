//! What may go wrong with an answer, and how a request asks for it.

mod apply;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The header by which a request asks for faults.
pub const FAULT_HEADER: &str = "x-sim-fault";

/// A thing that goes wrong. The order is the one in which they are applied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// `hang`: nothing ever comes.
    Hang,
    /// `latency=2s`: the head comes later than it would.
    Latency(Duration),
    /// `status=503`: that status, with an error in the provider's own shape; 429 with a
    /// `retry-after` of a second.
    Status(u16),
    /// `redirect=http://127.0.0.1:9/`: a redirection (307) there.
    Redirect(String),
    /// `retry-after=2s`: when to come again; below a second in `retry-after-ms`, too.
    RetryAfter(Duration),
    /// `headers`: a cookie, and headers that only Centime may send.
    Headers,
    /// `no-usage`: the answer does not say what was used.
    NoUsage,
    /// `huge=4GiB`: an answer of so many bytes, in constant memory: JSON with a long text ahead, or
    /// a stream whose second event comes again and again.
    Huge(u64),
    /// `endless`: a line that never ends: the text of an answer, or the second event of a stream.
    Endless,
    /// `malformed`: an answer, or the second event of a stream, of which only the first half is there.
    Malformed,
    /// `gzip`: packed, whatever the client accepts.
    Gzip,
    /// `gap=100ms`: so long before each piece.
    Gap(Duration),
    /// `drip=5ms`: byte by byte, so long before each.
    Drip(Duration),
    /// `hang=3`: nothing comes after so many pieces of a stream, or bytes of an answer.
    HangAfter(u64),
    /// `cut=3`: the connection ends after so many pieces of a stream, or bytes of an answer whose
    /// `content-length` promises all.
    Cut(u64),
    /// `reset=3`: the same, and the connection is reset.
    Reset(u64),
}

/// What goes wrong with a call: faults, separated by commas. With `times=2` they meet a request
/// twice; then it is answered once as if nothing were wrong, and so on: what retries are tested with.
///
/// ```
/// use centime_testkit::{Fault, Faults};
///
/// let faults: Faults = "status=503, times=2".parse()?;
/// assert_eq!(faults.list, [Fault::Status(503)]);
/// assert_eq!(faults.times, Some(2));
/// # Ok::<(), centime_testkit::FaultError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// The faults, in the order in which they are applied.
    pub list: Vec<Fault>,
    /// How often they meet the same request before it is answered.
    pub times: Option<u32>,
}

/// A fault that nobody knows, or whose value is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No fault has the name.
    #[error("`{0}` is no fault; the faults are {list}", list = FORMS.join(", "))]
    Unknown(String),
    /// The value is not what the fault takes.
    #[error("`{given}` has no value that is understood; write it like `{form}`")]
    Value {
        /// What was given.
        given: String,
        /// How it is written.
        form: &'static str,
    },
}

/// How each fault is written.
const FORMS: &[&str] = &[
    "hang",
    "latency=200ms",
    "status=503",
    "redirect=http://127.0.0.1:9/",
    "retry-after=2s",
    "headers",
    "no-usage",
    "huge=4GiB",
    "endless",
    "malformed",
    "gzip",
    "gap=100ms",
    "drip=5ms",
    "hang=3",
    "cut=3",
    "reset=3",
    "times=2",
];

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut faults = Self::default();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word.strip_prefix("times=") {
                Some(times) => {
                    let times = times.parse();
                    let error = || FaultError::Value { given: word.to_owned(), form: "times=2" };
                    faults.times = Some(times.map_err(|_| error())?);
                }
                None => faults.list.push(word.parse()?),
            }
        }
        faults.list.sort();
        Ok(faults)
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(word: &str) -> Result<Self, FaultError> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let count = || value?.parse().ok();
        let time = || duration(value?);
        let is_form = |form: &&&str| form.split('=').next() == Some(name);
        let Some(form) = FORMS.iter().find(is_form) else {
            return Err(FaultError::Unknown(word.chars().take(60).collect()));
        };
        let fault = match name {
            "hang" if value.is_none() => Some(Self::Hang),
            "latency" => time().map(Self::Latency),
            "status" => count().and_then(|status| u16::try_from(status).ok()).map(Self::Status),
            "redirect" => value.map(|to| Self::Redirect(to.to_owned())),
            "retry-after" => time().map(Self::RetryAfter),
            "headers" => Some(Self::Headers),
            "no-usage" => Some(Self::NoUsage),
            "huge" => value.and_then(bytes).map(Self::Huge),
            "endless" => Some(Self::Endless),
            "malformed" => Some(Self::Malformed),
            "gzip" => Some(Self::Gzip),
            "gap" => time().map(Self::Gap),
            "drip" => time().map(Self::Drip),
            "hang" => count().map(Self::HangAfter),
            "cut" => count().map(Self::Cut),
            "reset" => count().map(Self::Reset),
            _ => None,
        };
        // A status below is no answer yet, and one beyond no HTTP.
        let fault = fault.filter(|fault| !matches!(fault, Self::Status(..200 | 600..)));
        fault.ok_or_else(|| FaultError::Value { given: word.chars().take(60).collect(), form })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.list.iter().enumerate() {
            write!(out, "{}{fault}", if at == 0 { "" } else { ", " })?;
        }
        match self.times {
            Some(times) if self.list.is_empty() => write!(out, "times={times}"),
            Some(times) => write!(out, ", times={times}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |out: &mut fmt::Formatter<'_>, name: &str, time: &Duration| {
            write!(out, "{name}={}ms", time.as_millis())
        };
        match self {
            Self::Hang => out.write_str("hang"),
            Self::Latency(latency) => time(out, "latency", latency),
            Self::Status(status) => write!(out, "status={status}"),
            Self::Redirect(to) => write!(out, "redirect={to}"),
            Self::RetryAfter(after) => time(out, "retry-after", after),
            Self::Headers => out.write_str("headers"),
            Self::NoUsage => out.write_str("no-usage"),
            Self::Huge(bytes) => write!(out, "huge={bytes}"),
            Self::Endless => out.write_str("endless"),
            Self::Malformed => out.write_str("malformed"),
            Self::Gzip => out.write_str("gzip"),
            Self::Gap(gap) => time(out, "gap", gap),
            Self::Drip(gap) => time(out, "drip", gap),
            Self::HangAfter(pieces) => write!(out, "hang={pieces}"),
            Self::Cut(pieces) => write!(out, "cut={pieces}"),
            Self::Reset(pieces) => write!(out, "reset={pieces}"),
        }
    }
}

/// `200ms`, `2s`.
fn duration(text: &str) -> Option<Duration> {
    if let Some(ms) = text.strip_suffix("ms") {
        return ms.parse().ok().map(Duration::from_millis);
    }
    text.strip_suffix('s')?.parse().ok().map(Duration::from_secs)
}

/// `1000`, `64KiB`, `4GiB`.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit: u64 = match &text[digits.len()..] {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_as_it_is_written() {
        for form in FORMS {
            let faults: Faults = form.parse().unwrap();
            assert_eq!(faults.to_string().parse::<Faults>().unwrap(), faults, "{form}");
        }
        let several: Faults = "cut=2,latency=1s , gzip".parse().unwrap();
        assert_eq!(several.to_string(), "latency=1000ms, gzip, cut=2");
        assert_eq!("huge=4GiB".parse(), Ok(Fault::Huge(4 << 30)));
        assert_eq!("".parse(), Ok(Faults::default()));
    }

    #[test]
    fn what_is_no_fault_is_named() {
        for (text, expected) in [
            ("explode", "`explode` is no fault; the faults are hang, latency=200ms,"),
            (
                "status=1000",
                "`status=1000` has no value that is understood; write it like `status=503`",
            ),
            ("status=x", "`status=x` has no value"),
            ("drip", "`drip` has no value that is understood; write it like `drip=5ms`"),
            ("huge=1TB", "`huge=1TB` has no value"),
            ("times=often", "`times=often` has no value"),
        ] {
            let error = text.parse::<Faults>().unwrap_err().to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }
}
