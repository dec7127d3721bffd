//! What a revision of prices changes, shown before or after it takes effect.

use centime_core::time::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::compare::{Difference, Fate};
use super::diff::{counts, csv, told};
use super::draft::{Current, Revised};
use super::{date, date_of_card};
use crate::app::App;
use crate::cli::Format;
use crate::failure::Outcome;
use crate::output::{self, count, print_json, print_text, visible};

/// The most models that are shown to people, and the most names in a note.
const SHOWN_MAX: usize = 100;
const NAMED_MAX: usize = 5;

/// A revision, made or to be made.
pub(super) struct Shown<'a> {
    pub revised: &'a [Revised],
    /// How many models of the list cost what they did; `None` where nothing was compared.
    pub unchanged: Option<usize>,
    /// What of the list is not understood or cannot be kept.
    pub left_out: &'a [String],
    /// Models that stay as they were priced here.
    pub own: &'a [String],
    /// The version of the book, once the revision holds.
    pub version: &'a str,
    /// The number of the revision; `None` where it was not made.
    pub number: Option<u64>,
}

impl<'a> Shown<'a> {
    /// One that is not made yet.
    pub(super) fn unmade(revised: &'a [Revised], current: &'a Current) -> Self {
        let version = current.book.version();
        Self { revised, unchanged: None, left_out: &[], own: &[], version, number: None }
    }

    /// The same once it holds.
    pub(super) fn made(self, version: &'a str, number: u64) -> Self {
        Self { version, number: Some(number), ..self }
    }

    /// Prints it.
    pub(super) fn print(&self, app: &App) -> Outcome {
        self.note();
        match app.format {
            Format::Json => print_json(self),
            Format::Csv => csv(self.differences()).print_csv(),
            Format::Table => print_text(&self.text()),
        }
    }

    /// Says what it changes, on standard error: of what is printed when it is done.
    pub(super) fn say(&self) {
        self.note();
        output::say(self.text().trim_end());
    }

    fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.revised.iter().map(|revised| &revised.difference)
    }

    /// The date of all changes, where they have one in common.
    fn common_date(&self) -> Option<Timestamp> {
        let first = self.revised.first()?.from;
        self.revised.iter().all(|revised| revised.from == first).then_some(first)
    }

    fn text(&self) -> String {
        let bold = anstyle::Style::new().bold();
        let number = |number: usize| count(i128::try_from(number).unwrap_or(i128::MAX));
        let common = self.common_date();
        let mut head = counts(self.differences()).unwrap_or_else(|| "no price changes".to_owned());
        if let Some(unchanged) = self.unchanged {
            head.push_str(&format!(", {} unchanged", number(unchanged)));
        }
        if let Some(from) = common {
            head.push_str(&format!(", from {}", date(from)));
        }
        let mut out = format!("{bold}{head}{bold:#}\n");
        let mut provider = None;
        for revised in self.revised.iter().take(SHOWN_MAX) {
            let difference = &revised.difference;
            if provider != Some(&difference.provider) {
                provider = Some(&difference.provider);
                out.push_str(&format!("\n{bold}{}{bold:#}\n", visible(&difference.provider)));
            }
            let from = match common {
                Some(_) => String::new(),
                None => format!("  from {}", date_of_card(revised.from)),
            };
            out.push_str(&told(difference, &from));
        }
        if let Some(more) = self.revised.len().checked_sub(SHOWN_MAX).filter(|&more| more > 0) {
            let more = number(more);
            out.push_str(&format!("\n… and {more} more; `--format json` has all of them\n"));
        }
        if self.number.is_some() {
            out.push_str(&format!("\nprice version {}\n", self.version));
        }
        out
    }

    fn note(&self) {
        for (what, names) in [
            ("not understood, and left out", self.left_out),
            ("left as they are, because they were priced here", self.own),
        ] {
            if !names.is_empty() {
                output::note(&format!("{what}: {}", some_of(names)));
            }
        }
    }
}

/// The first few names, and how many more there are.
fn some_of(names: &[String]) -> String {
    let mut named: Vec<&str> = names.iter().take(NAMED_MAX).map(String::as_str).collect();
    let more = format!("{} more", names.len() - named.len());
    if names.len() > named.len() {
        named.push(&more);
    }
    named.join(", ")
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of = |fate: Fate| self.differences().filter(|found| found.fate == fate).count();
        let models: Vec<Dated<'_>> = self.revised.iter().map(Dated).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("revision", &self.number)?;
        map.serialize_entry("price_version", self.version)?;
        map.serialize_entry("added", &of(Fate::Added))?;
        map.serialize_entry("changed", &of(Fate::Changed))?;
        map.serialize_entry("unchanged", &self.unchanged.unwrap_or(0))?;
        map.serialize_entry("left_out", self.left_out)?;
        map.serialize_entry("priced_here", self.own)?;
        map.serialize_entry("models", &models)?;
        map.end()
    }
}

/// A model with the date from which it costs something else.
struct Dated<'a>(&'a Revised);

impl Serialize for Dated<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let difference = &self.0.difference;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("provider", &difference.provider)?;
        map.serialize_entry("model", &difference.model)?;
        map.serialize_entry("mode", &difference.mode)?;
        map.serialize_entry("change", difference.fate.name())?;
        map.serialize_entry("from", &self.0.from.to_string())?;
        map.serialize_entry("rates", &difference.changes)?;
        map.end()
    }
}
