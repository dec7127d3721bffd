//! A walk over JSON text that borrows: numbers stay the literals they were sent as.
//!
//! [`parse`] checks the whole text once; what it returns can be walked without further errors.

mod index;
mod scan;
mod walk;

use std::borrow::Cow;

pub(crate) use index::Index;
use index::Member;
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

/// A string of a checked JSON text.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// What is between its quotes, with its escapes.
    inner: &'a str,
    /// Whether it is known to have no escapes.
    is_plain: bool,
}

/// An array of a checked JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Array<'a>(&'a str);

/// An object of a checked JSON text.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    text: &'a str,
    /// Its members with all that is within them, where an index has them; otherwise nothing.
    noted: &'a [Member<'a>],
}

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
    let value = scan::check(text, None)?;
    Ok(Value::of(value, false, &[]))
}

/// Checks a text as [`parse`] does, and notes the members of its objects in the same pass, so that
/// going through them is no second walk.
///
/// # Errors
/// The same.
pub(crate) fn parse_with<'i, 'a>(
    text: &'a str,
    index: &'i mut Index<'a>,
) -> Result<Value<'i>, JsonError> {
    let value = scan::check(text, Some(index))?;
    Ok(Value::of(value, false, index.members()))
}

/// Whether a text stands between quotes as it is: nothing in it is escaped.
///
/// ```
/// use centime_providers::json::is_plain;
///
/// assert!(is_plain("gpt-5 é") && !is_plain("a\"b") && !is_plain("a\nb"));
/// ```
#[must_use]
#[inline]
pub fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let searched = walk::after_plain(bytes, 0);
    // Near the end the search stops early.
    !bytes[searched..].iter().any(|byte| matches!(byte, b'"' | b'\\' | ..0x20))
}

impl<'a> Value<'a> {
    /// The value of a text that was checked before: whether it is a string that is known to have no
    /// escapes, and what is noted of its members.
    fn of(text: &'a str, is_plain: bool, noted: &'a [Member<'a>]) -> Self {
        match text.as_bytes().first() {
            Some(b'{') => Self::Object(Object { text, noted }),
            Some(b'[') => Self::Array(Array(text)),
            Some(b'"') => Self::String(Text::of(text, is_plain)),
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
    /// The string of a literal with its quotes.
    fn of(quoted: &'a str, is_plain: bool) -> Self {
        let inner = quoted.get(1..quoted.len().saturating_sub(1));
        Self { inner: inner.unwrap_or_default(), is_plain }
    }

    /// What the string says, its escapes resolved; borrowed where it has none.
    #[must_use]
    #[inline]
    pub fn decode(self) -> Cow<'a, str> {
        if self.is_plain { Cow::Borrowed(self.inner) } else { self.resolve() }
    }

    fn resolve(self) -> Cow<'a, str> {
        // Most are a few bytes long: a plain loop is over before a clever search has begun.
        if !self.inner.bytes().any(|byte| byte == b'\\') {
            return Cow::Borrowed(self.inner);
        }
        match serde_json::from_str(&format!("\"{}\"", self.inner)) {
            Ok(decoded) => Cow::Owned(decoded),
            Err(_) => Cow::Borrowed(self.inner),
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for Text<'_> {}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Object<'_> {}

impl<'a> Object<'a> {
    /// The object as it was written.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.text
    }

    /// The members as they were written: the literals of name and value, in the order of the text.
    pub(crate) fn literals(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut walk = walk::Walk::inside(self.text);
        std::iter::from_fn(move || Some((walk.next()?, walk.next()?)))
    }

    /// The members in the order they were written, names that come twice included.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Value<'a>)> {
        let is_noted = !self.noted.is_empty();
        let mut noted = self.noted;
        let mut walk = walk::Walk::inside(self.text);
        std::iter::from_fn(move || {
            if is_noted {
                let (member, rest) = noted.split_first()?;
                let (within, rest) = rest.split_at_checked(member.within)?;
                noted = rest;
                let value = Value::of(member.literal, member.is_plain, within);
                return Some((member.name.decode(), value));
            }
            let name = Text::of(walk.next()?, false).decode();
            Some((name, Value::of(walk.next()?, false, &[])))
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
        walk::Walk::inside(self.0).map(|item| Value::of(item, false, &[]))
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
            r#"{"a":[{"b":{"c":1}},2],"d":{"e":[],"f":{"g\u0041":"\n"}},"h":[{}],"i":{}}"#,
        ] {
            assert_same_members(text);
        }
        let many = |count: usize| format!("{{{}}}", vec![r#""a":{"b":1}"#; count].join(","));
        assert_same_members(&many(10));
        assert_same_members(&many(5000));
    }

    /// What an index gives is what a walk finds, all the way down.
    fn assert_same_members(text: &str) {
        fn assert_same(noted: Value<'_>, walked: Value<'_>) {
            assert_eq!(noted, walked);
            if let (Value::Object(noted), Value::Object(walked)) = (noted, walked) {
                let (noted, walked): (Vec<_>, Vec<_>) =
                    (noted.members().collect(), walked.members().collect());
                assert_eq!(noted, walked);
                for ((_, noted), (_, walked)) in noted.into_iter().zip(walked) {
                    assert_same(noted, walked);
                }
            }
        }
        let mut index = Index::new();
        match (parse_with(text, &mut index), parse(text)) {
            (Ok(noted), Ok(walked)) => assert_same(noted, walked),
            (noted, walked) => assert_eq!(noted, walked, "{text}"),
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
            prop_assert_eq!(is_plain(&text), quoted.trim_start().len() == text.len() + 2);
            let bare = format!("\"{text}\"");
            prop_assert_eq!(parse(&bare).is_ok(), accepts(&bare), "{}", bare);
        }

        #[test]
        fn members_are_those_that_a_walk_finds(text in json_like()) {
            assert_same_members(&text);
        }

        #[test]
        fn never_panics(text in ".*") {
            let _ = parse(&text);
        }
    }
}
