//! What differs between two price books at a moment.

use std::collections::{BTreeMap, BTreeSet};

use centime_answers::prices::sold_until;
use centime_core::price::format::{Block, FormatError};
use centime_core::price::{Model, PriceBook, ProviderBook, RateCard};
use centime_core::time::Timestamp;

use super::changes::{Change, changes};

/// What happened to a model between two books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// Only the new book sells it.
    Added,
    /// Only the old book sells it.
    Removed,
    /// Both have it, at other rates.
    Changed,
}

impl Fate {
    /// Every fate, in the order of a changelog.
    pub(super) const ALL: [Self; 3] = [Self::Added, Self::Removed, Self::Changed];

    /// The word for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A model that is not what it was.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// The provider, by the name that the old book has for it where it has one.
    pub provider: String,
    /// The model, without its provider.
    pub model: String,
    /// What it does.
    pub mode: String,
    /// What happened to it.
    pub fate: Fate,
    /// Its rates: all of them new where it was added, all gone where it was removed.
    pub changes: Vec<Change>,
}

/// All that differs, and how much does not.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// Makers first, then by provider; of each what was added, removed and changed, by name.
    pub differences: Vec<Difference>,
    /// How many models both books sell at the same rates.
    pub unchanged: usize,
}

impl Comparison {
    /// How many models had a fate.
    pub(super) fn count(&self, fate: Fate) -> usize {
        self.differences.iter().filter(|difference| difference.fate == fate).count()
    }
}

/// Compares the cards in force at a moment. A model that was sold no more by then counts as one that
/// is not there, and a name that only means another model there as one that is.
///
/// # Errors
/// When a book cannot be read.
pub(super) fn compare(
    old: &PriceBook,
    new: &PriceBook,
    at: Timestamp,
) -> Result<Comparison, FormatError> {
    let mut comparison = Comparison::default();
    for (old, new) in providers(old, new) {
        let (old, new) = (Side::read(old, at)?, Side::read(new, at)?);
        let Some(provider) = old.provider.or(new.provider) else { continue };
        let mut differences = Vec::new();
        let names: BTreeSet<&String> = old.models.keys().chain(new.models.keys()).collect();
        for name in names {
            let (before, after) = (old.offer(name)?, new.offer(name)?);
            let (from, to) = (before.card(at), after.card(at));
            let changed = changes(from, to);
            let Some(fate) = fate(&before, &after, !changed.is_empty()) else {
                comparison.unchanged += usize::from(before.is_sold && after.is_sold);
                continue;
            };
            let changes = match fate {
                Fate::Added => changes(None, to),
                Fate::Removed => changes(from, None),
                Fate::Changed => changed,
            };
            let mode = after.model.or(before.model).map(|model| model.mode).unwrap_or_default();
            let (provider, model) = (provider.name().to_owned(), name.clone());
            differences.push(Difference { provider, model, mode, fate, changes });
        }
        differences.sort_by_key(|difference| difference.fate);
        comparison.differences.extend(differences);
    }
    Ok(comparison)
}

/// What happened to a model, where that is worth a word.
fn fate(before: &Offer, after: &Offer, is_changed: bool) -> Option<Fate> {
    match (before.is_sold, after.is_sold) {
        (true, true) => is_changed.then_some(Fate::Changed),
        (false, true) => after.is_listed.then_some(Fate::Added),
        (true, false) => before.is_listed.then_some(Fate::Removed),
        (false, false) => {
            (is_changed && before.is_listed && after.is_listed).then_some(Fate::Changed)
        }
    }
}

pub(super) type Pair<'b> = (Option<&'b ProviderBook>, Option<&'b ProviderBook>);

/// The providers of both books, each with its counterpart: of the same name, else one that goes by a
/// name of it.
pub(super) fn providers<'b>(old: &'b PriceBook, new: &'b PriceBook) -> Vec<Pair<'b>> {
    let mut open: Vec<&ProviderBook> = new.providers().iter().collect();
    let mut pairs: Vec<Pair<'b>> = old.providers().iter().map(|book| (Some(book), None)).collect();
    let same = |left: &ProviderBook, right: &ProviderBook| left.name() == right.name();
    for is_same in [same, share_a_name] {
        for (old, new) in pairs.iter_mut().filter(|(_, new)| new.is_none()) {
            let place = old.and_then(|old| open.iter().position(|new| is_same(old, new)));
            *new = place.map(|place| open.remove(place));
        }
    }
    pairs.extend(open.into_iter().map(|new| (None, Some(new))));
    pairs.sort_by_key(|(old, new)| {
        let is_maker = [old, new].into_iter().flatten().any(|book| !book.header.makes.is_empty());
        (!is_maker, old.or(*new).map(ProviderBook::name))
    });
    pairs
}

fn share_a_name(left: &ProviderBook, right: &ProviderBook) -> bool {
    names(left).any(|name| names(right).any(|other| name == other))
}

fn names(provider: &ProviderBook) -> impl Iterator<Item = &str> {
    provider.header.also.iter().map(String::as_str).chain([provider.name()])
}

/// One book's models of a provider.
pub(super) struct Side<'b> {
    provider: Option<&'b ProviderBook>,
    /// By the names that the provider's interface takes.
    pub(super) models: BTreeMap<String, Model>,
    at: Timestamp,
}

/// A model of one book, where it has it.
pub(super) struct Offer {
    pub(super) model: Option<Model>,
    /// Whether it stands in the book itself, not only another model that its name means there.
    pub(super) is_listed: bool,
    /// Whether it is still sold at the moment.
    is_sold: bool,
}

