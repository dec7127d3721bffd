//! The words by which a task is known.

use std::sync::LazyLock;

use crate::kind::Kind;

/// A word, and what it says of the task that it stands in.
#[derive(Debug)]
pub(super) struct Sign {
    /// The word as it is listed, without its mark.
    pub(super) word: &'static str,
    /// Whether words that begin so count too.
    is_beginning: bool,
    /// Whether it is looked for anywhere in the text: several words, signs, languages without blanks.
    is_anywhere: bool,
    /// What kind of task it speaks for.
    pub(super) kind: Option<Kind>,
    /// How strongly.
    pub(super) weight: i32,
    /// How much harder it makes the task.
    pub(super) level: i32,
}

impl Sign {
    /// Whether it is in a text, given in small letters and as its words.
    pub(super) fn is_in(&self, words: &[String], text: &str) -> bool {
        if self.is_anywhere {
            return text.contains(self.word);
        }
        words.iter().any(|word| match self.is_beginning {
            true => word.starts_with(self.word),
            false => word == self.word,
        })
    }
}

/// All of them.
pub(super) static SIGNS: LazyLock<Vec<Sign>> = LazyLock::new(|| {
    let mut signs = Vec::new();
    for line in include_str!("words.txt").lines() {
        let Some((head, words)) = line.split_once(':').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let mut kind = None;
        let (mut weight, mut level) = (0, 0);
        for part in head.split_ascii_whitespace() {
            match part.parse::<Kind>() {
                Ok(named) => kind = Some(named),
                Err(_) if part.starts_with(['+', '-']) => level = part.parse().unwrap_or(0),
                Err(_) => weight = part.parse().unwrap_or(0),
            }
        }
        for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let bare = word.trim_end_matches('*');
            let has_blanks =
                !bare.chars().all(|char| char.is_ascii_alphanumeric() || is_lettered(char));
            signs.push(Sign {
                word: bare,
                is_beginning: word.ends_with('*'),
                is_anywhere: has_blanks,
                kind,
                weight,
                level,
            });
        }
    }
    signs
});

/// Letters of scripts that put blanks between words.
fn is_lettered(char: char) -> bool {
    char.is_alphabetic() && u32::from(char) < 0x0E00
}
