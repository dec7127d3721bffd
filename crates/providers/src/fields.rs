//! The fields of one object of a provider, read by name and type.

use std::borrow::Cow;

use centime_core::decimal::shown;
use centime_core::money::{PicoUsd, Quantity};

use crate::error::ReadError;
use crate::json::{Array, Object, Value};

/// The names that lead to an object, outermost first.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Path {
    names: [&'static str; 4],
}

impl Path {
    /// The path of an object in this one.
    fn join(mut self, name: &'static str) -> Self {
        if let Some(free) = self.names.iter_mut().find(|name| name.is_empty()) {
            *free = name;
        }
        self
    }

    /// The path of a field in this object, in words.
    fn field(self, name: &str) -> String {
        let names = self.names.iter().copied().filter(|name| !name.is_empty());
        names.chain([name]).collect::<Vec<_>>().join(".")
    }
}

/// A total that others are part of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole {
    /// Its field.
    pub(crate) name: &'static str,
    /// How many tokens it counts.
    pub(crate) tokens: u64,
}

/// The fields of one object. A field that is `null` is one that is not there.
pub(crate) struct Fields<'a> {
    path: Path,
    members: Vec<(Cow<'a, str>, Value<'a>)>,
    /// How long their names are, a bit each: most names that are looked for are not there, and most
    /// of these for their length alone.
    lengths: u64,
    /// Whether `prompt_token_count` is taken for `promptTokenCount`.
    folded: bool,
}

impl<'a> Fields<'a> {
    /// The fields of an outermost object, known by `name` (nothing for the answer itself).
    pub(crate) fn of(object: Object<'a>, name: &'static str) -> Self {
        Self::at(object, Path::default().join(name))
    }

    fn at(object: Object<'a>, path: Path) -> Self {
        let mut members = Vec::with_capacity(16);
        members.extend(object.members());
        let lengths = members.iter().fold(0, |lengths, (name, _)| lengths | length_bit(name));
        Self { path, members, lengths, folded: false }
    }

    /// The same fields, whether they are written in camel or in snake case.
    pub(crate) fn folded(self) -> Self {
        Self { folded: true, ..self }
    }

    /// These fields, and of others those that have a name that none of these has.
    pub(crate) fn over(mut self, others: Self) -> Self {
        let own = self.members.len();
        for (name, value) in others.members {
            if !self.members[..own].iter().any(|(found, _)| *found == name) {
                self.lengths |= length_bit(&name);
                self.members.push((name, value));
            }
        }
        self
    }

    /// An error about one of the fields.
    pub(crate) fn error(&self, name: &str, what: impl Into<String>) -> ReadError {
        ReadError::new(self.path.field(name), what)
    }

    /// An error about the object itself.
    pub(crate) fn error_of_all(&self, what: impl Into<String>) -> ReadError {
        let mut names = self.path.names;
        let last = names.iter().rposition(|name| !name.is_empty());
        let own = last.map_or("", |last| std::mem::take(&mut names[last]));
        ReadError::new(Path { names }.field(own), what)
    }