impl<'b> Side<'b> {
    pub(super) fn read(
        provider: Option<&'b ProviderBook>,
        at: Timestamp,
    ) -> Result<Self, FormatError> {
        let mut listed = Vec::new();
        let mut has_prefixes = false;
        for block in provider.into_iter().flat_map(ProviderBook::blocks) {
            match block? {
                Block::Model(model) => listed.push(model),
                Block::Alias { name, target, .. } => {
                    let own = provider.map_or("", ProviderBook::name);
                    has_prefixes |= target == format!("{own}/{name}");
                }
            }
        }
        // LiteLLM's map calls the `gpt-4o` of Azure `azure/gpt-4o`, beside names of other forms:
        // where two names come to the same, both stay what they are.
        let bare = |model: &Model| {
            let bare = without_prefix(provider, &model.name).filter(|_| has_prefixes);
            bare.unwrap_or(&model.name).to_owned()
        };
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for model in &listed {
            *counts.entry(bare(model)).or_default() += 1;
        }
        let is_shared = |model: &Model| counts.get(&bare(model)).is_some_and(|&count| count > 1);
        let (shared, single): (Vec<_>, Vec<_>) = listed.into_iter().partition(is_shared);
        let named = shared.into_iter().map(|model| (model.name.clone(), model));
        let mut models: BTreeMap<String, Model> = named.collect();
        for model in single {
            let bare = bare(&model);
            let name = if models.contains_key(&bare) { model.name.clone() } else { bare };
            models.insert(name, model);
        }
        Ok(Self { provider, models, at })
    }

    /// What a name of either book means here.
    pub(super) fn offer(&self, name: &str) -> Result<Offer, FormatError> {
        let bare = || without_prefix(self.provider, name);
        let listed = self.models.get(name).or_else(|| self.models.get(bare()?)).cloned();
        let is_listed = listed.is_some();
        let model = match (listed, self.provider) {
            (None, Some(provider)) => provider.model(name).transpose()?,
            (listed, _) => listed,
        };
        let is_sold = model.as_ref().is_some_and(|model| sold_until(model, self.at).is_none());
        Ok(Offer { model, is_listed, is_sold })
    }
}

/// A model's name without its provider's, where it starts with one.
fn without_prefix<'n>(provider: Option<&ProviderBook>, name: &'n str) -> Option<&'n str> {
    let bare = |prefix: &str| name.strip_prefix(prefix)?.strip_prefix('/');
    names(provider?).find_map(bare)
}

impl Offer {
    fn card(&self, at: Timestamp) -> Option<&RateCard> {
        self.model.as_ref().and_then(|model| model.card_at(at)).map(|(card, _)| card)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Providers with ` | ` between them.
    fn book(text: &str) -> PriceBook {
        PriceBook::from_texts("test", text.split(" | ").map(str::to_owned)).unwrap()
    }

    fn model(name: &str, rate: u32) -> String {
        format!("model {name} chat\n from 2024-01-01 exact x\n  input {rate}/1M\n\n")
    }

    #[test]
    fn models_are_told_apart_by_the_names_that_their_provider_takes() {
        let map = |keys: &[(&str, u32)]| {
            let entries = keys.iter().map(|(key, rate)| {
                format!(
                    r#""{key}": {{"litellm_provider": "acme", "input_cost_per_token": {rate}e-6}}"#
                )
            });
            let entries: Vec<String> = entries.collect();
            centime_prices::read(&format!("{{{}}}", entries.join(","))).unwrap().book
        };
        let own = |models: &[(&str, u32)]| {
            let models: String = models.iter().map(|(name, rate)| model(name, *rate)).collect();
            book(&format!("provider acme\nalso other\n\n{models}"))
        };
        for (old, new, expected) in [
            (own(&[("a", 1), ("b", 2)]), map(&[("acme/a", 1), ("b", 3)]), vec!["changed b"]),
            // Two names of the map, of which one has the other's name within it.
            (own(&[("acme/a", 2), ("a", 1)]), map(&[("acme/a", 1), ("acme/acme/a", 2)]), vec![]),
            (own(&[("a", 2)]), map(&[("a", 2), ("acme/a", 3)]), vec!["changed acme/a"]),
            // The name of another provider is no prefix of this one's.
            (own(&[("other/a", 1)]), map(&[("acme/other/a", 1)]), vec![]),
            (own(&[("a", 1)]), own(&[("b", 1)]), vec!["added b", "removed a"]),
        ] {
            let comparison = compare(&old, &new, Timestamp::EARLIEST).unwrap();
            let told = comparison.differences.iter();
            let told = told.map(|found| format!("{} {}", found.fate.name(), found.model));
            assert_eq!(told.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn providers_meet_under_any_of_their_names_and_retired_models_are_no_news() {
        let old = book(
            "provider zeta\nmaker\n\nmodel a chat\n | provider google\nalso gemini\n\n\
             model b chat\n\nalias c b\n | provider gone\n\n\
             model old chat until=2025-01-01\n\nmodel x chat\n",
        );
        let new = book(
            "provider gemini\nalso google\n\nmodel b chat\n\nmodel c chat until=2025-01-01\n\n\
             model d chat until=2025-01-01\n | provider alpha\n\nmodel e chat\n",
        );
        for (at, expected) in [
            (
                "2024-01-01",
                "removed zeta/a, added alpha/e, removed gone/old, removed gone/x, added google/d",
            ),
            ("2026-01-01", "removed zeta/a, added alpha/e, removed gone/x"),
        ] {
            let comparison = compare(&old, &new, at.parse().unwrap()).unwrap();
            let told = comparison
                .differences
                .iter()
                .map(|found| format!("{} {}/{}", found.fate.name(), found.provider, found.model));
            assert_eq!(told.collect::<Vec<_>>().join(", "), expected, "{at}");
        }
    }
}
