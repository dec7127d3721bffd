//! Which model to use for a task, as a program asks it.

use centime_choice::{Ask, Catalogue, Choice, NoModel, Qualities, QualityError};

use crate::book::PriceBook;

/// Chooses the model for a task: good enough, within a budget, and the cheapest of those.
///
/// ```
/// use centime::choice::Ask;
/// use centime::{Optimizer, PriceBook};
///
/// let optimizer = Optimizer::of(&PriceBook::embedded()?)?;
/// let task = "Summarize this letter in one sentence.";
/// let ask = Ask { budget: Some("0.01".parse()?), ..Ask::new(task, "2026-11-24".parse()?) };
/// let choice = optimizer.choose(&ask)?;
/// assert!(choice.fits && !choice.reason.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Optimizer {
    catalogue: Catalogue,
}

impl Optimizer {
    /// Over all models of a book, with what is known of their quality.
    ///
    /// # Errors
    /// Only when the program was built from damaged tables.
    pub fn of(book: &PriceBook) -> Result<Self, QualityError> {
        Ok(Self { catalogue: Catalogue::of(&book.0, &Qualities::embedded()?, |_| true) })
    }

    /// The model, why, and the candidates. Every candidate fits the context, the features and the budget.
    ///
    /// # Errors
    /// When no model has the context and the features that are asked for.
    pub fn choose(&self, ask: &Ask<'_>) -> Result<Choice, NoModel> {
        // What the list has for nothing is nothing that anybody can just call.
        self.catalogue.choose(ask, |offer| !offer.is_free(ask.at))
    }
}
