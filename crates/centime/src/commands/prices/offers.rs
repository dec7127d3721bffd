//! What a foreign price list says that the book does not.

use std::collections::BTreeSet;

use centime_core::price::format::{FormatError, Header};
use centime_core::price::{Certainty, Model, PriceBook, ProviderBook, RateCard};
use centime_core::time::Timestamp;

use super::changes::changes;
use super::compare::{Difference, Fate, Side, providers};
use super::draft::Revised;
use crate::rates::{bare_header, writable};

/// From when the rates of a list hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Dating {
    /// Dated ones from their dates, the others from this moment.
    AsListed(Timestamp),
    /// Those of this moment, from this moment.
    Present(Timestamp),
}

/// What a list says.
#[derive(Debug, Default)]
pub(super) struct Offers {
    /// The models that cost something else than in the book, makers first.
    pub revised: Vec<Revised>,
    /// How many models cost what the book says.
    pub unchanged: usize,
    /// Models that the ledger cannot keep, with the provider: for their names, or because the list has
    /// another that comes to the same.
    pub left_out: Vec<String>,
    /// Models that somebody priced here, which a public list does not overrule.
    pub own: Vec<String>,
}

/// Compares a list with the book: each of its models with what its name means there.
///
/// # Errors
/// When a book cannot be read.
pub(super) fn offers(
    book: &PriceBook,
    list: &PriceBook,
    dating: Dating,
    source: &str,
) -> Result<Offers, FormatError> {
    let mut offers = Offers::default();
    let (Dating::AsListed(at) | Dating::Present(at)) = dating;
    for (known, listed) in providers(book, list) {
        let Some(listed) = listed else { continue };
        let header = header(known, listed);
        let (old, new) = (Side::read(known, at)?, Side::read(Some(listed), at)?);
        let mut said = Vec::with_capacity(new.models.len());
        for (name, model) in &new.models {
            let before = old.offer(name)?;
            let target = match &before.model {
                Some(known) if before.is_listed => known.name.clone(),
                _ => name.clone(),
            };
            said.push((target, name, before.model, dated(model, dating, source), model));
        }
        // `azure/gpt-4o` and `gpt-4o` can come to the same: the name of the book itself counts.
        said.sort_by_key(|(target, name, ..)| (target.clone(), target != *name));
        for same in said.chunk_by(|left, right| left.0 == right.0) {
            let mut says = same
                .iter()
                .filter(|(.., cards, _)| cards.iter().any(|card| !card.rules().is_empty()));
            let Some((name, _, before, cards, model)) = says.next() else { continue };
            let others = says.filter(|(.., others, _)| !same_rates(cards, others));
            let named = others.map(|(_, other, ..)| format!("{}/{other}", listed.name()));
            offers.left_out.extend(named);
            let candidate = Model { name: name.clone(), cards: cards.clone(), ..(*model).clone() };
            match writable(&header, candidate) {
                None => offers.left_out.push(format!("{}/{name}", listed.name())),
                Some(model) => match revised(&header, before.as_ref(), &model) {
                    Some(revised) => offers.revised.push(revised),
                    None => offers.unchanged += 1,
                },
            }
        }
    }
    Ok(offers)
}

fn same_rates(left: &[RateCard], right: &[RateCard]) -> bool {
    let same = |(left, right): (&RateCard, &RateCard)| left.same_rates(right);
    left.len() == right.len() && left.iter().zip(right).all(same)
}

/// The provider by the book's name; one that the book does not have as its list has it.
fn header(known: Option<&ProviderBook>, listed: &ProviderBook) -> Header {
    match known {
        Some(known) => bare_header(known.name()),
        None => listed.header.clone(),
    }
}

/// The cards of a model with the dates from which they are to hold.
fn dated(model: &Model, dating: Dating, source: &str) -> Vec<RateCard> {
    let from_now = |card: &RateCard, from: Timestamp| {
        let mut card = card.clone();
        (card.from, card.certainty, card.source) = (from, Certainty::Observed, source.to_owned());
        card
    };
    match dating {
        Dating::Present(now) => {
            let is_sold = model.until.is_none_or(|until| until > now);
            let card = model.card_at(now).filter(|_| is_sold);
            card.map(|(card, _)| from_now(card, now)).into_iter().collect()
        }
        Dating::AsListed(from) => {
            let is_dated = |card: &&RateCard| card.from != Timestamp::EARLIEST;
            let dated = || model.cards.iter().filter(is_dated).cloned();
            // What holds before a date that is past by then, nobody knows since when.
            let undated = model.cards.iter().find(|card| !is_dated(card));
            let undated = undated.filter(|_| dated().all(|card| card.from > from));
            undated.map(|card| from_now(card, from)).into_iter().chain(dated()).collect()
        }
    }
}

/// A model and what its new cards change; `None` where they change nothing.
pub(super) fn revised(header: &Header, before: Option<&Model>, model: &Model) -> Option<Revised> {
    let first = model.cards.first()?.from;
    let after = match before {
        Some(before) => before.clone().succeeded_by(model.clone()),
        None => model.clone(),
    };
    let cards = before.into_iter().chain([&after]).flat_map(|model| &model.cards);
    let dates: BTreeSet<Timestamp> =
        cards.map(|card| card.from).filter(|&from| from >= first).collect();
    dates.into_iter().find_map(|from| {
        let card = |model: Option<&Model>| model?.card_at(from).map(|(card, _)| card.clone());
        let (old, new) = (card(before), card(Some(&after)));
        let old = old.filter(|card| !card.rules().is_empty());
        let changes = changes(old.as_ref(), new.as_ref());
        (!changes.is_empty()).then(|| Revised {
            header: header.clone(),
            model: model.clone(),
            difference: Difference {
                provider: header.provider.clone(),
                model: model.name.clone(),
                mode: model.mode.clone(),
                fate: if old.is_some() { Fate::Changed } else { Fate::Added },
                changes,
            },
            from,
        })
    })
}
