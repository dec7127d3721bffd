//! Options: what a caller chose of a call that has a price, beside its tier.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// What can be chosen. A closed set: an option is one that some provider's price depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OptionKey {
    /// Width and height of an image, in pixels: `1024x1792`.
    Size,
    /// How good an image is: `low`, `high`, `hd`.
    Quality,
    /// How fine an image or a film is, in the provider's word: `1080p`, `4k`.
    Resolution,
    /// How much of what it found a search puts into the prompt: `low`, `medium`, `high`.
    SearchContext,
    /// How many steps an image is made in: a whole number; of a rule, a range of them.
    Steps,
    /// How many results a search was asked for: a whole number; of a rule, a range of them.
    Results,
}

impl OptionKey {
    /// Every key.
    pub const ALL: &[Self] = &[
        Self::Size,
        Self::Quality,
        Self::Resolution,
        Self::SearchContext,
        Self::Steps,
        Self::Results,
    ];

    /// The name in rate cards, events and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Quality => "quality",
            Self::Resolution => "resolution",
            Self::SearchContext => "search_context",
            Self::Steps => "steps",
            Self::Results => "results",
        }
    }

    /// The key of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }

    const fn is_number(self) -> bool {
        matches!(self, Self::Steps | Self::Results)
    }
}

impl fmt::Display for OptionKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// A value that an option does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// A number was expected.
    #[error("`{value}` is no {key}: write a whole number, or a range such as `0-50` or `51-`")]
    NoNumber {
        /// The option.
        key: OptionKey,
        /// What was given.
        value: String,
    },
    /// A word was expected.
    #[error("`{value}` is no {key}: write a word of at most {} letters", WORD_BYTES_MAX)]
    NoWord {
        /// The option.
        key: OptionKey,
        /// What was given.
        value: String,
    },
    /// It names no option.
    #[error("`{0}` is no option and its value: the options are {names}", names = key_names())]
    Unknown(String),
    /// The option has a value already.
    #[error("`{0}` is there twice")]
    Twice(OptionKey),
}

fn key_names() -> String {
    OptionKey::ALL.iter().map(|key| key.name()).collect::<Vec<_>>().join(", ")
}

/// The longest word that an option takes.
const WORD_BYTES_MAX: usize = 64;

/// What was chosen: of a call, what its caller asked for; of a rule, what a call must have chosen for
/// it to hold.
///
/// Words are kept in lower case, sizes as `1024x1792` however they are written.
///
/// ```
/// use centime_core::price::{OptionKey, Options};
///
/// let rule: Options = "size=1024x1792 steps=0-50".parse()?;
/// let mut call = Options::default();
/// call.set(OptionKey::Size, "1024-x-1792")?;
/// assert!(!rule.hold_for(&call));
/// call.set(OptionKey::Steps, "30")?;
/// assert!(rule.hold_for(&call));
/// assert_eq!(rule.to_string(), "size=1024x1792 steps=0-50");
/// # Ok::<(), centime_core::price::OptionError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Options(Vec<Choice>);

/// One option and its value; sorted by the option within [`Options`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Choice {
    key: OptionKey,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Value {
    Word(Box<str>),
    /// A number is a range of one.
    Range {
        from: u64,
        to: u64,
    },
}

impl Options {
    /// Nothing chosen.
    pub const NONE: Self = Self(Vec::new());

    /// Nothing chosen, for whoever needs to borrow it.
    #[must_use]
    pub const fn none() -> &'static Self {
        static NONE: Options = Options::NONE;
        &NONE
    }

    /// Whether nothing was chosen.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many options have a value.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Gives an option its value.
    ///
    /// # Errors
    /// When it takes no such value, or has one already.
    pub fn set(&mut self, key: OptionKey, value: &str) -> Result<(), OptionError> {
        let value = Value::parse(key, value.trim())?;
        match self.0.binary_search_by_key(&key, |choice| choice.key) {
            Ok(_) => Err(OptionError::Twice(key)),
            Err(place) => {
                self.0.insert(place, Choice { key, value });
                Ok(())
            }
        }
    }

    /// Gives an option its value as both are written: `size=1024x1024`.
    ///
    /// # Errors
    /// As [`Options::set`], and when it is no option and its value.
    pub fn add(&mut self, written: &str) -> Result<(), OptionError> {
        let unknown = || OptionError::Unknown(written.chars().take(WORD_BYTES_MAX).collect());
        let (name, value) = written.split_once('=').ok_or_else(unknown)?;
        self.set(OptionKey::named(name).ok_or_else(unknown)?, value)
    }

    /// The options that have a value.
    pub fn keys(&self) -> impl Iterator<Item = OptionKey> {
        self.0.iter().map(|choice| choice.key)
    }

    /// Whether an option has a value.
    #[must_use]
    pub fn has(&self, key: OptionKey) -> bool {
        self.choice(key).is_some()
    }

    /// The value of an option, as it is written.
    #[must_use]
    pub fn value(&self, key: OptionKey) -> Option<String> {
        self.choice(key).map(|choice| choice.value.to_string())
    }

    /// Whether a call that chose `stated` chose all of these.
    #[must_use]
    pub fn hold_for(&self, stated: &Self) -> bool {
        self.0.iter().all(|wanted| {
            stated.choice(wanted.key).is_some_and(|stated| wanted.value.covers(&stated.value))
        })
    }

    /// These without one.
    #[must_use]
    pub fn without(&self, key: OptionKey) -> Self {
        Self(self.0.iter().filter(|choice| choice.key != key).cloned().collect())
    }

    /// These, and those of `others` for which there is no value yet.
    #[must_use]
    pub fn or(&self, others: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(others.0.iter().filter(|other| self.choice(other.key).is_none()).cloned());
        all.sort_by_key(|choice| choice.key);
        Self(all)
    }

    fn choice(&self, key: OptionKey) -> Option<&Choice> {
        self.0.iter().find(|choice| choice.key == key)
    }
}

