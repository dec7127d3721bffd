//! The usage of an answer that is too long to be held.

use memchr::memchr2;

use crate::error::ReadError;
use crate::json;
use crate::metered::{Metered, answer_if_any};

/// How long a string may be that is kept; of a longer one it is kept that it was there.
const STRING_MAX: usize = 1024;

/// How long the value of a member or an item may be that is kept, by its depth from the outermost;
/// in the place of a longer one is `null`. Deeper values are the first to go, so that a long list
/// keeps what is short in its items.
const VALUE_MAX: [usize; 5] = [512 * 1024, 64 * 1024, 16 * 1024, 8 * 1024, 4 * 1024];

/// Meters a unary answer of any length in bounded memory: fed with its bytes as they come, it keeps
/// the names, the numbers and the short texts, and lets go of the rest.
///
/// ```
/// use centime_core::{meter::Meter, money::Quantity};
/// use centime_providers::wire::skim::Skimmer;
///
/// let mut skimmer = Skimmer::default();
/// skimmer.push(br#"{"data":[{"b64_json":""#);
/// for _ in 0..1000 {
///     skimmer.push(&[b'A'; 4096]);
/// }
/// skimmer.push(br#""}],"usage":{"input_tokens":9,"output_tokens":1056,"input_tokens_details":{}}}"#);
/// let metered = skimmer.finish()?.unwrap();
/// assert_eq!(metered.usage.quantity(Meter::Input), Quantity::whole(9));
/// # Ok::<(), centime_providers::ReadError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Skimmer {
    kept: Vec<u8>,
    /// Where, in what is kept, each open object or array starts.
    starts: Vec<usize>,
    state: State,
    /// Whether more than texts was let go.
    is_thinned: bool,
    /// Whether it cannot be an answer, and why.
    fault: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Between,
    /// In a string that starts here; its end is kept, not its content, once it is cut.
    Text { start: usize, is_cut: bool, is_escaped: bool },
    /// In a value that is let go, so many brackets deep.
    Skipped { depth: usize, in_text: bool, is_escaped: bool },
}

impl Skimmer {
    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.fault.is_none() {
            let taken = match self.state {
                State::Between => self.token(bytes),
                State::Text { .. } => self.text(bytes),
                State::Skipped { .. } => self.skip(bytes),
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// Whether everything but long texts was kept. Where it was not, what is counted by the items of
    /// a list (calls of tools, images) may be more than was found.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        !self.is_thinned
    }

    /// What the answer says was used; `None` where it says nothing.
    ///
    /// # Errors
    /// As [`crate::read_answer`].
    pub fn finish(self) -> Result<Option<Metered>, ReadError> {
        let text = self.skeleton()?;
        let value = json::parse(text).map_err(|error| ReadError::new("", error.to_string()))?;
        answer_if_any(value)
    }

    /// What was kept.
    pub(super) fn skeleton(&self) -> Result<&str, ReadError> {
        if let Some(fault) = self.fault {
            return Err(ReadError::new("", fault));
        }
        std::str::from_utf8(&self.kept).map_err(|error| ReadError::new("", error.to_string()))
    }

    /// Takes what stands between strings.
    fn token(&mut self, bytes: &[u8]) -> usize {
        for (taken, &byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => {
                    let start = self.kept.len();
                    self.kept.push(byte);
                    self.state = State::Text { start, is_cut: false, is_escaped: false };
                    return taken + 1;
                }
                b'{' | b'[' => {
                    if self.starts.len() == json::DEPTH_MAX {
                        self.fault = Some("nested deeper than 128 levels");
                        return bytes.len();
                    }
                    self.starts.push(self.kept.len());
                    self.kept.push(byte);
                }
                b'}' | b']' => {
                    self.kept.push(byte);
                    self.starts.pop();
                }
                b' ' | b'\n' | b'\r' | b'\t' => {
                    if self.kept.last() != Some(&b' ') {
                        self.kept.push(b' ');
                    }
                }
                _ => self.kept.push(byte),
            }
            self.thin();
            if !matches!(self.state, State::Between) {
                return taken + 1;
            }
        }
        bytes.len()
    }

    /// Takes what belongs to a string.
    fn text(&mut self, bytes: &[u8]) -> usize {
        let State::Text { start, mut is_cut, is_escaped } = self.state else {
            return 0;
        };
        let from = usize::from(is_escaped);
        let found = bytes.get(from..).and_then(|rest| memchr2(b'"', b'\\', rest));
        let end = found.map_or(bytes.len(), |at| at + from);
        let is_closed = bytes.get(end) == Some(&b'"');
        let taken = (end + 1).min(bytes.len());
        if !is_cut {
            // No more of it than decides whether it is too long.
            let plain = bytes.get(..taken.min(STRING_MAX + 2)).unwrap_or_default();
            self.kept.extend_from_slice(plain);
            if self.kept.len() - start > STRING_MAX + 2 || plain.len() < taken {
                self.kept.truncate(start + 1);
                is_cut = true;
            }
        }
        if !is_closed {
            let is_escaped = bytes.get(end) == Some(&b'\\');
            self.state = State::Text { start, is_cut, is_escaped };
            return taken;
        }
        if is_cut {
            self.kept.extend_from_slice("…\"".as_bytes());
        }
        self.state = State::Between;
        self.thin();
        taken
    }

