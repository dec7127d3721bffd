//! The members of an object, and where in the body they stand.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::ReadError;
use crate::fields::whole;
use crate::json::{self, Value};

/// The members of one object. A name that comes twice is refused where it is asked for: parsers do
/// not agree on which one holds, and what is metered must be what the provider reads.
#[derive(Debug)]
pub(super) struct Members<'a> {
    /// The names that lead to the object, for messages.
    path: &'static str,
    members: Vec<Member<'a>>,
    /// The object in the body, braces included.
    pub(super) at: Range<usize>,
}

/// One member of an object.
#[derive(Debug, Clone)]
pub(super) struct Member<'a> {
    name: Cow<'a, str>,
    /// Where its value stands in the body.
    pub(super) at: Range<usize>,
    /// Where its name stands.
    name_at: Range<usize>,
    /// Its value.
    pub(super) value: Value<'a>,
}

/// How many members an object may have in a text of more than [`CROWDED`] bytes. Where a member stands
/// takes more room than the shortest member does.
const MEMBERS_MAX: usize = 10_000;

/// How long a text may be whose members nobody counts first.
const CROWDED: usize = 1024 * 1024;

impl<'a> Members<'a> {
    /// The members of a text that is one object; otherwise what it is.
    pub(super) fn parse(text: &'a str) -> Result<Self, ReadError> {
        Self::parse_at(text, 0, "")
    }

    fn parse_at(text: &'a str, offset: usize, path: &'static str) -> Result<Self, ReadError> {
        let broken = |error: json::JsonError| ReadError::new(path, error.to_string());
        if text.len() > CROWDED
            && let Value::Object(object) = json::parse(text).map_err(broken)?
            && object.members().nth(MEMBERS_MAX).is_some()
        {
            return Err(ReadError::new(path, "has more than 10000 members; send fewer"));
        }
        let value = json::parse(text).map_err(broken)?;
        let Value::Object(object) = value else {
            let what = format!("expected an object, found {}", value.kind());
            return Err(ReadError::new(path, what));
        };
        let blanks = text.len() - text.trim_start_matches([' ', '\n', '\r', '\t']).len();
        let start = offset + blanks;
        let place = |literal: &str| {
            let at = offset + (literal.as_ptr().addr() - text.as_ptr().addr());
            at..at + literal.len()
        };
        let members = object.literals().zip(object.members());
        let members = members.map(|((name_literal, literal), (name, value))| Member {
            name,
            at: place(literal),
            name_at: place(name_literal),
            value,
        });
        Ok(Self { path, members: members.collect(), at: start..start + object.text().len() })
    }

    /// Whether it has none.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The member of a name, were it `null`.
    pub(super) fn get(&self, name: &str) -> Result<Option<&Member<'a>>, ReadError> {
        let mut found = self.members.iter().filter(|member| member.name == name);
        let member = found.next();
        match found.next() {
            Some(_) => Err(self.error(name, "is there twice; send it once")),
            None => Ok(member),
        }
    }

    /// The member of either name, for what is written in camel or in snake case.
    pub(super) fn either(
        &self,
        camel: &str,
        snake: &str,
    ) -> Result<Option<&Member<'a>>, ReadError> {
        match (self.get(camel)?, self.get(snake)?) {
            (Some(_), Some(_)) => {
                Err(self.error(camel, format!("is there as `{snake}` too; send it once")))
            }
            (found, None) | (None, found) => Ok(found),
        }
    }

    /// The members of the object that a member is; `None` where it is `null`.
    pub(super) fn object(
        &self,
        member: &Member<'a>,
        path: &'static str,
    ) -> Result<Option<Self>, ReadError> {
        match member.value {
            Value::Null => Ok(None),
            Value::Object(object) => Self::parse_at(object.text(), member.at.start, path).map(Some),
            other => Err(self.mistyped(&member.name, other, "an object")),
        }
    }

    /// The objects of the array that a member is, one after the other.
    pub(super) fn objects(
        &self,
        member: &Member<'a>,
        path: &'static str,
    ) -> Result<impl Iterator<Item = Result<Self, ReadError>>, ReadError> {
        let Value::Array(array) = member.value else {
            return Err(self.mistyped(&member.name, member.value, "an array"));
        };
        let (start, at) = (array.text().as_ptr().addr(), member.at.start);
        let objects = array.items().filter_map(|item| match item {
            Value::Object(object) => Some(object.text()),
            _ => None,
        });
        Ok(objects.map(move |text| Self::parse_at(text, at + (text.as_ptr().addr() - start), path)))
    }

    /// The string that a member is.
    pub(super) fn text_of(&self, member: &Member<'a>) -> Result<Option<Cow<'a, str>>, ReadError> {
        match member.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.decode())),
            other => Err(self.mistyped(&member.name, other, "a string")),
        }
    }

    /// A string; what is of another type says nothing, as it does where it only names somebody.
    pub(super) fn word(&self, name: &str) -> Result<Option<Cow<'a, str>>, ReadError> {
        Ok(match self.get(name)?.map(|member| member.value) {
            Some(Value::String(text)) => Some(text.decode()),
            _ => None,
        })
    }

    /// Whether something is `true`.
    pub(super) fn is_set(&self, name: &str) -> Result<bool, ReadError> {
        match self.get(name)?.map(|member| member.value) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(is_set)) => Ok(is_set),
            Some(other) => Err(self.mistyped(name, other, "true or false")),
        }
    }

    /// The whole number that a member is, below zero `None`: some take -1 for none.
    pub(super) fn count_of(&self, member: &Member<'a>) -> Result<Option<u64>, ReadError> {
        match member.value {
            Value::Null => Ok(None),
            Value::Number(literal) if literal.starts_with('-') => Ok(None),
            Value::Number(literal) => {
                whole(literal).map(Some).map_err(|what| self.error(&member.name, what))
            }
            other => Err(self.mistyped(&member.name, other, "a whole number")),
        }
    }

    fn mistyped(&self, name: &str, value: Value<'_>, expected: &str) -> ReadError {
        self.error(name, format!("expected {expected}, found {}", value.kind()))
    }

    /// An error about one of the members.
    pub(super) fn error(&self, name: &str, what: impl Into<String>) -> ReadError {
        let error = ReadError::new(centime_core::decimal::shown(name), what);
        if self.path.is_empty() { error } else { error.under(self.path) }
    }

    /// What a member takes up together with the comma that parts it from the others.
    pub(super) fn with_comma(&self, member: &Member<'a>) -> Range<usize> {
        let own = member.name_at.start;
        let before = self.members.iter().rfind(|other| other.at.end < own);
        let after = self.members.iter().find(|other| other.name_at.start > own);
        match (before, after) {
            (Some(before), _) => before.at.end..member.at.end,
            (None, Some(after)) => own..after.name_at.start,
            (None, None) => own..member.at.end,
        }
    }
}
