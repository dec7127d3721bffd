//! What a call cost, put into its answer where the client wants to see it.

use super::edits::Edits;
use super::members::Members;

/// The edits that put `cost` (a decimal number) into the usage object of a unary answer, everything
/// else staying byte for byte; `None` where there is no such object.
///
/// An answer that already has a `cost` in its usage keeps it: it is what the provider says.
///
/// ```
/// use bytes::Bytes;
/// use centime_providers::wire::cost::with_cost;
///
/// let body = Bytes::from(r#"{"id":"a","usage":{"prompt_tokens":8,"completion_tokens":2}}"#);
/// let edits = with_cost(&body, "0.00003").unwrap();
/// assert_eq!(
///     edits.apply(&body).concat(),
///     br#"{"id":"a","usage":{"prompt_tokens":8,"completion_tokens":2,"cost":0.00003}}"#,
/// );
/// ```
#[must_use]
pub fn with_cost(body: &[u8], cost: &str) -> Option<Edits> {
    let is_decimal = cost.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    let members = Members::parse(std::str::from_utf8(body).ok()?).ok()?;
    let place = place(&members)?;
    let mut edits = Edits::default();
    if is_decimal && !cost.is_empty() {
        let comma = if place.is_first { "" } else { "," };
        edits.insert(place.at, format!("{comma}\"cost\":{cost}"));
    }
    Some(edits)
}

/// Where a cost goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Before which byte.
    pub(super) at: usize,
    /// Whether nothing is before it in its object.
    pub(super) is_first: bool,
}

/// The names of usage objects, of all formats.
const USAGES: [&str; 3] = ["usage", "usageMetadata", "usage_metadata"];

/// Where a cost goes in an answer, or in the one that an event of a stream carries in `response`;
/// nowhere where its usage has one.
pub(super) fn place(answer: &Members<'_>) -> Option<Place> {
    if let Some(usage) = usage_of(answer) {
        return place_in(&usage);
    }
    let inner = answer.get("response").ok()??;
    let inner = answer.object(inner, "response").ok()??;
    place_in(&usage_of(&inner)?)
}

fn usage_of<'a>(answer: &Members<'a>) -> Option<Members<'a>> {
    let usage = |name| answer.object(answer.get(name).ok()??, name).ok()?;
    USAGES.into_iter().find_map(usage)
}

fn place_in(usage: &Members<'_>) -> Option<Place> {
    let has_cost = usage.get("cost").ok()?.is_some();
    (!has_cost).then_some(Place { at: usage.at.end - 1, is_first: usage.is_empty() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn a_cost_goes_into_the_usage_and_nothing_else_changes() {
        for (body, expected) in [
            (r#"{"usage":{"a":1 } }"#, Some(r#"{"usage":{"a":1 ,"cost":0.5} }"#)),
            (r#"{"usage":{}}"#, Some(r#"{"usage":{"cost":0.5}}"#)),
            (r#"{"usageMetadata":{"a":{}}}"#, Some(r#"{"usageMetadata":{"a":{},"cost":0.5}}"#)),
            (
                r#"{"response":{"usage":{"a":1}}}"#,
                Some(r#"{"response":{"usage":{"a":1,"cost":0.5}}}"#),
            ),
            (
                r#"{"usage":null,"response":{"usage":{"a":1}}}"#,
                Some(r#"{"usage":null,"response":{"usage":{"a":1,"cost":0.5}}}"#),
            ),
            (r#"{"usage":{"cost":1}}"#, None),
            (r#"{"usage":null}"#, None),
            (r#"{"usage":5}"#, None),
            (r#"{"usage":{},"usage":{}}"#, None),
            (r#"{"choices":[{"usage":{"a":1}}]}"#, None),
            (r#"[]"#, None),
            (r#"{"#, None),
        ] {
            let edits = with_cost(body.as_bytes(), "0.5");
            let edited = edits.map(|edits| edits.apply(&Bytes::from(body)).concat());
            assert_eq!(
                edited.map(|edited| String::from_utf8(edited).unwrap()).as_deref(),
                expected,
                "{body}"
            );
        }
    }
}
