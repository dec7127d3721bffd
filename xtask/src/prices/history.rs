//! One model's cards over time, out of what several sources say of it.

use std::collections::BTreeSet;

use centime_core::meter::Meter;
use centime_core::price::{Certainty, Model, RateCard, RateRule, ServiceTier};

/// The cards of a model that the map had under two keys: those of the one that was taken, and before
/// its first those of the other.
pub(super) fn joined(taken: Model, other: Model) -> Model {
    let Some(first) = taken.cards.first().map(|card| card.from) else {
        return Model { name: taken.name, ..other };
    };
    let mut cards: Vec<RateCard> =
        other.cards.into_iter().filter(|card| card.from < first).collect();
    cards.extend(taken.cards);
    let until = match (taken.until, other.until) {
        (Some(taken), Some(other)) => Some(taken.max(other)),
        _ => None,
    };
    Model { cards: RateCard::without_repeats(cards), until, ..taken }
}

/// Drops cards that only hold zeros while a later one is paid: the map had the model before it had
/// its price.
pub(super) fn drop_placeholders(model: &mut Model) {
    let is_free = |card: &RateCard| card.rules().iter().all(|rule| rule.rate.scaled() == 0);
    let Some(last_paid) = model.cards.iter().rposition(|card| !is_free(card)) else {
        return;
    };
    let mut index = 0;
    model.cards.retain(|card| {
        index += 1;
        index > last_paid || !is_free(card)
    });
}

/// Puts cards with announced dates among the observed ones.
///
/// What an announcement does not name stays as it was, unless the meter's price changed with it: an
/// old discount on a new price is nobody's price. Announced cards that are themselves `observed` say
/// what the price was before, and are not put in. Where `is_whole` nothing was announced after the
/// last card.
pub(super) fn insert_announced(model: &mut Model, announced: &[RateCard], is_whole: bool) {
    let is_exact = |card: &&RateCard| card.certainty == Certainty::Exact;
    let mut all: Vec<RateCard> =
        announced.iter().filter(is_exact).chain(&model.cards).cloned().collect();
    all.sort_by_key(|card| card.from);
    let mut cards: Vec<RateCard> = Vec::new();
    for card in all {
        let card = match card.certainty {
            Certainty::Exact => carried_on(card, cards.last()),
            Certainty::Observed => brought_up_to_date(card, announced, is_whole),
        };
        cards.push(card);
    }
    model.cards = RateCard::without_repeats(cards);
}

/// An announced card with what the card before it says and it does not.
fn carried_on(card: RateCard, before: Option<&RateCard>) -> RateCard {
    let Some(before) = before else {
        return card;
    };
    let mut rules = card.rules().to_vec();
    let changed: BTreeSet<Meter> = rules
        .iter()
        .filter(|rule| {
            before.rules().iter().any(|old| old.case() == rule.case() && old.rate != rule.rate)
        })
        .map(|rule| rule.meter)
        .collect();
    for old in before.rules() {
        let is_named = rules.iter().any(|rule| rule.case() == old.case());
        if !is_named && !old.meter.lineage().any(|meter| changed.contains(&meter)) {
            rules.push(old.clone());
        }
    }
    let uplifts = before.uplifts.clone();
    RateCard::new(card.from, card.certainty, card.source, rules).with_uplifts(uplifts)
}

/// An observed card with the rates of the last announcement before it.
///
/// Until the next announcement the map can only be wrong about what was announced. After the last
/// one it may know better, but it was sometimes late: what it still says of an announced meter then
/// is the price before. Fees and hours that it does not list stay as announced.
fn brought_up_to_date(observed: RateCard, announced: &[RateCard], is_whole: bool) -> RateCard {
    let Some(index) = announced.iter().rposition(|card| card.from <= observed.from) else {
        return observed;
    };
    let in_force = &announced[index];
    if in_force.certainty == Certainty::Observed {
        return observed;
    }
    let is_superseded = is_whole || index + 1 < announced.len();
    let before = || announced[..index].iter().flat_map(RateCard::rules);
    let is_late = |rule: &RateRule| before().any(|old| old == rule);
    let mut rules = observed.rules().to_vec();
    for rule in &mut rules {
        let fresh = in_force.rules().iter().find(|fresh| fresh.case() == rule.case());
        if let Some(fresh) = fresh.filter(|_| is_superseded || is_late(rule)) {
            (rule.rate, rule.derived) = (fresh.rate, fresh.derived);
        }
    }
    for fresh in in_force.rules() {
        let is_listed = rules.iter().any(|rule| rule.case() == fresh.case());
        if !is_listed && (is_superseded || !fresh.meter.is_token()) {
            rules.push(fresh.clone());
        }
    }
    observed.with_rules(rules)
}

/// Lets a tier that the map lists later hold before, at the same part of the price: the map came to
/// know of tiers long after providers sold them.
pub(super) fn carry_tiers_back(model: &mut Model) {
    for index in (1..model.cards.len()).rev() {
        let (earlier, later) = model.cards.split_at_mut(index);
        let (Some(earlier), Some(later)) = (earlier.last_mut(), later.first()) else { continue };
        let mut rules = earlier.rules().to_vec();
        for rule in later.rules() {
            let is_new = rule.tier != ServiceTier::Standard && !earlier.lists_tier(rule.tier);
            if let Some(derived) = is_new.then(|| in_proportion(rule, later, earlier)).flatten() {
                rules.push(derived);
            }
        }
        *earlier = earlier.with_rules(rules);
    }
}

