//! Who and what a call was for.

use std::collections::BTreeMap;

/// The most tags of one call.
pub const TAGS_MAX: usize = 16;
/// The longest name or value, in bytes.
pub const VALUE_BYTES_MAX: usize = 128;
/// The longest metadata, in bytes of its JSON.
pub const METADATA_BYTES_MAX: usize = 4096;

/// Who and what a call was for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Attribution {
    /// The key it was made with: a name or a hash, never the key itself.
    pub key: Option<String>,
    /// The person or account it was made for.
    pub user: Option<String>,
    /// The team that pays.
    pub team: Option<String>,
    /// The project it belongs to.
    pub project: Option<String>,
    /// The conversation or run it was part of.
    pub session: Option<String>,
    /// Labels of the caller's own.
    pub tags: BTreeMap<String, String>,
    /// Anything else: a JSON object as it was sent, kept and never looked into.
    pub metadata: Option<String>,
}

/// Why an attribution cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttributionError {
    /// More tags than an entry keeps.
    #[error("{count} tags are too many: an entry keeps {TAGS_MAX}")]
    TooManyTags {
        /// How many there were.
        count: usize,
    },
    /// A value that is too long.
    #[error("`{field}` is {bytes} bytes long: at most {bytes_max} are kept")]
    TooLong {
        /// The field, `tags.app` for a tag.
        field: String,
        /// Its length.
        bytes: usize,
        /// The most that is kept.
        bytes_max: usize,
    },
    /// A tag without a name.
    #[error("a tag needs a name")]
    NamelessTag,
}

impl Attribution {
    /// Checks every field against the bounds of this module.
    ///
    /// # Errors
    /// Names the first field that is beyond its bound.
    pub fn check(&self) -> Result<(), AttributionError> {
        let fields = [
            ("key", &self.key),
            ("user", &self.user),
            ("team", &self.team),
            ("project", &self.project),
            ("session", &self.session),
        ];
        for (field, value) in fields {
            within(field, value.as_deref().unwrap_or_default(), VALUE_BYTES_MAX)?;
        }
        if self.tags.len() > TAGS_MAX {
            return Err(AttributionError::TooManyTags { count: self.tags.len() });
        }
        for (name, value) in &self.tags {
            if name.is_empty() {
                return Err(AttributionError::NamelessTag);
            }
            within("tags", name, VALUE_BYTES_MAX)?;
            if value.len() > VALUE_BYTES_MAX {
                within(&format!("tags.{name}"), value, VALUE_BYTES_MAX)?;
            }
        }
        within("metadata", self.metadata.as_deref().unwrap_or_default(), METADATA_BYTES_MAX)
    }
}

fn within(field: &str, value: &str, bytes_max: usize) -> Result<(), AttributionError> {
    if value.len() <= bytes_max {
        return Ok(());
    }
    Err(AttributionError::TooLong { field: field.to_owned(), bytes: value.len(), bytes_max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_met_to_the_byte() {
        let value = |bytes: usize| "é".repeat(bytes / 2);
        let user = |bytes| Attribution { user: Some(value(bytes)), ..Attribution::default() };
        assert_eq!(user(VALUE_BYTES_MAX).check(), Ok(()));
        let error = user(VALUE_BYTES_MAX + 2).check().unwrap_err();
        assert_eq!(error.to_string(), "`user` is 130 bytes long: at most 128 are kept");

        let tags = |count: usize| Attribution {
            tags: (0..count).map(|index| (format!("t{index}"), String::new())).collect(),
            ..Attribution::default()
        };
        assert_eq!(tags(TAGS_MAX).check(), Ok(()));
        assert_eq!(tags(TAGS_MAX + 1).check(), Err(AttributionError::TooManyTags { count: 17 }));
    }
}
