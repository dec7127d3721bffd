//! Rates of one's own: how they are written, and how they are laid over a model's.

use centime_core::meter::Meter;
use centime_core::price::format::{Block, File, Header, files, parse_file, write_file};
use centime_core::price::{Certainty, Model, RateCard, RateRule, ServiceTier};
use centime_core::time::Timestamp;

/// The longest name of a model or provider.
const NAME_BYTES_MAX: usize = 256;

/// The card in force at the date and those that follow, with these rates
/// instead of all that their meters had.
pub(crate) fn cards_with(
    model: &Model,
    rates: &[RateRule],
    from: Timestamp,
    source: &str,
) -> Vec<RateCard> {
    let blank = || RateCard::new(from, Certainty::Exact, String::new(), Vec::new());
    let in_force = model.card_at(from).map_or_else(blank, |(card, _)| card.clone());
    let later = model.cards.iter().filter(|card| card.from > from).cloned();
    let is_set = |rule: &RateRule| {
        rates.iter().any(|set| {
            let is_of_tier = set.tier == ServiceTier::Standard || set.tier == rule.tier;
            set.meter == rule.meter && is_of_tier
        })
    };
    let with_rates = |card: RateCard| {
        let kept = card.rules().iter().filter(|rule| !is_set(rule)).cloned();
        let mut card = card.with_rules(kept.chain(rates.iter().cloned()).collect());
        card.certainty = Certainty::Exact;
        card.source = source.to_owned();
        card
    };
    let mut in_force = with_rates(in_force);
    in_force.from = from;
    [in_force].into_iter().chain(later.map(with_rates)).collect()
}

/// A meter by its name, with `-` or `_`.
pub(crate) fn meter_named(name: &str) -> Result<Meter, String> {
    let plain = name.replace('-', "_").to_ascii_lowercase();
    match plain.parse::<Meter>() {
        Ok(Meter::Reported) => Err("what a source reports has no rate".to_owned()),
        Ok(meter) => Ok(meter),
        Err(unknown) => {
            let nearest = Meter::ALL.iter().map(|meter| meter.name());
            let nearest = nearest.min_by_key(|known| strsim::osa_distance(&plain, known));
            match nearest.filter(|known| strsim::osa_distance(&plain, known) <= 3) {
                Some(known) => Err(format!("`{name}` is not a meter; did you mean `{known}`?")),
                None => Err(unknown.to_string()),
            }
        }
    }
}

/// Reads `1M`, `1K` or `1000000`.
pub(crate) fn units(text: &str) -> Result<u64, String> {
    let (number, scale) = match text.trim_end_matches(['k', 'K', 'm', 'M']) {
        number if number.len() == text.len() => (number, 1),
        number if text.ends_with(['k', 'K']) => (number, 1000),
        number => (number, 1_000_000),
    };
    let is_short = text.len() - number.len() <= 1;
    let units = number.replace('_', "").parse::<u64>().ok().filter(|_| is_short);
    let units = units.and_then(|units| units.checked_mul(scale)).filter(|&units| units > 0);
    units.ok_or_else(|| "write how many units, such as `1M`, `1K` or `1000`".to_owned())
}

/// A model as the ledger can keep it, with words that stay on their line; `None` where its name
/// cannot be written.
pub(crate) fn writable(header: &Header, mut model: Model) -> Option<Model> {
    let word = |text: &str| text.split_whitespace().collect::<Vec<_>>().join("_");
    model.mode = Some(word(&model.mode)).filter(|mode| !mode.is_empty())?;
    for card in &mut model.cards {
        card.source = card.source.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if header.provider.len().max(model.name.len()) > NAME_BYTES_MAX {
        return None;
    }
    let file = File { header: header.clone(), blocks: vec![Block::Model(model)] };
    let text = write_file(&file, "");
    let is_kept = files(&text).count() == 1 && parse_file(&text).is_ok_and(|read| read == file);
    match file.blocks.into_iter().next() {
        Some(Block::Model(model)) if is_kept => Some(model),
        _ => None,
    }
}

/// The header of a provider in a revision: that of the book stands in the book.
pub(crate) fn bare_header(provider: &str) -> Header {
    Header { provider: provider.to_owned(), ..Header::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_numbers_with_a_scale() {
        for (text, expected) in [
            ("1", Some(1)),
            ("1M", Some(1_000_000)),
            ("10k", Some(10_000)),
            ("1_000_000", Some(1_000_000)),
            ("0", None),
            ("M", None),
            ("1MM", None),
            ("1kM", None),
            ("-1", None),
            ("1.5M", None),
            ("99999999999999999999", None),
            ("99999999999999999M", None),
        ] {
            assert_eq!(units(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn meters_are_named_as_people_write_them() {
        for (name, expected) in [
            ("cache-read", Ok(Meter::CacheRead)),
            ("cache_write", Ok(Meter::CacheWrite5m)),
            ("cache-write-1h", Ok(Meter::CacheWrite1h)),
            ("Input", Ok(Meter::Input)),
            ("inptu", Err("`inptu` is not a meter; did you mean `input`?")),
            ("reported", Err("what a source reports has no rate")),
        ] {
            assert_eq!(meter_named(name), expected.map_err(str::to_owned), "{name}");
        }
        assert!(meter_named("colourfulness").unwrap_err().contains("the meters are input,"));
    }
}
