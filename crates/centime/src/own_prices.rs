//! The prices of the configuration, laid over a price book.

use centime_core::price::format::{Block, File, write_file};
use centime_core::price::{Limits, Model, PriceBook};
use sha2::{Digest, Sha256};

use crate::config::OwnPrice;
use crate::failure::Failure;
use crate::rates::{bare_header, cards_with, writable};

/// Who says so, in the rate card.
const SOURCE: &str = "configuration";

/// The book with these prices. They are part of its version, so that entries that were priced by
/// others name another one.
pub(crate) fn lay_over(book: PriceBook, prices: &[OwnPrice]) -> Result<PriceBook, Failure> {
    if prices.is_empty() {
        return Ok(book);
    }
    let texts = prices.iter().map(|price| text(&book, price));
    let text = texts.collect::<Result<Vec<_>, _>>()?.join("\n");
    let digest = Sha256::digest(text.as_bytes());
    let mark: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    book.overlaid(&text, &format!("own-{mark}"))
        .map_err(|error| Failure::Usage(format!("a price of the configuration: {error}")))
}

/// The model as the price format writes it, with all its rates.
fn text(book: &PriceBook, price: &OwnPrice) -> Result<String, Failure> {
    let route = &price.route;
    let provider = book.provider(&route.provider);
    let damaged =
        |error| Failure::Environment(format!("the prices of `{route}` are damaged: {error}"));
    let model = provider.and_then(|provider| provider.model(&route.model)).transpose();
    let model = model.map_err(damaged)?.unwrap_or_else(|| Model {
        name: String::new(),
        mode: "chat".to_owned(),
        limits: Limits::default(),
        until: None,
        cards: Vec::new(),
    });
    let cards = cards_with(&model, &price.rates, price.from, SOURCE);
    // What another name of a model costs is said of that name.
    let model = Model { name: route.model.clone(), cards, until: None, ..model };
    let header =
        bare_header(provider.map_or(&route.provider, |provider| &provider.header.provider));
    let model = writable(&header, model).ok_or_else(|| {
        Failure::Usage(format!("`{route}` is no name that can have a price: it is too long"))
    })?;
    Ok(write_file(&File { header, blocks: vec![Block::Model(model)] }, ""))
}

#[cfg(test)]
mod tests {
    use centime_core::meter::Meter;
    use centime_core::money::Rate;
    use centime_core::price::{ModelRef, RateRule};
    use centime_engine::settings::Route;

    use super::*;

    const BOOK: &str = "\
provider acme

model big chat
 from 2024-01-01 exact launch
  input 1/1M
  output 4/1M

alias big-latest big
";

    fn own(provider: &str, model: &str, from: &str, input: &str) -> OwnPrice {
        let rate = Rate::per(input, 1_000_000).unwrap();
        OwnPrice {
            route: Route { provider: provider.to_owned(), model: model.to_owned() },
            from: from.parse().unwrap(),
            rates: vec![RateRule::standard(Meter::Input, rate)],
        }
    }

    #[test]
    fn only_the_named_meters_of_the_model_change_from_the_date_on() {
        let prices = [
            own("acme", "big", "2025-01-01", "0.5"),
            own("acme", "big-latest", "1980-01-01", "0.25"),
            own("local", "llama/3", "1980-01-01", "0.1"),
        ];
        let book = || PriceBook::from_texts("v", [BOOK]).unwrap();
        let laid = lay_over(book(), &prices).unwrap();
        let rates = |model: &str, at: &str| {
            let found = laid.resolve(ModelRef { provider: None, model }).unwrap();
            let (card, _) = found.model.card_at(at.parse().unwrap()).unwrap();
            let rules = card.rules().iter();
            rules.map(|rule| format!("{} {}", rule.meter, rule.rate)).collect::<Vec<_>>().join(", ")
        };
        for (model, at, expected) in [
            ("acme/big", "2024-06-01", "input 0.000001, output 0.000004"),
            ("acme/big", "2025-06-01", "input 0.0000005, output 0.000004"),
            ("acme/big-latest", "2025-06-01", "input 0.00000025, output 0.000004"),
            ("local/llama/3", "2025-06-01", "input 0.0000001"),
        ] {
            assert_eq!(rates(model, at), expected, "{model} {at}");
        }
        assert!(laid.version().starts_with("v+own-"));
        let others = lay_over(book(), &prices[..2]).unwrap();
        assert_ne!(others.version(), laid.version());
        assert_eq!(lay_over(book(), &[]).unwrap().version(), "v");
    }
}
