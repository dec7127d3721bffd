//! A charge as `price` and `explain` print it.

use std::io::{self, Write};

use centime_core::entry::PricingStatus;
use centime_core::rating::ChargeLine;
use centime_engine::Priced;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::output::{Decimal, escape};

/// A line of a charge, as JSON.
pub(crate) struct Line<'a>(pub &'a ChargeLine);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("meter", line.meter.name())?;
        map.serialize_entry("quantity", &Decimal(line.quantity))?;
        map.serialize_entry("rate", &Decimal(line.rate))?;
        map.serialize_entry("amount", &Decimal(line.amount))?;
        if line.rate_of != line.meter {
            map.serialize_entry("rate_of", line.rate_of.name())?;
        }
        if line.derived {
            map.serialize_entry("derived", &true)?;
        }
        map.end()
    }
}

/// Writes the lines of a charge as a JSON array, by hand: `price --jsonl` writes millions.
fn write_lines(out: &mut impl Write, lines: &[ChargeLine]) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        write!(
            out,
            "{{\"meter\":\"{}\",\"quantity\":{},\"rate\":{},\"amount\":{}",
            line.meter, line.quantity, line.rate, line.amount
        )?;
        if line.rate_of != line.meter {
            write!(out, ",\"rate_of\":\"{}\"", line.rate_of)?;
        }
        if line.derived {
            out.write_all(b",\"derived\":true")?;
        }
        out.write_all(b"}")?;
    }
    out.write_all(b"]")
}

/// Writes what a call cost as one JSON object, as documented for `price`.
pub(crate) fn write_priced(
    out: &mut impl Write,
    id: Option<&str>,
    priced: &Priced,
    version: &str,
) -> io::Result<()> {
    let optional = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), escape);
    write!(
        out,
        "{{\"id\":{},\"provider\":{},\"model\":{},\"status\":\"{}\",\"assumed\":{}",
        optional(id),
        optional(priced.provider.as_deref()),
        escape(&priced.model),
        priced.status,
        priced.assumed,
    )?;
    match &priced.charge {
        Some(charge) if priced.status != PricingStatus::Unpriced => {
            write!(out, ",\"cost\":{},\"price_version\":{}", charge.amount, escape(version))?;
            out.write_all(b",\"lines\":")?;
            write_lines(out, &charge.lines)?;
            out.write_all(b",\"missing\":[")?;
            for (index, (meter, _)) in charge.missing.iter().enumerate() {
                write!(out, "{}\"{meter}\"", if index > 0 { "," } else { "" })?;
            }
            out.write_all(b"]}")
        }
        _ => {
            let reason = match &priced.unresolved {
                Some(unresolved) => unresolved.to_string(),
                None => "the price book has no rates for it".to_owned(),
            };
            write!(
                out,
                ",\"cost\":null,\"price_version\":{},\"lines\":[],\"missing\":[],\"reason\":{}}}",
                escape(version),
                escape(&reason)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::meter::Meter;

    #[test]
    fn both_ways_to_write_a_line_are_one() {
        let line = ChargeLine {
            meter: Meter::Input,
            quantity: "200".parse().unwrap(),
            rate: "0.00000125".parse().unwrap(),
            rate_of: Meter::Input,
            derived: false,
            amount: "0.00025".parse().unwrap(),
        };
        let strange =
            ChargeLine { meter: Meter::Reasoning, rate_of: Meter::Output, derived: true, ..line };
        let lines = [line, strange];
        let mut by_hand = Vec::new();
        write_lines(&mut by_hand, &lines).unwrap();
        let lines = serde_json::to_string(&lines.iter().map(Line).collect::<Vec<_>>()).unwrap();
        assert_eq!(lines, String::from_utf8(by_hand).unwrap());
    }
}
