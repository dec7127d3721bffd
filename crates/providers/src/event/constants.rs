//! Values that hold for every event of an import.

use jiff::tz::TimeZone;

use super::EventError;
use super::draft::Draft;
use super::fingerprint;

/// Values that hold for every event of an import (`--set FIELD=VALUE`): each takes the place of
/// what the record says there.
///
/// They are checked once, here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Constants {
    fields: Vec<(String, String)>,
    fingerprint: u64,
}

impl Constants {
    /// Constants from pairs of a field, as [`event_from_fields`](super::event_from_fields) knows
    /// them, and its value.
    ///
    /// # Errors
    /// When a field is unknown, is given twice, or does not take the value.
    pub fn new<'a>(
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
        zone: &TimeZone,
    ) -> Result<Self, EventError> {
        let mut constants = Self::default();
        let mut scratch = Draft::default();
        for (field, value) in fields {
            if value.is_empty() {
                return Err(EventError::new(field, "needs a value"));
            }
            scratch.set_field(field, value, zone)?;
            constants.fields.push((field.to_owned(), value.to_owned()));
            let part = fingerprint::of_constant(field, value);
            constants.fingerprint = constants.fingerprint.wrapping_add(part);
        }
        scratch.check()?;
        Ok(constants)
    }

    /// Whether there is a constant for a field.
    pub(super) fn sets(&self, field: &str) -> bool {
        self.fields.iter().any(|(set, _)| set == field)
    }

    pub(super) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(super) fn apply_to(&self, draft: &mut Draft, zone: &TimeZone) -> Result<(), EventError> {
        for (field, value) in &self.fields {
            draft.override_field(field, value, zone)?;
        }
        Ok(())
    }
}
