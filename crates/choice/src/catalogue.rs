//! The models that can be chosen: those of a price book that converse in text and have a price.

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::format::Block;
use centime_core::price::{ANY_PROVIDER, Model, PriceBook, ProviderBook};
use centime_core::time::Timestamp;
use centime_tokens::Tokenizer;

use crate::features::Features;
use crate::name;
use crate::quality::{Qualities, Quality};

/// A model at a provider, as it is offered.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The provider, by the name the book has for it.
    pub provider: String,
    /// The model with its cards.
    pub model: Model,
    /// How good it is at each kind of task, and how that is known.
    pub quality: Quality,
    /// What it can beside text; `None` of a model that only whoever set its price knows.
    pub features: Option<Features>,
    /// Whether the provider makes it.
    pub is_makers: bool,
    pub(crate) tokenizer: Tokenizer,
}

/// The offers of a book, read once.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    pub(crate) offers: Vec<Offer>,
}

impl Catalogue {
    /// The models for conversations in text of those providers that `is_wanted` says, in the book's order.
    ///
    /// A block that cannot be read is left out, as it is of no use to a call. Retired models are in it:
    /// whether one is sold is asked of the moment of a call.
    #[must_use]
    pub fn of(
        book: &PriceBook,
        qualities: &Qualities,
        is_wanted: impl Fn(&ProviderBook) -> bool,
    ) -> Self {
        let mut offers = Vec::new();
        for provider in book.providers() {
            if provider.name() == ANY_PROVIDER || !is_wanted(provider) {
                continue;
            }
            let models = provider.blocks().filter_map(|block| match block {
                Ok(Block::Model(model)) if is_chosen_from(&model) => Some(model),
                _ => None,
            });
            let models: Vec<Model> = models.collect();
            let is_listed = models.iter().any(|model| !is_of_one_map(model));
            let is_doubtful = |model: &Model| {
                is_listed && provider.header.is_maker_of(&model.name) && is_of_one_map(model)
            };
            let certain = models.into_iter().filter(|model| !is_doubtful(model));
            offers.extend(certain.map(|model| Offer::of(provider, model, qualities)));
        }
        Self { offers }
    }

    /// The offers, in the book's order.
    #[must_use]
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }
}

/// Public price maps, by how the sources of their cards begin.
const PUBLIC_MAPS: &[&str] = &["litellm", "genai-prices", "tokencost"];

/// Whether a model converses in text at a price.
///
/// Of which a public price map does not know how long a prompt may be is mostly a name that nobody can call
/// any more: it is left out. Whoever sets a price without a limit knows what it is of.
fn is_chosen_from(model: &Model) -> bool {
    matches!(model.mode.as_str(), "chat" | "responses")
        && (model.limits.input_tokens_max.is_some() || !is_mapped(model))
        && name::is_of_text(&model.name)
        && model.cards.iter().any(|card| {
            let has = |meter| card.rules().iter().any(|rule| rule.meter == meter);
            has(Meter::Input) && has(Meter::Output)
        })
}

/// Whether its price is known from a public map.
fn is_mapped(model: &Model) -> bool {
    let newest = model.cards.last();
    newest.is_some_and(|card| PUBLIC_MAPS.iter().any(|map| card.source.starts_with(map)))
}

/// Whether one map alone knows it, which lists what marketplaces sell under a maker's name as the maker's
/// (`gpt-oss-120b` at `openai`): nobody can call that there.
fn is_of_one_map(model: &Model) -> bool {
    model.cards.iter().all(|card| card.source == "genai-prices")
}

impl Offer {
    fn of(provider: &ProviderBook, model: Model, qualities: &Qualities) -> Self {
        Self {
            provider: provider.name().to_owned(),
            quality: qualities.of(provider.name(), &model),
            features: Features::known(&model.name)
                .or_else(|| is_mapped(&model).then_some(Features::NONE)),
            is_makers: provider.header.is_maker_of(&model.name),
            tokenizer: Tokenizer::of(provider.name(), &model.name),
            model,
        }
    }

    /// Whether the list has it for nothing at a moment: then it is paid for elsewhere, by a subscription or
    /// by whoever owns the machine, or only tried out.
    #[must_use]
    pub fn is_free(&self, at: Timestamp) -> bool {
        let card = self.model.card_at(at).map(|(card, _)| card);
        card.is_some_and(|card| card.rules().iter().all(|rule| rule.rate == Rate::FREE))
    }

    /// Whether it is sold at a moment: not after the last time that it was seen.
    #[must_use]
    pub fn is_sold(&self, at: Timestamp) -> bool {
        self.model.until.is_none_or(|until| at < until)
    }
}
