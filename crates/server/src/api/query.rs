//! The query of a URL: parameters by name, of which a resource knows some and no other.

use centime_answers::Wrong;
use serde_json::Value;

use crate::guard::decode;

/// Something that a resource may be asked with.
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: &'static str,
    /// What it means.
    pub(super) says: &'static str,
    /// What it may be.
    pub(super) schema: fn() -> Value,
    /// Whether it may come several times.
    pub(super) is_list: bool,
}

/// What a resource is asked with.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(&'static str, String)>);

impl Query {
    /// Reads a query.
    pub(super) fn read(query: Option<&str>, known: &'static [Parameter]) -> Result<Self, Wrong> {
        let mut read = Self::default();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = text(name, "the query")?;
            let Some(parameter) = known.iter().find(|parameter| parameter.name == name) else {
                return Err(unknown(&name, known));
            };
            let name = parameter.name;
            if !parameter.is_list && read.one(name).is_some() {
                return Err(Wrong::new(name, format!("`{name}` is there twice; send it once")));
            }
            read.0.push((name, text(value, name)?));
        }
        Ok(read)
    }

    /// The value of a parameter.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// A copy of it.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.one(name).map(str::to_owned)
    }

    /// The values of a parameter that may come several times.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// What the value of a parameter is read as.
    pub(super) fn read_as<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Wrong> {
        self.one(name)
            .map(|value| read(value).map_err(|what| wrong(name, value, &what)))
            .transpose()
    }

    /// A number of things to show, from 1 to `most`.
    pub(super) fn limit(&self, most: usize) -> Result<Option<usize>, Wrong> {
        self.read_as("limit", |text| match text.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(format!("write a whole number from 1 to {most}")),
        })
    }
}

/// A value that cannot be read.
pub(super) fn wrong(name: &str, value: &str, what: &str) -> Wrong {
    let shown: String = value.chars().take(60).collect();
    Wrong::new(name, format!("`{name}` `{shown}`: {what}"))
}

fn unknown(name: &str, known: &[Parameter]) -> Wrong {
    let shown: String = name.chars().take(60).collect();
    let known: Vec<String> = known.iter().map(|it| format!("`{}`", it.name)).collect();
    let what = match known.as_slice() {
        [] => "takes no parameters: leave them out".to_owned(),
        known => format!("has no parameter `{shown}`; it knows {}", known.join(", ")),
    };
    Wrong::new(shown, format!("this path {what}"))
}

/// A text of a query, decoded: `%xx` is a byte, `+` a blank.
fn text(encoded: &str, name: &str) -> Result<String, Wrong> {
    bytes(&encoded.replace('+', " "), name)
}

/// A segment of a path, decoded.
pub(super) fn text_of_path(encoded: &str) -> Result<String, Wrong> {
    bytes(encoded, "the path")
}

fn bytes(encoded: &str, name: &str) -> Result<String, Wrong> {
    let malformed = |what: &str| Wrong::new(name, format!("{name}: {what}"));
    let bytes = decode(encoded.as_bytes()).map_err(|_| {
        malformed("there is a `%` without two hexadecimal digits after it; write `%25` for it")
    })?;
    String::from_utf8(bytes.into_owned()).map_err(|_| malformed("it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn parameter(name: &'static str, is_list: bool) -> Parameter {
        Parameter { name, says: "", schema: || Value::Null, is_list }
    }

    const KNOWN: &[Parameter] =
        &[parameter("a", false), parameter("b", true), parameter("limit", false)];

    #[test]
    fn values_are_decoded_and_kept_in_order() {
        let query = Query::read(Some("a=x%3Dy+z%2Bw&&b=1&b=%C3%A9&b"), KNOWN).unwrap();
        assert_eq!(query.one("a"), Some("x=y z+w"));
        assert_eq!(query.all("b").collect::<Vec<_>>(), ["1", "é", ""]);
        assert!(Query::read(None, KNOWN).unwrap().one("a").is_none());
    }

    #[test]
    fn what_is_wrong_is_named_with_the_remedy() {
        let nothing = |query| Query::read(Some(query), KNOWN).unwrap_err();
        for (query, parameter, remedy) in [
            ("c=1", "c", "it knows `a`, `b`, `limit`"),
            ("a=1&a=2", "a", "send it once"),
            ("a=%", "a", "`%25`"),
            ("a=%ff", "a", "UTF-8"),
        ] {
            let wrong = nothing(query);
            assert_eq!(wrong.parameter, parameter, "{query}");
            assert!(wrong.message.contains(remedy), "{query}: {wrong:?}");
        }
        assert!(Query::read(Some("x"), &[]).unwrap_err().message.contains("leave them out"));
        for (text, expected) in [("1", Some(1)), ("9", Some(9)), ("10", None), ("0", None)] {
            let query = Query::read(Some(&format!("limit={text}")), KNOWN).unwrap();
            assert_eq!(query.limit(9).ok().flatten(), expected, "{text}");
        }
    }
}
