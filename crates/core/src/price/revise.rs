//! Revisions: prices that were set, imported or updated later, laid over a book.
//!
//! A revision speaks for each of its models **from the first date it names**: cards of that date or
//! later, of the book or of earlier revisions, give way to its own; what held before still holds
//! before. So the last word about a date is the last revision's.

use std::collections::BTreeSet;

use super::book::{Models, PriceBook, ProviderBook};
use super::card::{Model, RateCard};
use super::format::{self, Block, FormatError};

/// The provider of models that are priced wherever they are called: of names that no provider has.
pub const ANY_PROVIDER: &str = "*";

impl PriceBook {
    /// The book under revisions, the earliest first, each with its number: texts in the price format,
    /// in which one provider's file follows another. Models are read when they are asked for.
    ///
    /// The version becomes the book's own and `+N`, where N is the number of the last revision.
    ///
    /// # Errors
    /// When a text does not start with a header.
    ///
    /// ```
    /// use centime_core::price::{ModelRef, PriceBook};
    ///
    /// let book = PriceBook::from_texts("2026-11-20.1", ["provider acme\n"])?;
    /// let set = "provider acme\n\nmodel m chat\n from 2026-11-23 exact me\n  input 1/1M\n";
    /// let book = book.revised([(1, set)])?;
    /// assert_eq!(book.version(), "2026-11-20.1+1");
    /// assert!(book.resolve(ModelRef { provider: None, model: "acme/m" }).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn revised<'t>(
        mut self,
        revisions: impl IntoIterator<Item = (u64, &'t str)>,
    ) -> Result<Self, FormatError> {
        let mut last = None;
        for (number, text) in revisions {
            for file in format::files(text) {
                self.lay_over(file)?;
            }
            last = Some(number);
        }
        if let Some(number) = last {
            self.version.push_str(&format!("+{number}"));
        }
        Ok(self)
    }

    /// The book under one more text in the price format, that is no numbered revision: its version
    /// becomes the book's own and `+` and the mark.
    ///
    /// # Errors
    /// When the text does not start with a header.
    pub fn overlaid(mut self, text: &str, mark: &str) -> Result<Self, FormatError> {
        for file in format::files(text) {
            self.lay_over(file)?;
        }
        self.version.push('+');
        self.version.push_str(mark);
        Ok(self)
    }

    /// Lays a provider's file over what the book has of it.
    fn lay_over(&mut self, file: &str) -> Result<(), FormatError> {
        let header = format::parse_header(file)?;
        let known = self.provider(&header.provider).map(|book| book.name().to_owned());
        let models = Models::Text(file.to_owned().into());
        match self.providers.iter_mut().find(|book| Some(book.name()) == known.as_deref()) {
            Some(book) => book.revisions.push(models),
            None => self.providers.push(ProviderBook {
                header,
                models: Models::Text("".into()),
                patterns: Vec::new(),
                revisions: vec![models],
            }),
        }
        Ok(())
    }

    /// The models that are priced wherever they are called.
    pub(super) fn of_any_provider(&self) -> Option<&ProviderBook> {
        self.providers.iter().find(|book| book.name() == ANY_PROVIDER)
    }
}

impl ProviderBook {
    /// The block of a name under all revisions.
    pub(super) fn block(&self, name: &str) -> Option<Result<Block, FormatError>> {
        let mut found = self.models.block(name);
        for later in self.revisions.iter().filter_map(|revision| revision.block(name)) {
            found = match (found, later) {
                (Some(Ok(earlier)), Ok(Block::Model(later))) => match self.cards_of(earlier) {
                    Some(Ok(earlier)) => Some(Ok(Block::Model(earlier.succeeded_by(later)))),
                    Some(Err(error)) => Some(Err(error)),
                    None => Some(Ok(Block::Model(later))),
                },
                (_, later) => Some(later),
            };
        }
        found
    }

    /// The model of a block; of an alias the one that it stands for, under its own revisions.
    fn cards_of(&self, block: Block) -> Option<Result<Model, FormatError>> {
        match block {
            Block::Model(model) => Some(Ok(model)),
            Block::Alias { target, .. } => self.named_model(&target),
        }
    }

