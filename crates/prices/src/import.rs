//! A price file of any known kind, told apart by its content.

use centime_core::price::PriceBook;
use centime_core::price::format::{self, FormatError};
use sha2::{Digest, Sha256};

use crate::{genai, litellm};

/// A price book read from a file, with what could not be expressed.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The book.
    pub book: PriceBook,
    /// Rules of the file that no rate card expresses, as `model: rule`.
    pub unexpressed: Vec<String>,
}

/// Why a price file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is JSON, and not of a known kind; or it is damaged.
    #[error("this is neither LiteLLM's price map nor genai-prices' data: {0}")]
    Json(#[from] serde_json::Error),
    /// It is a list of rates in Centime's own format, with a mistake in it.
    #[error("{0}")]
    Format(#[from] FormatError),
    /// It has no model with a rate.
    #[error("there is no model with a rate in it")]
    Empty,
}

/// Reads a price file: LiteLLM's price map, genai-prices' data, or Centime's own format.
///
/// # Errors
/// When the file is of no known kind, or has no model with a rate in it.
pub fn read(text: &str) -> Result<Imported, ImportError> {
    let version = format!("file-{}", fingerprint(text));
    let imported = if text.trim_start().starts_with('[') {
        genai::read(text, version)?
    } else if text.trim_start().starts_with('{') {
        let listings = litellm::read_map(text)?;
        let unexpressed = litellm::unexpressed(&listings);
        Imported { book: litellm::book(version, listings), unexpressed }
    } else {
        let file = format::parse_file(text)?;
        Imported { book: PriceBook::from_files(version, [file]), unexpressed: Vec::new() }
    };
    let is_empty =
        imported.book.providers().iter().all(|provider| provider.names().next().is_none());
    if is_empty { Err(ImportError::Empty) } else { Ok(imported) }
}

/// Enough of a digest to tell one file from another.
fn fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::meter::Meter;
    use centime_core::price::ModelRef;
    use centime_core::rating::{Terms, rate};
    use centime_core::time::Timestamp;
    use centime_core::{money::Quantity, usage::Usage};

    #[test]
    fn tells_the_kinds_apart_and_says_what_is_wrong() {
        let own = "provider mine\n\nmodel m chat\n from 2024-01-01 exact me\n  input 1/1M\n";
        let map = r#"{"mine/m": {"litellm_provider": "mine", "input_cost_per_token": 1e-06}}"#;
        for text in [own, map] {
            let book = read(text).unwrap().book;
            for (provider, model) in [(Some("mine"), "m"), (None, "m"), (None, "mine/m")] {
                let found = book.resolve(ModelRef { provider, model }).unwrap();
                let mut usage = Usage::default();
                usage.add(Meter::Input, Quantity::whole(1)).unwrap();
                let terms = Terms::at(Timestamp::EARLIEST);
                let charge = rate(&usage, &found.model.cards[0], terms).unwrap();
                assert_eq!(charge.amount.to_string(), "0.000001");
            }
        }
        for damaged in ["", "{", "[]", "{}", "{\"m\": 5}", "provider x\n", "nonsense"] {
            assert!(read(damaged).is_err(), "{damaged}");
        }
    }
}
