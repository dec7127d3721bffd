//! A walk over JSON text that borrows: numbers stay the literals they were sent as.
//!
//! [`parse`] checks the whole text once; what it returns can be walked without further errors.

mod scan;
mod walk;

use std::borrow::Cow;
use std::ops::Range;

pub use scan::{DEPTH_MAX, JsonError};

/// A value of a checked JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(&'a str),
    /// A string.
    String(Text<'a>),
    /// An array.
    Array(Array<'a>),
    /// An object.
    Object(Object<'a>),
}

/// A string of a checked JSON text, with its quotes and escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a>(&'a str);

/// An array of a checked JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Array<'a>(&'a str);

/// An object of a checked JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<'a>(&'a str);

/// Checks a text that is one JSON value (RFC 8259) and returns it.
///
/// ```
/// use centime_providers::json::{self, Value};
///
/// let Value::Object(object) = json::parse(r#"{"cost": 1e-07, "at": null}"#)? else { panic!() };
/// let members: Vec<_> = object.members().collect();
/// assert_eq!(members[0], ("cost".into(), Value::Number("1e-07")));
/// assert_eq!(members[1], ("at".into(), Value::Null));
/// # Ok::<(), centime_providers::json::JsonError>(())
/// ```
///
/// # Errors
/// Says what was expected and at which byte; nesting is bounded by [`DEPTH_MAX`].
pub fn parse(text: &str) -> Result<Value<'_>, JsonError> {
    let value = scan::check(text)?;
    Ok(Value::of(value))
}

/// Checks a text as [`parse`] does, and finds the members of the object that it is in the same pass;
/// there are none where it is another value.
///
/// # Errors
/// The same.
pub(crate) fn parse_members(text: &str) -> Result<(Value<'_>, Members<'_>), JsonError> {
    let mut spans = Vec::with_capacity(32);
    let value = Value::of(scan::check_with_spans(text, &mut spans)?);
    if !matches!(value, Value::Object(_)) {
        spans.clear();
    }
    Ok((value, Members { text, spans }))
}

/// The members of an object, as the check of its text found them.
#[derive(Debug, Clone)]
pub(crate) struct Members<'a> {
    text: &'a str,
    /// Of names and values, in turn.
    spans: Vec<Range<usize>>,
}

impl<'a> Members<'a> {
    /// Their names and values, in the order of the text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Cow<'a, str>, Value<'a>)> {
        let at = |span: &Range<usize>| self.text.get(span.clone()).unwrap_or_default();
        let pairs = self.spans.chunks_exact(2);
        pairs.map(move |pair| (Text(at(&pair[0])).decode(), Value::of(at(&pair[1]))))
    }
}

impl<'a> Value<'a> {
    /// The value of a text that was checked before.
    fn of(text: &'a str) -> Self {
        match text.as_bytes().first() {
            Some(b'{') => Self::Object(Object(text)),
            Some(b'[') => Self::Array(Array(text)),
            Some(b'"') => Self::String(Text(text)),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') | None => Self::Null,
            Some(_) => Self::Number(text),
        }
    }

    /// What it is, for a message.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

impl<'a> Text<'a> {
    /// What the string says, its escapes resolved; borrowed where it has none.
    #[must_use]
    pub fn decode(self) -> Cow<'a, str> {
        let inner = self.0.get(1..self.0.len().saturating_sub(1));
        let inner = inner.unwrap_or_default();
        // Most are a few bytes long: a plain loop is over before a clever search has begun.
        if !inner.bytes().any(|byte| byte == b'\\') {
            return Cow::Borrowed(inner);
        }
        match serde_json::from_str(self.0) {
            Ok(decoded) => Cow::Owned(decoded),
            Err(_) => Cow::Borrowed(inner),
        }
    }
}

impl<'a> Object<'a> {
    /// The object as it was written.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.0
    }

    /// The members in the order they were written, names that come twice included.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Value<'a>)> {
        let mut walk = walk::Walk::inside(self.0);
        std::iter::from_fn(move || {
            let name = Text(walk.next()?).decode();
            Some((name, Value::of(walk.next()?)))
        })
    }
}

