//! How the parts of an entry that are lists are written as text: JSON that people can read, and
//! SQLite's own JSON functions too.
//!
//! - lines: `{"input":[200,250000000],"output":[50,null]}`, a meter with its quantity (a decimal)
//!   and its amount in picodollars (`null`: no rate);
//! - tags: `{"app":"bot","env":"prod"}`, sorted by name;
//! - cards: see [`Card`]; rates are strings, because JSON readers round long decimals.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use centime_core::entry::{AppliedCard, AppliedRate, EntryLine};
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity};
use centime_core::price::{Options, ServiceTier};
use centime_core::time::Timestamp;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::fault::Fault;

/// Writes charge lines.
pub(super) fn write_lines(lines: &[EntryLine]) -> String {
    let mut text = String::with_capacity(2 + 32 * lines.len());
    let mut number = itoa::Buffer::new();
    for line in lines {
        text.push_str(if text.is_empty() { "{\"" } else { ",\"" });
        text.push_str(line.meter.name());
        text.push_str("\":[");
        // Almost all quantities are whole, and those print faster.
        match line.quantity.as_whole() {
            Some(whole) => text.push_str(number.format(whole)),
            None => text.push_str(&line.quantity.to_string()),
        }
        text.push(',');
        text.push_str(line.amount.map_or("null", |amount| number.format(amount.pico())));
        text.push(']');
    }
    text.push_str(if lines.is_empty() { "{}" } else { "}" });
    text
}

/// Reads what [`write_lines`] wrote.
pub(super) fn read_lines(text: &str) -> Result<Vec<EntryLine>, Fault> {
    match serde_json::from_str::<Lines>(text) {
        Ok(Lines(lines)) => Ok(lines),
        Err(error) => Err(Fault::Damaged(format!("its lines cannot be read: {error}"))),
    }
}

struct Lines(Vec<EntryLine>);

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LinesVisitor;

        impl<'de> Visitor<'de> for LinesVisitor {
            type Value = Lines;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object of meters")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lines, A::Error> {
                use serde::de::Error;

                let mut lines = Vec::new();
                while let Some(meter) = map.next_key::<&str>()? {
                    let meter: Meter = meter.parse().map_err(A::Error::custom)?;
                    let (quantity, amount) = map.next_value::<(&RawValue, Option<i64>)>()?;
                    let quantity = read_quantity(quantity.get())
                        .ok_or_else(|| A::Error::custom(format!("no quantity: {quantity}")))?;
                    let amount = amount.map(PicoUsd::from_pico);
                    lines.push(EntryLine { meter, quantity, amount });
                }
                Ok(Lines(lines))
            }
        }

        deserializer.deserialize_map(LinesVisitor)
    }
}

/// Reads a quantity exactly as it prints, whatever its size: what is in the ledger must come out
/// again, even if no event could bring it in.
fn read_quantity(text: &str) -> Option<Quantity> {
    const DECIMALS: usize = 12;
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.len() > DECIMALS {
        return None;
    }
    let fraction = fraction.bytes().chain(std::iter::repeat(b'0')).take(DECIMALS);
    let mut scaled = 0_i128;
    for digit in whole.bytes().chain(fraction) {
        let digit = i128::from(char::from(digit).to_digit(10)?);
        let signed = if is_negative { -digit } else { digit };
        scaled = scaled.checked_mul(10)?.checked_add(signed)?;
    }
    Some(Quantity::from_scaled(scaled))
}

/// Writes tags; `None` for none.
pub(super) fn write_tags(tags: &BTreeMap<String, String>) -> Result<Option<String>, Fault> {
    if tags.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(tags);
    text.map(Some).map_err(|error| Fault::Damaged(format!("tags cannot be written: {error}")))
}

/// Reads what [`write_tags`] wrote.
pub(super) fn read_tags(text: &str) -> Result<BTreeMap<String, String>, Fault> {
    serde_json::from_str(text)
        .map_err(|error| Fault::Damaged(format!("the tags `{text}` cannot be read: {error}")))
}

/// Writes options, `size=1024x1024 quality=hd`; `None` for none.
pub(super) fn write_options(options: &Options) -> Option<String> {
    (!options.is_empty()).then(|| options.to_string())
}

/// Reads what [`write_options`] wrote.
pub(super) fn read_options(text: Option<String>) -> Result<Options, Fault> {
    let Some(text) = text else { return Ok(Options::NONE) };
    text.parse().map_err(|error| Fault::Damaged(format!("its options cannot be read: {error}")))
}

/// An applied rate card as it is kept.
#[derive(Serialize, Deserialize)]
struct Card {
    provider: String,
    model: String,
    /// Microseconds since 1970.
    from: i64,
    certainty: String,
    source: String,
    tier: String,
    rates: Vec<CardRate>,
}

