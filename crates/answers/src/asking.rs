//! What a question is read with, and what is said of one that cannot be read.

use centime_core::time::Timestamp;
use jiff::tz::TimeZone;

/// How the parts of a question are called by whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// On a command line: `--since`.
    Flags,
    /// In the query of a URL: `since`, in backticks.
    Parameters,
}

/// What a question is read with: the moment, whose clocks, and how its parts are called.
#[derive(Debug, Clone)]
pub struct Asking {
    /// When it is asked.
    pub now: Timestamp,
    /// Whose clocks times without a zone, days and hours are read from.
    pub zone: TimeZone,
    /// The name of that zone.
    pub zone_name: String,
    /// How its parts are called.
    pub spelling: Spelling,
}

/// A part of a question that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Its name, without ornaments.
    pub parameter: String,
    /// What is wrong with it, and what to write.
    pub message: String,
}

impl Wrong {
    /// Something is wrong with a parameter.
    #[must_use]
    pub fn new(parameter: impl Into<String>, message: impl Into<String>) -> Self {
        Self { parameter: parameter.into(), message: message.into() }
    }
}

impl Asking {
    /// What a part of the question is called.
    #[must_use]
    pub fn name(&self, parameter: &str) -> String {
        match self.spelling {
            Spelling::Flags => format!("--{parameter}"),
            Spelling::Parameters => format!("`{parameter}`"),
        }
    }

    /// A part of the question with a value, as it would be written.
    #[must_use]
    pub fn example(&self, parameter: &str, value: &str) -> String {
        match self.spelling {
            Spelling::Flags => format!("`--{parameter} {value}`"),
            Spelling::Parameters => format!("`{parameter}={value}`"),
        }
    }

    /// A moment as it was written: a date, a time, or a span back from now.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn bound(&self, parameter: &str, text: &str) -> Result<Timestamp, Wrong> {
        Timestamp::parse_bound(text, &self.zone, self.now)
            .map_err(|error| Wrong::new(parameter, format!("{}: {error}", self.name(parameter))))
    }

    /// The same, asked with other names and on the clocks of a zone.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn in_zone(self, parameter: &str, name: &str) -> Result<Self, Wrong> {
        let zone = TimeZone::get(name).map_err(|_| {
            let remedy = "is no time zone; write a name such as `Europe/Paris` or `UTC`";
            Wrong::new(parameter, format!("`{}` {remedy}", shown(name)))
        })?;
        Ok(Self { zone, zone_name: name.to_owned(), ..self })
    }
}

/// The beginning of a text that may be anything.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
impl Asking {
    pub(crate) fn of_test(spelling: Spelling) -> Self {
        Self {
            now: "2026-11-20T12:00:00Z".parse().unwrap(),
            zone: TimeZone::UTC,
            zone_name: "UTC".to_owned(),
            spelling,
        }
    }
}
