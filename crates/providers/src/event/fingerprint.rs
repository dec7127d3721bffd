//! A fingerprint of what an event says, however it is written.
//!
//! Every leaf is hashed under the path of names that leads to it, and the hashes are added up, so
//! that neither blanks nor the order of names matter. The hash is XXH3 (64 bits), whose values are
//! fixed by its specification on every platform. It tells honest events apart; it is no proof
//! against somebody who looks for collisions, and need not be: they could only deceive themselves.

use twox_hash::XxHash3_64;

use crate::json::{Object, Value};

/// Where the paths of an event, of a row and of constants begin: they never meet.
const EVENT: u64 = 1;
const ROW: u64 = 2;
const CONSTANTS: u64 = 3;

/// The fields that are not part of the content.
const APART: [&str; 2] = ["id", "at"];

/// The fingerprint of a JSON event.
pub(super) fn of_event(event: Object<'_>) -> u64 {
    let said = event.members().filter(|(name, _)| !APART.contains(&name.as_ref()));
    said.map(|(name, value)| of_value(value, under(EVENT, name.as_bytes())))
        .fold(0, u64::wrapping_add)
}

/// The part of one field of a row in its fingerprint.
pub(super) fn of_field(field: &str, value: &str) -> u64 {
    of_pair(ROW, field, value)
}

/// The part of one constant.
pub(super) fn of_constant(field: &str, value: &str) -> u64 {
    of_pair(CONSTANTS, field, value)
}

fn of_pair(root: u64, field: &str, value: &str) -> u64 {
    if APART.contains(&field) || value.is_empty() {
        return 0;
    }
    leaf(under(root, field.as_bytes()), b'"', value.as_bytes())
}

/// Nesting is bounded by the parser, and so is the recursion.
fn of_value(value: Value<'_>, path: u64) -> u64 {
    match value {
        Value::Null => 0,
        Value::Bool(flag) => leaf(path, b'?', &[u8::from(flag)]),
        Value::Number(literal) => of_number(literal, path),
        Value::String(text) => leaf(path, b'"', text.decode().as_bytes()),
        Value::Array(array) => {
            let items = (0_u64..).zip(array.items());
            items
                .map(|(index, item)| of_value(item, under(path, &index.to_le_bytes())))
                .fold(leaf(path, b'[', &[]), u64::wrapping_add)
        }
        Value::Object(object) => object
            .members()
            .map(|(name, value)| of_value(value, under(path, name.as_bytes())))
            .fold(leaf(path, b'{', &[]), u64::wrapping_add),
    }
}

/// A number by its value: `1.50`, `1.5` and `15e-1` are one.
fn of_number(literal: &str, path: u64) -> u64 {
    let (sign, unsigned) = match literal.strip_prefix('-') {
        Some(unsigned) => (b'-', unsigned),
        None => (b'+', literal),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = [whole, fraction].concat();
    let point = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    // An exponent that fits nothing is the same as any other such: no field takes either.
    let exponent = exponent.parse().unwrap_or(i64::MAX);
    let mut exponent = i64::saturating_sub(exponent, point);

    let significant = digits.trim_end_matches('0').len();
    let idle = i64::try_from(digits.len() - significant).unwrap_or(i64::MAX);
    exponent = exponent.saturating_add(idle);
    digits.truncate(significant);
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return leaf(path, b'0', &[]);
    }
    leaf(under(path, &exponent.to_le_bytes()), sign, digits.as_bytes())
}

fn under(path: u64, name: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(path, name)
}

fn leaf(path: u64, kind: u8, bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(under(path, &[0, kind, 0]), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn of(text: &str) -> u64 {
        match json::parse(text).unwrap() {
            Value::Object(object) => of_event(object),
            other => panic!("{}", other.kind()),
        }
    }

    #[test]
    fn only_what_is_said_matters() {
        let one =
            of(r#"{"id":"1","at":"2026-11-01","model":"m","meters":{"input":150,"output":0.5}}"#);
        for same in [
            r#"{"meters" : {"output":0.50,"input":1.5e2}, "model":"\u006d"}"#,
            r#"{"at":null,"user":null,"model":"m","meters":{"output":5E-1,"input":150.0}}"#,
        ] {
            assert_eq!(of(same), one, "{same}");
        }
        for other in [
            r#"{"model":"m","meters":{"input":15,"output":0.5}}"#,
            r#"{"model":"m","meters":{"input":-150,"output":0.5}}"#,
            r#"{"model":"m","meters":{"input":"150","output":0.5}}"#,
            r#"{"model":"m","meters":{"output":150,"input":0.5}}"#,
            r#"{"model":"m","meters":{"input":150,"output":0.5},"user":"a"}"#,
            r#"{"model":"m","meters":{"input":150,"output":0.5},"tags":{}}"#,
            r#"{"model":"m","meters":{"input":150},"output":0.5}"#,
            r#"{"model":"n","meters":{"input":150,"output":0.5}}"#,
        ] {
            assert_ne!(of(other), one, "{other}");
        }
        assert_ne!(of(r#"{"a":[1,2]}"#), of(r#"{"a":[2,1]}"#));
        assert_ne!(of(r#"{"a":true}"#), of(r#"{"a":false}"#));
        assert_eq!(of(r#"{"a":0.0}"#), of(r#"{"a":-0}"#));
    }

    #[test]
    fn the_values_are_fixed_for_ever() {
        assert_eq!(of(r#"{"model":"gpt-5","meters":{"input":200}}"#), 14165194877788734322);
        assert_eq!(of_field("model", "gpt-5"), 8800047693323747628);
        assert_eq!(of_constant("model", "gpt-5"), 4677655722774484042);
    }
}