/// A rate in US dollars for one unit; `of` only where it is another meter's.
#[derive(Serialize, Deserialize)]
struct CardRate {
    meter: String,
    rate: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    derived: bool,
}

/// Writes an applied rate card.
pub(super) fn write_card(card: &AppliedCard) -> Result<String, Fault> {
    let rate = |applied: &AppliedRate| CardRate {
        meter: applied.meter.name().to_owned(),
        rate: applied.rate.to_string(),
        of: (applied.rate_of != applied.meter).then(|| applied.rate_of.name().to_owned()),
        derived: applied.derived,
    };
    let card = Card {
        provider: card.provider.clone(),
        model: card.model.clone(),
        from: card.from.micros(),
        certainty: card.certainty.name().to_owned(),
        source: card.source.clone(),
        tier: card.tier.name().to_owned(),
        rates: card.rates.iter().map(rate).collect(),
    };
    serde_json::to_string(&card)
        .map_err(|error| Fault::Damaged(format!("a rate card cannot be written: {error}")))
}

/// Reads what [`write_card`] wrote.
pub(super) fn read_card(text: &str) -> Result<Arc<AppliedCard>, Fault> {
    let damaged = |what: String| Fault::Damaged(format!("its rate card cannot be read: {what}"));
    let card: Card = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
    let meter = |name: &str| name.parse::<Meter>().map_err(|error| damaged(error.to_string()));
    let rate = |kept: &CardRate| {
        let of = kept.of.as_ref().unwrap_or(&kept.meter);
        Ok(AppliedRate {
            meter: meter(&kept.meter)?,
            rate: kept.rate.parse().map_err(|error| damaged(format!("{error}")))?,
            rate_of: meter(of)?,
            derived: kept.derived,
        })
    };
    let tier = ServiceTier::ALL.iter().find(|tier| tier.name() == card.tier);
    let certainty = card.certainty.parse();
    Ok(Arc::new(AppliedCard {
        from: Timestamp::from_micros(card.from),
        certainty: certainty.map_err(|()| damaged(format!("certainty `{}`", card.certainty)))?,
        tier: *tier.ok_or_else(|| damaged(format!("tier `{}`", card.tier)))?,
        rates: card.rates.iter().map(rate).collect::<Result<_, Fault>>()?,
        provider: card.provider,
        model: card.model,
        source: card.source,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines() -> impl Strategy<Value = Vec<EntryLine>> {
        let quantity = prop_oneof![
            any::<i64>().prop_map(|units| i128::from(units) * 1_000_000_000_000),
            any::<i128>(),
        ];
        let meter = proptest::sample::select(Meter::ALL);
        let line = (meter, quantity, any::<Option<i64>>());
        let line = line.prop_map(|(meter, scaled, amount)| EntryLine {
            meter,
            quantity: Quantity::from_scaled(scaled),
            amount: amount.map(PicoUsd::from_pico),
        });
        proptest::collection::vec(line, 0..6)
    }

    proptest! {
        #[test]
        fn lines_come_out_as_they_went_in(lines in lines()) {
            let text = write_lines(&lines);
            prop_assert_eq!(read_lines(&text).unwrap(), lines);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).unwrap().is_object());
        }
    }

    #[test]
    fn lines_read_as_people_write_them() {
        let text = r#"{"input":[200,250000000],"seconds":[-7.25,null]}"#;
        let lines = read_lines(text).unwrap();
        assert_eq!(write_lines(&lines), text);
        assert_eq!(write_lines(&[]), "{}");
        for damaged in [
            "",
            "[]",
            r#"{"input":[200]}"#,
            r#"{"input":["200",1]}"#,
            r#"{"input":[1e3,1]}"#,
            r#"{"input":[0.0000000000001,1]}"#,
            r#"{"tokens":[1,1]}"#,
            r#"{"input":[1,1.5]}"#,
            r#"{"input":[1,9223372036854775808]}"#,
        ] {
            assert!(matches!(read_lines(damaged), Err(Fault::Damaged(_))), "{damaged}");
        }
    }

    #[test]
    fn cards_read_as_documented() {
        let text = concat!(
            r#"{"provider":"openai","model":"gpt-5","from":1754524800000000,"certainty":"exact","#,
            r#""source":"launch","tier":"flex","rates":[{"meter":"input","rate":"0.000000625"},"#,
            r#"{"meter":"reasoning","rate":"0.000000000000000000000005","of":"output","derived":true}]}"#
        );
        assert_eq!(write_card(&read_card(text).unwrap()).unwrap(), text);
        for (good, bad) in
            [("exact", "sure"), ("flex", "slow"), ("0.000000625", "x"), ("input", "in")]
        {
            assert!(read_card(&text.replace(good, bad)).is_err(), "{bad}");
        }
    }
}