/// Fewer before more: of rules for the same case, the more particular one stands behind.
impl Ord for Options {
    fn cmp(&self, other: &Self) -> Ordering {
        self.len().cmp(&other.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Options {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `quality=hd size=1024x1792`, as rules are written.
impl fmt::Display for Options {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, choice) in self.0.iter().enumerate() {
            let blank = if index > 0 { " " } else { "" };
            write!(out, "{blank}{}={}", choice.key, choice.value)?;
        }
        Ok(())
    }
}

impl FromStr for Options {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let mut options = Self::NONE;
        text.split_whitespace().try_for_each(|word| options.add(word))?;
        Ok(options)
    }
}

impl Value {
    fn parse(key: OptionKey, text: &str) -> Result<Self, OptionError> {
        let shown = || text.chars().take(WORD_BYTES_MAX).collect();
        if key.is_number() {
            return range(text).ok_or_else(|| OptionError::NoNumber { key, value: shown() });
        }
        let is_word = !text.is_empty()
            && text.len() <= WORD_BYTES_MAX
            && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control());
        if !is_word {
            return Err(OptionError::NoWord { key, value: shown() });
        }
        let mut word = text.to_lowercase();
        if key == OptionKey::Size {
            word = word.replace("-x-", "x").replace(['*', '×'], "x");
        }
        Ok(Self::Word(word.into()))
    }

    fn covers(&self, stated: &Self) -> bool {
        match (self, stated) {
            (Self::Word(wanted), Self::Word(stated)) => wanted == stated,
            (&Self::Range { from, to }, &Self::Range { from: first, to: last }) => {
                from <= first && last <= to
            }
            _ => false,
        }
    }
}

/// Reads `30`, `0-50` or `51-`.
fn range(text: &str) -> Option<Value> {
    let (from, to) = match text.split_once('-') {
        None => (text.parse().ok()?, text.parse().ok()?),
        Some((from, "")) => (from.parse().ok()?, u64::MAX),
        Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
    };
    (from <= to).then_some(Value::Range { from, to })
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => out.write_str(word),
            Self::Range { from, to } if from == to => write!(out, "{from}"),
            Self::Range { from, to: u64::MAX } => write!(out, "{from}-"),
            Self::Range { from, to } => write!(out, "{from}-{to}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Options {
        text.parse().unwrap()
    }

    #[test]
    fn a_rule_holds_where_the_call_states_all_it_asks_for() {
        for (rule, call, holds) in [
            ("", "", true),
            ("", "size=1x1", true),
            ("size=1x1", "", false),
            ("size=1024x1792", "size=1024-X-1792", true),
            ("size=1024x1792", "size=1024*1792 quality=hd", true),
            ("size=1024x1792 quality=hd", "size=1024x1792", false),
            ("resolution=1080p", "resolution=1080P", true),
            ("resolution=1080p", "resolution=720p", false),
            ("results=0-25", "results=25", true),
            ("results=0-25", "results=26", false),
            ("results=26-", "results=18446744073709551615", true),
            ("steps=50", "steps=50", true),
            ("steps=50", "results=50", false),
        ] {
            assert_eq!(options(rule).hold_for(&options(call)), holds, "{rule} for {call}");
        }
    }

    #[test]
    fn values_are_written_as_they_are_read_and_others_are_refused() {
        for text in ["size=1024x1024 quality=hd", "steps=0-50", "results=51-", "results=7"] {
            assert_eq!(options(text).to_string(), text);
        }
        for (key, value) in [
            (OptionKey::Steps, "many"),
            (OptionKey::Steps, "9-3"),
            (OptionKey::Results, "-3"),
            (OptionKey::Results, ""),
            (OptionKey::Size, ""),
            (OptionKey::Quality, "very high"),
            (OptionKey::Quality, &"x".repeat(65)),
        ] {
            assert!(Options::default().set(key, value).is_err(), "{key}={value}");
        }
        let twice = "size=1x1 size=2x2".parse::<Options>();
        assert_eq!(twice, Err(OptionError::Twice(OptionKey::Size)));
        for unknown in ["colour=red", "size", "=1x1"] {
            let error = unknown.parse::<Options>().unwrap_err();
            assert_eq!(error, OptionError::Unknown(unknown.to_owned()));
        }
    }

    #[test]
    fn what_a_name_says_fills_what_the_call_left_open() {
        let both = options("quality=hd").or(&options("size=1x1 quality=low"));
        assert_eq!(both, options("size=1x1 quality=hd"));
        assert_eq!(both.without(OptionKey::Size), options("quality=hd"));
        assert!(options("steps=50") < options("size=1x1 quality=hd"));
    }
}
