//! The kinds of task that models are good at, more or less.

use std::fmt;
use std::str::FromStr;

/// What a task is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Programs: written, mended, explained.
    Code,
    /// Thinking something through: analysis, research, plans, decisions.
    Reasoning,
    /// Sums, equations, proofs.
    Math,
    /// Texts of one's own: letters, articles, stories.
    Writing,
    /// What a text says: summed up, extracted, classified.
    Summary,
    /// From one language into another.
    Translation,
    /// Anything else.
    Chat,
}

/// A name that is no kind of task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no kind of task `{name}`; did you mean `{near}`? The kinds are {kinds}", kinds = Kind::names())]
pub struct UnknownKind {
    /// The name, cut where it is long.
    pub name: String,
    /// The kind whose name is nearest.
    pub near: Kind,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::Code,
        Self::Reasoning,
        Self::Math,
        Self::Writing,
        Self::Summary,
        Self::Translation,
        Self::Chat,
    ];

    /// The name in the configuration, in flags and in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Reasoning => "reasoning",
            Self::Math => "math",
            Self::Writing => "writing",
            Self::Summary => "summary",
            Self::Translation => "translation",
            Self::Chat => "chat",
        }
    }

    /// How long the answer to such a task is expected to be, in tokens, where nobody says: about a page of
    /// text, two of code or of thinking, a paragraph of a summary.
    #[must_use]
    pub const fn output_tokens_expected(self) -> u64 {
        match self {
            Self::Code => 1200,
            Self::Reasoning | Self::Math => 1000,
            Self::Writing => 800,
            Self::Summary => 250,
            Self::Translation | Self::Chat => 400,
        }
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Code => 0,
            Self::Reasoning => 1,
            Self::Math => 2,
            Self::Writing => 3,
            Self::Summary => 4,
            Self::Translation => 5,
            Self::Chat => 6,
        }
    }

    fn names() -> String {
        let names: Vec<String> = Self::ALL.iter().map(|kind| format!("`{kind}`")).collect();
        names.join(", ")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        if let Some(kind) = Self::ALL.iter().find(|kind| kind.name() == name) {
            return Ok(*kind);
        }
        let name: String = name.chars().take(60).collect();
        let distance = |kind: &&Self| strsim::damerau_levenshtein(kind.name(), &name);
        let near = Self::ALL.iter().min_by_key(distance).copied().unwrap_or(Self::Chat);
        Err(UnknownKind { name, near })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_kind_and_others_to_the_nearest() {
        for (place, &kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(kind.name().parse::<Kind>(), Ok(kind));
            assert_eq!(kind.index(), place);
        }
        for (name, near) in [("coding", Kind::Code), ("maths", Kind::Math), ("", Kind::Code)] {
            assert_eq!(name.parse::<Kind>().unwrap_err().near, near, "{name}");
        }
        let told = "reasonning".parse::<Kind>().unwrap_err().to_string();
        assert!(told.contains("did you mean `reasoning`?"), "{told}");
    }
}
