//! How many tokens a text is to a model, before anybody is asked.
//!
//! Where a model's tokenizer is public the count is exact; elsewhere it is an estimate that says how
//! far the truth may lie above it. No text is kept, and nothing is fetched: the vocabularies are in
//! the program, and one is unpacked when it is first needed.

mod family;
mod parts;
mod vocabulary;

pub use vocabulary::Vocabulary;

use std::cell::OnceCell;

use family::Family;

/// How many tokens a text is to a model, and how well that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The tokens of the text itself.
    pub tokens: u64,
    /// What the provider adds when the text is sent as one user message of a conversation.
    pub framing_tokens: u64,
    /// How the tokens were counted.
    pub method: Method,
}

/// How tokens were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// With the model's own tokenizer.
    Exact {
        /// The public vocabulary that it has.
        vocabulary: Vocabulary,
    },
    /// From another tokenizer's count: the model's own is not public, or not in this program.
    Approximate {
        /// How far above the estimate the truth may lie, in percent of it.
        margin_percent: u64,
        /// What estimate and margin rest on.
        basis: &'static str,
    },
}

impl Method {
    /// `exact` or `approximate`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Exact { .. } => "exact",
            Self::Approximate { .. } => "approximate",
        }
    }

    /// How far above the count the truth may lie, in percent of it; zero for an exact count.
    #[must_use]
    pub const fn margin_percent(&self) -> u64 {
        match self {
            Self::Exact { .. } => 0,
            Self::Approximate { margin_percent, .. } => *margin_percent,
        }
    }
}

impl Count {
    /// The most tokens of the text, without its framing: the count and its margin.
    ///
    /// ```
    /// let count = centime_tokens::count("anthropic", "claude-sonnet-4-5", "hello world");
    /// assert_eq!((count.tokens, count.at_most()), (3, 4));
    /// ```
    #[must_use]
    pub fn at_most(&self) -> u64 {
        percent_of(self.tokens, 100 + self.method.margin_percent())
    }

    /// The same text as it is billed outside a conversation: completed, embedded, ranked.
    #[must_use]
    pub const fn unframed(self) -> Self {
        Self { framing_tokens: 0, ..self }
    }
}

/// Counts the tokens of a text for a model, by the name its provider has for it.
///
/// What looks like a special token in the text, `<|endoftext|>`, is text, as it is to the providers.
/// The time grows with the length of the text and little faster, whatever is in it.
///
/// ```
/// use centime_tokens::{Method, Vocabulary, count};
///
/// let exact = count("openai", "gpt-4o", "hello world");
/// assert_eq!(exact.tokens, 2);
/// assert_eq!(exact.method, Method::Exact { vocabulary: Vocabulary::O200kBase });
/// ```
#[must_use]
pub fn count(provider: &str, model: &str, text: &str) -> Count {
    Text::new(text).count(Tokenizer::of(provider, model))
}

/// How a model cuts texts: found by its name, once for many texts.
#[derive(Debug, Clone, Copy)]
pub struct Tokenizer(Family);

impl Tokenizer {
    /// That of a model, by the name its provider has for it.
    #[must_use]
    pub fn of(provider: &str, model: &str) -> Self {
        Self(Family::of(provider, model))
    }
}

/// A text that is counted for many models: once with each vocabulary that is asked for.
///
/// ```
/// use centime_tokens::{Text, Tokenizer, count};
///
/// let text = Text::new("hello world");
/// for model in ["gpt-4o", "gpt-5", "claude-sonnet-4-5"] {
///     assert_eq!(text.count(Tokenizer::of("", model)), count("", model, "hello world"));
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Text<'a> {
    text: &'a str,
    counted: [OnceCell<u64>; Vocabulary::ALL.len()],
    apart: OnceCell<u64>,
}

impl<'a> Text<'a> {
    /// A text that nobody has counted yet.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, counted: Default::default(), apart: OnceCell::new() }
    }

    /// How many tokens it is to a tokenizer.
    #[must_use]
    pub fn count(&self, tokenizer: Tokenizer) -> Count {
        let Family { vocabulary, framing_tokens, estimate } = tokenizer.0;
        let counted = *self.counted[vocabulary.index()].get_or_init(|| vocabulary.count(self.text));
        let Some(estimate) = estimate else {
            let method = Method::Exact { vocabulary };
            return Count { tokens: counted, framing_tokens, method };
        };
        let apart = if estimate.digits_apart {
            *self.apart.get_or_init(|| digits_apart(self.text))
        } else {
            0
        };
        let tokens = percent_of(counted.saturating_add(apart), estimate.percent);
        let bytes = u64::try_from(self.text.len()).unwrap_or(u64::MAX);
        let method =
            Method::Approximate { margin_percent: estimate.margin_percent, basis: estimate.basis };
        Count { tokens: tokens.min(bytes), framing_tokens, method }
    }
}

/// Rounded up: a part of a token is billed as one.
fn percent_of(tokens: u64, percent: u64) -> u64 {
    let product = u128::from(tokens) * u128::from(percent);
    u64::try_from(product.div_ceil(100)).unwrap_or(u64::MAX)
}

/// How many tokens more the numbers of a text are where each digit is one, not each three.
fn digits_apart(text: &str) -> u64 {
    let runs = text.as_bytes().split(|byte| !byte.is_ascii_digit());
    runs.map(|run| u64::try_from(run.len() - run.len().div_ceil(3)).unwrap_or(u64::MAX)).sum()
}

#[cfg(test)]
mod tests;