    /// The names of the book and of all revisions, sorted.
    pub(super) fn revised_names(&self) -> BTreeSet<&str> {
        let revised = self.revisions.iter().flat_map(Models::names);
        self.models.names().chain(revised).collect()
    }
}

impl Model {
    /// What is known of the model once a later word about it has been said: from its first date on
    /// that alone.
    #[must_use]
    pub fn succeeded_by(self, later: Self) -> Self {
        let Some(from) = later.cards.first().map(|card| card.from) else {
            return self;
        };
        // A card without a rate says nothing that would hold before.
        let before = |card: &RateCard| card.from < from && !card.rules().is_empty();
        let mut cards: Vec<_> = self.cards.into_iter().filter(before).collect();
        cards.extend(later.cards);
        let mut limits = later.limits;
        limits.input_tokens_max = limits.input_tokens_max.or(self.limits.input_tokens_max);
        limits.output_tokens_max = limits.output_tokens_max.or(self.limits.output_tokens_max);
        Self { cards, limits, ..later }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::{ModelRef, Unresolved};
    use crate::time::Timestamp;

    const BOOK: &str = "\
provider openai
maker

model g chat input_max=1000 until=2025-06-01
 from 2023-01-01 exact launch
  input 1/1M
 from 2024-01-01 exact cut
  input 2/1M
 from 2025-01-01 exact cut
  input 3/1M

alias g-latest g

model rateless chat
 from 2024-01-01 exact launch
";

    fn book(revisions: &[&str]) -> PriceBook {
        let other = "provider azure\nalso azure_openai\n\nmodel g chat\n from 2024-01-01 exact x\n  input 9/1M\n";
        let book = PriceBook::from_texts("v", [BOOK, other]).unwrap();
        book.revised((1..).zip(revisions.iter().copied())).unwrap()
    }

    /// The price of a million input tokens on a date, or why there is none.
    fn rate(book: &PriceBook, provider: Option<&str>, model: &str, at: &str) -> String {
        let found = match book.resolve(ModelRef { provider, model }) {
            Ok(found) => found,
            Err(Unresolved::Unknown { .. }) => return "unknown".to_owned(),
            Err(Unresolved::Ambiguous { .. }) => return "ambiguous".to_owned(),
            Err(error) => return error.to_string(),
        };
        let at: Timestamp = at.parse().unwrap();
        let card = found.model.card_at(at).and_then(|(card, assumed)| {
            let rule = card.rules().first()?;
            let mark = if assumed { "?" } else { "" };
            Some(format!("{}{mark}", rule.rate.scaled() / 10_u128.pow(18)))
        });
        card.unwrap_or_else(|| "none".to_owned())
    }

    fn set(provider: &str, model: &str, from: &str, dollars: u32) -> String {
        format!(
            "provider {provider}\n\nmodel {model} chat\n from {from} exact me\n  input {dollars}/1M\n"
        )
    }

    #[test]
    fn the_last_revision_has_the_last_word_about_a_date() {
        let first = set("openai", "g", "2024-06-01", 10);
        let second = set("openai", "g", "2024-09-01", 20);
        let earlier = set("openai", "g", "2024-03-01", 30);
        let dates =
            ["2022-01-01", "2023-06-01", "2024-02-01", "2024-07-01", "2024-10-01", "2026-01-01"];
        for (revisions, expected) in [
            (vec![], ["1?", "1", "2", "2", "2", "3?"]),
            (vec![&*first], ["1?", "1", "2", "10", "10", "10"]),
            (vec![&*first, &*second], ["1?", "1", "2", "10", "20", "20"]),
            (vec![&*second, &*first], ["1?", "1", "2", "10", "10", "10"]),
            (vec![&*first, &*second, &*earlier], ["1?", "1", "2", "30", "30", "30"]),
        ] {
            let book = book(&revisions);
            assert_eq!(dates.map(|at| rate(&book, None, "g", at)), expected, "{revisions:?}");
            // A name that stands for the model follows it.
            assert_eq!(dates.map(|at| rate(&book, None, "g-latest", at)), expected);
            assert_eq!(rate(&book, Some("azure"), "g", "2024-07-01"), "9");
        }
        assert_eq!(book(&[]).version(), "v");
        assert_eq!(book(&[&first, &second]).version(), "v+2");
    }

    #[test]
    fn what_was_unknown_is_found_as_it_is_named() {
        let both =
            set("acme", "llama-x", "2024-01-01", 5) + &set("*", "mystery-1", "2024-01-01", 7);
        let book = book(&[&both, &set("openai", "rateless", "2025-01-01", 8)]);
        for (provider, model, expected) in [
            (Some("acme"), "llama-x", "5"),
            (None, "acme/llama-x", "5"),
            (None, "llama-x", "5"),
            (Some("openai"), "llama-x", "unknown"),
            (None, "mystery-1", "7"),
            (None, "Mystery-1", "7"),
            (Some("nobody"), "mystery-1", "7"),
            (Some("openai"), "mystery-1", "7"),
            (None, "*/mystery-1", "7"),
            (None, "nobody/mystery-1", "unknown"),
            (None, "rateless", "8?"),
        ] {
            let found = rate(&book, provider, model, "2024-06-01");
            assert_eq!(found, expected, "{provider:?} {model}");
        }
        let names: Vec<&str> = book.provider("openai").unwrap().names().collect();
        assert_eq!(names, ["g", "g-latest", "rateless"]);
        let acme = book.provider("acme").unwrap();
        assert_eq!(acme.names().collect::<Vec<_>>(), ["llama-x"]);
        assert_eq!(acme.blocks().filter(Result::is_ok).count(), 1);
    }

    #[test]
    fn a_name_priced_anywhere_is_not_ambiguous() {
        let texts = ["a", "b"].map(|provider| set(provider, "shared", "2024-01-01", 1));
        let book = PriceBook::from_texts("v", texts).unwrap();
        assert_eq!(rate(&book, None, "shared", "2024-06-01"), "ambiguous");
        let anywhere = set("*", "shared", "2024-01-01", 7);
        let book = book.revised([(1, &*anywhere)]).unwrap();
        assert_eq!(rate(&book, None, "shared", "2024-06-01"), "7");
        assert_eq!(rate(&book, Some("a"), "shared", "2024-06-01"), "1");
        assert_eq!(rate(&book, Some("c"), "shared", "2024-06-01"), "7");
    }

    #[test]
    fn an_alias_can_get_a_price_of_its_own() {
        let book = book(&[&set("openai", "g-latest", "2024-06-01", 10)]);
        assert_eq!(rate(&book, None, "g-latest", "2024-05-01"), "2");
        assert_eq!(rate(&book, None, "g-latest", "2024-07-01"), "10");
        assert_eq!(rate(&book, None, "g", "2024-07-01"), "2");
    }

    #[test]
    fn files_follow_one_another() {
        for (text, expected) in [
            ("", vec![""]),
            ("provider a\n", vec!["provider a\n"]),
            (
                "provider a\n\nmodel m chat\nprovider b\n",
                vec!["provider a\n\nmodel m chat\n", "provider b\n"],
            ),
            (
                "provider a\nprovider b\nprovider c",
                vec!["provider a\n", "provider b\n", "provider c"],
            ),
            (" provider a\n# provider b\n", vec![" provider a\n# provider b\n"]),
        ] {
            assert_eq!(format::files(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn damage_is_said_when_it_is_met() {
        let book = book(&["provider openai\n\nmodel g chat\n from soon exact me\n"]);
        assert!(rate(&book, None, "g", "2024-05-01").contains("damaged"));
        assert_eq!(rate(&book, Some("azure"), "g", "2024-05-01"), "9");
        let headless = PriceBook::from_texts("v", [BOOK]).unwrap().revised([(1, "model g chat\n")]);
        assert!(headless.is_err());
    }
}
