//! The price book that is part of the program.

use centime_core::price::PriceBook;
use centime_core::price::format::FormatError;

/// The files under `prices/book`, one a provider, as they are.
static FILES: &[&str] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The date of the newest source and the revision of the book made from it.
static VERSION: &str = include_str!("../../../prices/VERSION");

/// The embedded price book. Opening it reads only the first lines of each provider's file; a model
/// is read when it is asked for.
///
/// # Errors
/// Only when the program was built from a damaged book, which a test prevents.
///
/// ```
/// use centime_core::price::ModelRef;
///
/// let book = centime_prices::embedded()?;
/// let found = book.resolve(ModelRef { provider: None, model: "gpt-4o" })?;
/// assert_eq!(found.provider, "openai");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn embedded() -> Result<PriceBook, FormatError> {
    PriceBook::from_texts(embedded_version(), FILES.iter().copied())
}

/// The version of the embedded book.
#[must_use]
pub fn embedded_version() -> &'static str {
    VERSION.trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::format::{self, Block};

    #[test]
    fn every_file_reads_and_every_block_is_found() {
        for text in FILES {
            let file = format::parse_file(text).unwrap();
            assert!(file.blocks.is_sorted_by(|left, right| left.name() < right.name()));
            for block in &file.blocks {
                let found = format::find_block(text, block.name()).unwrap().unwrap();
                assert_eq!(&found, block);
                if let Block::Alias { target, .. } = block {
                    let target = format::find_block(text, target).unwrap().unwrap();
                    assert!(matches!(target, Block::Model(_)));
                }
            }
        }
        assert!(FILES.len() > 100);
    }
}