    /// The names of the fields, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_ref())
    }

    /// Whether the object has the field, were it `null`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.may_have(name) && self.members.iter().any(|(found, _)| self.is_named(found, name))
    }

    /// Whether some name is as long as this one, or may be meant by it.
    #[inline]
    fn may_have(&self, name: &str) -> bool {
        self.folded || self.lengths & length_bit(name) != 0
    }

    #[inline]
    fn is_named(&self, found: &str, name: &str) -> bool {
        found == name || (self.folded && is_snake_of(found, name))
    }

    /// The value of a field.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Value<'a>>, ReadError> {
        self.find(name).map(Option::<&_>::copied)
    }

    /// The value of a field where it lies.
    #[inline]
    fn find(&self, name: &str) -> Result<Option<&Value<'a>>, ReadError> {
        if !self.may_have(name) {
            return Ok(None);
        }
        let mut found = self.members.iter().filter(|(found, _)| self.is_named(found, name));
        let Some((_, value)) = found.next() else {
            return Ok(None);
        };
        if found.next().is_some() {
            return Err(self.error(name, "is there twice; send it once"));
        }
        Ok(Some(value).filter(|value| !matches!(value, Value::Null)))
    }

    fn mistyped(&self, name: &str, value: Value<'_>, expected: &str) -> ReadError {
        self.error(name, format!("expected {expected}, found {}", value.kind()))
    }

    /// A count of tokens or calls: whole, and not below zero.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, ReadError> {
        match self.find(name)? {
            None => Ok(None),
            Some(Value::Number(literal)) => {
                whole(literal).map(Some).map_err(|what| self.error(name, what))
            }
            Some(other) => Err(self.mistyped(name, *other, "a whole number")),
        }
    }

    /// A count that has several names; the first that is there holds.
    pub(crate) fn first_count(&self, names: &[&str]) -> Result<Option<u64>, ReadError> {
        for name in names {
            if let Some(count) = self.count(name)? {
                return Ok(Some(count));
            }
        }
        Ok(None)
    }

    /// A count that is part of another; none where it is not reported.
    pub(crate) fn part(&self, name: &str, whole: Whole) -> Result<u64, ReadError> {
        let part = self.count(name)?.unwrap_or_default();
        if part > whole.tokens {
            let what = format!(
                "{part} is more than `{}`, {}, which it is part of",
                whole.name, whole.tokens
            );
            return Err(self.error(name, what));
        }
        Ok(part)
    }

    /// A quantity that may have decimals.
    pub(crate) fn quantity(&self, name: &str) -> Result<Option<Quantity>, ReadError> {
        match self.get(name)? {
            None => Ok(None),
            Some(Value::Number(literal)) => {
                quantity(literal).map(Some).map_err(|what| self.error(name, what))
            }
            Some(other) => Err(self.mistyped(name, other, "a number")),
        }
    }

    /// An amount of US dollars, rounded to whole picodollars.
    pub(crate) fn dollars(&self, name: &str) -> Result<Option<PicoUsd>, ReadError> {
        match self.get(name)? {
            None => Ok(None),
            Some(Value::Number(literal)) => {
                dollars(literal).map(Some).map_err(|what| self.error(name, what))
            }
            Some(other) => Err(self.mistyped(name, other, "an amount in US dollars")),
        }
    }

    /// A string; none where it is empty or something else than a string.
    ///
    /// For names that a provider adds: nothing is charged by them alone.
    pub(crate) fn word(&self, name: &str) -> Option<Cow<'a, str>> {
        let (_, value) = self.members.iter().find(|(found, _)| self.is_named(found, name))?;
        match value {
            Value::String(text) => Some(text.decode()).filter(|word| !word.is_empty()),
            _ => None,
        }
    }

    /// An object in this one.
    pub(crate) fn object(&self, name: &'static str) -> Result<Option<Self>, ReadError> {
        match self.get(name)? {
            None => Ok(None),
            Some(Value::Object(object)) => {
                Ok(Some(Self { folded: self.folded, ..Self::at(object, self.path.join(name)) }))
            }
            Some(other) => Err(self.mistyped(name, other, "an object")),
        }
    }

    /// The array of a field.
    pub(crate) fn array(&self, name: &str) -> Result<Option<Array<'a>>, ReadError> {
        match self.get(name)? {
            None => Ok(None),
            Some(Value::Array(array)) => Ok(Some(array)),
            Some(other) => Err(self.mistyped(name, other, "an array")),
        }
    }

    /// The objects of an array; what is no object among them is an error.
    pub(crate) fn objects(&self, name: &'static str) -> Result<Vec<Self>, ReadError> {
        let Some(array) = self.array(name)? else {
            return Ok(Vec::new());
        };
        let object = |item| match item {
            Value::Object(object) => {
                Ok(Self { folded: self.folded, ..Self::at(object, self.path.join(name)) })
            }
            other => Err(self.mistyped(name, other, "an array of objects")),
        };
        array.items().map(object).collect()
    }
}

/// The bit of a name's length; all long names have the same.
#[inline]
fn length_bit(name: &str) -> u64 {
    1 << name.len().min(63)
}

/// Whether `found` is `name` with underscores in place of its capitals.
fn is_snake_of(found: &str, name: &str) -> bool {
    let mut letters = found.bytes();
    name.bytes().all(|expected| {
        if expected.is_ascii_uppercase() {
            letters.next() == Some(b'_') && letters.next() == Some(expected.to_ascii_lowercase())
        } else {
            letters.next() == Some(expected)
        }
    }) && letters.next().is_none()
}

/// A literal as a whole number that is not below zero; otherwise what is wrong with it.
pub(crate) fn whole(literal: &str) -> Result<u64, String> {
    // Nearly all are a few digits, of which any eighteen fit.
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let plain = || literal.bytes().try_fold(0, |count, byte| Some(count * 10 + digit(byte)?));
    if (1..19).contains(&literal.len())
        && let Some(count) = plain()
    {
        return Ok(count);
    }
    let quantity = quantity(literal)?;
    let count = quantity.as_whole().and_then(|count| u64::try_from(count).ok());
    count.ok_or_else(|| format!("{} is not whole; expected a whole number", shown(literal)))
}

/// A literal as a quantity that is not below zero; otherwise what is wrong with it.
pub(crate) fn quantity(literal: &str) -> Result<Quantity, String> {
    let quantity: Quantity = literal.parse().map_err(|error| format!("{error}"))?;
    if quantity.is_negative() {
        return Err(format!("{} is negative; expected zero or more", shown(literal)));
    }
    Ok(quantity)
}

/// A literal as an amount that is not below zero; otherwise what is wrong with it.
pub(crate) fn dollars(literal: &str) -> Result<PicoUsd, String> {
    let amount = PicoUsd::parse_rounded(literal).map_err(|error| format!("{error}"))?;
    if amount < PicoUsd::ZERO {
        return Err(format!("{} is negative; expected zero or more", shown(literal)));
    }
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snake_case_is_taken_for_camel_case_and_nothing_else() {
        for (found, expected) in [
            ("prompt_token_count", true),
            ("promptTokenCount", false),
            ("prompt_tokencount", false),
            ("prompt_token_count_", false),
            ("prompt_token", false),
        ] {
            assert_eq!(is_snake_of(found, "promptTokenCount"), expected, "{found}");
        }
    }

    #[test]
    fn whole_numbers_are_whole_and_fit() {
        for (literal, expected) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("12", Some(12)),
            ("12.0", Some(12)),
            ("1.2e1", Some(12)),
            ("9223372036854775807", Some(9_223_372_036_854_775_807)),
            ("9223372036854775808", None),
            ("999999999999999999", Some(999_999_999_999_999_999)),
            ("", None),
            ("1e400", None),
            ("1.5", None),
            ("-1", None),
        ] {
            assert_eq!(whole(literal).ok(), expected, "{literal}");
        }
    }
}
