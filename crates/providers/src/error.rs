//! Why an answer or its usage cannot be read.

/// Why an answer or its usage cannot be read: the field, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", Named(.field), .what)]
pub struct ReadError {
    /// The path of the field, `usage.prompt_tokens_details.cached_tokens`; empty for the whole.
    pub field: String,
    /// What is wrong with it, and what was expected.
    pub what: String,
}

impl ReadError {
    /// An error of one field.
    pub(crate) fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into() }
    }

    /// The same error, seen from the object that holds the one it is about.
    pub(crate) fn under(mut self, outer: &str) -> Self {
        self.field = match self.field.as_str() {
            "" => outer.to_owned(),
            field => format!("{outer}.{field}"),
        };
        self
    }
}

/// A field at the head of a message.
pub(crate) struct Named<'a>(pub(crate) &'a str);

impl std::fmt::Display for Named<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(out, "`{}`: ", self.0)
    }
}
