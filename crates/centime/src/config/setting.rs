//! The types that settings have, and how each is written.

use std::net::SocketAddr;
use std::time::Duration;

use centime_engine::settings::Secret;
use centime_providers::known::Wire;

use crate::output::Value;

/// A value as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Raw {
    /// A text in quotes.
    Text(String),
    /// A number with all its digits.
    Number(String),
    /// `true` or `false`.
    Flag(bool),
    /// From the environment, or a default: whatever it is meant to be.
    Open(String),
    /// A list.
    List(Vec<Raw>),
    /// What no setting is.
    Other,
}

impl Raw {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Open(text) => Some(text),
            _ => None,
        }
    }

    fn text_or_number(&self) -> Option<&str> {
        match self {
            Self::Number(number) => Some(number),
            _ => self.text(),
        }
    }
}

/// A type that settings have.
pub(super) trait Setting: Sized {
    /// Reads it; the error goes on after the key's name, as in "must be a text".
    fn read(raw: &Raw) -> Result<Self, String>;

    /// How it is listed: as it was written.
    fn shown(&self, raw: &Raw) -> Value<'static> {
        raw.text_or_number().map_or(Value::Absent, |text| Value::text(text.to_owned()))
    }
}

impl Setting for String {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = raw.text().ok_or("must be a text")?;
        Some(text.to_owned()).filter(|text| !text.is_empty()).ok_or("is empty".to_owned())
    }
}

impl Setting for Secret {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = raw.text().ok_or("must be a text")?.trim();
        // It goes into a header, where anything else would be refused when a call is made.
        match text {
            "" => Err("is empty".to_owned()),
            text if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
                Ok(Self::new(text.to_owned()))
            }
            _ => Err("may have no other characters than ASCII's printable ones".to_owned()),
        }
    }

    fn shown(&self, _: &Raw) -> Value<'static> {
        Value::text("***")
    }
}

impl Setting for bool {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Flag(flag) => Ok(*flag),
            Raw::Open(text) if text == "true" => Ok(true),
            Raw::Open(text) if text == "false" => Ok(false),
            _ => Err("must be `true` or `false`".to_owned()),
        }
    }

    fn shown(&self, _: &Raw) -> Value<'static> {
        Value::Flag(*self)
    }
}

impl Setting for u64 {
    fn read(raw: &Raw) -> Result<Self, String> {
        let number = match raw {
            Raw::Number(number) | Raw::Open(number) => whole(number),
            _ => None,
        };
        number.ok_or_else(|| "must be a whole number".to_owned())
    }

    fn shown(&self, _: &Raw) -> Value<'static> {
        Value::number(self)
    }
}

impl Setting for SocketAddr {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = raw.text().unwrap_or_default();
        let text = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        text.parse()
            .map_err(|_| "must be an address and a port, such as `127.0.0.1:4000`".to_owned())
    }
}

/// A span of time: `10ms`, `5s`, `30m`, `1h`, `2d`.
impl Setting for Duration {
    fn read(raw: &Raw) -> Result<Self, String> {
        const DAY_MS: u64 = 86_400_000;
        let text = raw.text().unwrap_or_default().trim();
        let (number, unit) = split_unit(text);
        let unit_ms = match unit {
            "ms" => Some(1),
            "s" => Some(1000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            "d" => Some(DAY_MS),
            _ => None,
        };
        let millis = unit_ms.zip(whole(number)).and_then(|(unit, number)| number.checked_mul(unit));
        match millis {
            Some(1..) if millis <= Some(365 * DAY_MS) => Ok(Self::from_millis(millis.unwrap_or(0))),
            Some(_) => Err("must be between `1ms` and `365d`".to_owned()),
            None => Err("must be a span of time such as `10ms`, `5s`, `30m`, `1h`".to_owned()),
        }
    }
}

/// How many bytes: `512`, `64KiB`, `1MiB`, `1GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes(pub usize);

impl Setting for Bytes {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = raw.text_or_number().unwrap_or_default().trim();
        let (number, unit) = split_unit(text);
        let unit: Option<u64> = match unit {
            "" | "B" => Some(1),
            "KiB" => Some(1 << 10),
            "MiB" => Some(1 << 20),
            "GiB" => Some(1 << 30),
            _ => None,
        };
        let bytes = unit.zip(whole(number)).and_then(|(unit, number)| number.checked_mul(unit));
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
        bytes.map(Self).ok_or_else(|| "must be a size such as `64KiB` or `1MiB`".to_owned())
    }
}

/// Names in a list; from the environment with commas between them.
impl Setting for Vec<String> {
    fn read(raw: &Raw) -> Result<Self, String> {
        let names: Option<Self> = match raw {
            Raw::List(items) => items.iter().map(|item| Some(item.text()?.to_owned())).collect(),
            Raw::Open(text) if text.is_empty() => Some(Self::new()),
            Raw::Open(text) => Some(text.split(',').map(|name| name.trim().to_owned()).collect()),
            _ => None,
        };
        names
            .filter(|names| names.iter().all(|name| !name.is_empty()))
            .ok_or_else(|| "must be a list of names, such as `[\"app\", \"env\"]`".to_owned())
    }