/// A tier's rule at the prices of an earlier card.
fn in_proportion(rule: &RateRule, later: &RateCard, earlier: &RateCard) -> Option<RateRule> {
    let standard = |card: &RateCard| {
        let base = RateRule { tier: ServiceTier::Standard, ..rule.clone() };
        card.rules().iter().find(|rule| rule.case() == base.case()).map(|rule| rule.rate)
    };
    let rate = rule.rate.checked_mul_ratio(standard(earlier)?, standard(later)?)?;
    Some(RateRule { rate, derived: true, ..rule.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::format::{self, Block};

    fn model(cards: &str) -> Model {
        let text = format!("provider p\n\nmodel m chat\n{cards}");
        match format::parse_file(&text).unwrap().blocks.remove(0) {
            Block::Model(model) => model,
            Block::Alias { .. } => unreachable!("the text holds a model"),
        }
    }

    fn text(model: &Model) -> String {
        let blocks = vec![Block::Model(model.clone())];
        let header = format::Header { provider: "p".into(), ..format::Header::default() };
        let text = format::write_file(&format::File { header, blocks }, "");
        text.split_once("chat\n").unwrap().1.to_owned()
    }

    #[test]
    fn an_announcement_beats_a_late_map_and_keeps_what_it_does_not_name() {
        let mut observed = model(
            " from 2024-01-01 observed map\n  input 10/1M\n  output 40/1M\n  web_search 0.01\n \
             from 2025-07-01 observed map\n  input 10/1M\n  cache_read 0.5/1M\n  output 8/1M\n  web_search 0.01\n",
        );
        let announced = model(
            " from 1980-01-01 observed x\n  input 10/1M\n  output 40/1M\n \
             from 2025-06-10 exact x\n  input 2/1M\n  output 8/1M\n",
        );
        insert_announced(&mut observed, &announced.cards, false);
        assert_eq!(
            text(&observed),
            " from 2024-01-01 observed map\n  input 10/1M\n  output 40/1M\n  web_search 0.01\n \
             from 2025-06-10 exact x\n  input 2/1M\n  output 8/1M\n  web_search 0.01\n \
             from 2025-07-01 observed map\n  input 2/1M\n  cache_read 0.5/1M\n  output 8/1M\n  web_search 0.01\n"
        );
    }

    #[test]
    fn between_two_announcements_the_map_is_not_believed() {
        let announced = model(
            " from 2024-05-14 exact x\n  input 3.5/1M\n from 2024-10-01 exact x\n  input 1.25/1M\n",
        );
        let map = " from 2024-07-01 observed map\n  input 0.35/1M\n  cache_read 1/1M\n \
                   from 2024-12-01 observed map\n  input 9/1M\n";
        for (is_whole, last) in [(false, "input 9/1M"), (true, "input 1.25/1M")] {
            let mut observed = model(map);
            insert_announced(&mut observed, &announced.cards, is_whole);
            let text = text(&observed);
            let start = " from 2024-05-14 exact x\n  input 3.5/1M\n \
                 from 2024-07-01 observed map\n  input 3.5/1M\n  cache_read 1/1M\n \
                 from 2024-10-01 exact x\n  input 1.25/1M\n";
            assert!(text.starts_with(start), "{text}");
            assert!(text.trim_end().ends_with(last), "{text}");
        }
    }

    #[test]
    fn tiers_are_carried_back_in_proportion() {
        let mut seen = model(
            " from 2024-01-01 observed map\n  input 10/1M\n  output 40/1M\n \
             from 2025-01-01 observed map\n  input 4/1M\n  output 8/1M\n \
             from 2026-01-01 observed map\n  input 4/1M\n  input 2/1M tier=batch\n  output 8/1M\n",
        );
        carry_tiers_back(&mut seen);
        assert_eq!(
            text(&seen),
            " from 2024-01-01 observed map\n  input 10/1M\n  input 5/1M tier=batch derived\n  output 40/1M\n \
             from 2025-01-01 observed map\n  input 4/1M\n  input 2/1M tier=batch derived\n  output 8/1M\n \
             from 2026-01-01 observed map\n  input 4/1M\n  input 2/1M tier=batch\n  output 8/1M\n"
        );
    }

    #[test]
    fn placeholders_go_and_free_models_stay() {
        let mut paid = model(
            " from 2024-01-01 observed map\n  input 0\n  output 0\n \
             from 2025-01-01 observed map\n  input 4/1M\n  output 0\n",
        );
        drop_placeholders(&mut paid);
        assert_eq!(paid.cards.len(), 1);
        let mut free = model(" from 2024-01-01 observed map\n  input 0\n  output 0\n");
        drop_placeholders(&mut free);
        assert_eq!(free.cards.len(), 1);
    }

    #[test]
    fn two_keys_of_one_model_make_one_history() {
        let taken = model(" from 2025-01-01 observed a\n  input 2/1M\n");
        let mut other = model(
            " from 2024-01-01 observed b\n  input 1/1M\n from 2026-01-01 observed b\n  input 9/1M\n",
        );
        other.until = Some("2026-06-01".parse().unwrap());
        let joined = joined(taken, other);
        assert_eq!(joined.until, None);
        let froms: Vec<String> = joined.cards.iter().map(|card| card.source.clone()).collect();
        assert_eq!(froms, ["b", "a"]);
    }
}
