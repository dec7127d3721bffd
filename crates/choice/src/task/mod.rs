//! What a task is: its kind, and how good a model it needs, from its words alone.
//!
//! A pure function over lists of words (`words.txt`), measured on labelled examples (`examples.txt`): it knows
//! no language, only words and the beginnings of words, in a few languages.

mod words;

use centime_core::score::Score;

use crate::kind::Kind;
use words::{SIGNS, Sign};

/// How much is asked of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Any model will do: a quick, short, simple thing.
    Simple,
    /// Nothing says more or less.
    Normal,
    /// It is hard: analysis, research, something complex.
    Hard,
    /// It matters: something critical, or hard in several ways.
    Critical,
}

impl Level {
    /// The word in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Normal => "normal",
            Self::Hard => "hard",
            Self::Critical => "critical",
        }
    }

    /// The quality that a model needs for it.
    #[must_use]
    pub fn quality_needed(self) -> Score {
        let millionths = match self {
            Self::Simple => 450_000,
            Self::Normal => 600_000,
            Self::Hard => 700_000,
            Self::Critical => 780_000,
        };
        Score::from_millionths(millionths).unwrap_or(Score::BEST)
    }
}

/// What a task was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// What it is about.
    pub kind: Kind,
    /// How much it asks of a model.
    pub level: Level,
    /// The quality that a model needs.
    pub needed: Score,
}

/// How much of a task is read: what is wanted is said at its beginning or at its end, and what lies between
/// may be any text.
const READ_CHARS: usize = 600;

impl Task {
    /// Reads a task.
    ///
    /// ```
    /// use centime_choice::{Kind, Level, Task};
    ///
    /// let task = Task::read("Analyze this critical bug in our payment code: …");
    /// assert_eq!((task.kind, task.level), (Kind::Code, Level::Critical));
    /// let task = Task::read("Quick summary of this article, please");
    /// assert_eq!((task.kind, task.level), (Kind::Summary, Level::Simple));
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut weights = [0_i32; Kind::ALL.len()];
        let mut level = 0;
        let mut seen: Vec<&str> = Vec::new();
        for sign in signs_of(text) {
            if seen.contains(&sign.word) {
                continue;
            }
            seen.push(sign.word);
            level += sign.level;
            if let Some(kind) = sign.kind {
                weights[kind.index()] += sign.weight;
            }
        }
        // Of two kinds that weigh the same, the one that is listed first.
        let heaviest = weights.iter().copied().max().unwrap_or(0);
        let kind = Kind::ALL.iter().copied().find(|kind| weights[kind.index()] == heaviest);
        let kind = kind.filter(|_| heaviest > 0).unwrap_or(Kind::Chat);
        let level = match level {
            ..=-1 => Level::Simple,
            0 | 1 => Level::Normal,
            2 | 3 => Level::Hard,
            4.. => Level::Critical,
        };
        Self { kind, level, needed: level.quality_needed() }
    }

    /// What the needed quality follows from, for a sentence about it.
    pub(crate) fn because(&self, is_said: bool) -> &'static str {
        match self.level {
            _ if is_said => ", as asked",
            Level::Simple => ", as it seems simple",
            Level::Normal => "",
            Level::Hard => ", as it seems hard",
            Level::Critical => ", as it seems critical",
        }
    }
}

/// The signs in a text, in its order.
fn signs_of(text: &str) -> impl Iterator<Item = &'static Sign> {
    let start: String = text.chars().take(READ_CHARS).collect();
    let rest = text.get(start.len()..).unwrap_or_default();
    let end: String = {
        let last: Vec<char> = rest.chars().rev().take(READ_CHARS).collect();
        last.into_iter().rev().collect()
    };
    let lower = format!("{start} {end}").to_lowercase();
    let words: Vec<String> = lower
        .split(|char: char| !char.is_alphanumeric() && !matches!(char, '+' | '#' | '=' | '`'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    SIGNS.iter().filter(move |sign| sign.is_in(&words, &lower))
}

#[cfg(test)]
mod tests;
