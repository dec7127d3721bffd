//! The public vocabularies, each unpacked when it is first needed.

use crate::parts::{self, Newlines};
use std::fmt;

/// A public vocabulary of byte pairs, with the pattern that cuts a text before they are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vocabulary {
    /// OpenAI's since GPT-4o.
    O200kBase,
    /// OpenAI's of GPT-3.5, GPT-4 and the embeddings.
    Cl100kBase,
    /// OpenAI's of Codex and the last completions.
    P50kBase,
    /// OpenAI's of GPT-3.
    R50kBase,
}

impl Vocabulary {
    /// Every vocabulary.
    pub const ALL: &[Self] = &[Self::O200kBase, Self::Cl100kBase, Self::P50kBase, Self::R50kBase];

    /// The name it is published under.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::O200kBase => "o200k_base",
            Self::Cl100kBase => "cl100k_base",
            Self::P50kBase => "p50k_base",
            Self::R50kBase => "r50k_base",
        }
    }

    /// How many tokens a text is.
    #[must_use]
    pub fn count(self, text: &str) -> u64 {
        let encoding = tiktoken::get_encoding(self.name());
        // No text has more tokens than bytes: the answer if a vocabulary were ever missing.
        let tokens =
            encoding.map_or(text.len(), |encoding| parts::count(encoding, self.newlines(), text));
        u64::try_from(tokens).unwrap_or(u64::MAX)
    }
}

impl Vocabulary {
    /// Its place in [`Vocabulary::ALL`].
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::O200kBase => 0,
            Self::Cl100kBase => 1,
            Self::P50kBase => 2,
            Self::R50kBase => 3,
        }
    }

    /// How its pattern takes newlines.
    pub(crate) const fn newlines(self) -> Newlines {
        match self {
            Self::O200kBase | Self::Cl100kBase => Newlines::End,
            Self::P50kBase | Self::R50kBase => Newlines::Blank,
        }
    }
}

impl fmt::Display for Vocabulary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}