    fn shown(&self, _: &Raw) -> Value<'static> {
        let items: Vec<_> = self.iter().map(|name| literal(name)).collect();
        Value::Json(format!("[{}]", items.join(",")).into())
    }
}

impl Setting for Wire {
    fn read(raw: &Raw) -> Result<Self, String> {
        choice(raw, &Self::ALL.map(|wire| (wire.name(), wire)))
    }
}

/// A number as its literal, so that no digit of it is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Amount(pub String);

impl Setting for Amount {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = raw.text_or_number().ok_or("must be an amount, such as `\"0.10\"`")?;
        Ok(Self(text.trim().trim_start_matches('$').to_owned()))
    }
}

/// One of a few words.
pub(super) fn choice<T: Copy>(raw: &Raw, choices: &[(&str, T)]) -> Result<T, String> {
    let text = raw.text().unwrap_or_default();
    let found = choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        format!("must be one of {}", names.join(", "))
    })
}

/// A text in quotes, as TOML and JSON write it alike.
pub(super) fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A number of plain digits.
fn whole(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

/// The digits at the start, and what follows them.
fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open<T: Setting>(text: &str) -> Option<T> {
        T::read(&Raw::Open(text.to_owned())).ok()
    }

    #[test]
    fn spans_of_time_have_a_unit() {
        for (text, millis) in [
            ("10ms", Some(10)),
            ("5s", Some(5000)),
            ("30 m", Some(1_800_000)),
            ("1h", Some(3_600_000)),
            ("365d", Some(31_536_000_000)),
            ("366d", None),
            ("0s", None),
            ("5", None),
            ("s", None),
            ("1.5s", None),
            ("-1s", None),
            ("1s5ms", None),
            ("99999999999999999999s", None),
            ("18446744073709551615d", None),
        ] {
            assert_eq!(open::<Duration>(text), millis.map(Duration::from_millis), "{text}");
        }
        assert!(Duration::read(&Raw::Number("5".into())).is_err());
    }

    #[test]
    fn sizes_are_counted_in_bytes() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("512", Some(512)),
            ("512 B", Some(512)),
            ("64KiB", Some(65_536)),
            ("1MiB", Some(1_048_576)),
            ("2GiB", Some(2_147_483_648)),
            ("1MB", None),
            ("1.5MiB", None),
            ("MiB", None),
            ("", None),
            ("18446744073709551615KiB", None),
        ] {
            assert_eq!(open::<Bytes>(text), bytes.map(Bytes), "{text}");
        }
        assert_eq!(Bytes::read(&Raw::Number("4096".into())), Ok(Bytes(4096)));
        assert!(Bytes::read(&Raw::Flag(true)).is_err());
    }

    #[test]
    fn other_types_are_as_strict() {
        let text = |text: &str| Raw::Text(text.to_owned());
        assert_eq!(bool::read(&Raw::Flag(true)), Ok(true));
        assert_eq!(open::<bool>("false"), Some(false));
        assert!(bool::read(&text("true")).is_err());
        assert_eq!(u64::read(&Raw::Number("16".into())), Ok(16));
        assert!(u64::read(&text("16")).is_err() && open::<u64>("-1").is_none());
        assert!(u64::read(&Raw::Number("1.0".into())).is_err());
        assert_eq!(String::read(&Raw::Number("5".into())), Err("must be a text".to_owned()));
        assert_eq!(open::<String>(""), None);
        assert_eq!(open::<Vec<String>>("a, b"), Some(vec!["a".into(), "b".into()]));
        assert_eq!(open::<Vec<String>>("a,,b"), None);
        assert_eq!(Amount::read(&Raw::Number("0.10".into())), Ok(Amount("0.10".into())));
        for (text, expected) in [
            ("127.0.0.1:4000", Some("127.0.0.1:4000")),
            ("localhost:80", Some("127.0.0.1:80")),
            ("[::1]:80", Some("[::1]:80")),
            ("0.0.0.0", None),
            ("example.com:80", None),
            (":80", None),
        ] {
            let found = open::<SocketAddr>(text).map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_fits_into_a_header_and_is_not_shown() {
        for (text, expected) in [
            (" sk-1 \n", Some("sk-1")),
            ("a b", Some("a b")),
            ("  ", None),
            ("a\nb", None),
            ("schlüssel", None),
        ] {
            let secret = open::<Secret>(text);
            assert_eq!(secret.as_ref().map(Secret::expose), expected, "{text:?}");
            let raw = Raw::Open(text.to_owned());
            assert_eq!(secret.map_or(Value::text("***"), |s| s.shown(&raw)), Value::text("***"));
        }
    }
}
