//! The price book, as a program uses it.

use centime_core::price::format::FormatError;
use centime_core::price::{ModelRef, PriceBook as CoreBook, Unresolved};
use centime_core::rating::{Charge, RatingError, Terms, rate};
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use centime_ledger::LedgerError;

use crate::ledger::Ledger;

/// All rate cards, searched by name.
#[derive(Debug, Clone)]
pub struct PriceBook(pub(crate) CoreBook);

impl PriceBook {
    /// The book that is part of the program.
    ///
    /// # Errors
    /// Only when the program was built from a damaged book.
    pub fn embedded() -> Result<Self, FormatError> {
        centime_prices::embedded().map(Self)
    }

    /// A book read from a file's text: LiteLLM's price map, or Centime's own format.
    ///
    /// # Errors
    /// When the text is neither, or holds no rate.
    pub fn read(text: &str) -> Result<Self, centime_prices::ImportError> {
        centime_prices::read(text).map(|imported| Self(imported.book))
    }

    /// The book that is part of the program, under the prices that a ledger keeps: those of
    /// `centime prices set`, `import` and `update`.
    ///
    /// # Errors
    /// When the ledger cannot be read, or what it keeps is damaged.
    pub fn of_ledger(ledger: &Ledger) -> Result<Self, BookError> {
        let revisions = ledger.price_revisions()?;
        let texts = revisions.iter().map(|kept| (kept.number, kept.text.as_str()));
        Ok(Self(centime_prices::embedded()?.revised(texts)?))
    }

    /// The version that entries priced from this book name.
    #[must_use]
    pub fn version(&self) -> &str {
        self.0.version()
    }
}

/// Why there is no book to price from.
#[derive(Debug)]
pub enum BookError {
    /// The ledger cannot be read.
    Ledger(LedgerError),
    /// A text of prices is damaged.
    Format(FormatError),
}

impl From<LedgerError> for BookError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<FormatError> for BookError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl std::fmt::Display for BookError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ledger(error) => error.fmt(out),
            Self::Format(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for BookError {}

/// Why a usage cannot be priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceError {
    /// The name means no model, or several.
    Model(Unresolved),
    /// The model has no rate card.
    Unpriced,
    /// The charge is more than one call can be charged.
    Charge(RatingError),
}

impl std::fmt::Display for PriceError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Model(error) => error.fmt(out),
            Self::Unpriced => out.write_str("the model has no rate card"),
            Self::Charge(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for PriceError {}

/// What a usage of a model costs at a moment.
///
/// # Errors
/// When the name means no one model, the model has no rates, or the charge is too large.
pub fn price(
    book: &PriceBook,
    model: &str,
    usage: &Usage,
    at: Timestamp,
) -> Result<Charge, PriceError> {
    let found = book.0.resolve(ModelRef { provider: None, model }).map_err(PriceError::Model)?;
    let (card, _) = found.model.card_at(at).ok_or(PriceError::Unpriced)?;
    if card.rules().is_empty() {
        return Err(PriceError::Unpriced);
    }
    rate(usage, card, Terms::at(at)).map_err(PriceError::Charge)
}