    /// Steps over what belongs to a value that is let go.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        let State::Skipped { mut depth, mut in_text, mut is_escaped } = self.state else {
            return 0;
        };
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if in_text {
                let from = at + usize::from(std::mem::take(&mut is_escaped));
                let found = bytes.get(from..).and_then(|rest| memchr2(b'"', b'\\', rest));
                let end = found.map_or(bytes.len(), |found| found + from);
                in_text = bytes.get(end) != Some(&b'"');
                is_escaped = bytes.get(end) == Some(&b'\\');
                at = (end + 1).min(bytes.len());
                continue;
            }
            at += 1;
            match byte {
                b'"' => in_text = true,
                b'{' | b'[' => depth = depth.saturating_add(1),
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.state = State::Between;
                return at;
            }
        }
        self.state = State::Skipped { depth, in_text, is_escaped };
        at
    }

    /// Lets go of the innermost value once it is too long.
    fn thin(&mut self) {
        let start = self.starts.last().copied().unwrap_or_default();
        let depth = self.starts.len().saturating_sub(1);
        let deepest = VALUE_MAX.len() - 1;
        if self.kept.len() - start <= VALUE_MAX[depth.min(deepest)] {
            return;
        }
        if depth == 0 {
            self.fault = Some("has too many members to be an answer");
            return;
        }
        self.starts.pop();
        self.kept.truncate(start);
        self.kept.extend_from_slice(b"null");
        self.is_thinned = true;
        self.state = State::Skipped { depth: 1, in_text: false, is_escaped: false };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_answer;

    const USAGE: &str = r#""usage":{"prompt_tokens":1200,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":1000}}"#;

    fn skim(text: &str, length: usize) -> Result<Option<Metered>, ReadError> {
        let mut skimmer = Skimmer::default();
        for chunk in text.as_bytes().chunks(length) {
            skimmer.push(chunk);
        }
        skimmer.finish()
    }

    #[test]
    fn short_answers_are_read_as_they_are() {
        for text in [
            format!(
                r#"{{"id":"a","model":"gpt-5","choices":[{{"text":"say \"}}]\" \\"}}],{USAGE}}}"#
            ),
            format!("{{\r\n  \"model\" : \"é\\u00e9\",\n{USAGE} }}\n"),
            r#"{"error":{"message":"no"}}"#.to_owned(),
            r#"{"error":"no"}"#.to_owned(),
            format!(r#"[{{"candidates":[]}},{{{USAGE}}}]"#),
        ] {
            for length in 1..40 {
                assert_eq!(skim(&text, length).map(Option::unwrap), read_answer(&text), "{text}");
            }
        }
        for text in ["", "{", "{}}", "nul", "1 2", "{\"a\":1 2}", "\"a", "{\"a\":\"\t\"}", "]"] {
            for length in 1..9 {
                assert!(skim(text, length).is_err(), "{text}");
            }
        }
        assert_eq!(skim("{}", 1), Ok(None));
    }

    #[test]
    fn long_answers_keep_their_meters() {
        let text = "x\\\"}é".repeat(60_000);
        let numbers = "0.123,".repeat(50_000);
        let items = format!(r#"{{"b64_json":"{text}","revised":"{text}"}}"#);
        for (long, is_whole) in [
            (format!(r#"{{"choices":[{{"text":"{text}"}}],{USAGE},"model":"m"}}"#), true),
            (format!(r#"{{"{text}":"{text}",{USAGE},"model":"m"}}"#), true),
            (format!(r#"{{"data":[{{"embedding":[{numbers}1]}}],{USAGE},"model":"m"}}"#), false),
            (format!(r#"{{"data":[{numbers}{{"a":["]"]}}],"model":"m",{USAGE}}}"#), false),
            (format!(r#"{{"data":[{items},{items}],"model":"m",{USAGE}}}"#), true),
        ] {
            for length in [1, 1000, 8192, 1 << 24] {
                let mut skimmer = Skimmer::default();
                let mut most = 0;
                for chunk in long.as_bytes().chunks(length) {
                    skimmer.push(chunk);
                    most = most.max(skimmer.kept.capacity());
                }
                assert!(most < 200_000, "{most}");
                assert_eq!(skimmer.is_whole(), is_whole);
                let metered = skimmer.finish().unwrap().unwrap();
                assert_eq!(metered.model.as_deref(), Some("m"));
                assert_eq!(metered.usage, read_answer(&format!("{{{USAGE}}}")).unwrap().usage);
            }
        }
    }

    #[test]
    fn a_long_list_keeps_how_long_it_is() {
        let text = "A".repeat(1_000_000);
        let images = vec![format!(r#"{{"b64_json":"{text}"}}"#); 7].join(",");
        let answer = format!(r#"{{"created":1,"data":[{images}]}}"#);
        assert_eq!(skim(&answer, 8192).map(Option::unwrap), read_answer(&answer));
    }

    #[test]
    fn hostile_answers_stay_small() {
        for (text, expected) in [
            ("[".repeat(1_000_000), "nested deeper than 128 levels"),
            ("{\"a\":".repeat(1_000_000), "nested deeper than 128 levels"),
            (format!("{{{}", "\"a\":1,".repeat(1_000_000)), "has too many members to be an answer"),
            ("1".repeat(1_000_000), "has too many members to be an answer"),
            (format!("\"{}", "a".repeat(1_000_000)), "a string without an end at byte 1"),
        ] {
            let mut skimmer = Skimmer::default();
            for chunk in text.as_bytes().chunks(997) {
                skimmer.push(chunk);
                assert!(skimmer.kept.capacity() < 2_000_000);
            }
            assert_eq!(skimmer.finish().unwrap_err().to_string(), expected);
        }
    }
}
