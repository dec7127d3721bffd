//! What must hold for an event beyond the shape of each field.

use super::EventError;
use super::draft::Draft;

/// The longest id, name of a model, provider, tier or region, in bytes.
pub const NAME_BYTES_MAX: usize = 512;

impl Draft {
    /// Checks what is beyond one field.
    pub(super) fn check(&self) -> Result<(), EventError> {
        let metered = &self.metered;
        for (field, name) in [
            ("id", &self.id),
            ("provider", &self.provider),
            ("model", &self.model),
            ("service_tier", &self.service_tier),
            ("region", &self.region),
            ("response.model", &metered.model),
            ("response.id", &metered.response_id),
            ("response.service_tier", &metered.service_tier),
            ("response.region", &metered.region),
        ] {
            let Some(name) = name else { continue };
            self.check_nul(field, name)?;
            let bytes = name.len();
            if bytes > NAME_BYTES_MAX {
                let what = format!("is {bytes} bytes long: at most {NAME_BYTES_MAX} are kept");
                return Err(EventError::new(field, what));
            }
        }
        self.check_attribution()?;
        metered.usage.check().map_err(|error| EventError::new("", error.to_string()))
    }

    fn check_attribution(&self) -> Result<(), EventError> {
        let attribution = &self.attribution;
        for (field, value) in [
            ("key", &attribution.key),
            ("user", &attribution.user),
            ("team", &attribution.team),
            ("project", &attribution.project),
            ("session", &attribution.session),
        ] {
            self.check_nul(field, value.as_deref().unwrap_or_default())?;
        }
        for (name, value) in &attribution.tags {
            self.check_nul("tags", name)?;
            self.check_nul("tags", value)?;
        }
        attribution.check().map_err(|error| EventError::new("", error.to_string()))
    }

    /// A NUL character cannot be kept as text by every store.
    #[inline]
    fn check_nul(&self, field: &str, text: &str) -> Result<(), EventError> {
        if !self.is_free_of_nul && text.bytes().any(|byte| byte == 0) {
            let what = "has a NUL character, which no ledger keeps";
            return Err(EventError::new(field, what));
        }
        Ok(())
    }
}
