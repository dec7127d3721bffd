//! Patterns of model names: one rate card for every name that a provider gives a model.

/// What a name must look like.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// Exactly this.
    Equals(String),
    /// Starts with this.
    StartsWith(String),
    /// Ends with this.
    EndsWith(String),
    /// Has this in it.
    Contains(String),
    /// Matches this expression somewhere.
    Regex(regex_lite::Regex),
    /// Any of these.
    Any(Vec<Self>),
    /// All of these.
    All(Vec<Self>),
}

impl Pattern {
    /// Whether a name looks like it.
    ///
    /// ```
    /// use centime_core::price::Pattern;
    ///
    /// let pattern = Pattern::All(vec![
    ///     Pattern::StartsWith("gpt-5".into()),
    ///     Pattern::EndsWith("-mini".into()),
    /// ]);
    /// assert!(pattern.matches("gpt-5-mini"));
    /// assert!(!pattern.matches("gpt-5"));
    /// ```
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Equals(text) => name == text,
            Self::StartsWith(text) => name.starts_with(text.as_str()),
            Self::EndsWith(text) => name.ends_with(text.as_str()),
            Self::Contains(text) => name.contains(text.as_str()),
            Self::Regex(regex) => regex.is_match(name),
            Self::Any(patterns) => patterns.iter().any(|pattern| pattern.matches(name)),
            Self::All(patterns) => patterns.iter().all(|pattern| pattern.matches(name)),
        }
    }
}