impl<'a> Array<'a> {
    /// The array as it was written.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.0
    }

    /// The items in order.
    pub fn items(self) -> impl Iterator<Item = Value<'a>> {
        walk::Walk::inside(self.0).map(Value::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accepts(text: &str) -> bool {
        // Its reader refuses numbers beyond a double's range, which are numbers all the same.
        serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
            && serde_json::from_str::<serde_json::Value>(text)
                .err()
                .is_none_or(|error| error.to_string().contains("number out of range"))
    }

    #[test]
    fn accepts_what_the_grammar_accepts_and_nothing_else() {
        for text in [
            "",
            " ",
            "{}",
            "[]",
            " [ ] ",
            "{\"a\":1}",
            "{\"a\":1,}",
            "[1,]",
            "[,1]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "[1 2]",
            "01",
            "-",
            "-0",
            "1.",
            ".5",
            "1e",
            "1e+",
            "1e400",
            "-1.5E-7",
            "+1",
            "NaN",
            "Infinity",
            "nul",
            "nulll",
            "true",
            "tru",
            "\"",
            "\"a",
            "\"\\\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u00e9\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83d\\u0041\"",
            "\"\t\"",
            "\"é\"",
            "{} {}",
            "[[[]]]",
            "[}",
            "{]",
            "]",
            "\u{feff}{}",
            "{\"a\":{\"b\":[1,{\"c\":null}]}}",
            "1 ",
            "\u{a0}1",
            "/**/1",
            "'a'",
        ] {
            assert_eq!(parse(text).is_ok(), accepts(text), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(DEPTH_MAX)).is_ok());
        let error = parse(&nested(DEPTH_MAX + 1)).unwrap_err();
        assert_eq!(error.to_string(), "nested deeper than 128 levels at byte 129");
        assert!(parse(&"[".repeat(1_000_000)).is_err());
        assert!(parse(&"{\"a\":".repeat(100_000)).is_err());
    }

    #[test]
    fn walks_members_and_items() {
        let Value::Object(object) =
            parse(r#" { "a\n" : [1 , "}" ] ,"a":{"b":"\\\""},"c":-1.50 } "#).unwrap()
        else {
            panic!()
        };
        let members: Vec<_> = object.members().collect();
        assert_eq!(members.len(), 3);
        assert_eq!(members[0].0, "a\n");
        let Value::Array(array) = members[0].1 else { panic!() };
        assert_eq!(array.items().count(), 2);
        assert_eq!(members[2].1, Value::Number("-1.50"));
        for text in [
            r#" { "a\n" : [1 , "}" ] ,"a":{"b":"\\\""},"c":-1.50 } "#,
            r#"{"":{},"x":[],"y":[[]] , "z" :{"a":{"b":{}}},"n":null}"#,
            "{}",
            "[1,[2]]",
        ] {
            let walked: Vec<_> = match parse(text).unwrap() {
                Value::Object(object) => object.members().collect(),
                _ => Vec::new(),
            };
            let found: Vec<_> = parse_members(text).unwrap().1.iter().collect();
            assert_eq!(found, walked, "{text}");
        }
    }

    fn json_like() -> impl Strategy<Value = String> {
        let token = prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\"a\"", "\"b\\n\"", "1", "-", "0", ".5",
            "e3", "null", "true", "false", " ", "\n", "\\ud83d", "\\ude00", "é", "\u{0}",
        ]);
        prop::collection::vec(token, 0..12).prop_map(|tokens| tokens.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn agrees_with_an_established_reader(text in json_like()) {
            prop_assert_eq!(parse(&text).is_ok(), accepts(&text), "{}", text);
        }

        #[test]
        fn strings_end_where_they_end(text in r#"[a-zé"\\\\\x00-\x40]{0,40}"#, start in 0_usize..9) {
            let quoted = format!("{}{}", " ".repeat(start), serde_json::to_string(&text).unwrap());
            match parse(&quoted) {
                Ok(Value::String(found)) => prop_assert_eq!(found.decode(), text.as_str()),
                other => prop_assert!(false, "{:?}", other),
            }
            let bare = format!("\"{text}\"");
            prop_assert_eq!(parse(&bare).is_ok(), accepts(&bare), "{}", bare);
        }

        #[test]
        fn members_are_those_that_a_walk_finds(text in json_like()) {
            let found = parse_members(&text);
            prop_assert_eq!(found.clone().map(|(value, _)| value), parse(&text));
            if let Ok((value, members)) = found {
                let walked: Vec<_> = match value {
                    Value::Object(object) => object.members().collect(),
                    _ => Vec::new(),
                };
                prop_assert_eq!(members.iter().collect::<Vec<_>>(), walked);
            }
        }

        #[test]
        fn never_panics(text in ".*") {
            let _ = parse(&text);
        }
    }
}
